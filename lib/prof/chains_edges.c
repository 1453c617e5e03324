#include "prof/chains.h"

#include "base/mem.h"
#include "prof/backward.h"

#include <stdlib.h>

__extension__ typedef unsigned __int128 weight;

/* Edges that are looked at before no chain is followed further. */
static const uint64_t WORK_MAX = 10 * 1000 * 1000;

/* A chain from here to a target, as far as it has been followed. */
struct way {
    uint32_t function, toward; /* toward: the way that it leads on, plus 1; 0 at a target */
    uint32_t frames;
    bool recursive; /* known when it was followed */
    uint64_t shares[CHAINS_BY];
};

struct walk {
    struct chains *c;
    const struct profile *p;
    bool *back; /* by edge */
    struct way *ways;
    size_t nways, ways_cap;
    size_t *heap; /* of ways, the largest first */
    size_t nheap, heap_cap;
    weight *weights[CHAINS_BY]; /* room for those of one function */
    size_t weights_cap[CHAINS_BY];
    uint64_t work;
};

/* The largest first ---------------------------------------------------------------------------- */

static uint64_t larger(const uint64_t shares[CHAINS_BY])
{
    return shares[BY_CALLS] > shares[BY_TIME] ? shares[BY_CALLS] : shares[BY_TIME];
}

/* Of two that are as large the one that was found first. */
static bool before(const struct walk *w, size_t a, size_t b)
{
    uint64_t x = larger(w->ways[a].shares), y = larger(w->ways[b].shares);
    return x != y ? x > y : a < b;
}

static void push(struct walk *w, size_t way)
{
    size_t i = w->nheap++;
    w->heap = mem_grow(w->heap, &w->heap_cap, w->nheap, sizeof *w->heap);
    for (; i > 0 && before(w, way, w->heap[(i - 1) / 2]); i = (i - 1) / 2)
        w->heap[i] = w->heap[(i - 1) / 2];
    w->heap[i] = way;
}

static size_t pop(struct walk *w)
{
    size_t top = w->heap[0], last = w->heap[--w->nheap], i = 0;
    for (size_t child; (child = 2 * i + 1) < w->nheap; i = child) {
        child += child + 1 < w->nheap && before(w, w->heap[child + 1], w->heap[child]);
        if (before(w, last, w->heap[child]))
            break;
        w->heap[i] = w->heap[child];
    }
    w->heap[i] = last;
    return top;
}

/* Shares --------------------------------------------------------------------------------------- */

static weight total(const weight *v, size_t n)
{
    weight sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return sum;
}

/* So that products with a share fit, and with other weights. */
static void shrink(weight *v, size_t n)
{
    unsigned shift = 0;
    weight sum = total(v, n);
    while (sum >> shift >= CHAINS_ONE)
        shift++;
    for (size_t i = 0; i < n && shift; i++)
        v[i] >>= shift;
}

/* The shares of the first i and of one more; the difference is that of i. What is lost in rounding
 * goes to the next, so that they add up. */
static uint64_t share_of(uint64_t whole, weight from, weight part, weight all)
{
    if (all == 0)
        return 0;
    return (uint64_t)(whole * (from + part) / all) - (uint64_t)(whole * from / all);
}

/* What is shared out at a function: to each of its callers, behind them to none, where it is called
 * from nowhere. Edges that lead back get nothing. */
struct weights {
    weight *calls, *times;
    weight recursion; /* calls by edges that lead back */
    size_t n;         /* callers and one more */
    bool recursive;
};

static void take_edges(struct weights *v, const struct profile_edge *edges, const bool *back)
{
    for (size_t i = 0; i + 1 < v->n; i++) {
        const struct profile_totals *t = &edges[i].totals;
        v->calls[i] = back[i] ? 0 : t->calls;
        v->times[i] = back[i] ? 0 : t->cum_ns;
        v->recursion += back[i] ? t->calls : 0;
        v->recursive |= back[i];
    }
}

/* Profilers that know no times of edges leave nothing to be compared with. */
static void take_rest(struct weights *v, const struct profile_totals *f)
{
    size_t none = v->n - 1;
    weight known = total(v->calls, none), time = total(v->times, none);
    bool rest = f->calls > known + v->recursion;
    v->calls[none] = rest ? f->calls - known - v->recursion : 0;
    v->times[none] = rest && f->cum_ns > time && (time > 0 || known == 0) ? f->cum_ns - time : 0;
}

/* Calls that are recursion are shared out by time. */
static void spread(struct weights *v)
{
    unsigned shift = 0;
    weight time = total(v->times, v->n), all = total(v->calls, v->n) + v->recursion;
    while (all >> shift >= CHAINS_ONE)
        shift++;
    for (size_t i = 0; i < v->n && v->recursion && time > 0; i++)
        v->calls[i] = (v->calls[i] >> shift) * time + (v->recursion >> shift) * v->times[i];
}

/* Where nothing is known, callers are equal. */
static void fill_in(struct weights *v, const bool *back)
{
    bool calls = total(v->calls, v->n) > 0, times = total(v->times, v->n) > 0, any = false;
    for (size_t i = 0; i + 1 < v->n && !calls && !times; i++) {
        v->calls[i] = v->times[i] = !back[i];
        any |= !back[i];
    }
    if (!calls && !times)
        v->calls[v->n - 1] = v->times[v->n - 1] = !any;
    else if (!calls || !times)
        memcpy(calls ? v->times : v->calls, calls ? v->calls : v->times, v->n * sizeof *v->calls);
}

static struct weights weigh(struct walk *w, uint32_t function, const struct profile_edge *edges,
                            size_t n)
{
    const bool *back = w->back + (edges - w->p->edges);
    for (unsigned by = 0; by < CHAINS_BY; by++)
        w->weights[by] =
            mem_grow(w->weights[by], &w->weights_cap[by], n + 1, sizeof *w->weights[by]);
    struct weights v = {.calls = w->weights[BY_CALLS], .times = w->weights[BY_TIME], .n = n + 1};
    take_edges(&v, edges, back);
    take_rest(&v, &w->p->functions[function]);
    shrink(v.times, v.n);
    spread(&v);
    fill_in(&v, back);
    shrink(v.calls, v.n);
    shrink(v.times, v.n);
    return v;
}

/* Chains --------------------------------------------------------------------------------------- */

static bool is_small(const uint64_t shares[CHAINS_BY])
{
    return larger(shares) < CHAINS_LEAST;
}

static void add_other(struct walk *w, const uint64_t shares[CHAINS_BY])
{
    for (unsigned by = 0; by < CHAINS_BY; by++)
        w->c->other[by] += shares[by];
}

/* The chain from here on; cut: it is not known what stands before it. */
static void finish(struct walk *w, size_t at, const uint64_t shares[CHAINS_BY], bool cut)
{
    size_t off = w->c->text.n;
    if (is_small(shares)) {
        add_other(w, shares);
        return;
    }
    buf_adds(&w->c->text, cut ? "...;" : "");
    for (const struct way *way = &w->ways[at];; way = &w->ways[way->toward - 1]) {
        chains_frame(w->c, w->p, way->function, way->recursive, way->toward == 0);
        if (way->toward == 0)
            break;
    }
    chains_row(w->c, off, shares);
}

static void add_way(struct walk *w, uint32_t function, size_t toward, uint32_t frames,
                    const uint64_t shares[CHAINS_BY])
{
    if (is_small(shares)) {
        add_other(w, shares);
        return;
    }
    w->ways = mem_grow(w->ways, &w->ways_cap, w->nways + 1, sizeof *w->ways);
    w->ways[w->nways] = (struct way){
        function, (uint32_t)toward, frames, false, {shares[BY_CALLS], shares[BY_TIME]}};
    push(w, w->nways++);
}

static void follow(struct walk *w, size_t at)
{
    size_t n;
    const struct way way = w->ways[at];
    const struct profile_edge *edges = profile_callers(w->p, way.function, &n);
    struct weights v = weigh(w, way.function, edges, n);
    weight calls = total(v.calls, v.n), times = total(v.times, v.n), calls_so_far = 0, so_far = 0;
    w->ways[at].recursive = v.recursive;
    w->work += v.n;
    for (size_t i = 0; i < v.n; i++) {
        uint64_t shares[CHAINS_BY] = {
            share_of(way.shares[BY_CALLS], calls_so_far, v.calls[i], calls),
            share_of(way.shares[BY_TIME], so_far, v.times[i], times)};
        calls_so_far += v.calls[i];
        so_far += v.times[i];
        if (i < n)
            add_way(w, edges[i].caller, at + 1, way.frames + 1, shares);
        else
            finish(w, at, shares, false);
    }
}

/* Each target with its part of all calls and of all time. */
static void begin(struct walk *w, const bool *targets)
{
    const struct profile *p = w->p;
    uint32_t n = p->names.n;
    weight *of[CHAINS_BY], all[CHAINS_BY], so_far[CHAINS_BY] = {0};
    for (unsigned by = 0; by < CHAINS_BY; by++) {
        of[by] = mem_zalloc((size_t)n + 1, sizeof *of[by]);
        for (uint32_t f = 0; f < n; f++)
            of[by][f] = !targets[f]      ? 0
                        : by == BY_CALLS ? p->functions[f].calls
                                         : p->functions[f].cum_ns;
        all[by] = total(of[by], n);
        *(by == BY_CALLS ? &w->c->calls : &w->c->cum_ns) =
            all[by] > UINT64_MAX ? UINT64_MAX : (uint64_t)all[by];
        shrink(of[by], n);
        all[by] = total(of[by], n);
    }
    for (uint32_t f = 0; f < n; f++) {
        uint64_t shares[CHAINS_BY];
        for (unsigned by = 0; by < CHAINS_BY; by++) {
            shares[by] = share_of(CHAINS_ONE, so_far[by], of[by][f], all[by]);
            so_far[by] += of[by][f];
        }
        if (targets[f])
            add_way(w, f, 0, 1, shares);
    }
    free(of[BY_CALLS]);
    free(of[BY_TIME]);
}

void chains_of_edges(struct chains *c, const struct profile *p, const bool *targets)
{
    struct walk w = {.c = c, .p = p, .back = backward_edges(p)};
    chains_open(c, p);
    begin(&w, targets);
    while (w.nheap > 0) {
        size_t at = pop(&w);
        if (w.work > WORK_MAX || w.ways[at].frames >= CHAIN_FRAMES)
            finish(&w, at, w.ways[at].shares, true);
        else
            follow(&w, at);
    }
    for (unsigned by = 0; by < CHAINS_BY; by++)
        free(w.weights[by]);
    free(w.back);
    free(w.ways);
    free(w.heap);
}
