#include "table/values.h"

#include "base/mem.h"

#include <stdlib.h>

enum {
    CHUNK_FIRST = 6, /* a chunk and what malloc adds to it fill 48 bytes */
    CHUNK_MAX = 4096,
    SORT_MAX = 256 /* so few are sorted; of more, the one wanted is searched for */
};

struct values_chunk {
    struct values_chunk *older;
    uint32_t n; /* values in use; not kept for the newest, see chunk_used */
    uint32_t cap;
    uint32_t ns[];
};

struct values_long {
    uint64_t *ns;
    size_t n, cap;
};

static size_t chunk_used(const struct values *v, const struct values_chunk *c)
{
    return c == v->newest ? (size_t)(v->at - c->ns) : c->n;
}

/* Room for half of what the chain holds already: chunks that grow by half as much again have the
 * newest at a third of the sum. */
static void add_chunk(struct values *v)
{
    uint32_t cap = v->newest ? v->newest->cap + v->newest->cap / 2 : CHUNK_FIRST;
    if (cap > CHUNK_MAX)
        cap = CHUNK_MAX;
    struct values_chunk *c = mem_alloc(sizeof *c + cap * sizeof *c->ns);
    if (v->newest)
        v->newest->n = (uint32_t)chunk_used(v, v->newest);
    *c = (struct values_chunk){.older = v->newest, .cap = cap};
    v->newest = c;
    v->at = c->ns;
    v->end = c->ns + cap;
}

static void add_long(struct values *v, uint64_t dur_ns)
{
    if (!v->longs)
        v->longs = mem_zalloc(1, sizeof *v->longs);
    struct values_long *l = v->longs;
    l->ns = mem_grow(l->ns, &l->cap, l->n + 1, sizeof *l->ns);
    l->ns[l->n++] = dur_ns;
}

void values_add_slow(struct values *v, uint64_t dur_ns)
{
    if (dur_ns > UINT32_MAX) {
        add_long(v, dur_ns);
        return;
    }
    if (v->at == v->end)
        add_chunk(v);
    *v->at++ = (uint32_t)dur_ns;
}

/* Hangs the chain of `from` behind that of v, whose newest chunk stays the one that is filled. */
static void take_chunks(struct values *v, struct values *from)
{
    struct values_chunk *oldest = from->newest;
    from->newest->n = (uint32_t)chunk_used(from, from->newest);
    while (oldest->older)
        oldest = oldest->older;
    oldest->older = v->newest->older;
    v->newest->older = from->newest;
}

void values_take(struct values *v, struct values *from)
{
    struct values_long *longs = from->longs;
    if (!v->newest) {
        v->at = from->at;
        v->end = from->end;
        v->newest = from->newest;
    } else if (from->newest) {
        take_chunks(v, from);
    }
    for (size_t i = 0; longs && i < longs->n; i++)
        add_long(v, longs->ns[i]);
    *from = (struct values){.longs = longs};
    values_free(from);
}

static size_t count_longs(const struct values *v)
{
    return v->longs ? v->longs->n : 0;
}

static void widen(struct values_sum *sum, uint64_t least_ns, uint64_t most_ns)
{
    if (least_ns < sum->min_ns)
        sum->min_ns = least_ns;
    if (most_ns > sum->max_ns)
        sum->max_ns = most_ns;
}

/* 64 and 32 bits are enough within a chunk, and several times as fast. */
static void sum_chunk(struct values_sum *sum, const uint32_t *ns, size_t n)
{
    uint64_t total_ns = 0;
    uint32_t least_ns = UINT32_MAX, most_ns = 0;
    for (size_t i = 0; i < n; i++) {
        total_ns += ns[i];
        least_ns = ns[i] < least_ns ? ns[i] : least_ns;
        most_ns = ns[i] > most_ns ? ns[i] : most_ns;
    }
    if (n)
        widen(sum, least_ns, most_ns);
    sum->count += n;
    sum->total_ns += total_ns;
}

struct values_sum values_sum(const struct values *v)
{
    struct values_sum sum = {.min_ns = UINT64_MAX};
    for (const struct values_chunk *c = v->newest; c; c = c->older)
        sum_chunk(&sum, c->ns, chunk_used(v, c));
    for (size_t i = 0; i < count_longs(v); i++) {
        widen(&sum, v->longs->ns[i], v->longs->ns[i]);
        sum.total_ns += v->longs->ns[i];
    }
    sum.count += count_longs(v);
    if (sum.count == 0)
        sum.min_ns = 0;
    return sum;
}

/* Shell's sort with the gaps of Ciura: for the short runs that come here it is twice as fast as
 * qsort with its calls. */
static void sort32(uint32_t *ns, size_t n)
{
    static const size_t gaps[] = {701, 301, 132, 57, 23, 10, 4, 1};
    for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++)
        for (size_t gap = gaps[g], i = gap; i < n; i++) {
            uint32_t v = ns[i];
            size_t at = i;
            for (; at >= gap && ns[at - gap] > v; at -= gap)
                ns[at] = ns[at - gap];
            ns[at] = v;
        }
}

static int by_ns64(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* Values from lo to hi, of which there are n; the k-th smallest of them, from 1, is wanted. */
struct range {
    uint64_t n, k;
    uint32_t lo, hi;
};

/* How many values of a range lie in each 256th of it. */
struct histogram {
    uint64_t counts[256];
    unsigned shift; /* a 256th is 2^shift wide */
};

static void count(const struct values *v, const struct range *r, struct histogram *h)
{
    unsigned bits = r->hi > r->lo ? 32 - (unsigned)__builtin_clz(r->hi - r->lo) : 0;
    memset(h->counts, 0, sizeof h->counts);
    h->shift = bits > 8 ? bits - 8 : 0;
    for (const struct values_chunk *c = v->newest; c; c = c->older)
        for (size_t i = 0, used = chunk_used(v, c); i < used; i++)
            if (c->ns[i] - r->lo <= r->hi - r->lo)
                h->counts[(c->ns[i] - r->lo) >> h->shift]++;
}

/* Cuts the range to the 256th that holds the wanted value. */
static void narrow(struct range *r, const struct histogram *h)
{
    unsigned at = 0;
    while (r->k > h->counts[at])
        r->k -= h->counts[at++];
    r->n = h->counts[at];
    r->lo += at << h->shift;
    if ((r->hi - r->lo) >> h->shift)
        r->hi = r->lo + ((1u << h->shift) - 1);
}

/* The wanted value of a range of at most SORT_MAX values. */
static uint32_t pick(const struct values *v, const struct range *r)
{
    uint32_t sorted[SORT_MAX];
    size_t n = 0;
    if (r->lo == r->hi)
        return r->lo;
    for (const struct values_chunk *c = v->newest; c; c = c->older)
        for (size_t i = 0, used = chunk_used(v, c); i < used; i++)
            if (c->ns[i] - r->lo <= r->hi - r->lo)
                sorted[n++] = c->ns[i];
    sort32(sorted, n);
    return sorted[r->k - 1];
}

/* Sorting would need a copy of all; instead the range that holds the wanted value is cut to a
 * 256th until few are left, twice or so for millions of values. The first cut is from the same
 * counts for all percentiles. */
static uint32_t find(const struct values *v, struct range r, const struct histogram *first)
{
    narrow(&r, first);
    while (r.n > SORT_MAX && r.lo < r.hi) {
        struct histogram h;
        count(v, &r, &h);
        narrow(&r, &h);
    }
    return pick(v, &r);
}

void values_percentiles(struct values *v, const struct values_sum *sum, const unsigned *p,
                        unsigned n, uint64_t *out_ns)
{
    uint64_t longs = count_longs(v);
    struct range all = {sum->count - longs, 0, (uint32_t)sum->min_ns,
                        longs ? UINT32_MAX : (uint32_t)sum->max_ns};
    struct histogram first;
    if (longs)
        qsort(v->longs->ns, longs, sizeof *v->longs->ns, by_ns64);
    if (all.n)
        count(v, &all, &first);
    for (unsigned i = 0; i < n; i++) {
        /* ceil(p * count / 100) without overflow */
        all.k = sum->count / 100 * p[i] + (sum->count % 100 * p[i] + 99) / 100;
        if (all.k > all.n)
            out_ns[i] = v->longs->ns[all.k - all.n - 1];
        else
            out_ns[i] = all.n ? find(v, all, &first) : 0;
    }
}

void values_free(struct values *v)
{
    for (struct values_chunk *c = v->newest, *older; c; c = older) {
        older = c->older;
        free(c);
    }
    if (v->longs)
        free(v->longs->ns);
    free(v->longs);
    *v = (struct values){0};
}
