#include "table/fold_edges.h"

#include "base/mem.h"
#include "prof/backward.h"

#include <stdlib.h>

/* WORK_MAX bounds edges that are looked at and, four times as dear, frames of stacks. */
enum { FINEST_SHIFT = 17, DEPTH_MAX = 512, PUSH_WORK = 4, WORK_MAX = 1 << 24 };

__extension__ typedef unsigned __int128 product;

struct spread {
    const struct profile *p;
    struct stacks *stacks;
    uint32_t *names; /* of functions, as frames; 0 for those that were not needed yet */
    bool *back;      /* edges that close a cycle */
    uint32_t chain[DEPTH_MAX];
    unsigned depth;
    uint64_t finest_ns, work, cut;
};

/* The callers of the outermost function of the stack at hand. */
struct callers {
    const struct profile_edge *edges;
    size_t n;
    bool by_self;     /* for the innermost function, if it is not recursive */
    uint64_t outside; /* weight of what no caller accounts for */
    product all;      /* of all weights */
    unsigned shift;   /* so that they can be multiplied */
    enum { BY_TIME, BY_CALLS, EVENLY } by;
};

static uint64_t time_of(const struct callers *c, const struct profile_totals *t)
{
    return c->by_self ? t->self_ns : t->cum_ns;
}

static uint64_t weight_of(const struct spread *s, const struct callers *c, size_t i)
{
    const struct profile_edge *edge = &c->edges[i];
    if (s->back[edge - s->p->edges])
        return 0;
    return c->by == BY_TIME    ? time_of(c, &edge->totals)
           : c->by == BY_CALLS ? edge->totals.calls
                               : 1;
}

/* Calls tell exactly if somebody else called; how long that took, times tell but for rounding. */
static uint64_t time_outside(const struct callers *c, const struct profile_totals *f)
{
    product calls = 0, time = 0;
    for (size_t i = 0; i < c->n; i++) {
        calls += c->edges[i].totals.calls;
        time += time_of(c, &c->edges[i].totals);
    }
    return f->calls > calls && time_of(c, f) > time ? (uint64_t)(time_of(c, f) - time) : 0;
}

static product add_up(const struct spread *s, struct callers *c)
{
    c->all = c->outside;
    for (size_t i = 0; i < c->n; i++)
        c->all += weight_of(s, c, i);
    return c->all;
}

/* Most self time of a recursive function is in calls by itself, which count for nothing here. */
static bool recursive(const struct spread *s, const struct callers *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (s->back[c->edges + i - s->p->edges])
            return true;
    return false;
}

/* False if the stack begins here. */
static bool find_callers(struct spread *s, uint32_t function, struct callers *c)
{
    *c = (struct callers){0};
    c->edges = profile_callers(s->p, function, &c->n);
    c->by_self = s->depth == 1 && !recursive(s, c);
    s->work += c->n;
    if (c->n == 0 || s->depth == DEPTH_MAX || s->work > WORK_MAX) {
        s->cut += c->n > 0;
        return false;
    }
    c->outside = time_outside(c, &s->p->functions[function]);
    while (add_up(s, c) == 0 && c->by != EVENLY)
        c->by++;
    while (c->all >> c->shift >> 63)
        c->shift++;
    return c->all > 0;
}

static void end_stack(struct spread *s, uint64_t ns)
{
    uint32_t node = STACKS_ROOT;
    for (unsigned i = s->depth; i-- > 0;) {
        uint32_t f = s->chain[i];
        if (!s->names[f])
            s->names[f] = stacks_name(s->stacks, profile_name(s->p, f));
        node = stacks_push(s->stacks, node, s->names[f]);
    }
    s->stacks->nodes[node].weight += ns;
    s->work += (uint64_t)PUSH_WORK * s->depth;
}

static void spread(struct spread *s, uint32_t function, uint64_t ns);

static void to_largest(struct spread *s, const struct callers *c, uint64_t ns)
{
    uint64_t most = c->outside;
    size_t at = c->n;
    for (size_t i = 0; i < c->n; i++) {
        uint64_t weight = weight_of(s, c, i);
        at = weight > most ? i : at;
        most = weight > most ? weight : most;
    }
    if (at == c->n)
        end_stack(s, ns);
    else
        spread(s, c->edges[at].caller, ns);
}

/* Each gets what lies between two marks, that of the sum before it and that with it: so nothing is
 * lost to rounding. */
static void to_all(struct spread *s, const struct callers *c, uint64_t ns)
{
    product before = 0, whole = c->all >> c->shift;
    uint64_t given = 0;
    for (size_t i = 0; i < c->n; i++) {
        before += weight_of(s, c, i);
        uint64_t upto = (uint64_t)(ns * (before >> c->shift) / whole);
        if (upto > given)
            spread(s, c->edges[i].caller, upto - given);
        given = upto;
    }
    if (ns > given)
        end_stack(s, ns - given);
}

static void spread(struct spread *s, uint32_t function, uint64_t ns)
{
    struct callers c;
    s->chain[s->depth++] = function;
    if (!find_callers(s, function, &c))
        end_stack(s, ns);
    else if (ns < s->finest_ns)
        to_largest(s, &c, ns);
    else
        to_all(s, &c, ns);
    s->depth--;
}

/* Functions --------------------------------------------------------------------------------------
 */

struct ranked {
    uint64_t self_ns;
    uint32_t function;
};

static int by_self(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->self_ns != y->self_ns)
        return x->self_ns < y->self_ns ? 1 : -1;
    return x->function < y->function ? -1 : x->function > y->function;
}

static struct ranked *rank_functions(const struct profile *p, product *all_ns)
{
    struct ranked *ranked = mem_alloc(p->names.n * sizeof *ranked);
    *all_ns = 0;
    for (uint32_t f = 0; f < p->names.n; f++) {
        ranked[f] = (struct ranked){p->functions[f].self_ns, f};
        *all_ns += ranked[f].self_ns;
    }
    qsort(ranked, p->names.n, sizeof *ranked, by_self);
    return ranked;
}

uint64_t fold_edges(const struct profile *p, struct stacks *stacks)
{
    product all_ns;
    if (p->names.n == 0)
        return 0;
    struct ranked *ranked = rank_functions(p, &all_ns);
    struct spread s = {.p = p, .stacks = stacks, .finest_ns = (uint64_t)(all_ns >> FINEST_SHIFT)};
    s.names = mem_zalloc(p->names.n, sizeof *s.names);
    s.back = backward_edges(p);
    for (uint32_t i = 0; i < p->names.n && ranked[i].self_ns > 0; i++)
        spread(&s, ranked[i].function, ranked[i].self_ns);
    free(s.names);
    free(s.back);
    free(ranked);
    return s.cut;
}
