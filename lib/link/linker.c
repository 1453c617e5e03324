#include "link/linker.h"

#include "base/mem.h"
#include "link/layers.h"

#include <stdio.h>
#include <stdlib.h>

/* Keeping -------------------------------------------------------------------------------------- */

void linker_open(struct linker *l, struct writer *w)
{
    *l = (struct linker){.ninstances = 0};
    hold_open(&l->hold, w);
}

int linker_records(struct linker *l, const struct stream *s, const struct batch *b, struct err *e)
{
    uint64_t first;
    if (hold_records(&l->hold, s, b, &first, e) < 0)
        return -1;
    lanes_add(&l->lanes, &l->hold, b->part, b->kind, first, b->n);
    return 0;
}

void linker_forget(struct linker *l, const struct stream *s)
{
    ops_take(&l->ops, &l->hold, s);
}

/* Linking -------------------------------------------------------------------------------------- */

static uint32_t layer_word(struct linker *l, uint32_t layer)
{
    char text[16];
    if (layer == LAYER_NONE)
        return 0;
    int n = snprintf(text, sizeof text, "%lu", (unsigned long)layer);
    return writer_string(l->hold.copy.w, ROLE_WORD, slice_of(text, (size_t)n));
}

static void keep_link(struct linker *l, const struct activities *a, const struct activity *at)
{
    const struct context *c = &a->contexts[at->context];
    struct link link = c->link;
    link.layer = layer_word(l, at->layer);
    link.flags |= at->tracelens ? LINK_TRACELENS : 0u;
    if (at->context || link.layer)
        l->links[at->kind][at->number] = writer_link(l->hold.copy.w, &link);
    l->instances[at->kind][at->number] = c->instance;
}

/* A file of rocprofv3 may hold several processes, each of which counts from 1. */
static bool is_by_process(const struct stream *s, uint32_t part)
{
    return slice_is(parts_get(&s->parts, part, "format"), "\"rocprofv3\"");
}

static void link_part(struct linker *l, const struct stream *s, uint32_t part, const bool *heavy)
{
    struct walk w;
    struct activities a;
    walk_open(&w, &l->hold, part);
    w.by_process = is_by_process(s, part);
    activities_open(&a, &w, &l->lanes, &l->ops, part, &l->ninstances);
    l->layers[part] = part_layers_find(&a, &w.modules, heavy);
    for (size_t i = 0; i < a.n; i++)
        keep_link(l, &a, &a.at[i]);
    activities_close(&a);
    walk_close(&w);
}

static void make_room(struct linker *l)
{
    for (unsigned kind = KIND_KERNEL; kind <= KIND_MEMSET; kind++) {
        size_t n = l->hold.kinds[kind].n / RECORD_BYTES;
        l->links[kind] = n ? mem_zalloc(n, sizeof *l->links[kind]) : NULL;
        l->instances[kind] = n ? mem_zalloc(n, sizeof *l->instances[kind]) : NULL;
    }
    l->layers = mem_zalloc(l->nparts, sizeof *l->layers);
}

void linker_link(struct linker *l, const struct stream *s)
{
    l->nparts = s->nparts; /* with those that have no records */
    ops_take(&l->ops, &l->hold, s);
    ops_settle(&l->ops, &l->hold);
    hold_sort(&l->hold);
    lanes_sort(&l->lanes, &l->hold);
    make_room(l);
    bool *heavy = ops_heavy(&l->ops, &l->hold);
    for (uint32_t part = 0; part < l->nparts; part++)
        link_part(l, s, part, heavy);
    free(heavy);
    lanes_free(&l->lanes);
}

void linker_close(struct linker *l)
{
    for (unsigned kind = KIND_KERNEL; kind <= KIND_MEMSET; kind++) {
        free(l->links[kind]);
        free(l->instances[kind]);
    }
    free(l->layers);
    lanes_free(&l->lanes);
    ops_free(&l->ops);
    hold_close(&l->hold);
}
