#include "format/copy.h"

#include "base/mem.h"

#include <stdlib.h>

void copy_begin(struct copy *c, struct writer *w)
{
    *c = (struct copy){.w = w, .epoch_writer = w->epoch};
}

static void forget(struct copy_ids *t)
{
    if (t->ids)
        memset(t->ids, 0, t->cap * sizeof *t->ids);
}

static void make_room(struct copy_ids *t, uint32_t n)
{
    size_t before = t->cap;
    if (n < before)
        return;
    t->ids = mem_grow_zeroed(t->ids, &t->cap, (size_t)n + 1, sizeof *t->ids);
}

void copy_keep_up(struct copy *c, const struct stream *s)
{
    bool renewed = c->epoch_writer != c->w->epoch;
    if (renewed || c->epoch_names != s->epoch_names) {
        forget(&c->names[ROLE_GPU]);
        forget(&c->names[ROLE_HOST]);
    }
    if (renewed || c->epoch_tracks != s->epoch_tracks)
        forget(&c->tracks);
    if (renewed || c->epoch_links != s->epoch_links) {
        forget(&c->stacks);
        forget(&c->links);
    }
    c->epoch_links = s->epoch_links;
    c->epoch_writer = c->w->epoch;
    c->epoch_names = s->epoch_names;
    c->epoch_tracks = s->epoch_tracks;
    make_room(&c->names[ROLE_GPU], s->strings[ROLE_GPU].n);
    make_room(&c->names[ROLE_HOST], s->strings[ROLE_HOST].n);
    make_room(&c->tracks, s->ntracks);
    make_room(&c->stacks, s->nstacks);
    make_room(&c->links, s->nlinks);
}

uint32_t copy_name_new(struct copy *c, const struct stream *s, enum role role, uint32_t id)
{
    struct slice name = strtab_get(&s->strings[role], id);
    if (c->rename)
        name = c->rename(c->ctx, role, name);
    if (role == ROLE_GPU && c->apart)
        return c->names[role].ids[id] = writer_string_new(c->w, role, name);
    return c->names[role].ids[id] = c->labels && role == ROLE_GPU
                                        ? labels_name(c->labels, c->w, s, id, name)
                                        : writer_string(c->w, role, name);
}

uint32_t copy_word(struct copy *c, const struct stream *s, uint32_t id)
{
    return id ? writer_string(c->w, ROLE_WORD, stream_word(s, id)) : 0;
}

uint32_t copy_track_new(struct copy *c, const struct stream *s, uint32_t id)
{
    const struct track *t = &s->tracks[id - 1];
    struct track out = {copy_word(c, s, t->ph),
                        copy_word(c, s, t->cat),
                        copy_word(c, s, t->pid),
                        copy_word(c, s, t->tid),
                        copy_word(c, s, t->device),
                        copy_word(c, s, t->stream),
                        t->flags};
    return c->tracks.ids[id] = writer_track(c->w, &out);
}

/* Up to a frame that is known, and down again: a loop, since stacks may be as deep as their sender
 * likes. */
uint32_t copy_stack(struct copy *c, const struct stream *s, uint32_t id)
{
    size_t n = 0;
    for (; id && !copy_known(c->stacks.ids[id]); id = s->stacks[id - 1].parent) {
        c->chain = mem_grow(c->chain, &c->chain_cap, n + 1, sizeof *c->chain);
        c->chain[n++] = id;
    }
    uint32_t parent = c->stacks.ids[id];
    while (n-- > 0) {
        const struct stack_frame *f = &s->stacks[c->chain[n] - 1];
        struct stack_frame out = {parent, copy_name(c, s, ROLE_HOST, f->name), f->kind};
        parent = c->stacks.ids[c->chain[n]] = writer_stack(c->w, &out);
    }
    return parent;
}

uint32_t copy_link(struct copy *c, const struct stream *s, uint32_t id)
{
    uint32_t known = c->links.ids[id];
    if (id == 0 || copy_known(known))
        return known;
    const struct link *l = &s->links[id - 1];
    struct link out = {.flags = l->flags,
                       .launch = copy_name(c, s, ROLE_HOST, l->launch),
                       .cpu_op = copy_name(c, s, ROLE_HOST, l->cpu_op),
                       .module = copy_name(c, s, ROLE_HOST, l->module),
                       .annotation = copy_name(c, s, ROLE_HOST, l->annotation),
                       .forward_op = copy_name(c, s, ROLE_HOST, l->forward_op),
                       .forward_module = copy_name(c, s, ROLE_HOST, l->forward_module),
                       .stack = copy_stack(c, s, l->stack),
                       .phase = copy_word(c, s, l->phase),
                       .step = copy_word(c, s, l->step),
                       .layer = copy_word(c, s, l->layer)};
    return c->links.ids[id] = writer_link(c->w, &out);
}

void copy_settle(struct copy *c, const struct stream *s)
{
    const struct copy_ids *names = &c->names[ROLE_GPU];
    bool current = c->epoch_writer == c->w->epoch && c->epoch_names == s->epoch_names;
    if (!c->labels || !current)
        return;
    labels_settle(c->labels, c->w, s, names->ids, names->cap);
    labels_send(c->labels, c->w);
}

void copy_renew(struct copy *c, const struct stream *s)
{
    copy_settle(c, s);
    writer_begin(c->w);
    copy_keep_up(c, s);
}

static uint64_t copy_instance(struct copy *c, uint64_t instance)
{
    uint64_t out;
    if (__builtin_add_overflow(c->instances, instance, &out) || out == UINT64_MAX)
        c->instances_wrong = true;
    else if (out >= c->instances_next)
        c->instances_next = out + 1;
    return out;
}

static void copy_number(struct copy *c, const struct stream *s, enum kind kind, unsigned column,
                        uint64_t value)
{
    if (column == COLUMN_LINK)
        value = copy_link(c, s, (uint32_t)value);
    else if (column == COLUMN_STACK)
        value = copy_stack(c, s, (uint32_t)value);
    else if (column == COLUMN_INSTANCE)
        value = copy_instance(c, value);
    writer_number(c->w, kind, column, value);
}

void copy_record(struct copy *c, const struct stream *s, const struct batch *b, uint32_t row,
                 struct record r)
{
    uint64_t value;
    r.name = copy_name(c, s, kind_role(b->kind), r.name);
    r.track = copy_track(c, s, r.track);
    if (c->labels && writer_is_due(c->w, b->kind))
        labels_send(c->labels, c->w); /* who prints as he reads wants them first */
    writer_record(c->w, b->kind, &r);
    for (unsigned column = 1; column < COLUMNS; column++) {
        const struct frame *f = &b->columns[column];
        if (f->rows == 0)
            continue;
        if (column_is_text(column))
            writer_text(c->w, b->kind, column, frame_text(f, row));
        else if (frame_number(f, row, &value))
            copy_number(c, s, b->kind, column, value);
    }
}

void copy_end(struct copy *c)
{
    free(c->names[ROLE_GPU].ids);
    free(c->names[ROLE_HOST].ids);
    free(c->tracks.ids);
    free(c->stacks.ids);
    free(c->chain);
    free(c->links.ids);
    *c = (struct copy){0};
}
