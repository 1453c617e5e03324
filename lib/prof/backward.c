#include "prof/backward.h"

#include "base/mem.h"

#include <stdlib.h>

enum { UNSEEN, OPEN, DONE };

struct search {
    const struct profile *p;
    bool *back;       /* by edge */
    bool *called;     /* by function: all of its calls are those of edges */
    uint32_t *out;    /* edges by caller, those with most time first */
    size_t *next;     /* by function: which of its own is the next, in out */
    uint8_t *state;   /* by function */
    uint32_t *opened; /* functions that are open, the innermost last */
    size_t nopened;
};

static int descending(uint64_t a, uint64_t b)
{
    return a < b ? 1 : -(a > b);
}

static int by_caller(const void *a, const void *b, void *ctx)
{
    const struct profile_edge *edges = ctx, *x = edges + *(const uint32_t *)a,
                              *y = edges + *(const uint32_t *)b;
    if (x->caller != y->caller)
        return x->caller < y->caller ? -1 : 1;
    int c = descending(x->totals.cum_ns, y->totals.cum_ns);
    return c ? c : x->callee < y->callee ? -1 : x->callee > y->callee;
}

/* Where the search begins: functions that are called from nowhere, then those with most time. */
static int by_start(const void *a, const void *b, void *ctx)
{
    const struct search *s = ctx;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (s->called[x] != s->called[y])
        return s->called[x] ? 1 : -1;
    int c = descending(s->p->functions[x].cum_ns, s->p->functions[y].cum_ns);
    return c ? c : x < y ? -1 : x > y;
}

static void find_called(struct search *s)
{
    const struct profile *p = s->p;
    for (size_t i = 0; i < p->nedges;) {
        uint32_t callee = p->edges[i].callee;
        uint64_t left = p->functions[callee].calls;
        bool others = false;
        for (; i < p->nedges && p->edges[i].callee == callee; i++) {
            uint64_t calls = p->edges[i].totals.calls;
            left -= calls < left ? calls : left;
            others |= p->edges[i].caller != callee;
        }
        s->called[callee] = others && left == 0;
    }
}

static void sort_out(struct search *s)
{
    const struct profile *p = s->p;
    for (size_t i = 0; i < p->nedges; i++) {
        s->out[i] = (uint32_t)i;
        s->next[p->edges[i].caller + 1]++;
    }
    for (uint32_t f = 0; f < p->names.n; f++)
        s->next[f + 1] += s->next[f];
    qsort_r(s->out, p->nedges, sizeof *s->out, by_caller, p->edges);
}

static void open_function(struct search *s, uint32_t function)
{
    s->state[function] = OPEN;
    s->opened[s->nopened++] = function;
}

static void search_from(struct search *s, uint32_t start)
{
    const struct profile *p = s->p;
    open_function(s, start);
    while (s->nopened > 0) {
        uint32_t at = s->opened[s->nopened - 1];
        size_t i = s->next[at];
        if (i == p->nedges || p->edges[s->out[i]].caller != at) {
            s->state[at] = DONE;
            s->nopened--;
            continue;
        }
        uint32_t callee = p->edges[s->out[i]].callee;
        s->next[at]++;
        s->back[s->out[i]] = s->state[callee] == OPEN;
        if (s->state[callee] == UNSEEN)
            open_function(s, callee);
    }
}

static void search_all(struct search *s)
{
    uint32_t n = s->p->names.n, *starts = mem_alloc(n * sizeof *starts);
    for (uint32_t i = 0; i < n; i++)
        starts[i] = i;
    qsort_r(starts, n, sizeof *starts, by_start, s);
    for (uint32_t i = 0; i < n; i++)
        if (s->state[starts[i]] == UNSEEN)
            search_from(s, starts[i]);
    free(starts);
}

bool *backward_edges(const struct profile *p)
{
    uint32_t n = p->names.n;
    struct search s = {.p = p};
    s.back = mem_zalloc(p->nedges + 1, sizeof *s.back);
    s.called = mem_zalloc((size_t)n + 1, sizeof *s.called);
    s.out = mem_zalloc(p->nedges + 1, sizeof *s.out);
    s.next = mem_zalloc((size_t)n + 2, sizeof *s.next);
    s.state = mem_zalloc((size_t)n + 1, sizeof *s.state);
    s.opened = mem_zalloc((size_t)n + 1, sizeof *s.opened);
    if (p->nedges > 0) {
        find_called(&s);
        sort_out(&s);
        search_all(&s);
    }
    free(s.called);
    free(s.out);
    free(s.next);
    free(s.state);
    free(s.opened);
    return s.back;
}
