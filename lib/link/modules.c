#include "link/modules.h"

#include "base/mem.h"
#include "link/layer_class.h"
#include "link/layers.h"

#include <stdlib.h>

uint32_t modules_add(struct modules *m, uint32_t parent, uint32_t name, struct slice text)
{
    struct slice cls;
    uint32_t key[2] = {parent, name}, id = strtab_intern(&m->seen, slice_of(key, sizeof key));
    if (id <= m->n)
        return id;
    struct module at = {.parent = parent, .name = name, .layer = LAYER_NONE};
    at.depth = parent ? m->at[parent - 1].depth + 1 : 0;
    if (layer_class_split(text, &cls, &at.number))
        at.cls = strtab_intern(&m->classes, cls);
    m->at = mem_grow(m->at, &m->cap, id, sizeof *m->at);
    m->at[m->n++] = at;
    return id;
}

static uint64_t sum(uint64_t a, uint64_t b)
{
    uint64_t c;
    return __builtin_add_overflow(a, b, &c) ? UINT64_MAX : c;
}

void modules_count(struct modules *m, uint32_t id, uint64_t dur_ns)
{
    if (id == 0)
        return;
    m->at[id - 1].count++;
    m->at[id - 1].time_ns = sum(m->at[id - 1].time_ns, dur_ns);
}

/* What is in a frame is in those around it: children stand behind their parents. */
static void add_up(struct modules *m)
{
    for (uint32_t i = m->n; i-- > 0;) {
        const struct module *at = &m->at[i];
        if (at->parent) {
            m->at[at->parent - 1].count += at->count;
            m->at[at->parent - 1].time_ns = sum(m->at[at->parent - 1].time_ns, at->time_ns);
        }
    }
}

/* True if no frame around it is of its class. Chains are as deep as Python's stack. */
static bool is_outermost(const struct modules *m, const struct module *at)
{
    for (uint32_t up = at->parent; up; up = m->at[up - 1].parent)
        if (m->at[up - 1].cls == at->cls)
            return false;
    return true;
}

static size_t list_frames(const struct modules *m, struct module_frame *frames)
{
    size_t n = 0;
    for (uint32_t i = 0; i < m->n; i++) {
        const struct module *at = &m->at[i];
        if (at->cls == 0 || at->count == 0)
            continue;
        frames[n++] = (struct module_frame){.cls = at->cls,
                                            .number = at->number,
                                            .depth = at->depth,
                                            .parent = at->parent ? m->at[at->parent - 1].name : 0,
                                            .time_ns = is_outermost(m, at) ? at->time_ns : 0};
    }
    return n;
}

uint32_t modules_settle(struct modules *m, uint64_t linked_ns)
{
    struct module_frame *frames = mem_alloc((size_t)m->n * sizeof *frames);
    add_up(m);
    uint32_t cls = layer_class_choose(frames, list_frames(m, frames), linked_ns, &m->classes);
    free(frames);
    for (uint32_t i = 0; cls && i < m->n; i++) {
        struct module *at = &m->at[i];
        uint32_t around = modules_layer(m, at->parent);
        at->layer = around != LAYER_NONE ? around : at->cls == cls ? at->number : LAYER_NONE;
    }
    return cls;
}

uint32_t modules_layers(const struct modules *m)
{
    struct strtab numbers = {0};
    for (uint32_t i = 0; i < m->n; i++)
        if (m->at[i].layer != LAYER_NONE && m->at[i].count > 0)
            strtab_intern(&numbers, slice_of(&m->at[i].layer, sizeof m->at[i].layer));
    uint32_t n = numbers.n;
    strtab_free(&numbers);
    return n;
}

void modules_free(struct modules *m)
{
    strtab_free(&m->seen);
    strtab_free(&m->classes);
    free(m->at);
    *m = (struct modules){0};
}
