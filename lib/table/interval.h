/* interval - a set of times that is covered
 *
 * U(X) of DEFINITIONS.md 2: the union of half-open intervals [start, end), touching ones merged.
 * What is added gathers in a batch; a full batch is sorted and merged into the rest, so that the
 * order of arrival does not matter and intervals that arrive in order cost next to nothing. Takes
 * 16 bytes for each interval of the union, plus a quarter of that for the batch.
 *
 * A struct interval_set that is all zero is empty and ready.
 */
#ifndef TRS_INTERVAL_H
#define TRS_INTERVAL_H

#include "table/wide.h"

struct interval {
    int64_t start_ns, end_ns;
};

struct interval_set {
    int64_t first_ns, last_ns; /* the earliest start and latest end, of empty intervals too */
    bool any;                  /* false until something was added: first and last mean nothing */

    /* private */
    struct interval *merged, *batch;
    size_t n, cap, nbatch, batch_cap;
    bool disorder; /* the batch has to be sorted */
};

/* Adds [start, start + dur); dur is not negative. An end beyond int64 is cut to its last value. */
void interval_add(struct interval_set *s, int64_t start_ns, int64_t dur_ns);

/* The union in order, disjoint and not touching; borrowed until the next addition. */
const struct interval *interval_union(struct interval_set *s, size_t *n);

wide interval_covered(struct interval_set *s);    /* |U|, ns */
wide interval_span(const struct interval_set *s); /* last end - first start, ns; 0 if empty */

void interval_free(struct interval_set *s);

#endif
