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
    t->ids = mem_grow(t->ids, &t->cap, (size_t)n + 1, sizeof *t->ids);
    memset(t->ids + before, 0, (t->cap - before) * sizeof *t->ids);
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
    c->epoch_writer = c->w->epoch;
    c->epoch_names = s->epoch_names;
    c->epoch_tracks = s->epoch_tracks;
    make_room(&c->names[ROLE_GPU], s->strings[ROLE_GPU].n);
    make_room(&c->names[ROLE_HOST], s->strings[ROLE_HOST].n);
    make_room(&c->tracks, s->ntracks);
}

uint32_t copy_name_new(struct copy *c, const struct stream *s, enum role role, uint32_t id)
{
    struct slice name = strtab_get(&s->strings[role], id);
    return c->names[role].ids[id] = writer_string(c->w, role, name);
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

void copy_end(struct copy *c)
{
    free(c->names[ROLE_GPU].ids);
    free(c->names[ROLE_HOST].ids);
    free(c->tracks.ids);
    *c = (struct copy){0};
}
