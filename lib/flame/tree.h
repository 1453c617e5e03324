/* tree - stacks that begin alike, put together
 *
 *   a;b 2        all 5
 *   a;c 1    ->  |- a 3
 *   d 2          |  |- b 2
 *                |  `- c 1
 *                `- d 2
 *
 * A node knows its parent, and children are found by a hash of parent and name: the time is linear
 * in the input whatever its shape. A parent has a lower number than its children, so a loop over
 * the nodes goes down the tree, and one from the end up; nothing recurses.
 *
 * Only lines with a number above zero have nodes. With two numbers a line, value 0 is the one
 * before and value 1 the one after; tree_width tells of the last.
 */
#ifndef TRS_FLAME_TREE_H
#define TRS_FLAME_TREE_H

#include "base/strtab.h"
#include "prof/folded.h"

struct tree {
    struct strtab names;
    struct tree_node {
        uint32_t name;                 /* id in names; the root has 0 */
        uint32_t parent;               /* of the root: itself */
        uint64_t self[FOLDED_NUMBERS]; /* of the lines that end here */
    } * nodes;                         /* node 0 is the root */
    uint32_t n;                        /* nodes, the root included */
    unsigned numbers;                  /* values of a node, 1 or 2 */
    uint64_t *total[FOLDED_NUMBERS];   /* of a node and all above it; NULL before tree_sum */
    uint64_t sum[FOLDED_NUMBERS];      /* of all lines */
    unsigned decimals;                 /* values are in units of 10^-decimals */

    /* private */
    size_t cap;
    uint32_t *slots; /* nodes by parent and name, open addressing; 0 is free */
    size_t nslots;   /* a power of two */
    struct buf last; /* the stack before, and where its frames end */
    struct tree_step {
        size_t end;
        uint32_t node;
    } * path;
    size_t depth, path_cap;
};

void tree_init(struct tree *t, unsigned numbers);

/* Adds the line at hand. -1 if a sum does not fit 64 bits. */
int tree_add(struct tree *t, const struct folded *f, struct err *e);

/* Adds up the totals, when all lines are there. */
void tree_sum(struct tree *t);

/* The total that makes the width of a node. */
static inline uint64_t tree_width(const struct tree *t, uint32_t node)
{
    return t->total[t->numbers - 1][node];
}

static inline struct slice tree_name(const struct tree *t, uint32_t node)
{
    return node ? strtab_get(&t->names, t->nodes[node].name) : slice_str("all");
}

void tree_free(struct tree *t);

#endif
