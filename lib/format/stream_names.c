#include "base/mem.h"
#include "format/taking.h"

#include <stdlib.h>

static void forget_labels(struct stream *s)
{
    if (s->labels_cap)
        memset(s->labels, 0, s->labels_cap * sizeof *s->labels);
    s->epoch_labels++;
}

static void forget_links(struct stream *s)
{
    s->nstacks = s->nlinks = 0;
    s->epoch_stacks++;
    s->epoch_links++;
}

static void add_strings(struct stream *s, const struct frame *f)
{
    size_t at = 0;
    if (f->flags & FRAME_RESET) {
        strtab_clear(&s->strings[f->sub]);
        s->epoch_names++;
        if (f->sub == ROLE_GPU)
            forget_labels(s);
        if (f->sub == ROLE_HOST || f->sub == ROLE_WORD)
            forget_links(s);
        if (f->sub == ROLE_WORD) {
            s->ntracks = 0;
            s->epoch_tracks++;
            s->contents = false; /* its words are no more: the end mark will tell */
        }
    }
    for (uint32_t i = 0; i < f->rows; i++)
        strtab_add(&s->strings[f->sub], frame_string(f, i, &at));
}

static bool track_valid(const struct stream *s, const struct track *t)
{
    uint32_t n = s->strings[ROLE_WORD].n;
    return t->ph <= n && t->cat <= n && t->pid <= n && t->tid <= n && t->device <= n &&
           t->stream <= n;
}

static int add_tracks(struct stream *s, const struct frame *f, struct err *e)
{
    if (f->flags & FRAME_RESET) {
        s->ntracks = 0;
        s->epoch_tracks++;
    }
    s->tracks =
        mem_grow(s->tracks, &s->tracks_cap, (size_t)s->ntracks + f->rows, sizeof *s->tracks);
    for (uint32_t i = 0; i < f->rows; i++) {
        struct track t = track_get(f->payload + (size_t)i * TRACK_BYTES);
        if (!track_valid(s, &t))
            return taking_bad(s, e, "a track names a word that was not sent");
        s->tracks[s->ntracks++] = t;
    }
    return 0;
}

static int add_labels(struct stream *s, const struct frame *f, struct err *e)
{
    uint32_t names = s->strings[ROLE_GPU].n, words = s->strings[ROLE_LABEL].n;
    s->labels = mem_grow_zeroed(s->labels, &s->labels_cap, (size_t)names + 1, sizeof *s->labels);
    for (uint32_t i = 0; i < f->rows; i++) {
        const uint8_t *p = f->payload + (size_t)i * LABEL_BYTES;
        struct label l = {get_u32(p), get_u32(p + 4), get_u32(p + 8), get_u32(p + 12)};
        if (l.name == 0 || l.name > names || l.op > words || l.category > words ||
            l.library > words)
            return taking_bad(s, e, "a label names a string that was not sent");
        s->labels[l.name] = l;
    }
    s->epoch_labels++;
    return 0;
}

static int add_stacks(struct stream *s, const struct frame *f, struct err *e)
{
    if (f->flags & FRAME_RESET)
        forget_links(s);
    s->stacks =
        mem_grow(s->stacks, &s->stacks_cap, (size_t)s->nstacks + f->rows, sizeof *s->stacks);
    for (uint32_t i = 0; i < f->rows; i++) {
        struct stack_frame at = stack_get(f->payload + (size_t)i * STACK_BYTES);
        if (at.parent > s->nstacks || at.name > s->strings[ROLE_HOST].n)
            return taking_bad(s, e, "a stack names a frame or string that was not sent");
        s->stacks[s->nstacks++] = at;
    }
    return 0;
}

static bool link_valid(const struct stream *s, const struct link *l)
{
    uint32_t names = s->strings[ROLE_HOST].n, words = s->strings[ROLE_WORD].n;
    return l->launch <= names && l->cpu_op <= names && l->module <= names &&
           l->annotation <= names && l->forward_op <= names && l->forward_module <= names &&
           l->stack <= s->nstacks && l->phase <= words && l->step <= words && l->layer <= words;
}

static int add_links(struct stream *s, const struct frame *f, struct err *e)
{
    if (f->flags & FRAME_RESET) {
        s->nlinks = 0;
        s->epoch_links++;
    }
    s->links = mem_grow(s->links, &s->links_cap, (size_t)s->nlinks + f->rows, sizeof *s->links);
    for (uint32_t i = 0; i < f->rows; i++) {
        struct link l = link_get(f->payload + (size_t)i * LINK_BYTES);
        if (!link_valid(s, &l))
            return taking_bad(s, e, "a link names a string or stack that was not sent");
        s->links[s->nlinks++] = l;
    }
    return 0;
}

static void add_meta(struct stream *s, const struct frame *f)
{
    size_t at = 0;
    for (uint32_t i = 0; i < f->rows; i++) {
        struct slice key, value;
        frame_meta(f, &at, &key, &value);
        parts_set(&s->parts, f->part, key, value);
    }
}

static void add_keys(struct stream *s, const struct frame *f)
{
    size_t at = 0;
    for (uint32_t i = 0; i < f->rows; i++)
        strtab_intern(&s->keys, frame_string(f, i, &at));
}

/* The rows of totals point into memory of their own, for the sink to look at in end(). */
static int set_totals(struct stream *s, const struct frame *f, struct err *e)
{
    const uint8_t *p = f->payload;
    struct tally *rows = mem_zalloc(f->rows, sizeof *rows);
    free((void *)(uintptr_t)s->totals.rows);
    s->totals = (struct totals){(int)get_u32(p), get_u64(p + 8), get_u64(p + 16),
                                get_u64(p + 24), rows,           f->rows};
    for (uint32_t i = 0; i < f->rows; i++) {
        p = f->payload + TOTALS_BYTES + (size_t)i * TALLY_BYTES;
        rows[i] = (struct tally){get_u32(p), get_u32(p + 4), get_u32(p + 8), get_u64(p + 16),
                                 get_u64(p + 24)};
        if (rows[i].cat > s->strings[ROLE_WORD].n)
            return taking_bad(s, e, "a count names a word that was not sent");
    }
    return 0;
}

int stream_take(struct stream *s, const struct frame *f, struct err *e)
{
    switch (f->type) {
    case FRAME_STRINGS:
        add_strings(s, f);
        return 0;
    case FRAME_TRACKS:
        return add_tracks(s, f, e);
    case FRAME_LABELS:
        return add_labels(s, f, e);
    case FRAME_META:
        add_meta(s, f);
        return 0;
    case FRAME_KEYS:
        add_keys(s, f);
        return 0;
    case FRAME_CONTENTS:
        if (s->records > 0)
            return taking_bad(s, e, "a table of contents behind records");
        s->contents = true;
        return set_totals(s, f, e);
    case FRAME_END:
        return set_totals(s, f, e);
    case FRAME_STACKS:
        return add_stacks(s, f, e);
    case FRAME_LINKS:
        return add_links(s, f, e);
    default:
        return 0;
    }
}
