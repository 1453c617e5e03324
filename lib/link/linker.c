#include "link/linker.h"

#include "base/mem.h"
#include "link/layers.h"

#include <stdio.h>
#include <stdlib.h>

/* Keeping -------------------------------------------------------------------------------------- */

static bool wants(void *ctx, const struct stream *s, const struct track *t)
{
    (void)ctx;
    return slice_is(stream_word(s, t->ph), "X") && !(t->flags & TRACK_NO_START);
}

void linker_open(struct linker *l, struct writer *w)
{
    *l = (struct linker){.threads = {.wants = wants}};
    hold_open(&l->hold, w);
}

int linker_records(struct linker *l, const struct stream *s, const struct batch *b, struct err *e)
{
    static const unsigned host =
        KIND_BIT(KIND_CPU_OP) | KIND_BIT(KIND_PYTHON) | KIND_BIT(KIND_RUNTIME);
    uint64_t first;
    if (hold_records(&l->hold, s, b, &first, e) < 0)
        return -1;
    for (uint32_t i = 0; KIND_BIT(b->kind) & host && i < b->n; i++) {
        struct record r = record_get(b->rows + (size_t)i * RECORD_BYTES);
        struct thread *thread = threads_find(&l->threads, s, b, r.track);
        if (thread)
            thread_add(thread, b->kind, &r, tag_make((enum kind)b->kind, first + i));
    }
    return 0;
}

void linker_forget(struct linker *l, const struct stream *s)
{
    ops_take(&l->ops, &l->hold, s);
    threads_forget(&l->threads);
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
    unsigned kind = (unsigned)(at->id >> 32);
    uint32_t number = (uint32_t)at->id;
    struct link link = c->link;
    link.layer = layer_word(l, at->layer);
    link.flags |= at->tracelens ? LINK_TRACELENS : 0u;
    if (at->context || link.layer)
        l->links[kind][number] = writer_link(l->hold.copy.w, &link);
    l->instances[kind][number] = c->instance;
}

static void link_part(struct linker *l, uint32_t part, const bool *heavy)
{
    struct trees t;
    struct activities a;
    trees_open(&t, &l->hold, &l->threads, part);
    activities_open(&a, &t, &l->ops, part, &l->ninstances);
    l->layers[part] = part_layers_find(&a, &t.modules, heavy);
    for (size_t i = 0; i < a.n; i++)
        keep_link(l, &a, &a.at[i]);
    activities_close(&a);
    trees_close(&t);
}

static void make_room(struct linker *l)
{
    for (unsigned kind = KIND_KERNEL; kind <= KIND_MEMSET; kind++) {
        size_t n = l->hold.kinds[kind].n / RECORD_BYTES;
        l->links[kind] = n ? mem_zalloc(n, sizeof *l->links[kind]) : NULL;
        l->instances[kind] = n ? mem_zalloc(n, sizeof *l->instances[kind]) : NULL;
    }
    l->layers = mem_zalloc(l->hold.nparts, sizeof *l->layers);
}

void linker_link(struct linker *l, const struct stream *s)
{
    ops_take(&l->ops, &l->hold, s);
    ops_settle(&l->ops, &l->hold);
    hold_sort(&l->hold);
    make_room(l);
    bool *heavy = ops_heavy(&l->ops, &l->hold);
    for (uint32_t part = 0; part < l->hold.nparts; part++)
        link_part(l, part, heavy);
    free(heavy);
    threads_free(&l->threads);
}

void linker_close(struct linker *l)
{
    for (unsigned kind = KIND_KERNEL; kind <= KIND_MEMSET; kind++) {
        free(l->links[kind]);
        free(l->instances[kind]);
    }
    free(l->layers);
    ops_free(&l->ops);
    hold_close(&l->hold);
}
