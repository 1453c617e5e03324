#include "format/index_head.h"

#include "base/mem.h"
#include "format/frame.h"

#include <xxhash.h>

static const uint8_t index_magic[8] = {0x93, 't', 'r', 'i', 0x0D, 0x0A, 0x1A, 0x0A};

enum { INDEX_VERSION = 1, FLAG_WHOLE = 1, FLAG_STRUCTURAL = 2 };

static void put_identity(uint8_t *p, const struct identity *id)
{
    put_u64(p, id->dev);
    put_u64(p + 8, id->ino);
    put_u64(p + 16, id->size);
    put_i64(p + 24, id->mtime_ns);
    put_i64(p + 32, id->ctime_ns);
    memcpy(p + 40, id->samples, IDENTITY_HASH);
}

static void get_identity(const uint8_t *p, struct identity *id)
{
    *id = (struct identity){.dev = get_u64(p),
                            .ino = get_u64(p + 8),
                            .size = get_u64(p + 16),
                            .mtime_ns = get_i64(p + 24),
                            .ctime_ns = get_i64(p + 32)};
    memcpy(id->samples, p + 40, IDENTITY_HASH);
}

static void put_header(uint8_t *p)
{
    memcpy(p, index_magic, sizeof index_magic);
    put_u32(p + 8, INDEX_VERSION);
    put_u32(p + 12, (uint32_t)XXH3_64bits(p, 12));
}

void index_head_put(struct buf *b, const struct index_head *head)
{
    struct buf payload = {0};
    uint8_t *p = buf_room(&payload, INDEX_HEAD_BYTES);
    size_t n = strlen(head->trace);
    put_u64(p, head->reader);
    put_u64(p + 8, head->bytes);
    put_u64(p + 16, head->tail_off);
    put_identity(p + 24, &head->id);
    memcpy(p + 80, head->whole, IDENTITY_HASH);
    put_i64(p + 96, head->seen_ns);
    put_u32(p + 104,
            (head->has_whole ? FLAG_WHOLE : 0u) | (head->structural ? FLAG_STRUCTURAL : 0u));
    put_u32(p + 108, (uint32_t)n);
    payload.n = INDEX_HEAD_BYTES;
    buf_add(&payload, head->trace, n);
    buf_pad8(&payload);
    p = buf_room(b, HEADER_BYTES + HEAD_BYTES);
    put_header(p);
    frame_put(p + HEADER_BYTES, &(struct frame){.type = INDEX_HEAD,
                                                .rows = 1,
                                                .length = (uint32_t)payload.n,
                                                .payload = payload.p});
    b->n += HEADER_BYTES + HEAD_BYTES;
    buf_add(b, payload.p, payload.n);
    buf_free(&payload);
}

static int head_payload(struct index_head *head, const struct frame *f, struct err *e)
{
    const uint8_t *p = f->payload;
    uint32_t flags = get_u32(p + 104), n = get_u32(p + 108);
    if (n > INDEX_TRACE_MAX || n > f->length - INDEX_HEAD_BYTES)
        return err_set(e, ST_FAILED, "damaged");
    *head = (struct index_head){.reader = get_u64(p),
                                .bytes = get_u64(p + 8),
                                .tail_off = get_u64(p + 16),
                                .seen_ns = get_i64(p + 96),
                                .has_whole = flags & FLAG_WHOLE,
                                .structural = flags & FLAG_STRUCTURAL,
                                .trace = mem_dup(p + INDEX_HEAD_BYTES, n)};
    get_identity(p + 24, &head->id);
    memcpy(head->whole, p + 80, IDENTITY_HASH);
    return 0;
}

bool index_head_is(const uint8_t *p, size_t n)
{
    return n >= sizeof index_magic && memcmp(p, index_magic, sizeof index_magic) == 0;
}

int index_head_get(struct index_head *head, const uint8_t *p, size_t n, struct err *e)
{
    struct frame f;
    if (n < HEADER_BYTES + HEAD_BYTES || !index_head_is(p, n))
        return err_set(e, ST_FAILED, "no index of trs");
    if (get_u32(p + 12) != (uint32_t)XXH3_64bits(p, 12))
        return err_set(e, ST_FAILED, "damaged");
    if (get_u32(p + 8) != INDEX_VERSION)
        return err_set(e, ST_FAILED, "an index of version %lu", (unsigned long)get_u32(p + 8));
    if (frame_get(p + HEADER_BYTES, &f, e) < 0)
        return -1;
    if (f.type != INDEX_HEAD || f.length < INDEX_HEAD_BYTES ||
        f.length > n - HEADER_BYTES - HEAD_BYTES)
        return err_set(e, ST_FAILED, "damaged");
    f.payload = p + HEADER_BYTES + HEAD_BYTES;
    return frame_verify(&f, e) < 0 ? -1 : head_payload(head, &f, e);
}
