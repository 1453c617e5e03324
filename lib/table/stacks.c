#include "table/stacks.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>

enum { SLOTS_MIN = 1024 };

/* Nodes count up, names too, and a stack may repeat one name: all bits have to play a part. */
static size_t slot_of(const struct stacks *s, uint32_t parent, uint32_t name)
{
    uint64_t h = (uint64_t)parent << 32 | name;
    h = (h ^ h >> 30) * 0xBF58476D1CE4E5B9u;
    h = (h ^ h >> 27) * 0x94D049BB133111EBu;
    return (size_t)(h ^ h >> 31) & (s->nslots - 1);
}

static void fill_slot(struct stacks *s, uint32_t node)
{
    size_t i = slot_of(s, s->nodes[node].parent, s->nodes[node].name);
    while (s->slots[i])
        i = (i + 1) & (s->nslots - 1);
    s->slots[i] = node;
}

static void grow_slots(struct stacks *s)
{
    s->nslots = s->nslots ? s->nslots * 2 : SLOTS_MIN;
    free(s->slots);
    s->slots = mem_zalloc(s->nslots, sizeof *s->slots);
    for (uint32_t node = 1; node < s->n; node++)
        fill_slot(s, node);
}

static uint32_t add_node(struct stacks *s, uint32_t parent, uint32_t name)
{
    s->nodes = mem_grow(s->nodes, &s->cap, (size_t)s->n + 1, sizeof *s->nodes);
    s->nodes[s->n] = (struct stacks_node){.parent = parent, .name = name};
    return s->n++;
}

void stacks_open(struct stacks *s)
{
    *s = (struct stacks){0};
    grow_slots(s);
    add_node(s, STACKS_ROOT, 0);
}

uint32_t stacks_name(struct stacks *s, struct slice name)
{
    if (s->raw && name.n > 0)
        return strtab_intern(&s->names, name);
    s->frame.n = 0;
    text_add_folded(&s->frame, name);
    return strtab_intern(&s->names, buf_slice(&s->frame));
}

uint32_t stacks_push(struct stacks *s, uint32_t parent, uint32_t name)
{
    size_t i = slot_of(s, parent, name);
    for (uint32_t node; (node = s->slots[i]); i = (i + 1) & (s->nslots - 1))
        if (s->nodes[node].parent == parent && s->nodes[node].name == name)
            return node;
    if ((size_t)s->n * 2 >= s->nslots)
        grow_slots(s);
    uint32_t node = add_node(s, parent, name);
    fill_slot(s, node);
    return node;
}

void stacks_add(struct stacks *s, const struct stacks *from, uint32_t *at)
{
    uint32_t *names = mem_zalloc((size_t)from->names.n + 1, sizeof *names);
    for (uint32_t i = 1; i < from->n; i++) {
        const struct stacks_node *node = &from->nodes[i];
        uint32_t *name = &names[node->name];
        if (at[i] == 0 && *name == 0)
            *name = strtab_intern(&s->names, strtab_get(&from->names, node->name));
        if (at[i] == 0)
            at[i] = stacks_push(s, at[node->parent], *name);
        s->nodes[at[i]].weight += node->weight;
    }
    free(names);
}

void stacks_free(struct stacks *s)
{
    free(s->nodes);
    free(s->slots);
    strtab_free(&s->names);
    buf_free(&s->frame);
    *s = (struct stacks){0};
}
