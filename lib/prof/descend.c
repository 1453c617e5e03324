#include "prof/descend.h"

#include "base/mem.h"

#include <stdlib.h>

struct descent {
    const struct profile_node *nodes;
    uint64_t *all_ns;
    bool *used;                      /* a stack ends here or further in */
    uint32_t *first_child, *sibling; /* nodes plus 1; the first child of none is a root */
};

static void add_up(struct descent *d, size_t nnodes)
{
    for (size_t i = nnodes; i-- > 0;) {
        const struct profile_node *node = &d->nodes[i];
        d->used[i] |= node->ends;
        d->all_ns[i] = profile_sum(d->all_ns[i], node->self_ns);
        if (node->parent) {
            uint64_t *around = &d->all_ns[node->parent - 1];
            *around = profile_sum(*around, d->all_ns[i]);
            d->used[node->parent - 1] |= d->used[i];
        }
        d->sibling[i] = d->first_child[node->parent];
        d->first_child[node->parent] = (uint32_t)i + 1;
    }
}

void descend(const struct profile *p, void *ctx,
             void (*enter)(void *ctx, uint32_t node, uint64_t all_ns),
             void (*leave)(void *ctx, uint32_t node))
{
    struct descent d = {.nodes = p->nodes};
    d.all_ns = mem_zalloc(p->nnodes + 1, sizeof *d.all_ns);
    d.used = mem_zalloc(p->nnodes + 1, sizeof *d.used);
    d.first_child = mem_zalloc(p->nnodes + 1, sizeof *d.first_child);
    d.sibling = mem_zalloc(p->nnodes + 1, sizeof *d.sibling);
    add_up(&d, p->nnodes);
    for (uint32_t at = d.first_child[0]; at;) {
        if (d.used[at - 1]) {
            enter(ctx, at - 1, d.all_ns[at - 1]);
            if (d.first_child[at]) {
                at = d.first_child[at];
                continue;
            }
            leave(ctx, at - 1);
        }
        while (at && !d.sibling[at - 1]) { /* up to one that has another behind it */
            at = d.nodes[at - 1].parent;
            if (at)
                leave(ctx, at - 1);
        }
        at = at ? d.sibling[at - 1] : 0;
    }
    free(d.all_ns);
    free(d.used);
    free(d.first_child);
    free(d.sibling);
}
