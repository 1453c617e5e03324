/* launches - which runtime call launched which GPU activity of a part (DEFINITIONS of the project,
 * "Linking"; LINKING.md, R1 to R3)
 *
 * By args.correlation: of several calls with the same one the earliest. Activity that has no
 * correlation, of older files, by `External id`. Only numbers that GPU activity has are kept: 64
 * bytes each.
 */
#ifndef TRS_LAUNCHES_H
#define TRS_LAUNCHES_H

#include "link/trees.h"

struct launch {
    uint64_t number;         /* the correlation, or the External id */
    uint32_t tree, event;    /* the call; NEST_NONE: there is none */
    uint32_t context;        /* the caller's */
    int64_t start_ns;        /* of the call */
    uint32_t call;           /* its number in struct hold */
    bool graph;              /* it launches a graph */
    bool flow_starts;        /* an ac2g flow with this number has a beginning, */
    bool flow_ends;          /* and an end, the last one */
    uint32_t to_pid, to_tid; /* on this thread: words */
    uint64_t to;             /* the last activity there with this number */
};

struct launches {
    struct launch_table {
        struct launch *at;
        size_t n, cap;
        uint32_t *slots; /* open addressing: index plus 1, 0 for free */
        size_t nslots;
    } correlated, external;
};

/* GPU activity of a part: kind and number in struct hold as one number. */
static inline uint64_t activity_id(unsigned kind, uint64_t number)
{
    return (uint64_t)kind << 32 | number;
}

void launches_open(struct launches *l, struct trees *t, uint32_t part);

/* The launch with the number of this record, which is row `row` of its frame; NULL if it has no
 * number. It may be one without a call. */
struct launch *launches_find(struct launches *l, const struct hold *hold,
                             const struct held_frame *f, uint32_t row, const struct record *r);

/* True if TraceLens takes the call for the launch of this activity: the last end of the flow with
 * its number points at it, or the call launches a graph. */
static inline bool launch_is_tracelens(const struct launch *l, uint64_t activity)
{
    return l->event != NEST_NONE &&
           (l->graph || (l->flow_starts && l->flow_ends && l->to == activity));
}

void launches_close(struct launches *l);

#endif
