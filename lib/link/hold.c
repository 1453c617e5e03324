#include "link/hold.h"

#include "base/mem.h"
#include "format/tally.h"

#include <stdlib.h>

void hold_open(struct hold *h, struct writer *w)
{
    *h = (struct hold){0};
    copy_begin(&h->copy, w);
    h->copy.apart = true;
}

/* Ids of stacks become those of the writer. */
static void rename_stacks(struct hold *h, const struct stream *s, uint8_t *payload, uint32_t rows)
{
    uint8_t *ids = payload + ((size_t)rows + 63) / 64 * 8;
    for (uint32_t i = 0; i < rows; i++, ids += 8)
        put_u64(ids, copy_stack(&h->copy, s, (uint32_t)get_u64(ids)));
}

static void keep_columns(struct hold *h, const struct stream *s, struct held_frame *f,
                         const struct batch *b)
{
    for (unsigned c = 1; c < COLUMNS; c++) {
        const struct frame *from = &b->columns[c];
        if (from->rows == 0 || c == COLUMN_LINK || c == COLUMN_INSTANCE)
            continue;
        f->columns[c] = (struct held_column){mem_dup(from->payload, from->length), from->length};
        if (c == COLUMN_STACK)
            rename_stacks(h, s, f->columns[c].payload, f->n);
    }
}

static void keep_rows(struct hold *h, const struct stream *s, const struct batch *b)
{
    struct hold_kind *k = &h->kinds[b->kind];
    enum role role = kind_role(b->kind);
    size_t bytes = (size_t)b->n * RECORD_BYTES;
    k->rows = mem_grow(k->rows, &k->cap, k->n + bytes, 1);
    memcpy(k->rows + k->n, b->rows, bytes);
    for (uint8_t *p = k->rows + k->n, *end = p + bytes; p < end; p += RECORD_BYTES) {
        put_u32(p + 24, copy_name(&h->copy, s, role, get_u32(p + 24)));
        put_u32(p + 28, copy_track(&h->copy, s, get_u32(p + 28)));
    }
    k->n += bytes;
}

int hold_records(struct hold *h, const struct stream *s, const struct batch *b, uint64_t *first,
                 struct err *e)
{
    *first = h->kinds[b->kind].n / RECORD_BYTES;
    if (b->n == 0)
        return 0;
    if (*first + b->n > HOLD_MAX)
        return err_set(e, ST_FAILED, "more than 2^30 records of kind %s; link fewer at once",
                       kind_name(b->kind));
    h->frames = mem_grow(h->frames, &h->cap, h->n + 1, sizeof *h->frames);
    h->frames[h->n] = (struct held_frame){b->part, b->kind, b->n, *first, {{0}}};
    copy_keep_up(&h->copy, s);
    keep_columns(h, s, &h->frames[h->n++], b);
    keep_rows(h, s, b);
    return 0;
}

/* Frames of one part and kind came in the order of their first records. */
static int by_part_and_kind(const void *a, const void *b)
{
    const struct held_frame *x = a, *y = b;
    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

void hold_sort(struct hold *h)
{
    if (h->n > 1)
        qsort(h->frames, h->n, sizeof *h->frames, by_part_and_kind);
}

/* The first frame that is not before those of part and kind. */
static size_t lower_bound(const struct hold *h, uint32_t part, unsigned kind)
{
    const struct held_frame want = {.part = part, .kind = kind};
    size_t low = 0, high = h->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (by_part_and_kind(&h->frames[mid], &want) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct held_frame *hold_frames(const struct hold *h, uint32_t part, unsigned kind, size_t *n)
{
    size_t from = lower_bound(h, part, kind);
    *n = lower_bound(h, part, kind + 1) - from;
    return *n ? &h->frames[from] : NULL;
}

size_t held_find(const struct held_frame *f, size_t n, uint64_t number)
{
    size_t low = 0;
    while (n - low > 1) {
        size_t mid = low + (n - low) / 2;
        if (f[mid].first <= number)
            low = mid;
        else
            n = mid;
    }
    return low;
}

bool held_number(const struct held_frame *f, unsigned column, uint32_t row, uint64_t *value)
{
    const struct held_column *c = &f->columns[column];
    const struct frame frame = {.rows = f->n, .length = c->length, .payload = c->payload};
    return c->payload && frame_number(&frame, row, value);
}

struct track hold_track(const struct hold *h, uint32_t track)
{
    return writer_track_get(h->copy.w, track);
}

struct slice hold_name(const struct hold *h, enum role role, uint32_t name)
{
    return writer_string_get(h->copy.w, role, name);
}

/* Counting ------------------------------------------------------------------------------------- */

/* The records of a part and kind that frames from i on have, by category. Returns the frame behind
 * them. of_track is all 0, before and after. */
static size_t count_frames(const struct hold *h, size_t i, struct tallies *t, uint64_t *of_track)
{
    const struct held_frame *f = &h->frames[i];
    size_t end = i;
    for (; end < h->n && h->frames[end].part == f->part && h->frames[end].kind == f->kind; end++)
        for (uint32_t row = 0; row < h->frames[end].n; row++)
            of_track[get_u32(hold_row(h, f->kind, h->frames[end].first + row) + 28)]++;
    for (; i < end; i++)
        for (uint32_t row = 0; row < h->frames[i].n; row++) {
            uint32_t track = get_u32(hold_row(h, f->kind, h->frames[i].first + row) + 28);
            if (of_track[track] == 0)
                continue;
            struct slice cat = hold_name(h, ROLE_WORD, hold_track(h, track).cat);
            size_t at = tallies_at(t, f->part, f->kind, cat); /* may move events */
            t->events[at] += of_track[track];
            of_track[track] = 0;
        }
    return end;
}

static void count_losses(struct tallies *t, const struct stream *s)
{
    for (uint32_t i = 0; i < s->totals.nrows; i++) {
        const struct tally *row = &s->totals.rows[i];
        struct slice cat = row->cat ? stream_word(s, row->cat) : slice_of(NULL, 0);
        if (row->lost) {
            size_t at = tallies_at(t, row->part, row->kind, cat);
            t->lost[at] += row->lost;
        }
    }
}

struct totals hold_totals(const struct hold *h, const struct stream *s)
{
    struct totals out = s->totals;
    struct tallies t = {.events = NULL};
    uint64_t *of_track = mem_zalloc((size_t)writer_tracks(h->copy.w) + 1, sizeof *of_track);
    out.events = 0;
    for (size_t i = 0; i < h->n; i = count_frames(h, i, &t, of_track))
        ;
    for (unsigned kind = 0; kind < KINDS; kind++)
        out.events += h->kinds[kind].n / RECORD_BYTES;
    out.skipped += s->totals.events - out.events;
    count_losses(&t, s);
    out.rows = tallies_rows(&t, h->copy.w, &out.nrows);
    tallies_free(&t);
    free(of_track);
    return out;
}

void hold_close(struct hold *h)
{
    for (size_t i = 0; i < h->n; i++)
        for (unsigned c = 0; c < COLUMNS; c++)
            free(h->frames[i].columns[c].payload);
    free(h->frames);
    for (unsigned kind = 0; kind < KINDS; kind++)
        free(h->kinds[kind].rows);
    copy_end(&h->copy);
}
