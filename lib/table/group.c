#include "table/group.h"

#include "base/mem.h"
#include "trace/rules.h"

#include <stdlib.h>

/* Each id is 0 where no key follows from it.
 * ids: name and track in one number; both are below 2^31, so bit 63 is free to tell host names from
 *      GPU names, and bit 31 records of profiles from others
 * place: the part, which also tells instances apart, and what the link says */
struct group_cell {
    uint64_t ids, place;
    struct values values;
    uint64_t calls;
};

enum { NAME_SHIFT = 32, HOST_SHIFT = 63, PROFILE_SHIFT = 31, SAYING_SHIFT = 32 };
enum verdict { NOT_ASKED, WANTED, UNWANTED };

/* Cells ---------------------------------------------------------------------------------------- */

static size_t slot_of(const struct group_cells *c, uint64_t ids, uint64_t place)
{
    uint64_t h = ids ^ place * 0xD6E8FEB86659FD93u;
    return (size_t)(h * 0x9E3779B97F4A7C15u >> 32) & (c->nslots - 1);
}

static void fill_slot(struct group_cells *c, uint32_t at)
{
    size_t i = slot_of(c, c->at[at].ids, c->at[at].place);
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

static struct group_cell *add_cell(struct group_cells *c, uint64_t ids, uint64_t place)
{
    if ((size_t)c->n * 2 >= c->nslots)
        grow_slots(c);
    c->at = mem_grow(c->at, &c->cap, (size_t)c->n + 1, sizeof *c->at);
    c->at[c->n] = (struct group_cell){.ids = ids, .place = place};
    fill_slot(c, c->n);
    return &c->at[c->n++];
}

static inline struct group_cell *find_cell(struct group_cells *c, uint64_t ids, uint64_t place)
{
    if (c->n == 0)
        return add_cell(c, ids, place);
    size_t i = slot_of(c, ids, place);
    for (uint32_t at; (at = c->slots[i]); i = (i + 1) & (c->nslots - 1))
        if (c->at[at - 1].ids == ids && c->at[at - 1].place == place)
            return &c->at[at - 1];
    return add_cell(c, ids, place);
}

static void cells_free(struct group_cells *c)
{
    for (uint32_t at = 0; at < c->n; at++)
        values_free(&c->at[at].values);
    for (size_t at = 0; at < c->spans_cap; at++)
        spans_free(&c->spans[at]);
    free(c->spans);
    free(c->at);
    free(c->slots);
    *c = (struct group_cells){0};
}

/* Records -------------------------------------------------------------------------------------- */

static enum verdict ask(struct grouping *g, const struct stream *s, uint32_t track)
{
    return g->verdicts[track] = g->wants(g->ctx, s, &s->tracks[track - 1]) ? WANTED : UNWANTED;
}

static inline bool is_wanted(struct grouping *g, const struct stream *s, uint32_t track)
{
    enum verdict verdict = g->verdicts[track];
    return (verdict == NOT_ASKED ? ask(g, s, track) : verdict) == WANTED;
}

/* What of the records of a batch tells their cells. */
struct telling {
    uint64_t role;
    uint32_t name_mask, track_mask, part;
    bool host;
};

static struct telling telling_of(const struct grouping *g, const struct batch *b)
{
    bool host = kind_role(b->kind) == ROLE_HOST;
    /* No label follows from a host name, so only the key `name` tells them apart. */
    bool by_name = host ? g->keys.host_name : g->keys.name;
    return (struct telling){.role = (uint64_t)host << HOST_SHIFT,
                            .name_mask = by_name ? UINT32_MAX : 0,
                            .track_mask = g->keys.track ? UINT32_MAX : 0,
                            .part = g->keys.rank || g->unite ? b->part : 0,
                            .host = host};
}

static inline uint64_t ids_of(const struct telling *t, const struct record *r)
{
    return t->role | (uint64_t)(r->name & t->name_mask) << NAME_SHIFT | (r->track & t->track_mask);
}

static inline struct record row_of(const struct batch *b, uint32_t i)
{
    return record_get(b->rows + (size_t)i * RECORD_BYTES);
}

static void add_plain(struct grouping *g, const struct stream *s, const struct batch *b)
{
    const struct telling t = telling_of(g, b);
    for (uint32_t i = 0; i < b->n; i++) {
        struct record r = row_of(b, i);
        if (is_wanted(g, s, r.track))
            values_add(&find_cell(&g->cells, ids_of(&t, &r), t.part)->values, (uint64_t)r.dur_ns);
    }
}

/* Adds to the spans of a cell, or to its values what has no instance. */
static void add_span(struct grouping *g, struct group_cell *cell, const struct batch *b,
                     uint32_t row, const struct record *r)
{
    struct group_cells *c = &g->cells;
    size_t at = (size_t)(cell - c->at);
    struct span span = {.start_ns = r->start_ns, .dur_ns = r->dur_ns};
    const struct frame *f = &b->columns[COLUMN_INSTANCE];
    if (!f->rows || !frame_number(f, row, &span.instance)) {
        values_add(&cell->values, (uint64_t)r->dur_ns);
        return;
    }
    c->spans = mem_grow_zeroed(c->spans, &c->spans_cap, at + 1, sizeof *c->spans);
    spans_add(&c->spans[at], &span);
}

static bool is_traced(const struct link *link)
{
    return link && link->flags & LINK_TRACELENS;
}

static void add_linked(struct grouping *g, const struct stream *s, const struct batch *b)
{
    const struct telling t = telling_of(g, b);
    if (g->keys.link)
        links_ready(&g->links, &g->keys, s);
    for (uint32_t i = 0; i < b->n; i++) {
        struct record r = row_of(b, i);
        const struct link *link = t.host ? NULL : stream_link(s, b, i);
        if (!is_wanted(g, s, r.track) || (g->linked_only && !is_traced(link)))
            continue;
        uint64_t saying = g->keys.link && !t.host ? links_saying(&g->links, s, link) : 0;
        struct group_cell *cell =
            find_cell(&g->cells, ids_of(&t, &r), t.part | saying << SAYING_SHIFT);
        if (g->unite && !t.host)
            add_span(g, cell, b, i, &r);
        else
            values_add(&cell->values, (uint64_t)r.dur_ns);
    }
}

/* A stack is one sample. */
static uint64_t calls_of(const struct batch *b, uint32_t row)
{
    const struct frame *f = &b->columns[COLUMN_CALLS];
    uint64_t calls = b->kind == KIND_STACK;
    if (f->rows)
        (void)frame_number(f, row, &calls);
    return calls;
}

static void add_calls(uint64_t *calls, uint64_t more)
{
    if (__builtin_add_overflow(*calls, more, calls))
        *calls = UINT64_MAX;
}

static void add_profile(struct grouping *g, const struct batch *b)
{
    struct telling t = telling_of(g, b);
    t.role |= (uint64_t)1 << PROFILE_SHIFT;
    t.name_mask = g->keys.name ? UINT32_MAX : 0;
    for (uint32_t i = 0; i < b->n; i++) {
        struct record r = row_of(b, i);
        struct group_cell *cell = find_cell(&g->cells, ids_of(&t, &r), t.part);
        values_add(&cell->values, (uint64_t)r.dur_ns);
        add_calls(&cell->calls, calls_of(b, i));
    }
}

void group_records(struct grouping *g, const struct stream *s, const struct batch *b)
{
    g->verdicts = mem_grow_zeroed(g->verdicts, &g->verdicts_cap, (size_t)s->ntracks + 1, 1);
    if (KIND_BIT(b->kind) & KINDS_PROFILE)
        add_profile(g, b);
    else if (g->keys.link || g->linked_only || g->unite)
        add_linked(g, s, b);
    else
        add_plain(g, s, b);
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

/* The index of a group, new if it was not there. */
static uint32_t map_get(struct group_map *m, struct slice key)
{
    uint32_t id = strtab_intern(&m->keys, key);
    m->values = mem_grow_zeroed(m->values, &m->cap, id, sizeof *m->values);
    m->calls = mem_grow_zeroed(m->calls, &m->calls_cap, id, sizeof *m->calls);
    return id - 1;
}

static void map_free(struct group_map *m)
{
    for (uint32_t i = 0; i < m->keys.n; i++)
        values_free(&m->values[i]);
    for (size_t i = 0; i < m->spans_cap; i++)
        spans_free(&m->spans[i]);
    strtab_free(&m->keys);
    free(m->values);
    free(m->calls);
    free(m->spans);
    *m = (struct group_map){0};
}

/* A label of a function. */
static struct slice ruled_text(const struct grouping *g, enum key key, struct slice name)
{
    struct slice op, category, library;
    rules_label(g->rules, name, &op, &category, &library);
    return key == KEY_OP ? op : key == KEY_CATEGORY ? category : library;
}

static struct slice text_of_ids(const struct grouping *g, const struct stream *s, uint64_t ids,
                                enum key key)
{
    enum role role = ids >> HOST_SHIFT ? ROLE_HOST : ROLE_GPU;
    uint32_t name = (uint32_t)(ids >> NAME_SHIFT) & INT32_MAX, track = (uint32_t)ids & INT32_MAX;
    if (g->rules && ids >> PROFILE_SHIFT & 1 && key <= KEY_LIBRARY)
        return ruled_text(g, key, strtab_get(&s->strings[role], name));
    return key_text(key, s, role, name, track);
}

static void add_text(struct grouping *g, const struct stream *s, const struct group_cell *c,
                     enum key key, struct buf *tuple)
{
    uint32_t saying = (uint32_t)(c->place >> SAYING_SHIFT);
    uint8_t node[4];
    if (key == KEY_STACK) {
        put_u32(node, links_stack(&g->links, s, saying));
        tuple_add(tuple, slice_of(node, sizeof node));
    } else if (key == KEY_RANK) {
        tuple_add(tuple, slice_of(NULL, 0));
    } else {
        tuple_add(tuple, key >= KEY_CPU_OP ? links_text(&g->links, s, key, saying)
                                           : text_of_ids(g, s, c->ids, key));
    }
}

/* The key of a cell among the pending: its part, and the texts, with none for the rank yet; of a
 * stack the node. */
static void cell_key(struct grouping *g, const struct stream *s, const struct group_cell *c,
                     struct buf *key)
{
    uint8_t part[4];
    key->n = 0;
    put_u32(part, (uint32_t)c->place);
    buf_add(key, part, sizeof part);
    for (unsigned i = 0; i < g->keys.n; i++)
        add_text(g, s, c, g->keys.list[i], key);
}

static void take_spans(struct group_map *m, uint32_t i, struct spans *from)
{
    m->spans = mem_grow_zeroed(m->spans, &m->spans_cap, (size_t)i + 1, sizeof *m->spans);
    spans_take(&m->spans[i], from);
}

void group_forget(struct grouping *g, const struct stream *s)
{
    struct group_cells *c = &g->cells;
    struct buf key = {0};
    for (uint32_t at = 0; at < c->n; at++) {
        cell_key(g, s, &c->at[at], &key);
        uint32_t i = map_get(&g->pending, buf_slice(&key));
        values_take(&g->pending.values[i], &c->at[at].values);
        add_calls(&g->pending.calls[i], c->at[at].calls);
        if (at < c->spans_cap && c->spans[at].n)
            take_spans(&g->pending, i, &c->spans[at]);
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

/* Makes the values of a pending group whole, before they become those of group `to`. */
static void unite(struct grouping *g, uint32_t pending, uint32_t to)
{
    struct group_map *m = &g->pending;
    struct values *values = &m->values[pending];
    g->records = mem_grow_zeroed(g->records, &g->records_cap, (size_t)to + 1, sizeof *g->records);
    g->records[to] += values_sum(values).count;
    if (pending < m->spans_cap) {
        g->records[to] += m->spans[pending].n;
        spans_unite(&m->spans[pending], values);
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
        uint32_t to = map_get(&g->groups, buf_slice(&key));
        if (g->unite)
            unite(g, i, to);
        values_take(&g->groups.values[to], &g->pending.values[i]);
        add_calls(&g->groups.calls[to], g->pending.calls[i]);
    }
    buf_free(&key);
    map_free(&g->pending);
    cells_free(&g->cells);
    links_end(&g->links);
}

void group_texts(struct grouping *g, uint32_t i, struct slice texts[KEYS])
{
    struct slice tuple = strtab_get(&g->groups.keys, i + 1);
    for (unsigned k = 0; k < g->keys.n; k++) {
        texts[k] = tuple_next(&tuple);
        if (g->keys.list[k] == KEY_STACK) {
            g->stack.n = 0;
            links_add_stack(&g->links, get_u32(texts[k].p), &g->stack);
            texts[k] = buf_slice(&g->stack);
        }
    }
}

void group_free(struct grouping *g)
{
    cells_free(&g->cells);
    free(g->verdicts);
    map_free(&g->pending);
    map_free(&g->groups);
    links_free(&g->links);
    free(g->records);
    buf_free(&g->stack);
}
