#include "trace/partners.h"

#include "base/mem.h"

#include <stdlib.h>

static bool external_id(const struct batch *b, uint32_t row, uint64_t *id)
{
    const struct frame *column = &b->columns[COLUMN_EXTERNAL_ID];
    return column->rows && frame_number(column, row, id) && *id != 0;
}

static struct partners_part *part_at(struct partners *p, uint32_t part)
{
    p->parts = mem_grow_zeroed(p->parts, &p->nparts, (size_t)part + 1, sizeof *p->parts);
    return &p->parts[part];
}

void partners_add(struct partners *p, const struct stream *s, const struct batch *b, uint32_t row,
                  const struct record *r)
{
    struct partners_part *part = part_at(p, b->part);
    uint64_t id;
    if (s->tracks[r->track - 1].flags & TRACK_CORRELATION)
        ids_add(&part->correlations, r->correlation);
    else if (external_id(b, row, &id))
        ids_add(&part->external_ids, id);
}

void partners_settle(struct partners *p)
{
    for (size_t i = 0; i < p->nparts; i++) {
        ids_settle(&p->parts[i].correlations);
        ids_settle(&p->parts[i].external_ids);
    }
}

bool partners_has(const struct partners *p, const struct stream *s, const struct batch *b,
                  uint32_t row, const struct record *r)
{
    const struct track *t = &s->tracks[r->track - 1];
    uint64_t id;
    if (b->part >= p->nparts || !(b->kind == KIND_RUNTIME || b->kind == KIND_FLOW))
        return false;
    const struct partners_part *part = &p->parts[b->part];
    if (b->kind == KIND_FLOW && !slice_is(stream_word(s, t->cat), "ac2g"))
        return false;
    if (t->flags & TRACK_CORRELATION && ids_has(&part->correlations, r->correlation))
        return true;
    return b->kind == KIND_RUNTIME && external_id(b, row, &id) && ids_has(&part->external_ids, id);
}

void partners_free(struct partners *p)
{
    for (size_t i = 0; i < p->nparts; i++) {
        ids_free(&p->parts[i].correlations);
        ids_free(&p->parts[i].external_ids);
    }
    free(p->parts);
    *p = (struct partners){0};
}
