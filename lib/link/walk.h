/* walk - host events in the order in which they open, and what is open around each (DEFINITIONS of
 * the project, "Host tree")
 *
 *     void take(void *ctx, struct walk *w, enum lane_kind kind, const struct lane_event *e)
 *     {
 *         if (... wanted ...)
 *             node = walk_node(w);
 *     }
 *     walk_open(&w, hold, part);
 *     for each lane: walk_lane(&w, lane, take, ctx);
 *
 * The parent of an event is the last opened one that is still open at its start; an event is open
 * from its start up to, not including, its end. So what is around an event is a stack. A node tells
 * it; nodes are made for what is asked for alone, and what is open around it.
 */
#ifndef TRS_WALK_H
#define TRS_WALK_H

#include "link/lanes.h"
#include "link/modules.h"

/* An event and what is around it. Operators are numbers in struct hold plus 1, 0 for none. */
struct node {
    uint32_t name;     /* host */
    uint32_t stack;    /* id of the writer's STACKS: the event as the innermost frame */
    uint32_t op;       /* the innermost operator, itself included */
    uint32_t backward; /* the innermost operator, itself included, that is a backward one */
    uint32_t module;   /* of modules, the innermost; 0 for none */
};

struct walk {
    const struct hold *hold;
    struct writer *w; /* that of hold: it gets the stacks and the names of modules */
    struct node *nodes;
    struct modules modules;
    bool by_process; /* the caller's: each process of the part numbers its launches itself */

    /* private */
    size_t nnodes, nodes_cap;
    struct walk_open {
        int64_t end_ns;
        uint32_t number, name, node;
        enum lane_kind kind;
    } * open;                     /* the last opened on top; those below may have ended already */
    size_t n, cap, known;         /* of the first `known` of them the nodes are made */
    const struct held_frame *ops; /* of the part's operators */
    size_t nops, last;
};

typedef void walk_take(void *ctx, struct walk *w, enum lane_kind kind, const struct lane_event *e);

void walk_open(struct walk *w, const struct hold *hold, uint32_t part);
void walk_lane(struct walk *w, const struct lane *lane, walk_take *take, void *ctx);

/* The node of the event that is being taken: an index of nodes, whose memory may move. */
uint32_t walk_node(struct walk *w);

/* A number column of an operator of the part. */
bool walk_number(struct walk *w, uint32_t op, unsigned column, uint64_t *value);

/* True if an operator is a backward one: it has a sequence number and a thread that ran it
 * forward. */
bool walk_backward(struct walk *w, uint32_t op, uint64_t *sequence, uint64_t *fwd_thread);

void walk_close(struct walk *w);

#endif
