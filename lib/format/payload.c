#include "format/payload.h"

void payload_strings(struct buf *b, const struct strtab *t, uint32_t sent, uint32_t to)
{
    uint8_t *lengths = buf_room(b, 4 * (size_t)(to - sent));
    for (uint32_t id = sent + 1; id <= to; id++)
        put_u32(lengths + 4 * (size_t)(id - sent - 1), (uint32_t)(t->ends[id] - t->ends[id - 1]));
    b->n += 4 * (size_t)(to - sent);
    buf_add(b, t->bytes.p + t->ends[sent], (size_t)(t->ends[to] - t->ends[sent]));
    buf_pad8(b);
}

void payload_meta(struct buf *b, struct slice key, struct slice json)
{
    uint8_t *p = buf_room(b, 8);
    put_u32(p, (uint32_t)key.n);
    put_u32(p + 4, (uint32_t)json.n);
    b->n += 8;
    buf_add(b, key.p, key.n);
    buf_add(b, json.p, json.n);
    buf_pad8(b);
}

void payload_totals(struct buf *b, const struct totals *t)
{
    uint8_t *p = buf_room(b, TOTALS_BYTES);
    put_u32(p, (uint32_t)t->status);
    put_u32(p + 4, 0);
    put_u64(p + 8, t->events);
    put_u64(p + 16, t->lost);
    put_u64(p + 24, t->skipped);
    b->n += TOTALS_BYTES;
    for (uint32_t i = 0; i < t->nrows; i++, b->n += TALLY_BYTES) {
        p = buf_room(b, TALLY_BYTES);
        put_u32(p, t->rows[i].part);
        put_u32(p + 4, t->rows[i].kind);
        put_u32(p + 8, t->rows[i].cat);
        put_u32(p + 12, 0);
        put_u64(p + 16, t->rows[i].events);
        put_u64(p + 24, t->rows[i].lost);
    }
}
