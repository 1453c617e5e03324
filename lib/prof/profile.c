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

/* Names and edges ------------------------------------------------------------------------------ */

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

static uint32_t edge_of(struct profile *p, uint32_t caller, uint32_t callee)
{
    uint32_t key[2] = {caller, callee},
             id = strtab_intern(&p->edge_keys, slice_of(key, sizeof key));
    if (id > p->nedges) {
        p->edges = mem_grow(p->edges, &p->edges_cap, id, sizeof *p->edges);
        p->edges[p->nedges++] = (struct profile_edge){.caller = caller, .callee = callee};
    }
    return id - 1;
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
    uint32_t edge = edge_of(p, caller, callee); /* may move p->edges */
    profile_add(&p->edges[edge].totals, &t);
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
    uint32_t *functions_open, *edges_open; /* how often each stands in the stack at hand */
    size_t edges_cap;
};

static uint32_t edge_into(struct count *c, const struct profile_node *node)
{
    uint32_t edge = edge_of(c->p, c->p->nodes[node->parent - 1].function, node->function);
    c->edges_open =
        mem_grow_zeroed(c->edges_open, &c->edges_cap, (size_t)edge + 1, sizeof *c->edges_open);
    return edge;
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
    uint32_t edge = edge_into(c, node);
    struct profile_totals *t = &p->edges[edge].totals;
    t->self_ns = profile_sum(t->self_ns, node->self_ns);
    if (c->edges_open[edge]++ == 0)
        t->cum_ns = profile_sum(t->cum_ns, all_ns);
}

static void leave(void *ctx, uint32_t i)
{
    struct count *c = ctx;
    const struct profile_node *node = &c->p->nodes[i];
    c->functions_open[node->function]--;
    if (node->parent)
        c->edges_open[edge_into(c, node)]--;
}

static void count_stacks(struct profile *p)
{
    struct count c = {.p = p};
    c.functions_open = mem_zalloc(p->names.n, sizeof *c.functions_open);
    descend(p, &c, enter, leave);
    free(c.functions_open);
    free(c.edges_open);
}

static int by_callee(const void *a, const void *b)
{
    const struct profile_edge *x = a, *y = b;
    if (x->callee != y->callee)
        return x->callee < y->callee ? -1 : 1;
    return x->caller < y->caller ? -1 : x->caller > y->caller;
}

void profile_settle(struct profile *p)
{
    if (p->nnodes > 0)
        count_stacks(p);
    if (p->nedges > 1)
        qsort(p->edges, p->nedges, sizeof *p->edges, by_callee);
    strtab_clear(&p->edge_keys); /* its numbers are no longer those of edges */
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
    strtab_free(&p->edge_keys);
    strtab_free(&p->node_keys);
    free(p->functions);
    free(p->known);
    free(p->edges);
    free(p->nodes);
    free(p->of_name);
    free(p->of_stack);
    *p = (struct profile){0};
}
