#include "trace/index_check.h"

#include "base/mem.h"
#include "trace/source.h"

#include <stdlib.h>

struct check {
    struct index *ix;
    struct strtab counted; /* kind and category of each row of the contents */
    uint64_t *events;      /* of each, as they come */
    uint32_t *rows;        /* row of each track, from 1; 0: not known yet */
    uint8_t *starts;       /* by track - 1: its records have a start */
};

static int wrong(const struct check *c, struct err *e, const char *what)
{
    return err_set(e, ST_FAILED, "%s: damaged: %s", c->ix->path, what);
}

/* Contents ------------------------------------------------------------------------------------- */

static uint32_t row_of(struct check *c, uint32_t kind, uint32_t cat, bool make)
{
    uint8_t key[8];
    put_u32(key, kind);
    put_u32(key + 4, cat);
    struct slice s = slice_of(key, sizeof key);
    return make ? strtab_intern(&c->counted, s) : strtab_find(&c->counted, s);
}

static int take_contents(struct check *c, struct err *e)
{
    const struct totals *t = &c->ix->s.totals;
    uint64_t lost = 0;
    for (uint32_t i = 0; i < t->nrows; i++) {
        if (row_of(c, t->rows[i].kind, t->rows[i].cat, true) != i + 1)
            return wrong(c, e, "two counts of one category");
        lost += t->rows[i].lost;
    }
    bool incomplete = lost > 0 || c->ix->head.structural;
    if (lost != t->lost || (t->status == ST_INCOMPLETE) != incomplete)
        return wrong(c, e, "status and losses do not agree");
    return 0;
}

static void make_room(struct check *c)
{
    const struct stream *s = &c->ix->s;
    c->events = mem_zalloc((size_t)s->totals.nrows + 1, sizeof *c->events);
    c->rows = mem_zalloc((size_t)s->ntracks + 1, sizeof *c->rows);
    c->starts = mem_zalloc(s->ntracks, 1);
    for (uint32_t i = 0; i < s->ntracks; i++)
        c->starts[i] = !(s->tracks[i].flags & TRACK_NO_START);
}

static int check_contents(const struct check *c, struct err *e)
{
    const struct totals *t = &c->ix->s.totals;
    for (uint32_t i = 0; i < t->nrows; i++)
        if (c->events[i + 1] != t->rows[i].events)
            return wrong(c, e, "other records than were counted");
    return 0;
}

/* Places --------------------------------------------------------------------------------------- */

/* Head, extents and tail lie behind each other. */
static int check_places(const struct check *c, struct err *e)
{
    const struct index *ix = c->ix;
    struct buf head = {0};
    index_head_put(&head, &ix->head);
    uint64_t at = head.n;
    buf_free(&head);
    for (uint32_t i = 0; i < ix->nextents; i++) {
        if (ix->extents[i].off_bytes != at)
            return wrong(c, e, "bytes that belong to nothing");
        at += ix->extents[i].bytes;
    }
    return at == ix->head.tail_off ? 0 : wrong(c, e, "bytes that belong to nothing");
}

/* Records -------------------------------------------------------------------------------------- */

static uint32_t row_of_track(struct check *c, unsigned kind, uint32_t id)
{
    const struct stream *s = &c->ix->s;
    const struct track *t = &s->tracks[id - 1];
    if (c->rows[id] == 0 && kind == kind_of(stream_word(s, t->ph), stream_word(s, t->cat)))
        c->rows[id] = row_of(c, kind, t->cat, false);
    return c->rows[id];
}

static int count(struct check *c, const struct batch *b, struct err *e)
{
    for (uint32_t i = 0; i < b->n; i++) {
        uint32_t track = get_u32(b->rows + (size_t)i * RECORD_BYTES + 28);
        uint32_t row = row_of_track(c, b->kind, track);
        if (row == 0 || c->ix->s.totals.rows[row - 1].kind != b->kind)
            return wrong(c, e, "a record of another kind than its track");
        c->events[row]++;
    }
    return 0;
}

static int check_times(const struct check *c, const struct extent *x, const struct batch *b,
                       struct err *e)
{
    struct extent times;
    extent_times(&times, b->rows, b->n, c->starts);
    if (times.first_ns == x->first_ns && times.last_ns == x->last_ns)
        return 0;
    return wrong(c, e, "records of other times than noted");
}

static int check_extents(struct check *c, struct err *e)
{
    struct batch b;
    index_rewind(c->ix);
    for (uint32_t i = 0; i < c->ix->nextents; i++)
        if (index_extent(c->ix, i, &b, e) < 0 || count(c, &b, e) < 0 ||
            check_times(c, &c->ix->extents[i], &b, e) < 0)
            return -1;
    index_rewind(c->ix);
    return 0;
}

int index_check(struct index *ix, struct err *e)
{
    struct check c = {.ix = ix};
    make_room(&c);
    int rc = take_contents(&c, e);
    if (rc == 0)
        rc = check_places(&c, e);
    if (rc == 0)
        rc = check_extents(&c, e);
    if (rc == 0)
        rc = check_contents(&c, e);
    strtab_free(&c.counted);
    free(c.events);
    free(c.rows);
    free(c.starts);
    return rc;
}
