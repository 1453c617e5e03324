/* descend - the way through the tree of stacks of a profile, from the roots
 *
 * enter comes for each node that a stack ends in or goes through, then its children, then leave.
 * Takes 17 bytes a node while it runs, and no stack of its own, however deep they are. Private to
 * lib/prof.
 */
#ifndef TRS_DESCEND_H
#define TRS_DESCEND_H

#include "prof/profile.h"

/* all_ns: the weight of the node and of all below it. */
void descend(const struct profile *p, void *ctx,
             void (*enter)(void *ctx, uint32_t node, uint64_t all_ns),
             void (*leave)(void *ctx, uint32_t node));

#endif
