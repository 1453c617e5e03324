/* runs - sorting what is almost in order
 *
 *     #define RUNS_TYPE            struct event
 *     #define RUNS_IN_ORDER(a, b, ctx) ((a).start_ns <= (b).start_ns)
 *     #include "base/runs.h"
 *     ...
 *     runs_sort(events, n, NULL);
 *
 * A merge sort that takes runs that are in order as they are, and moves only what two neighbours
 * overlap by. RUNS_IN_ORDER says whether b may stand behind a: a comes before it, or they are
 * equal; equal elements keep their order. Takes room for those that have to move, but never for
 * more than half of them.
 *
 * A header that is made for one type, since a comparison by pointer made folding a trace an eighth
 * slower; a file includes it once.
 */
#ifndef TRS_RUNS_H
#define TRS_RUNS_H

#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Runs wait on a stack until a shorter one comes: each is more than twice as long as the next, so
 * there are few, and each element is merged few times. */
struct runs {
    RUNS_TYPE *v;
    const void *ctx;
    RUNS_TYPE *spare; /* room for the smaller of two overlapping pieces */
    size_t spare_cap;
    size_t starts[64]; /* of the runs; each ends where the next begins */
    unsigned n;
};

/* The end of the run in order that begins at i. */
static size_t runs_end(const struct runs *s, size_t i, size_t n)
{
    for (i++; i < n && RUNS_IN_ORDER(s->v[i - 1], s->v[i], s->ctx); i++)
        ;
    return i;
}

/* How many of the sorted elements from a to end come before one that stands behind them (of equals
 * all), or that stands in front of them (of equals none). */
static size_t runs_count_before(const struct runs *s, size_t a, size_t end, RUNS_TYPE e,
                                bool behind)
{
    size_t low = a;
    while (low < end) {
        size_t mid = low + (end - low) / 2;
        if (behind ? RUNS_IN_ORDER(s->v[mid], e, s->ctx) : !RUNS_IN_ORDER(e, s->v[mid], s->ctx))
            low = mid + 1;
        else
            end = mid;
    }
    return low - a;
}

static void runs_set_aside(struct runs *s, size_t from, size_t n)
{
    s->spare = mem_grow(s->spare, &s->spare_cap, n, sizeof *s->spare);
    memcpy(s->spare, s->v + from, n * sizeof *s->spare);
}

/* Two neighbours, each in order, the first the shorter one: it gives way to the end of both. */
static void runs_merge_up(struct runs *s, size_t a, size_t middle, size_t end)
{
    size_t i = 0, n = middle - a, b = middle, to = a;
    runs_set_aside(s, a, n);
    while (i < n && b < end)
        s->v[to++] = RUNS_IN_ORDER(s->spare[i], s->v[b], s->ctx) ? s->spare[i++] : s->v[b++];
    memcpy(s->v + to, s->spare + i, (n - i) * sizeof *s->v);
}

/* The second the shorter one: from the end down. */
static void runs_merge_down(struct runs *s, size_t a, size_t middle, size_t end)
{
    size_t n = end - middle, b = middle, to = end;
    runs_set_aside(s, middle, n);
    while (n > 0 && b > a)
        s->v[--to] =
            RUNS_IN_ORDER(s->v[b - 1], s->spare[n - 1], s->ctx) ? s->spare[--n] : s->v[--b];
    memcpy(s->v + to - n, s->spare, n * sizeof *s->v);
}

static void runs_merge(struct runs *s, size_t a, size_t middle, size_t end)
{
    a += runs_count_before(s, a, middle, s->v[middle], true);
    end = middle + runs_count_before(s, middle, end, s->v[middle - 1], false);
    if (a == middle)
        return;
    if (middle - a <= end - middle)
        runs_merge_up(s, a, middle, end);
    else
        runs_merge_down(s, a, middle, end);
}

/* Merges the runs on top of the stack, of which the last ends at `end`, while the one below is not
 * `times` times as long. */
static void runs_settle(struct runs *s, size_t end, size_t times)
{
    while (s->n > 1) {
        size_t below = s->starts[s->n - 2], top = s->starts[s->n - 1];
        if ((top - below) / times > end - top)
            return;
        runs_merge(s, below, top, end);
        s->n--;
    }
}

static void runs_sort(RUNS_TYPE *v, size_t n, const void *ctx)
{
    struct runs s = {.v = v, .ctx = ctx};
    for (size_t i = 0, end; i < n; i = end) {
        end = runs_end(&s, i, n);
        s.starts[s.n++] = i;
        runs_settle(&s, end, 2);
    }
    runs_settle(&s, n, n + 1);
    free(s.spare);
}

#endif
