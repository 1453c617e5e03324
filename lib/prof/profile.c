#include "prof/profile.h"

#include "base/mem.h"
#include "prof/descend.h"

#include <stdlib.h>

void profile_add(struct profile_totals *t, const struct profile_totals *more)
{
    t->calls = profile_sum(t->calls, more->calls);
    t->prim_calls = profile_sum(t->prim_calls, more->prim_calls);
    t->self_ns = profile_sum(t->self_ns, more->self_ns);
    t->cum_ns = profile_sum(t->cum_ns, more->cum_ns);
}

/* Edges ---------------------------------------------------------------------------------------- */

static int by_caller(const void *a, const void *b)
{
    const struct profile_edge *x = a, *y = b;
    return x->caller < y->caller ? -1 : x->caller > y->caller;
}

/* The edges of one callee in order, equal ones as one. Returns how many are left, at to. */
static size_t merge_callers(struct profile_edge *edges, size_t n, struct profile_edge *to)
{
    size_t left = 0;
    if (n > 1)
        qsort(edges, n, sizeof *edges, by_caller);
    for (size_t i = 0; i < n; i++)
        if (left > 0 && to[left - 1].caller == edges[i].caller)
            profile_add(&to[left - 1].totals, &edges[i].totals);
        else
            to[left++] = edges[i];
    return left;
}

/* Edges by callee, then caller, each pair once. They are dealt out by callee, of which there are
 * fewer; looking each pair up when it came took twice as long. */
static void merge_edges(struct profile *p)
{
    struct profile_edge *dealt = mem_alloc((p->nedges + 1) * sizeof *dealt);
    size_t *ends = mem_zalloc((size_t)p->names.n + 1, sizeof *ends), begin = 0, left = 0;
    for (size_t i = 0; i < p->nedges; i++)
        ends[p->edges[i].callee + 1]++;
    for (uint32_t f = 0; f < p->names.n; f++)
        ends[f + 1] += ends[f];
    for (size_t i = 0; i < p->nedges; i++)
        dealt[ends[p->edges[i].callee]++] = p->edges[i];
    for (uint32_t f = 0; f < p->names.n; begin = ends[f++])
        left += merge_callers(dealt + begin, ends[f] - begin, p->edges + left);
    p->nedges = p->edges_merged = left;
    free(dealt);
    free(ends);
}

/* Of many profiles with the same edges, those are merged before they become many. */
static void add_edge(struct profile *p, uint32_t caller, uint32_t callee,
                     const struct profile_totals *t)
{
    enum { MANY = 1 << 20 };
    if (p->nedges >= MANY && p->nedges / 2 > p->edges_merged)
        merge_edges(p);
    p->edges = mem_grow(p->edges, &p->edges_cap, p->nedges + 1, sizeof *p->edges);
    p->edges[p->nedges++] = (struct profile_edge){caller, callee, *t};
}

/* Names and nodes ------------------------------------------------------------------------------ */

static uint32_t function_of(struct profile *p, const struct stream *s, uint32_t name)
{
    p->of_name = mem_grow_zeroed(p->of_name, &p->of_name_cap, (size_t)name + 1, sizeof *p->of_name);
    if (p->of_name[name] == 0) {
        struct slice text = name ? stream_name(s, KIND_FUNCTION, name) : slice_str("(unnamed)");
        p->of_name[name] = strtab_intern(&p->names, text);
        p->functions =
            mem_grow_zeroed(p->functions, &p->functions_cap, p->names.n, sizeof *p->functions);
        p->known = mem_grow_zeroed(p->known, &p->known_cap, p->names.n, sizeof *p->known);
    }
    return p->of_name[name] - 1;
}

static uint32_t node_of(struct profile *p, uint32_t parent, uint32_t function)
{
    uint32_t key[2] = {parent, function},
             id = strtab_intern(&p->node_keys, slice_of(key, sizeof key));
    if (id > p->nnodes) {
        p->nodes = mem_grow(p->nodes, &p->nodes_cap, id, sizeof *p->nodes);
        p->nodes[p->nnodes++] = (struct profile_node){.parent = parent, .function = function};
    }
    return id;
}

/* The node of a stack, plus 1. All stacks that came become nodes, in their order: parents stand
 * before children. */
static uint32_t node_of_stack(struct profile *p, const struct stream *s, uint32_t stack)
{
    p->of_stack =
        mem_grow_zeroed(p->of_stack, &p->of_stack_cap, (size_t)s->nstacks + 1, sizeof *p->of_stack);
    for (; p->stacks < s->nstacks; p->stacks++) {
        const struct stack_frame *f = &s->stacks[p->stacks];
        p->of_stack[p->stacks + 1] = node_of(p, p->of_stack[f->parent], function_of(p, s, f->name));
    }
    return p->of_stack[stack];
}

/* Records -------------------------------------------------------------------------------------- */

static uint64_t number(const struct batch *b, unsigned column, uint32_t row)
{
    uint64_t value;
    bool there = b->columns[column].rows && frame_number(&b->columns[column], row, &value);
    return there ? value : 0;
}

static struct profile_totals totals_of(const struct batch *b, uint32_t row, const struct record *r)
{
    return (struct profile_totals){number(b, COLUMN_CALLS, row), number(b, COLUMN_PRIM_CALLS, row),
                                   (uint64_t)r->dur_ns, number(b, COLUMN_CUM_NS, row)};
}

static void take_function(struct profile *p, const struct stream *s, const struct batch *b,
                          uint32_t row, const struct record *r)
{
    struct profile_totals t = totals_of(b, row, r);
    uint32_t f = function_of(p, s, r->name);
    profile_add(&p->functions[f], &t);
    p->known[f] = p->has_calls = true;
}

static void take_call(struct profile *p, const struct stream *s, const struct batch *b,
                      uint32_t row, const struct record *r)
{
    struct profile_totals t = totals_of(b, row, r);
    uint32_t stack = stream_stack(b, row), around = stack ? s->stacks[stack - 1].parent : 0;
    uint32_t callee = function_of(p, s, r->name);
    uint32_t caller = function_of(p, s, around ? s->stacks[around - 1].name : 0);
    add_edge(p, caller, callee, &t);
}

static void take_stack(struct profile *p, const struct stream *s, const struct batch *b,
                       uint32_t row, const struct record *r)
{
    uint32_t stack = stream_stack(b, row), node = stack ? node_of_stack(p, s, stack) : 0;
    p->has_stacks = true;
    if (!node)
        return;
    p->nodes[node - 1].self_ns = profile_sum(p->nodes[node - 1].self_ns, (uint64_t)r->dur_ns);
    p->nodes[node - 1].ends = true;
}

int profile_records(struct profile *p, const struct stream *s, const struct batch *b, struct err *e)
{
    (void)e;
    for (uint32_t i = 0; i < b->n; i++) {
        struct record r = record_get(b->rows + (size_t)i * RECORD_BYTES);
        if (b->kind == KIND_FUNCTION)
            take_function(p, s, b, i, &r);
        else if (b->kind == KIND_CALL)
            take_call(p, s, b, i, &r);
        else
            take_stack(p, s, b, i, &r);
    }
    return 0;
}

void profile_forget(struct profile *p)
{
    if (p->of_name_cap)
        memset(p->of_name, 0, p->of_name_cap * sizeof *p->of_name);
    p->stacks = 0;
}

/* Totals out of stacks ------------------------------------------------------------------------- */

/* A function counts in a stack once, however often it stands in it, and so does a pair of
 * neighbours. */
struct count {
    struct profile *p;
    uint32_t *functions_open; /* how often each stands in the stack at hand */
    struct strtab keys;       /* of edges: caller and callee, as bytes */
    struct count_edge {
        uint32_t open; /* how often it stands in the stack at hand */
        struct profile_edge edge;
    } * edges; /* by key, from 1 */
    size_t edges_cap;
};

static struct count_edge *edge_into(struct count *c, const struct profile_node *node)
{
    uint32_t key[2] = {c->p->nodes[node->parent - 1].function, node->function}, n = c->keys.n,
             id = strtab_intern(&c->keys, slice_of(key, sizeof key));
    c->edges = mem_grow_zeroed(c->edges, &c->edges_cap, (size_t)id + 1, sizeof *c->edges);
    if (id > n) {
        c->edges[id].edge.caller = key[0];
        c->edges[id].edge.callee = key[1];
    }
    return &c->edges[id];
}

static void enter(void *ctx, uint32_t i, uint64_t all_ns)
{
    struct count *c = ctx;
    struct profile *p = c->p;
    const struct profile_node *node = &p->nodes[i];
    struct profile_totals *f = &p->functions[node->function];
    f->self_ns = profile_sum(f->self_ns, node->self_ns);
    p->known[node->function] = true;
    if (c->functions_open[node->function]++ == 0)
        f->cum_ns = profile_sum(f->cum_ns, all_ns);
    if (!node->parent)
        return;
    struct count_edge *in = edge_into(c, node);
    struct profile_totals *t = &in->edge.totals;
    t->self_ns = profile_sum(t->self_ns, node->self_ns);
    if (in->open++ == 0)
        t->cum_ns = profile_sum(t->cum_ns, all_ns);
}

static void leave(void *ctx, uint32_t i)
{
    struct count *c = ctx;
    const struct profile_node *node = &c->p->nodes[i];
    c->functions_open[node->function]--;
    if (node->parent)
        edge_into(c, node)->open--;
}

static void count_stacks(struct profile *p)
{
    struct count c = {.p = p};
    c.functions_open = mem_zalloc(p->names.n, sizeof *c.functions_open);
    descend(p, &c, enter, leave);
    for (uint32_t id = 1; id <= c.keys.n; id++) {
        const struct profile_edge *edge = &c.edges[id].edge;
        add_edge(p, edge->caller, edge->callee, &edge->totals);
    }
    free(c.functions_open);
    free(c.edges);
    strtab_free(&c.keys);
}

void profile_settle_totals(struct profile *p)
{
    if (p->nnodes > 0)
        count_stacks(p);
}

void profile_settle(struct profile *p)
{
    profile_settle_totals(p);
    if (p->nedges > 1)
        merge_edges(p);
}

const struct profile_edge *profile_callers(const struct profile *p, uint32_t callee, size_t *n)
{
    size_t low = 0, high = p->nedges;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (p->edges[mid].callee < callee)
            low = mid + 1;
        else
            high = mid;
    }
    for (*n = 0; low + *n < p->nedges && p->edges[low + *n].callee == callee; ++*n)
        ;
    return p->edges + low;
}

void profile_free(struct profile *p)
{
    strtab_free(&p->names);
    strtab_free(&p->node_keys);
    free(p->functions);
    free(p->known);
    free(p->edges);
    free(p->nodes);
    free(p->of_name);
    free(p->of_stack);
    *p = (struct profile){0};
}
