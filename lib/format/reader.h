/* reader - frames of a record stream, one after the other
 *
 * Checks header, heads and the end mark; payloads are checked by whoever uses them
 * (frame_verify).
 */
#ifndef TRS_READER_H
#define TRS_READER_H

#include "format/frame.h"
#include "io/input.h"

struct reader {
    struct input in;
    bool ended; /* the end mark was passed */

    /* private */
    size_t taken; /* bytes at in.p that the caller has */
};

/* Opens a stream (NULL or "-": standard input) and checks its header. What is no record stream is
 * told apart: a profiler's file, text, an empty input. */
int reader_open(struct reader *r, const char *path, struct err *e);

/* The next frame. 1, or 0 after the end mark, or -1: damage, an end without an end mark, bytes
 * after the end mark. What was returned before is no longer valid. */
int reader_next(struct reader *r, struct frame *f, struct err *e);

/* If the frame after the last one returned is a COLUMN, takes it too: 1, and both stay valid
 * until reader_next, but the bytes may have moved: keep offsets from reader_raw(r).p, not
 * pointers, while calling this. 0 if it is no COLUMN, -1 on an error. */
int reader_next_column(struct reader *r, struct frame *f, struct err *e);

/* What reader_next (and reader_next_column) returned, heads and payloads as they came. */
struct slice reader_raw(const struct reader *r);

int reader_close(struct reader *r, struct err *e);
void reader_drop(struct reader *r);

#endif
