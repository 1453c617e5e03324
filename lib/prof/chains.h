/* chains - the ways through a profile that lead to functions, with their shares
 *
 *   main;run;save;deepcopy*      60.2 % of the calls of deepcopy come this way
 *
 * Functions stand in a chain once; `*` is behind one that called itself, or was called by what it
 * had called. They go by their bare names (named.h) where no other function is called so.
 *
 * From stacks, chains are exact: each stack counts for the function of those asked for that stands
 * outermost in it, and its repetitions are left out. From edges they are an approximation, as
 * nothing says which call of a caller a call was made in: what comes from a caller is shared out
 * among its own callers, calls by their calls and time by their time. Edges that lead back to where
 * the profile has come from are recursion: calls by them are shared out among the others, by time.
 *
 * Chains of less than a thousandth, by calls and by time, become one sum. Work is bounded: largest
 * chains are followed first, and where the bound is met one begins with `...`.
 */
#ifndef TRS_CHAINS_H
#define TRS_CHAINS_H

#include "prof/profile.h"

#define CHAINS_ONE (UINT64_C(1) << 60) /* all calls, all time */

enum { BY_CALLS, BY_TIME, CHAINS_BY };

struct chains {
    struct chain {
        size_t off, n; /* in text: frames, outermost first, `;` between them */
        uint64_t shares[CHAINS_BY];
    } * rows;
    size_t nrows;
    struct buf text;
    uint64_t other[CHAINS_BY]; /* of those that are too small; all of them add up to CHAINS_ONE, or
                                * to 0 where there are no calls, or no time */
    uint64_t calls, cum_ns;    /* of which these are shares; at most 2^64 - 1 */

    /* private */
    size_t cap;
    uint32_t *bare; /* by function: how many there are with its bare name */
};

/* After profile_settle; targets by function, as named_find marks them. */
void chains_of_edges(struct chains *c, const struct profile *p, const bool *targets);
void chains_of_stacks(struct chains *c, const struct profile *p, const bool *targets);
void chains_free(struct chains *c);

/* Private to lib/prof/chains*: chains are held as frames, each with the one that follows it, and
 * become text in the end. */
enum { CHAIN_FRAMES = 1000 }; /* the innermost so many of a chain are shown */
#define CHAINS_LEAST (CHAINS_ONE / 1000)

void chains_open(struct chains *c, const struct profile *p);
void chains_frame(struct chains *c, const struct profile *p, uint32_t function, bool recursive,
                  bool last);
void chains_row(struct chains *c, size_t off, const uint64_t shares[CHAINS_BY]);

#endif
