#include "table/fold_cycles.h"

#include "base/mem.h"

#include <stdlib.h>

/* Those with most cumulative time first: of a cycle that nothing leads to, the outermost. */
struct ranked {
    uint64_t cum_ns;
    uint32_t function;
};

static int compare(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->cum_ns != y->cum_ns)
        return x->cum_ns < y->cum_ns ? 1 : -1;
    return x->function < y->function ? -1 : x->function > y->function;
}

static uint32_t *by_cumulative(const struct profile *p)
{
    uint32_t n = p->names.n, *order = mem_alloc(((size_t)n + 1) * sizeof *order);
    struct ranked *ranked = mem_alloc(((size_t)n + 1) * sizeof *ranked);
    for (uint32_t f = 0; f < n; f++)
        ranked[f] = (struct ranked){p->functions[f].cum_ns, f};
    qsort(ranked, n, sizeof *ranked, compare);
    for (uint32_t i = 0; i < n; i++)
        order[i] = ranked[i].function;
    free(ranked);
    return order;
}

/* A walk in depth, with a stack of its own: profiles of any depth may come. */
struct walk {
    const struct profile *p;
    size_t *first; /* of function f: its edges as caller are of[first[f]] to of[first[f + 1] - 1] */
    uint32_t *of;
    size_t *next; /* the one to look at next */
    enum { UNSEEN, OPEN, DONE } * states;
    uint32_t *path;
    bool *back;
};

/* Edges by caller. */
static void index_edges(struct walk *w)
{
    const struct profile *p = w->p;
    for (size_t i = 0; i < p->nedges; i++)
        w->first[p->edges[i].caller + 1]++;
    for (uint32_t f = 0; f < p->names.n; f++) {
        w->first[f + 1] += w->first[f];
        w->next[f] = w->first[f];
    }
    for (size_t i = 0; i < p->nedges; i++)
        w->of[w->next[p->edges[i].caller]++] = (uint32_t)i;
    for (uint32_t f = 0; f < p->names.n; f++)
        w->next[f] = w->first[f];
}

static void walk_from(struct walk *w, uint32_t root)
{
    size_t n = 0;
    if (w->states[root] != UNSEEN)
        return;
    w->states[root] = OPEN;
    w->path[n++] = root;
    while (n > 0) {
        uint32_t f = w->path[n - 1];
        if (w->next[f] == w->first[f + 1]) {
            w->states[f] = DONE;
            n--;
            continue;
        }
        uint32_t edge = w->of[w->next[f]++], callee = w->p->edges[edge].callee;
        w->back[edge] = w->states[callee] == OPEN;
        if (w->states[callee] == UNSEEN) {
            w->states[callee] = OPEN;
            w->path[n++] = callee;
        }
    }
}

bool *fold_cycles(const struct profile *p)
{
    struct walk w = {.p = p};
    uint32_t n = p->names.n, *order = by_cumulative(p);
    w.first = mem_zalloc((size_t)n + 1, sizeof *w.first);
    w.next = mem_zalloc((size_t)n + 1, sizeof *w.next);
    w.of = mem_zalloc(p->nedges + 1, sizeof *w.of);
    w.states = mem_zalloc((size_t)n + 1, sizeof *w.states);
    w.path = mem_zalloc((size_t)n + 1, sizeof *w.path);
    w.back = mem_zalloc(p->nedges + 1, sizeof *w.back);
    index_edges(&w);
    for (uint32_t i = 0; i < n; i++) {
        size_t callers;
        (void)profile_callers(p, order[i], &callers);
        if (callers == 0)
            walk_from(&w, order[i]);
    }
    for (uint32_t i = 0; i < n; i++)
        walk_from(&w, order[i]);
    free(order);
    free(w.first);
    free(w.next);
    free(w.of);
    free(w.states);
    free(w.path);
    return w.back;
}
