/* fold_edges - totals and edges of a profile as call stacks, approximately
 *
 * A profile of totals knows who called whom, but not on behalf of whom. The self time of a function
 * is shared out among its callers by the self time that it had in their calls, which is exact; the
 * share of a caller among its own callers by its cumulative time in their calls, as if it did the
 * same for all of them; and so on, up to a function that nobody called. Edges that close a cycle
 * are left out: what recursion does stands under its outermost call, and self time of a function
 * that recursion calls is shared out by cumulative time, too. The sum is that of all self times, to
 * the nanosecond.
 *
 * Shares below 2^-17 of the whole go to the largest caller alone. When all the work that is allowed
 * is done, stacks begin where they are; functions with most self time come first.
 */
#ifndef TRS_FOLD_EDGES_H
#define TRS_FOLD_EDGES_H

#include "prof/profile.h"
#include "table/stacks.h"

/* Adds the stacks of a settled profile; returns how many begin too late, see above. */
uint64_t fold_edges(const struct profile *p, struct stacks *stacks);

#endif
