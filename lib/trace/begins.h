/* begins - when the parts of a stream begin: with the first start of a record that is no metadata
 *
 *     begins_look() with all records of a stream
 *     begins_move() where clocks are aligned, begins_join() at its end
 *     begins_of() each part
 */
#ifndef TRS_BEGINS_H
#define TRS_BEGINS_H

#include "format/stream.h"
#include "trace/clocks.h"

/* All zero: nothing was seen. */
struct begins {
    /* private */
    struct begins_part {
        bool begun;
        int64_t first_ns;
    } * parts;
    size_t nparts, cap;
};

void begins_look(struct begins *b, const struct stream *s, const struct batch *batch);

/* Counts by these clocks. -1 if a beginning does not fit. */
int begins_move(struct begins *b, const struct clocks *clocks, struct err *e);

/* Parts with the same base time have one clock, and begin together. */
void begins_join(struct begins *b, const struct parts *parts);

/* 0 for a part that has no start. */
int64_t begins_of(const struct begins *b, uint32_t part);

void begins_free(struct begins *b);

#endif
