#include "link/part_layers.h"

#include "base/mem.h"
#include "link/layers.h"

#include <stdlib.h>

/* By modules ----------------------------------------------------------------------------------- */

static struct part_layers by_modules(struct activities *a, struct modules *m)
{
    struct part_layers out = {0, 0, 0};
    uint64_t linked_ns = 0;
    for (size_t i = 0; i < a->n; i++) {
        const struct activity *at = &a->at[i];
        modules_count(m, a->contexts[at->context].module, at->dur_ns);
        if (at->context && __builtin_add_overflow(linked_ns, at->dur_ns, &linked_ns))
            linked_ns = UINT64_MAX;
        out.of += at->context != 0;
    }
    if (modules_settle(m, linked_ns) == 0)
        return out;
    for (size_t i = 0; i < a->n; i++) {
        a->at[i].layer = modules_layer(m, a->contexts[a->at[i].context].module);
        out.covered += a->at[i].layer != LAYER_NONE;
    }
    out.layers = modules_layers(m);
    return out;
}

/* By repetition -------------------------------------------------------------------------------- */

/* An activity in the order of launches; of a step. */
struct launched {
    int64_t launch_ns, start_ns;
    uint32_t step, activity;
};

static int in_order(const void *a, const void *b)
{
    const struct launched *x = a, *y = b;
    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    if (x->launch_ns != y->launch_ns)
        return x->launch_ns < y->launch_ns ? -1 : 1;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    return x->activity < y->activity ? -1 : 1;
}

static struct launched *put_in_order(const struct activities *a)
{
    struct launched *v = mem_alloc(a->n * sizeof *v);
    bool sorted = true;
    for (size_t i = 0; i < a->n; i++) {
        const struct activity *at = &a->at[i];
        const struct context *c = &a->contexts[at->context];
        v[i] = (struct launched){at->context ? c->start_ns : at->start_ns, at->start_ns,
                                 c->link.step, (uint32_t)i};
        sorted = sorted && (i == 0 || in_order(&v[i - 1], &v[i]) < 0);
    }
    if (!sorted)
        qsort(v, a->n, sizeof *v, in_order);
    return v;
}

/* The layers of one step, v[0] to v[n - 1]; how many, 0 where they are not to be believed. */
static uint32_t find_in_step(struct activities *a, const struct launched *v, size_t n,
                             const bool *heavy, uint64_t *covered)
{
    uint32_t *ops = mem_alloc(n * sizeof *ops), *layer = mem_alloc(n * sizeof *layer);
    for (size_t i = 0; i < n; i++)
        ops[i] = a->at[v[i].activity].op;
    struct layers found = layers_find(ops, n, heavy, layer);
    bool sure = layers_sure(&found, n);
    for (size_t i = 0; sure && i < n; i++)
        a->at[v[i].activity].layer = layer[i];
    *covered += found.covered;
    free(ops);
    free(layer);
    return sure ? found.count : 0;
}

static struct part_layers by_repetition(struct activities *a, const bool *heavy)
{
    struct part_layers out = {0, 0, 0};
    struct launched *v = put_in_order(a);
    uint32_t *counts = NULL, n = 0;
    size_t cap = 0, first = 0, end;
    bool steps = a->n > 0 && v[a->n - 1].step > 0;
    while (steps && v[first].step == 0) /* in no step, so in no layer */
        first++;
    for (; first < a->n; first = end) {
        for (end = first + 1; end < a->n && v[end].step == v[first].step; end++)
            ;
        uint32_t count = find_in_step(a, v + first, end - first, heavy, &out.covered);
        out.of += end - first;
        if (count == 0)
            continue;
        counts = mem_grow(counts, &cap, (size_t)n + 1, sizeof *counts);
        counts[n++] = count;
    }
    out.layers = layers_commonest(counts, n);
    free(counts);
    free(v);
    return out;
}

struct part_layers part_layers_find(struct activities *a, struct modules *modules,
                                    const bool *heavy)
{
    struct part_layers out = by_modules(a, modules);
    return out.layers ? out : by_repetition(a, heavy);
}
