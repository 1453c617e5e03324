/* values - all durations of a group, for exact percentiles
 *
 * A value takes 4 bytes in a chain of chunks that grow to 4096 values; the rare one of 2^32 ns
 * (4.3 s) or more takes 8 in a list of its own. At most a third of the room is unused, so
 * it is 4 to 6 bytes a value and 50 for a group. Nothing is copied to find a percentile.
 *
 * A struct values that is all zero is empty and ready.
 */
#ifndef TRS_VALUES_H
#define TRS_VALUES_H

#include "table/wide.h"

struct values {
    uint32_t *at, *end; /* where the next value goes, and where the newest chunk ends */
    struct values_chunk *newest;
    struct values_long *longs; /* the values above 2^32 - 1, or NULL */
};

struct values_sum {
    uint64_t count;
    wide total_ns;
    uint64_t min_ns, max_ns; /* 0 if there are none */
};

void values_add_slow(struct values *v, uint64_t dur_ns);

static inline void values_add(struct values *v, uint64_t dur_ns)
{
    if (dur_ns <= UINT32_MAX && v->at < v->end)
        *v->at++ = (uint32_t)dur_ns;
    else
        values_add_slow(v, dur_ns);
}

/* Moves all values of `from` to `v`; `from` is empty then. */
void values_take(struct values *v, struct values *from);

struct values_sum values_sum(const struct values *v);

/* Percentiles by nearest rank: for each of the n numbers in p (1 to 100) the element ceil(p * count
 * / 100) of the sorted values, counted from 1 (TOOLS.md, Tables). The sum is that of values_sum;
 * with a count of 0 all are 0. */
void values_percentiles(struct values *v, const struct values_sum *sum, const unsigned *p,
                        unsigned n, uint64_t *out_ns);

void values_free(struct values *v);

#endif
