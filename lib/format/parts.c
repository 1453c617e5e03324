#include "format/parts.h"

#include "base/mem.h"

#include <stdlib.h>

static struct slice copy(struct slice s)
{
    return slice_of(mem_dup(s.p, s.n), s.n);
}

static struct meta *find(const struct parts *p, uint32_t part, struct slice key)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->rows[i].part == part && slice_eq(p->rows[i].key, key))
            return &p->rows[i];
    return NULL;
}

void parts_set(struct parts *p, uint32_t part, struct slice key, struct slice json)
{
    struct meta *row = find(p, part, key);
    if (row) {
        free((void *)(uintptr_t)row->json.p);
        row->json = copy(json);
        return;
    }
    p->rows = mem_grow(p->rows, &p->cap, p->n + 1, sizeof *p->rows);
    p->rows[p->n++] = (struct meta){part, copy(key), copy(json)};
}

struct slice parts_get(const struct parts *p, uint32_t part, const char *key)
{
    struct meta *row = find(p, part, slice_str(key));
    return row ? row->json : slice_of(NULL, 0);
}

/* The rank as written, without quotes. */
static struct slice rank_text(const struct parts *p, uint32_t part)
{
    struct slice s = parts_get(p, part, "rank");
    if (s.n >= 2 && s.p[0] == '"')
        return slice_of(s.p + 1, s.n - 2);
    return s;
}

size_t parts_rank(const struct parts *p, uint32_t part, char *out, size_t size)
{
    struct slice rank = rank_text(p, part);
    unsigned long same = 1;
    int n;
    if (rank.n == 0) {
        n = snprintf(out, size, "%lu", (unsigned long)part);
        return (size_t)n;
    }
    for (uint32_t other = 0; other < part; other++)
        same += slice_eq(rank_text(p, other), rank);
    if (rank.n > size - 24)
        rank.n = size - 24;
    n = snprintf(out, size, "%.*s", (int)rank.n, (const char *)rank.p);
    if (same > 1)
        n += snprintf(out + n, size - (size_t)n, "#%lu", same);
    return (size_t)n;
}

void parts_free(struct parts *p)
{
    for (size_t i = 0; i < p->n; i++) {
        free((void *)(uintptr_t)p->rows[i].key.p);
        free((void *)(uintptr_t)p->rows[i].json.p);
    }
    free(p->rows);
    *p = (struct parts){0};
}
