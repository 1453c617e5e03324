/* reader - frames of a record stream, one after the other
 *
 * Checks header, heads and the end mark. A payload is read and checked when it is asked for; one
 * that is not goes by, or on, unseen: over the rest of a file, or from pipe to pipe.
 */
#ifndef TRS_READER_H
#define TRS_READER_H

#include "format/frame.h"
#include "format/writer.h"
#include "io/input.h"

struct reader {
    struct input in;
    bool ended; /* the end mark was passed */

    /* private */
    size_t taken; /* bytes at in.p that the caller has */
    size_t left;  /* bytes of the payload behind them */
    bool sips;    /* reads a little at a time, since the rest may go unseen */
    bool sees;    /* has to see all, since the system cannot do without */
};

/* Opens a stream (NULL or "-": standard input) and checks its header. What is no record stream is
 * told apart: a profiler's file, text, an empty input. out is where a filter hands the frames on:
 * as soon as nobody reads there, all calls that wait for bytes return -1 with ST_PIPE (see
 * input_open_feeding); NULL for a sink. */
int reader_open(struct reader *r, const char *path, struct output *out, struct err *e);

/* The head of the next frame. 1, or 0 after the end mark, or -1: damage, an end without an end
 * mark, bytes after the end mark. What was returned before is no longer valid. */
int reader_next(struct reader *r, struct frame *f, struct err *e);

/* Gets the payload of that frame and verifies it (frame_verify). -1 if it is damaged or cut. */
int reader_payload(struct reader *r, struct frame *f, struct err *e);

/* If the frame after that, whose payload was got, is a COLUMN, takes it too, whole and not
 * verified: 1, and both stay valid until reader_next, but the bytes may have moved: keep offsets
 * from reader_raw(r).p, not pointers, while calling this. 0 if it is no COLUMN, -1 on an error. */
int reader_next_column(struct reader *r, struct frame *f, struct err *e);

/* What was read of that frame and its columns, as it came: the head, and payloads that were got. */
struct slice reader_raw(const struct reader *r);

/* Hands the frame that reader_next returned on as it came. -1 if it is cut, or with the error of
 * the writer, which sticks there too. */
int reader_pass(struct reader *r, struct writer *w, struct err *e);

/* Offset behind the frame that reader_next returned. */
uint64_t reader_offset(const struct reader *r);

int reader_close(struct reader *r, struct err *e);
void reader_drop(struct reader *r);

#endif
