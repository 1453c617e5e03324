/* clocks - the parts of a stream by one clock
 *
 * Times in records are those of the file; baseTimeNanoseconds of its metadata and they make an
 * absolute time. Parts that have one are moved to the base of the first that does.
 */
#ifndef TRS_CLOCKS_H
#define TRS_CLOCKS_H

#include "base/err.h"
#include "format/parts.h"

/* All zero: no part moves. */
struct clocks {
    int64_t *shift_ns; /* by part: what is added to its times */
    uint32_t nparts;
};

/* Finds what has to be added, and changes the metadata so that it says the one base for all. */
int clocks_align(struct clocks *c, struct parts *parts, uint32_t nparts, struct err *e);

/* RANK=D of the command line; the rank is borrowed. */
int clocks_parse(struct slice text, struct slice *rank, int64_t *shift_ns, struct err *e);

/* Adds to that for the part of this rank. */
int clocks_shift(struct clocks *c, const struct parts *parts, struct slice rank, int64_t shift_ns,
                 struct err *e);

/* Moves a start. -1 if it does not fit. */
int clocks_move(const struct clocks *c, uint32_t part, int64_t *start_ns, struct err *e);

void clocks_free(struct clocks *c);

#endif
