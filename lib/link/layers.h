/* layers - the layers of a model, found by the repetition of its operations (DEFINITIONS of the
 * project, "Layer")
 *
 * A step launches the operations of a layer again and again. The input is the operations of one
 * step in the order of launch start (of activity without a launch its own start), then own start,
 * then file:
 *
 *   ops     m a b c D a b c D a b c D x a b c D a b c D a b c D h    D is heavy
 *   layers  . 0 0 0 0 1 1 1 1 2 2 2 2 2 3 3 3 3 4 4 4 4 5 5 5 5 .    period 4, 6 layers
 *
 * A run of period p is a longest stretch in which every op but the last p equals the op p places
 * on; it begins no earlier than the run before it ends, has three periods (half of one may be
 * missing) and something heavy in the first. The period is the smallest, up to LAYERS_PERIOD_MAX
 * and n / 2, whose runs together cover three quarters of what those of any period cover.
 *
 * Numbers begin at 0 with a run, or with the activities in front of it, two or more, that make a
 * layer with its first ones but for a gap: up to p / 4 that are missing, fused with others. A run
 * goes on with the numbers of the one before if at most p / 4 activities lie between (they belong
 * to the layer before them) and it begins with what that one would have next, or up to p / 4
 * later. Half a layer at the end is one, less is none.
 */
#ifndef TRS_LAYERS_H
#define TRS_LAYERS_H

#include "base/bytes.h"

#define LAYER_NONE UINT32_MAX

enum { LAYERS_PERIOD_MAX = 512 };

struct layers {
    uint32_t period;   /* activities in a layer, 0: nothing repeats and all is LAYER_NONE */
    uint32_t count;    /* layers; of several sequences of them layers_commonest */
    size_t covered;    /* activities that have a layer */
    uint64_t compares; /* of two ops: what the search cost, see layers_find */
};

/* A category of operations that makes a layer: GEMM, Attention, MoE, Convolution, SSM. */
bool layers_heavy(struct slice category);

/* Finds the layers of n < 2^31 activities. ops are numbers of the caller's that have a place in
 * heavy: heavy[op] says whether layers_heavy holds for the category of op (for one of them, if it
 * has several). layer[i] becomes the layer of activity i or LAYER_NONE, whether layers_sure or not.
 *
 * Costs 2 to 23 comparisons an activity on the shared traces, 1200 at most: each of 512 periods
 * looks at a pair of activities twice or less. Memory is a number for each sequence of layers. */
struct layers layers_find(const uint32_t *ops, size_t n, const bool *heavy, uint32_t *layer);

/* Whether to believe it: at least half of the step's n activities are covered. If not, none of
 * them has a layer. covered / n is the confidence. */
static inline bool layers_sure(const struct layers *l, size_t n)
{
    return l->covered > 0 && l->covered >= n - l->covered;
}

/* The commonest of n counts, of several the largest; 0 if n is 0. Sorts them. For the layers of a
 * trace from those of its steps. */
uint32_t layers_commonest(uint32_t *counts, size_t n);

#endif
