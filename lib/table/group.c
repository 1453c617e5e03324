#include "table/group.h"

#include "base/mem.h"

#include <stdlib.h>

/* ids: name and track in one number, 0 for the one that no key follows from; both are below 2^31,
 * so bit 63 is free to tell host names from GPU names. */
struct group_cell {
    uint64_t ids;
    uint32_t part; /* 0 unless rank is a key */
    struct values values;
};

enum { NAME_SHIFT = 32, HOST_SHIFT = 63 };
enum verdict { NOT_ASKED, WANTED, UNWANTED };

/* Cells ---------------------------------------------------------------------------------------- */

static size_t slot_of(const struct group_cells *c, uint64_t ids, uint32_t part)
{
    return (size_t)((ids + part) * 0x9E3779B97F4A7C15u >> 32) & (c->nslots - 1);
}

static void fill_slot(struct group_cells *c, uint32_t at)
{
    size_t i = slot_of(c, c->at[at].ids, c->at[at].part);
    while (c->slots[i])
        i = (i + 1) & (c->nslots - 1);
    c->slots[i] = at + 1;
}

static void grow_slots(struct group_cells *c)
{
    c->nslots = c->nslots ? c->nslots * 2 : 256;
    free(c->slots);
    c->slots = mem_zalloc(c->nslots, sizeof *c->slots);
    for (uint32_t at = 0; at < c->n; at++)
        fill_slot(c, at);
}

static struct values *add_cell(struct group_cells *c, uint64_t ids, uint32_t part)
{
    if ((size_t)c->n * 2 >= c->nslots)
        grow_slots(c);
    c->at = mem_grow(c->at, &c->cap, (size_t)c->n + 1, sizeof *c->at);
    c->at[c->n] = (struct group_cell){.ids = ids, .part = part};
    fill_slot(c, c->n);
    return &c->at[c->n++].values;
}

static inline struct values *find_cell(struct group_cells *c, uint64_t ids, uint32_t part)
{
    if (c->n == 0)
        return add_cell(c, ids, part);
    size_t i = slot_of(c, ids, part);
    for (uint32_t at; (at = c->slots[i]); i = (i + 1) & (c->nslots - 1))
        if (c->at[at - 1].ids == ids && c->at[at - 1].part == part)
            return &c->at[at - 1].values;
    return add_cell(c, ids, part);
}

static void cells_free(struct group_cells *c)
{
    for (uint32_t at = 0; at < c->n; at++)
        values_free(&c->at[at].values);
    free(c->at);
    free(c->slots);
    *c = (struct group_cells){0};
}

static void *grow_zeroed(void *p, size_t *cap, size_t need, size_t size)
{
    size_t before = *cap;
    uint8_t *grown = mem_grow(p, cap, need, size);
    if (*cap > before)
        memset(grown + before * size, 0, (*cap - before) * size);
    return grown;
}

static enum verdict ask(struct grouping *g, const struct stream *s, uint32_t track)
{
    return g->verdicts[track] = g->wants(g->ctx, s, &s->tracks[track - 1]) ? WANTED : UNWANTED;
}

void group_records(struct grouping *g, const struct stream *s, const struct batch *b)
{
    bool host = kind_role(b->kind) == ROLE_HOST;
    /* No label follows from a host name, so only the key `name` tells them apart. */
    bool by_name = host ? g->keys.host_name : g->keys.name;
    uint64_t role = (uint64_t)host << HOST_SHIFT;
    uint32_t name_mask = by_name ? UINT32_MAX : 0, track_mask = g->keys.track ? UINT32_MAX : 0;
    uint32_t part = g->keys.rank ? b->part : 0;
    g->verdicts = grow_zeroed(g->verdicts, &g->verdicts_cap, (size_t)s->ntracks + 1, 1);
    for (uint32_t i = 0; i < b->n; i++) {
        const uint8_t *p = b->rows + (size_t)i * RECORD_BYTES;
        struct record r = record_get(p);
        enum verdict verdict = g->verdicts[r.track];
        if (verdict == NOT_ASKED)
            verdict = ask(g, s, r.track);
        if (verdict == UNWANTED)
            continue;
        uint64_t ids = role | (uint64_t)(r.name & name_mask) << NAME_SHIFT | (r.track & track_mask);
        values_add(find_cell(&g->cells, ids, part), (uint64_t)r.dur_ns);
    }
}

/* Texts ---------------------------------------------------------------------------------------- */

/* Several texts in one string: the length of each before it. */
static void tuple_add(struct buf *tuple, struct slice text)
{
    uint8_t n[8];
    put_u64(n, text.n);
    buf_add(tuple, n, sizeof n);
    buf_add(tuple, text.p, text.n);
}

static struct slice tuple_next(struct slice *tuple)
{
    struct slice text = slice_of(tuple->p + 8, (size_t)get_u64(tuple->p));
    *tuple = slice_of(text.p + text.n, tuple->n - 8 - text.n);
    return text;
}

static struct values *map_get(struct group_map *m, struct slice key)
{
    uint32_t id = strtab_intern(&m->keys, key);
    m->values = grow_zeroed(m->values, &m->cap, id, sizeof *m->values);
    return &m->values[id - 1];
}

static void map_free(struct group_map *m)
{
    for (uint32_t i = 0; i < m->keys.n; i++)
        values_free(&m->values[i]);
    strtab_free(&m->keys);
    free(m->values);
    *m = (struct group_map){0};
}

/* The key of a cell among the pending: its part, and the texts, with none for the rank yet. */
static void cell_key(const struct grouping *g, const struct stream *s, const struct group_cell *c,
                     struct buf *key)
{
    enum role role = c->ids >> HOST_SHIFT ? ROLE_HOST : ROLE_GPU;
    uint32_t name = (uint32_t)(c->ids >> NAME_SHIFT) & INT32_MAX, track = (uint32_t)c->ids;
    uint8_t part[4];
    key->n = 0;
    put_u32(part, c->part);
    buf_add(key, part, sizeof part);
    for (unsigned i = 0; i < g->keys.n; i++)
        tuple_add(key, g->keys.list[i] == KEY_RANK
                           ? slice_of(NULL, 0)
                           : key_text(g->keys.list[i], s, role, name, track));
}

void group_forget(struct grouping *g, const struct stream *s)
{
    struct group_cells *c = &g->cells;
    struct buf key = {0};
    for (uint32_t at = 0; at < c->n; at++) {
        cell_key(g, s, &c->at[at], &key);
        values_take(map_get(&g->pending, buf_slice(&key)), &c->at[at].values);
    }
    buf_free(&key);
    c->n = 0;
    if (c->nslots)
        memset(c->slots, 0, c->nslots * sizeof *c->slots);
    if (g->verdicts_cap)
        memset(g->verdicts, NOT_ASKED, g->verdicts_cap);
}

/* The key of a pending group among the groups of all streams: the texts, with the rank. */
static void final_key(const struct grouping *g, struct slice pending, struct slice rank,
                      struct buf *key)
{
    struct slice rest = slice_of(pending.p + 4, pending.n - 4);
    key->n = 0;
    for (unsigned i = 0; i < g->keys.n; i++) {
        struct slice text = tuple_next(&rest);
        tuple_add(key, g->keys.list[i] == KEY_RANK ? rank : text);
    }
}

void group_end(struct grouping *g, const struct stream *s)
{
    struct buf key = {0};
    char rank[256];
    size_t rank_n = 0;
    group_forget(g, s);
    for (uint32_t i = 0, before = 0; i < g->pending.keys.n; i++) {
        struct slice pending = strtab_get(&g->pending.keys, i + 1);
        uint32_t part = get_u32(pending.p);
        if (i == 0 || part != before) /* parts come one after the other, mostly */
            rank_n = parts_rank(&s->parts, part, rank, sizeof rank);
        before = part;
        final_key(g, pending, slice_of(rank, rank_n), &key);
        values_take(map_get(&g->groups, buf_slice(&key)), &g->pending.values[i]);
    }
    buf_free(&key);
    map_free(&g->pending);
    cells_free(&g->cells);
}

void group_texts(const struct grouping *g, uint32_t i, struct slice texts[KEYS])
{
    struct slice tuple = strtab_get(&g->groups.keys, i + 1);
    for (unsigned k = 0; k < g->keys.n; k++)
        texts[k] = tuple_next(&tuple);
}

void group_free(struct grouping *g)
{
    cells_free(&g->cells);
    free(g->verdicts);
    map_free(&g->pending);
    map_free(&g->groups);
}
