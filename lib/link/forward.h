/* forward - which operator of the forward pass a backward one belongs to (LINKING.md, R10)
 *
 * A backward operator has a `Sequence number` and the `Fwd thread id` of the thread that ran it
 * forward. The forward operator is the one that a fwdbwd flow to an operator with these two begins
 * at; without such a flow, of those with the number that are no backward operators and began
 * before, the last. A part without backward operators costs nothing, one
 * with them 64 bytes an operator.
 */
#ifndef TRS_FORWARD_H
#define TRS_FORWARD_H

#include "link/walk.h"

struct forward {
    struct forward_op {
        uint64_t sequence, fwd_thread; /* of those that have them */
        int64_t start_ns, end_ns;
        uint32_t number; /* in struct hold */
        uint32_t lane, node;
        bool numbered, backward;
    } * ops; /* of a part that has backward ones: all of it, by lane, as they open */
    size_t n;

    /* private */
    size_t cap;
    bool any;
    uint32_t *by_number; /* those that are forward ones, by sequence number and start */
    size_t nby_number;
    struct strtab flows; /* sequence number and thread as bytes: i + 1 ... */
    uint32_t *of_flow;   /* ... is operator of_flow[i] */
    size_t flows_cap;
};

void forward_open(struct forward *f, const struct hold *hold, uint32_t part);

/* Takes an operator of a lane, for walk_lane. */
void forward_take(struct forward *f, struct walk *w, uint32_t lane, const struct lane_event *e);

/* When all are taken; the lanes are those of the part. */
void forward_settle(struct forward *f, const struct hold *hold, uint32_t part,
                    const struct lane *lanes, size_t nlanes);

/* The forward operator of a backward one (walk_backward), NULL if there is none. */
const struct forward_op *forward_find(const struct forward *f, struct walk *w, uint32_t backward);

void forward_close(struct forward *f);

#endif
