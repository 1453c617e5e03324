#include "format/frame.h"

#include <xxhash.h>

void header_put(uint8_t *p)
{
    memcpy(p, frame_magic, 8);
    put_u16(p + 8, FRAME_VERSION);
    put_u16(p + 10, 0);
    put_u32(p + 12, (uint32_t)XXH3_64bits(p, 12));
}

int header_check(const uint8_t *p, struct err *e)
{
    if (memcmp(p, frame_magic, 8) != 0)
        return err_set(e, ST_FAILED, "not a record stream");
    if (get_u32(p + 12) != (uint32_t)XXH3_64bits(p, 12))
        return err_set(e, ST_FAILED, "byte 0: damaged header");
    if (get_u16(p + 8) != FRAME_VERSION)
        return err_set(e, ST_FAILED, "record stream of version %u; this program reads version %u",
                       (unsigned)get_u16(p + 8), (unsigned)FRAME_VERSION);
    return 0;
}

void frame_put(uint8_t *head, const struct frame *f)
{
    put_u16(head, (uint16_t)f->type);
    head[2] = (uint8_t)f->sub;
    head[3] = (uint8_t)f->flags;
    put_u32(head + 4, f->part);
    put_u32(head + 8, f->rows);
    put_u32(head + 12, f->length);
    put_u64(head + 16, XXH3_64bits(f->payload ? (const void *)f->payload : "", f->length));
    put_u64(head + 24, XXH3_64bits(head, 24));
}

int frame_get(const uint8_t *head, struct frame *f, struct err *e)
{
    if (get_u64(head + 24) != XXH3_64bits(head, 24))
        return err_set(e, ST_FAILED, "damaged frame head");
    f->type = get_u16(head);
    f->sub = head[2];
    f->flags = head[3];
    f->part = get_u32(head + 4);
    f->rows = get_u32(head + 8);
    f->length = get_u32(head + 12);
    f->check = get_u64(head + 16);
    if (f->length % 8 || f->length > FRAME_LENGTH_MAX)
        return err_set(e, ST_FAILED, "impossible frame length %lu", (unsigned long)f->length);
    return 0;
}

/* The lengths of all strings add up to no more than what is there. */
static bool strings_fit(const struct frame *f)
{
    uint64_t sum = 4 * (uint64_t)f->rows;
    for (uint32_t i = 0; i < f->rows && sum <= f->length; i++)
        sum += get_u32(f->payload + 4 * (size_t)i);
    return sum <= f->length && f->length - sum < 8;
}

static bool meta_fits(const struct frame *f)
{
    uint64_t at = 0;
    for (uint32_t i = 0; i < f->rows; i++) {
        if (at + 8 > f->length)
            return false;
        uint64_t n = (uint64_t)get_u32(f->payload + at) + get_u32(f->payload + at + 4);
        at += (8 + n + 7) / 8 * 8;
    }
    return at == f->length;
}

static bool text_fits(const struct frame *f)
{
    uint64_t room = f->length - 4 * (uint64_t)f->rows, before = 0;
    for (uint32_t i = 0; i < f->rows; i++) {
        uint64_t end = get_u32(f->payload + 4 * (size_t)i);
        if (end < before || end > room)
            return false;
        before = end;
    }
    return true;
}

static bool column_fits(const struct frame *f)
{
    uint64_t rows = f->rows;
    if (!column_is_text(f->sub))
        return f->length == (rows + 63) / 64 * 8 + 8 * rows;
    return f->length >= 4 * rows && text_fits(f);
}

static bool rows_fit(const struct frame *f)
{
    uint64_t rows = f->rows;
    switch (f->type) {
    case FRAME_STRINGS:
    case FRAME_KEYS:
        return f->length >= 4 * rows && strings_fit(f);
    case FRAME_TRACKS:
        return f->length == TRACK_BYTES * rows;
    case FRAME_RECORDS:
        return f->length == RECORD_BYTES * rows;
    case FRAME_COLUMN:
        return column_fits(f);
    case FRAME_LABELS:
        return f->length == LABEL_BYTES * rows;
    case FRAME_META:
        return meta_fits(f);
    case FRAME_STACKS:
        return f->length == STACK_BYTES * rows;
    case FRAME_LINKS:
        return f->length == LINK_BYTES * rows;
    case FRAME_CONTENTS:
    case FRAME_END:
        return f->length == TOTALS_BYTES + TALLY_BYTES * rows;
    default:
        return true;
    }
}

static bool status_known(const struct frame *f)
{
    if (f->type != FRAME_CONTENTS && f->type != FRAME_END)
        return true;
    uint32_t status = get_u32(f->payload);
    return status == ST_WHOLE || status == ST_INCOMPLETE;
}

int frame_verify(const struct frame *f, struct err *e)
{
    if (XXH3_64bits(f->payload, f->length) != f->check)
        return err_set(e, ST_FAILED, "damaged payload of a frame of type %u", f->type);
    if (!rows_fit(f))
        return err_set(e, ST_FAILED, "%lu rows do not fit a frame of type %u and %lu bytes",
                       (unsigned long)f->rows, f->type, (unsigned long)f->length);
    if (!status_known(f))
        return err_set(e, ST_FAILED, "impossible status in an end mark");
    return 0;
}

struct slice frame_string(const struct frame *f, uint32_t i, size_t *at)
{
    if (*at == 0)
        *at = 4 * (size_t)f->rows;
    struct slice s = slice_of(f->payload + *at, get_u32(f->payload + 4 * (size_t)i));
    *at += s.n;
    return s;
}

void frame_meta(const struct frame *f, size_t *at, struct slice *key, struct slice *value)
{
    const uint8_t *p = f->payload + *at;
    *key = slice_of(p + 8, get_u32(p));
    *value = slice_of(p + 8 + key->n, get_u32(p + 4));
    *at += (8 + key->n + value->n + 7) / 8 * 8;
}

bool frame_number(const struct frame *f, uint32_t row, uint64_t *value)
{
    size_t bits = ((size_t)f->rows + 63) / 64 * 8;
    *value = get_u64(f->payload + bits + 8 * (size_t)row);
    return f->payload[row / 8] >> row % 8 & 1;
}

struct slice frame_text(const struct frame *f, uint32_t row)
{
    const uint8_t *texts = f->payload + 4 * (size_t)f->rows;
    uint32_t begin = row ? get_u32(f->payload + 4 * ((size_t)row - 1)) : 0;
    return slice_of(texts + begin, get_u32(f->payload + 4 * (size_t)row) - begin);
}
