#include "format/parts.h"

#include "base/mem.h"

#include <stdlib.h>

static struct slice copy(struct slice s)
{
    return slice_of(mem_dup(s.p, s.n), s.n);
}

static void make_key(struct buf *out, uint32_t part, struct slice key)
{
    put_u32(buf_room(out, 4), part);
    out->n = 4;
    buf_add(out, key.p, key.n);
}

void parts_set(struct parts *p, uint32_t part, struct slice key, struct slice json)
{
    struct buf both = {0};
    make_key(&both, part, key);
    uint32_t id = strtab_intern(&p->keys, buf_slice(&both));
    buf_free(&both);
    if (id <= p->n) {
        free((void *)(uintptr_t)p->rows[id - 1].json.p);
        p->rows[id - 1].json = copy(json);
        return;
    }
    p->rows = mem_grow(p->rows, &p->cap, p->n + 1, sizeof *p->rows);
    p->rows[p->n++] = (struct meta){part, copy(key), copy(json)};
}

struct slice parts_get(const struct parts *p, uint32_t part, const char *key)
{
    struct buf both = {0};
    make_key(&both, part, slice_str(key));
    uint32_t id = strtab_find(&p->keys, buf_slice(&both));
    buf_free(&both);
    return id ? p->rows[id - 1].json : slice_of(NULL, 0);
}

/* The rank as written, without quotes. */
static struct slice rank_text(const struct parts *p, uint32_t part)
{
    struct slice s = parts_get(p, part, "rank");
    if (s.n >= 2 && s.p[0] == '"')
        return slice_of(s.p + 1, s.n - 2);
    return s;
}

static size_t say_rank(struct slice rank, uint32_t part, unsigned long same, char *out, size_t size)
{
    if (rank.n == 0)
        return (size_t)snprintf(out, size, "%lu", (unsigned long)part);
    if (rank.n > size - 24)
        rank.n = size - 24;
    int n = snprintf(out, size, "%.*s", (int)rank.n, (const char *)rank.p);
    if (same > 1)
        n += snprintf(out + n, size - (size_t)n, "#%lu", same);
    return (size_t)n;
}

size_t parts_rank(const struct parts *p, uint32_t part, char *out, size_t size)
{
    struct slice rank = rank_text(p, part);
    unsigned long same = 1;
    for (uint32_t other = 0; rank.n > 0 && other < part; other++)
        same += slice_eq(rank_text(p, other), rank);
    return say_rank(rank, part, same, out, size);
}

void parts_ranks(const struct parts *p, uint32_t n, struct strtab *out)
{
    enum { RANK_MAX = 64 };
    char text[RANK_MAX];
    struct strtab ranks = {0};
    uint32_t *same = mem_zalloc((size_t)n + 1, sizeof *same);
    for (uint32_t part = 0; part < n; part++) {
        struct slice rank = rank_text(p, part);
        uint32_t id = rank.n ? strtab_intern(&ranks, rank) : 0;
        same[id]++;
        strtab_add(out, slice_of(text, say_rank(rank, part, same[id], text, sizeof text)));
    }
    strtab_free(&ranks);
    free(same);
}

void parts_free(struct parts *p)
{
    for (size_t i = 0; i < p->n; i++) {
        free((void *)(uintptr_t)p->rows[i].key.p);
        free((void *)(uintptr_t)p->rows[i].json.p);
    }
    free(p->rows);
    strtab_free(&p->keys);
    *p = (struct parts){0};
}
