/* stacks - call stacks with weights, kept as a tree and printed folded
 *
 *     uint32_t a = stacks_push(&s, STACKS_ROOT, stacks_name(&s, slice_str("a")));
 *     uint32_t b = stacks_push(&s, a, stacks_name(&s, slice_str("b")));
 *     s.nodes[b].weight += 12;            ->   a;b 12
 *
 * A node is a stack: its parent's with one frame more. Only what was weighed is printed: the
 * weight of a stack is its own, without those that go on from it. Takes 50 to 70 bytes a node, and
 * each name once.
 */
#ifndef TRS_STACKS_H
#define TRS_STACKS_H

#include "base/strtab.h"
#include "io/output.h"
#include "table/wide.h"

#define STACKS_ROOT 0u /* the empty stack; it has no weight */

struct stacks {
    struct stacks_node {
        uint32_t parent, name;
        wide weight; /* never below 0 */
    } * nodes;       /* a parent before its children */
    uint32_t n;
    struct strtab names; /* frames as they are printed */
    bool raw;            /* they stay as they are, for other formats; set behind stacks_open */

    /* private */
    size_t cap;
    uint32_t *slots; /* open addressing: a node, 0 for free */
    size_t nslots;   /* a power of two */
    struct buf frame;
};

void stacks_open(struct stacks *s);

/* The id of a frame, by what is printed of it (text_add_folded), or by its name where names stay
 * raw; without one it is `(unnamed)`. */
uint32_t stacks_name(struct stacks *s, struct slice name);

/* The node of a stack with one more frame. */
uint32_t stacks_push(struct stacks *s, uint32_t node, uint32_t name);

/* Adds the weights of one tree to another: those of node i to the node at[i], which is filled in
 * for all that are 0, by the frames. */
void stacks_add(struct stacks *s, const struct stacks *from, uint32_t *at);

/* Prints a line `a;b;c 12` for each stack whose weight is not 0, in the order of the lines' bytes;
 * with reverse `c;b;a 12`. Returns how many, or -1. */
int64_t stacks_print(const struct stacks *s, bool reverse, struct output *out, struct err *e);

void stacks_free(struct stacks *s);

#endif
