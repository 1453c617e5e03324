/* paths - stacks with weights, kept as a tree until the names of their frames are known
 *
 *     node = paths_within(&p, paths_within(&p, 0, outer), inner);
 *     paths_add(&p, node, weight);
 *     paths_emit(&p, &emit, names, count, ...);
 *
 * The same stack is one node, whatever it was seen for: takes 40 bytes for each.
 */
#ifndef TRS_PATHS_H
#define TRS_PATHS_H

#include "prof/emit.h"

__extension__ typedef __int128 paths_weight;

struct paths {
    struct strtab nodes;   /* id: node; parent and frame, as bytes */
    paths_weight *weights; /* by id */
    bool *ends;            /* a stack ends here */
    size_t weights_cap, ends_cap;
};

/* The stack with one more frame, a number below 2^32 of the caller's; node 0 is the empty one. */
uint32_t paths_within(struct paths *p, uint32_t node, uint32_t frame);

/* Adds to the weight of a stack that is not empty. */
void paths_add(struct paths *p, uint32_t node, paths_weight weight);

uint32_t paths_parent(const struct paths *p, uint32_t node); /* 0 for the outermost */
uint32_t paths_frame(const struct paths *p, uint32_t node);

/* Writes all stacks, weights divided by unit and rounded half up. Returns how many had a frame
 * without a name, or too much weight, and were left out. */
uint64_t paths_emit(const struct paths *p, struct emit *o, const struct strtab *names,
                    paths_weight unit);

void paths_free(struct paths *p);

#endif
