#include "link/layers.h"

#include "base/mem.h"

#include <stdlib.h>

enum { REPEATS = 3 };

struct sequence {
    const uint32_t *ops;
    size_t n;
    const bool *heavy;
    uint64_t compares;
};

static bool same(struct sequence *s, size_t i, size_t k)
{
    s->compares++;
    return s->ops[i] == s->ops[k];
}

static bool any_heavy(const struct sequence *s, size_t i, size_t end)
{
    while (i < end && !s->heavy[s->ops[i]])
        i++;
    return i < end;
}

/* length / p, rounded half up. */
static size_t periods(size_t length, size_t p)
{
    return (2 * length + p) / (2 * p);
}

/* Runs ----------------------------------------------------------------------------------------- */

struct run {
    size_t a, b; /* the activities from a up to, not including, b */
};

struct runs {
    struct sequence *s;
    size_t p;
    size_t from; /* the next run begins here or later */
    size_t at;   /* and has its pair (at, at + p) or a later one, if there is such a run */
};

/* A run has 1.5 p equal pairs, one behind the other, or more: it is enough to try every p + p / 2
 * pairs, and to look around where the two are equal. */
static size_t stride(size_t p)
{
    return p + p / 2;
}

/* All that repeats around the equal pair at r->at. r goes behind the unequal pair that ends it. */
static struct run stretch(struct runs *r)
{
    struct sequence *s = r->s;
    size_t a = r->at, i = r->at + 1, p = r->p;
    while (a > r->from && same(s, a - 1, a - 1 + p))
        a--;
    while (i + p < s->n && same(s, i, i + p))
        i++;
    r->from = i + 1;
    r->at = i + stride(p);
    return (struct run){a, i + p};
}

static bool next_run(struct runs *r, struct run *out)
{
    struct sequence *s = r->s;
    while (r->at + r->p < s->n) {
        if (!same(s, r->at, r->at + r->p)) {
            r->at += stride(r->p);
            continue;
        }
        *out = stretch(r);
        if (periods(out->b - out->a, r->p) < REPEATS || !any_heavy(s, out->a, out->a + r->p))
            continue;
        r->from = out->b;
        r->at = out->b + stride(r->p) - 1;
        return true;
    }
    return false;
}

/* Period --------------------------------------------------------------------------------------- */

static uint64_t cover(struct sequence *s, size_t p)
{
    struct runs runs = {s, p, 0, 0};
    struct run run;
    uint64_t sum = 0;
    while (next_run(&runs, &run))
        sum += run.b - run.a;
    return sum;
}

/* The smallest period that covers three quarters of the most, 0 if there are no runs. */
static size_t find_period(struct sequence *s)
{
    uint64_t covered[LAYERS_PERIOD_MAX + 1] = {0}, most = 0;
    size_t near = 0;
    for (size_t p = 1; p <= LAYERS_PERIOD_MAX && p <= s->n / 2; p++) {
        covered[p] = cover(s, p);
        most = covered[p] > most ? covered[p] : most;
        while (4 * covered[near] < 3 * most)
            near++;
        if (near > 0 && 4 * covered[near] >= 3 * (uint64_t)s->n)
            break; /* none can cover more than all */
    }
    return near;
}

/* Numbers -------------------------------------------------------------------------------------- */

struct numbers {
    struct sequence *s;
    size_t p;
    uint32_t *layer;
    struct run last; /* 0, 0: there was none yet */
    int64_t origin;  /* where its layer 0 begins, or would: in front of all there is, too */
    uint32_t *counts;
    size_t ncounts, cap;
};

static void fill(struct numbers *v, size_t i, size_t end, size_t layer)
{
    for (; i < end; i++)
        v->layer[i] = (uint32_t)layer;
}

/* The place of activity i in the sequence of layers, the missing ones counted. */
static size_t place(const struct numbers *v, size_t i)
{
    return (size_t)((int64_t)i - v->origin);
}

/* The last sequence of layers ends: what is less than half a layer is none. */
static void end_sequence(struct numbers *v)
{
    if (v->last.b == 0)
        return;
    size_t count = periods(place(v, v->last.b), v->p), i = v->last.b;
    while (i > v->last.a && v->layer[i - 1] >= count)
        v->layer[--i] = LAYER_NONE;
    v->counts = mem_grow(v->counts, &v->cap, v->ncounts + 1, sizeof *v->counts);
    v->counts[v->ncounts++] = (uint32_t)count;
}

/* How many activities in front of a belong to its first layer if that lacks `missing`. */
static size_t front_length(struct numbers *v, size_t a, size_t missing)
{
    size_t n = 0, p = v->p;
    while (n + missing < p && n < a - v->last.b && same(v->s, a - 1 - n, a + p - 1 - missing - n))
        n++;
    return n;
}

/* A sequence of layers begins, at the run or before it. */
static void begin_sequence(struct numbers *v, struct run run)
{
    size_t most = 0, missing = 0;
    for (size_t m = 1; m <= v->p / 4; m++) {
        size_t n = front_length(v, run.a, m);
        if (n > most) {
            most = n;
            missing = m;
        }
    }
    if (most < 2)
        most = missing = 0;
    v->origin = (int64_t)run.a - (int64_t)(most + missing);
    fill(v, run.a - most, run.a, 0);
}

/* The first layer of the run is what the last one would have `skip` activities behind its end. */
static bool follows(struct numbers *v, struct run run, size_t skip)
{
    size_t p = v->p, turn = (v->last.b - v->last.a + skip) % p;
    for (size_t i = 0; i < p; i++) {
        if (!same(v->s, run.a + i, v->last.a + turn))
            return false;
        turn = turn + 1 < p ? turn + 1 : 0;
    }
    return true;
}

/* The run goes on with the layers of the last one, if it does. */
static bool continues(struct numbers *v, struct run run)
{
    size_t end = v->last.b, skip = 0;
    if (end == 0 || run.a - end > v->p / 4)
        return false;
    while (skip <= v->p / 4 && !follows(v, run, skip))
        skip++;
    if (skip > v->p / 4)
        return false;
    fill(v, end, run.a, place(v, end - 1) / v->p);
    v->origin += (int64_t)(run.a - end) - (int64_t)skip;
    return true;
}

static void number(struct numbers *v)
{
    struct runs runs = {v->s, v->p, 0, 0};
    struct run run;
    while (next_run(&runs, &run)) {
        if (!continues(v, run)) {
            end_sequence(v);
            begin_sequence(v, run);
        }
        for (size_t i = run.a; i < run.b; i++)
            v->layer[i] = (uint32_t)(place(v, i) / v->p);
        v->last = run;
    }
    end_sequence(v);
}

/* All ------------------------------------------------------------------------------------------ */

bool layers_heavy(struct slice category)
{
    static const char *const heavy[] = {"GEMM", "Attention", "MoE", "Convolution", "SSM"};
    for (size_t i = 0; i < sizeof heavy / sizeof *heavy; i++)
        if (slice_is(category, heavy[i]))
            return true;
    return false;
}

struct layers layers_find(const uint32_t *ops, size_t n, const bool *heavy, uint32_t *layer)
{
    struct sequence s = {ops, n, heavy, 0};
    struct layers found = {0};
    for (size_t i = 0; i < n; i++)
        layer[i] = LAYER_NONE;
    if (any_heavy(&s, 0, n))
        found.period = (uint32_t)find_period(&s);
    if (found.period > 0) {
        struct numbers v = {.s = &s, .p = found.period, .layer = layer};
        number(&v);
        found.count = layers_commonest(v.counts, v.ncounts);
        free(v.counts);
    }
    for (size_t i = 0; i < n; i++)
        found.covered += layer[i] != LAYER_NONE;
    found.compares = s.compares;
    return found;
}

static int by_value(const void *pa, const void *pb)
{
    const uint32_t *a = pa, *b = pb;
    return (*a > *b) - (*a < *b);
}

uint32_t layers_commonest(uint32_t *counts, size_t n)
{
    uint32_t best = 0;
    size_t most = 0;
    if (n > 0)
        qsort(counts, n, sizeof *counts, by_value);
    for (size_t a = 0, b; a < n; a = b) {
        for (b = a; b < n && counts[b] == counts[a]; b++)
            ;
        if (b - a >= most) {
            most = b - a;
            best = counts[a];
        }
    }
    return best;
}
