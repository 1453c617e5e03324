#include "trace/replay.h"

#include "base/mem.h"

#include <stdlib.h>

static struct slice word(const struct replay *r, uint32_t id)
{
    return id ? stream_word(&r->ix->s, id) : slice_of(NULL, 0);
}

/* The counts are there for every category; which of them are wanted says which kinds are read. */
static unsigned kinds_wanted(const struct replay *r)
{
    const struct totals *t = &r->ix->s.totals;
    unsigned kinds = 0;
    for (uint32_t i = 0; i < t->nrows; i++)
        if (t->rows[i].events && kinds_have(KINDS_ALL, t->rows[i].kind) &&
            selection_has(r->s->select, t->rows[i].kind, word(r, t->rows[i].cat)))
            kinds |= KIND_BIT(t->rows[i].kind);
    return kinds;
}

static uint8_t *kinds_of_tracks(const struct replay *r)
{
    const struct stream *s = &r->ix->s;
    uint8_t *kinds = mem_zalloc((size_t)s->ntracks + 1, 1);
    for (uint32_t id = 1; id <= s->ntracks; id++) {
        const struct track *t = &s->tracks[id - 1];
        kinds[id] = (uint8_t)kind_of(word(r, t->ph), word(r, t->cat));
    }
    return kinds;
}

/* Within a kind some categories may be wanted and others not. */
static uint8_t *tracks_wanted(const struct replay *r)
{
    const struct stream *s = &r->ix->s;
    if (r->s->select->cats.n == 0)
        return NULL;
    uint8_t *wanted = mem_zalloc((size_t)s->ntracks + 1, 1);
    for (uint32_t id = 1; id <= s->ntracks; id++)
        wanted[id] =
            selection_has(r->s->select, r->track_kinds[id], word(r, s->tracks[id - 1].cat));
    return wanted;
}

void replay_begin(struct replay *r, struct source *s, struct index *ix)
{
    *r = (struct replay){.s = s, .ix = ix};
    r->kinds = kinds_wanted(r);
    r->track_kinds = kinds_of_tracks(r);
    r->selected = tracks_wanted(r);
    copy_begin(&r->copy, s->w);
}

/* Proving -------------------------------------------------------------------------------------- */

static bool wants(const struct replay *r, uint32_t track)
{
    return !r->selected || r->selected[track];
}

static void note_name(struct replay *r, const struct batch *b, uint32_t name)
{
    uint32_t *id = &r->copy.names[ROLE_GPU].ids[name];
    if (name && b->kind <= KIND_MEMSET && *id == 0)
        *id = COPY_NOTED;
}

static int note_used(struct replay *r, const struct batch *b, struct err *e)
{
    copy_keep_up(&r->copy, &r->ix->s);
    for (uint32_t i = 0; i < b->n; i++) {
        const uint8_t *p = b->rows + (size_t)i * RECORD_BYTES;
        uint32_t name = get_u32(p + 24), track = get_u32(p + 28), *id = &r->copy.tracks.ids[track];
        if (r->track_kinds[track] != b->kind) /* the two have to agree */
            return err_set(e, ST_FAILED, "records of another kind than their track");
        if (*id == 0)
            *id = COPY_NOTED;
        if (wants(r, track))
            note_name(r, b, name);
    }
    return 0;
}

static bool concerns(const struct extent *x, unsigned kinds)
{
    /* Host names are for all kinds but those of the GPU. */
    return x->kind ? KIND_BIT(x->kind) & kinds : kinds & ~(unsigned)KINDS_GPU;
}

int replay_prove(struct replay *r, unsigned kinds, struct err *e)
{
    struct batch b;
    kinds &= r->kinds;
    index_rewind(r->ix);
    for (uint32_t i = 0; i < r->ix->nextents && !writer_look(r->s->w); i++)
        if (concerns(&r->ix->extents[i], kinds) &&
            (index_extent(r->ix, i, &b, e) < 0 || note_used(r, &b, e) < 0))
            return -1;
    return 0;
}

/* Sending -------------------------------------------------------------------------------------- */

static void count(struct replay *r, const struct tally *t)
{
    struct source *s = r->s;
    struct slice cat = word(r, t->cat);
    if (t->kind == 0 || selection_has(s->select, t->kind, cat))
        source_count(s, t->kind, cat, t->events, t->lost);
    else
        source_pass(s, t->events);
}

static void damage(struct replay *r, const struct index_damage *d)
{
    struct source *s = r->s;
    struct slice cat = word(r, d->cat);
    char *why = mem_dup(d->why.p, d->why.n);
    if (d->structural)
        source_remember(s, DAMAGE_STRUCTURAL, d->off_bytes, why);
    else if (d->kind == 0 || selection_has(s->select, d->kind, cat))
        source_remember(s, source_tally_of(s, d->kind, cat), d->off_bytes, why);
    free(why);
}

void replay_facts(struct replay *r)
{
    const struct index *ix = r->ix;
    for (uint32_t i = 0; i < ix->s.totals.nrows; i++)
        count(r, &ix->s.totals.rows[i]);
    for (uint32_t i = 0; i < ix->ndamages; i++)
        damage(r, &ix->damages[i]);
    r->s->structural = ix->head.structural;
    for (size_t i = 0; i < ix->s.parts.n; i++) {
        const struct meta *m = &ix->s.parts.rows[i];
        if (slice_is(m->key, "rank"))
            source_rank(r->s, m->json);
        else
            writer_meta(r->s->w, r->s->part, m->key, m->json);
    }
}

void replay_names(struct replay *r)
{
    struct copy *c = &r->copy;
    const struct stream *s = &r->ix->s;
    copy_keep_up(c, s);
    for (uint32_t id = 1; id <= s->strings[ROLE_GPU].n; id++)
        if (c->names[ROLE_GPU].ids[id] == COPY_NOTED)
            copy_name_new(c, s, ROLE_GPU, id);
    for (uint32_t id = 1; id <= s->ntracks; id++)
        if (c->tracks.ids[id] == COPY_NOTED && wants(r, id))
            copy_track_new(c, s, id);
}

static void send_columns(struct replay *r, const struct batch *b, uint32_t row)
{
    uint64_t value;
    for (unsigned c = 1; c < COLUMNS; c++)
        if (b->columns[c].rows && frame_number(&b->columns[c], row, &value))
            writer_number(r->s->w, b->kind, c, value);
}

static void send_batch(struct replay *r, const struct batch *b)
{
    enum role role = kind_role(b->kind);
    for (uint32_t i = 0; i < b->n; i++) {
        struct record rec = record_get(b->rows + (size_t)i * RECORD_BYTES);
        if (!wants(r, rec.track))
            continue;
        rec.name = copy_name(&r->copy, &r->ix->s, role, rec.name);
        rec.track = copy_track(&r->copy, &r->ix->s, rec.track);
        writer_record(r->s->w, b->kind, &rec);
        send_columns(r, b, i);
    }
}

int replay_records(struct replay *r, unsigned kinds, bool announced, struct err *e)
{
    struct batch b;
    kinds &= r->kinds;
    index_rewind(r->ix);
    for (uint32_t i = 0; i < r->ix->nextents && !writer_stopped(r->s->w); i++) {
        if (!concerns(&r->ix->extents[i], kinds))
            continue;
        if (index_extent(r->ix, i, &b, e) < 0)
            return -1;
        if (!announced)
            writer_begin(r->s->w);
        copy_keep_up(&r->copy, &r->ix->s);
        send_batch(r, &b);
    }
    writer_flush(r->s->w);
    return 0;
}

void replay_end(struct replay *r)
{
    copy_end(&r->copy);
    free(r->track_kinds);
    free(r->selected);
    *r = (struct replay){0};
}
