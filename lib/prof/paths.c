#include "prof/paths.h"

#include "base/mem.h"

#include <stdlib.h>

enum { NODE_BYTES = 8 };

uint32_t paths_within(struct paths *p, uint32_t node, uint32_t frame)
{
    uint8_t key[NODE_BYTES];
    uint32_t before = p->nodes.n;
    put_u32(key, node);
    put_u32(key + 4, frame);
    uint32_t id = strtab_intern(&p->nodes, slice_of(key, sizeof key));
    if (id <= before)
        return id;
    p->weights = mem_grow(p->weights, &p->weights_cap, (size_t)id + 1, sizeof *p->weights);
    p->ends = mem_grow(p->ends, &p->ends_cap, (size_t)id + 1, sizeof *p->ends);
    p->weights[id] = 0;
    p->ends[id] = false;
    return id;
}

void paths_add(struct paths *p, uint32_t node, paths_weight weight)
{
    p->weights[node] += weight;
    p->ends[node] = true;
}

uint32_t paths_parent(const struct paths *p, uint32_t node)
{
    return get_u32(strtab_get(&p->nodes, node).p);
}

uint32_t paths_frame(const struct paths *p, uint32_t node)
{
    return get_u32(strtab_get(&p->nodes, node).p + 4);
}

/* Ids of nodes in the stream: those of nodes are good as long as the epoch is theirs. */
struct sent {
    const struct paths *p;
    struct emit *o;
    const struct strtab *names; /* of frame i: string i + 1 */
    uint32_t *ids, *todo;
    unsigned epoch;
};

static struct slice name_of(const struct sent *s, uint32_t node)
{
    return strtab_get(s->names, paths_frame(s->p, node) + 1);
}

/* The id of a node, whose parents get theirs first. 0 if a frame has no name. */
static uint32_t send(struct sent *s, uint32_t node)
{
    size_t n = 0;
    uint32_t id = 0;
    for (; node && !s->ids[node]; node = paths_parent(s->p, node)) {
        if (paths_frame(s->p, node) >= s->names->n)
            return 0;
        s->todo[n++] = node;
    }
    id = node ? s->ids[node] : 0;
    while (n-- > 0)
        id = s->ids[s->todo[n]] = emit_frame(s->o, id, name_of(s, s->todo[n]));
    return id;
}

static bool emit_node(struct sent *s, uint32_t node, paths_weight unit)
{
    paths_weight weight = (s->p->weights[node] + unit / 2) / unit;
    writer_begin(s->o->w);
    if (s->epoch != s->o->w->epoch)
        memset(s->ids, 0, ((size_t)s->p->nodes.n + 1) * sizeof *s->ids);
    s->epoch = s->o->w->epoch;
    uint32_t stack = send(s, node);
    if (!stack || weight > INT64_MAX)
        return false;
    emit_stack_of(s->o, stack, name_of(s, node), (uint64_t)weight);
    return true;
}

uint64_t paths_emit(const struct paths *p, struct emit *o, const struct strtab *names,
                    paths_weight unit)
{
    uint64_t lost = 0;
    size_t n = (size_t)p->nodes.n + 1;
    struct sent s = {.p = p, .o = o, .names = names, .epoch = o->w->epoch};
    s.ids = mem_zalloc(n, sizeof *s.ids);
    s.todo = mem_zalloc(n, sizeof *s.todo);
    for (uint32_t node = 1; node < n && !writer_stopped(o->w); node++)
        if (p->ends[node])
            lost += !emit_node(&s, node, unit);
    free(s.ids);
    free(s.todo);
    return lost;
}

void paths_free(struct paths *p)
{
    strtab_free(&p->nodes);
    free(p->weights);
    free(p->ends);
    *p = (struct paths){0};
}
