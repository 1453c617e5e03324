/* spans - when the activity of instances ran, and for how long each instance had any running
 *
 * An instance is one run of an operator that launched GPU activity (FORMAT.md, LINKS). What it
 * launched need not come in one piece, so all of it is kept until the end: 24 bytes each, half as
 * much again while the list grows, and once more that of the list that is being sorted.
 *
 * A struct spans that is all zero is empty and ready.
 */
#ifndef TRS_SPANS_H
#define TRS_SPANS_H

#include "table/values.h"

struct spans {
    struct span {
        uint64_t instance;
        int64_t start_ns, dur_ns; /* dur is not negative */
    } * at;
    size_t n, cap;
};

void spans_add(struct spans *s, const struct span *span);

/* Moves all of `from` to s; `from` is empty then. */
void spans_take(struct spans *s, struct spans *from);

/* Adds a value for each instance: the length of the union of its spans, which ends beyond int64 do
 * not shorten; one of 2^64 ns or more counts as 2^64 - 1. s is empty then. */
void spans_unite(struct spans *s, struct values *v);

void spans_free(struct spans *s);

#endif
