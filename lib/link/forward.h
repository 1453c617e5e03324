/* forward - which operator of the forward pass a backward one belongs to (LINKING.md, R10)
 *
 * A backward operator has a `Sequence number` and the `Fwd thread id` of the thread that ran it
 * forward. The forward operator is the one that a fwdbwd flow to an operator with these two begins
 * at; without such a flow, of those with the number that are no backward operators and began
 * before, the last. A part without backward operators costs nothing.
 */
#ifndef TRS_FORWARD_H
#define TRS_FORWARD_H

#include "link/trees.h"

/* An operator: tree and event; event NEST_NONE: none. */
struct forward_op {
    uint32_t tree, event;
};

struct forward {
    /* private */
    struct forward_entry {
        uint64_t sequence;
        int64_t start_ns, end_ns;
        uint32_t number; /* in struct hold */
        struct forward_op op;
    } * ops; /* those that are no backward ones, by sequence number and start */
    size_t n, cap;
    struct strtab flows;        /* sequence number and thread as bytes: i + 1 ... */
    struct forward_op *of_flow; /* ... is of_flow[i] */
    size_t flows_cap;
};

void forward_open(struct forward *f, struct trees *t, uint32_t part);

/* The forward operator of a backward one (trees_backward). */
struct forward_op forward_find(const struct forward *f, struct trees *t, uint32_t tree,
                               uint32_t event);

void forward_close(struct forward *f);

#endif
