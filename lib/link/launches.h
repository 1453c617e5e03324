/* launches - which runtime call launched which GPU activity of a part (DEFINITIONS of the project,
 * "Linking"; LINKING.md, R1 to R3)
 *
 * By args.correlation: of several calls with the same one the earliest. Activity that has no
 * correlation, of older files, by `External id`. Only numbers that GPU activity has are kept: 72
 * bytes each, and 16 for each activity.
 */
#ifndef TRS_LAUNCHES_H
#define TRS_LAUNCHES_H

#include "link/walk.h"

struct launch {
    uint64_t number;         /* the correlation, or the External id */
    uint32_t process;        /* whose number it is, a word; 0: of the part */
    uint32_t lane, node;     /* the call; node LAUNCH_NONE: there is none */
    uint32_t call;           /* its number in struct hold */
    uint32_t context;        /* the caller's */
    int64_t start_ns;        /* of the call */
    bool graph;              /* it launches a graph */
    bool flow_starts;        /* an ac2g flow with this number has a beginning, */
    bool flow_ends;          /* and an end, the last one */
    uint32_t to_pid, to_tid; /* on this thread: words */
    size_t to;               /* the last activity there with this number, plus 1 */
};

#define LAUNCH_NONE UINT32_MAX

struct launches {
    struct launch_table {
        struct launch *at;
        size_t n, cap;
        uint32_t *slots; /* open addressing: index plus 1, 0 for free */
        size_t nslots;
    } correlated, external;
    struct launch_of {
        struct launch_table *table; /* NULL: it has no number */
        uint32_t launch;
    } * of; /* of activity i of the part, by kind and then as they stand in the frames */
    size_t n;

    /* private */
    size_t cap;
    const struct hold *hold;
    bool by_process; /* numbers are those of a process */
    const struct held_frame *calls;
    size_t ncalls;
};

/* The numbers that the GPU activity of a part has, and where flows with them lead. */
void launches_open(struct launches *l, const struct walk *w, uint32_t part);

/* Takes a call of a lane, for walk_lane: it makes nodes of those that launched something. */
void launches_take(struct launches *l, struct walk *w, uint32_t lane, const struct lane_event *e);

/* What launched activity i, NULL if nothing did. */
static inline struct launch *launches_get(const struct launches *l, size_t i)
{
    const struct launch_of *of = &l->of[i];
    struct launch *launch = of->table ? &of->table->at[of->launch] : NULL;
    return launch && launch->node != LAUNCH_NONE ? launch : NULL;
}

/* True if TraceLens takes the call for the launch of activity i: the last end of the flow with its
 * number points at it, or the call launches a graph. */
static inline bool launch_is_tracelens(const struct launch *l, size_t i)
{
    return l->graph || (l->flow_starts && l->flow_ends && l->to == i + 1);
}

void launches_close(struct launches *l);

#endif
