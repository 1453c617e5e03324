#include "prof/callgrind_costs.h"

#include "base/mem.h"

#include <stdlib.h>

uint32_t callgrind_function(struct callgrind_costs *c, struct slice name)
{
    uint32_t before = c->names.n, id = strtab_intern(&c->names, name);
    if (id > before) {
        c->functions =
            mem_grow(c->functions, &c->functions_cap, (size_t)id + 1, sizeof *c->functions);
        c->functions[id] = (struct callgrind_function){0};
    }
    return id;
}

bool callgrind_self(struct callgrind_costs *c, uint32_t function, uint64_t cost)
{
    if (c->total + cost > c->most)
        return false;
    c->functions[function].self += cost;
    c->total += cost;
    return true;
}

/* The calls of a function are as many as those of an edge to it, or more; one is kept for who calls
 * it from nowhere. */
static bool fits(const struct callgrind_costs *c, const struct callgrind_function *f,
                 const struct callgrind_edge *edge, uint64_t calls, uint64_t inclusive)
{
    return calls < UINT64_MAX - f->calls && edge->inclusive + inclusive <= c->most;
}

bool callgrind_call(struct callgrind_costs *c, uint32_t caller, uint32_t callee, uint64_t calls,
                    uint64_t inclusive)
{
    uint8_t key[8];
    put_u32(key, caller);
    put_u32(key + 4, callee);
    uint32_t before = c->edge_keys.n;
    uint32_t id = strtab_intern(&c->edge_keys, slice_of(key, sizeof key));
    c->edges = mem_grow(c->edges, &c->edges_cap, (size_t)id + 1, sizeof *c->edges);
    if (id > before)
        c->edges[id] = (struct callgrind_edge){0};
    struct callgrind_function *f = &c->functions[callee];
    if (!fits(c, f, &c->edges[id], calls, inclusive))
        return false;
    c->edges[id].inclusive += inclusive;
    c->edges[id].calls += calls;
    f->calls += calls;
    if (caller == callee)
        return true;
    f->has_caller = true;
    f->prim_calls += calls;
    c->functions[caller].called += inclusive;
    return true;
}

/* Sums fit, unless the unit has changed since they were made. */
static uint64_t as_ns(callgrind_sum cost, uint64_t ns)
{
    callgrind_sum v = cost * ns;
    return v > INT64_MAX ? INT64_MAX : (uint64_t)v;
}

static void emit_one(const struct callgrind_costs *c, uint32_t id, struct emit *o, uint64_t ns)
{
    const struct callgrind_function *f = &c->functions[id];
    callgrind_sum cum = f->self + f->called;
    if (cum > c->total && c->total >= f->self)
        cum = c->total;
    struct emit_totals t = {.calls = f->calls + !f->has_caller,
                            .prim_calls = f->prim_calls + !f->has_caller,
                            .self_ns = as_ns(f->self, ns),
                            .cum_ns = as_ns(cum, ns)};
    emit_function(o, strtab_get(&c->names, id), &t);
}

void callgrind_emit(const struct callgrind_costs *c, struct emit *o, uint64_t ns)
{
    for (uint32_t id = 1; id <= c->names.n && !writer_stopped(o->w); id++)
        emit_one(c, id, o, ns);
    for (uint32_t id = 1; id <= c->edge_keys.n && !writer_stopped(o->w); id++) {
        const uint8_t *key = strtab_get(&c->edge_keys, id).p;
        uint32_t caller = get_u32(key), callee = get_u32(key + 4);
        struct emit_totals t = {.calls = c->edges[id].calls,
                                .prim_calls = caller == callee ? 0 : c->edges[id].calls,
                                .cum_ns = as_ns(c->edges[id].inclusive, ns)};
        emit_call(o, strtab_get(&c->names, caller), strtab_get(&c->names, callee), &t);
    }
}

void callgrind_free(struct callgrind_costs *c)
{
    strtab_free(&c->names);
    strtab_free(&c->edge_keys);
    free(c->functions);
    free(c->edges);
    *c = (struct callgrind_costs){0};
}
