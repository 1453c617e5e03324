#include "link/nest.h"

#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Order ---------------------------------------------------------------------------------------- */

static bool in_order(const struct nest_event *a, const struct nest_event *b)
{
    return a->start_ns < b->start_ns || (a->start_ns == b->start_ns && a->end_ns >= b->end_ns);
}

/* Profilers write events almost in order. A merge sort that takes runs that are in order as they
 * are, and moves only what two neighbours overlap by.
 *
 * Runs wait on a stack until a shorter one comes: each is more than twice as long as the next, so
 * there are few, and each event is merged few times. */
struct sorter {
    struct nest_event *v, *spare; /* spare: room for the smaller of two overlapping pieces */
    size_t spare_cap;
    size_t starts[64]; /* of the runs; each ends where the next begins */
    unsigned n;
};

/* The end of the run of events in order that begins at i. */
static size_t run_end(const struct nest_event *v, size_t i, size_t n)
{
    for (i++; i < n && in_order(&v[i - 1], &v[i]); i++)
        ;
    return i;
}

/* How many of n sorted events come before one that stands behind them (of equals all), or that
 * stands in front of them (of equals none). */
static size_t count_before(const struct nest_event *v, size_t n, const struct nest_event *e,
                           bool behind)
{
    size_t low = 0;
    while (low < n) {
        size_t mid = low + (n - low) / 2;
        if (behind ? in_order(&v[mid], e) : !in_order(e, &v[mid]))
            low = mid + 1;
        else
            n = mid;
    }
    return low;
}

static void set_aside(struct sorter *s, const struct nest_event *from, size_t n)
{
    s->spare = mem_grow(s->spare, &s->spare_cap, n, sizeof *s->spare);
    memcpy(s->spare, from, n * sizeof *from);
}

/* Two neighbours, each in order, the first the shorter one: it gives way to the end of both. */
static void merge_up(struct sorter *s, size_t a, size_t middle, size_t end)
{
    struct nest_event *v = s->v;
    size_t i = 0, n = middle - a, b = middle, to = a;
    set_aside(s, v + a, n);
    while (i < n && b < end)
        v[to++] = in_order(&s->spare[i], &v[b]) ? s->spare[i++] : v[b++];
    memcpy(v + to, s->spare + i, (n - i) * sizeof *v);
}

/* The second the shorter one: from the end down. */
static void merge_down(struct sorter *s, size_t a, size_t middle, size_t end)
{
    struct nest_event *v = s->v;
    size_t n = end - middle, b = middle, to = end;
    set_aside(s, v + middle, n);
    while (n > 0 && b > a)
        v[--to] = in_order(&v[b - 1], &s->spare[n - 1]) ? s->spare[--n] : v[--b];
    memcpy(v + to - n, s->spare, n * sizeof *v);
}

static void merge(struct sorter *s, size_t a, size_t middle, size_t end)
{
    a += count_before(s->v + a, middle - a, &s->v[middle], true);
    end = middle + count_before(s->v + middle, end - middle, &s->v[middle - 1], false);
    if (a == middle)
        return;
    if (middle - a <= end - middle)
        merge_up(s, a, middle, end);
    else
        merge_down(s, a, middle, end);
}

/* Merges the runs on top of the stack, of which the last ends at `end`, while the one below is not
 * `times` times as long. */
static void settle(struct sorter *s, size_t end, size_t times)
{
    while (s->n > 1) {
        size_t below = s->starts[s->n - 2], top = s->starts[s->n - 1];
        if ((top - below) / times > end - top)
            return;
        merge(s, below, top, end);
        s->n--;
    }
}

static void sort(struct nest_event *v, size_t n)
{
    struct sorter s = {.v = v};
    for (size_t i = 0, end; i < n; i = end) {
        end = run_end(v, i, n);
        s.starts[s.n++] = i;
        settle(&s, end, 2);
    }
    settle(&s, n, n + 1);
    free(s.spare);
}

/* Nesting -------------------------------------------------------------------------------------- */

struct open {
    uint32_t *stack; /* indices, the last opened on top; those below may have ended already */
    size_t n, cap;
    int64_t now_ns;
};

/* Time passes up to t: it belongs to the last opened event that is still open. */
static void pass_until(struct open *o, struct nest_event *v, int64_t t_ns)
{
    while (o->n > 0) {
        struct nest_event *top = &v[o->stack[o->n - 1]];
        if (top->end_ns > o->now_ns) {
            int64_t until = top->end_ns < t_ns ? top->end_ns : t_ns;
            top->self_ns += (uint64_t)until - (uint64_t)o->now_ns; /* may span more than int64 */
            o->now_ns = until;
        }
        if (top->end_ns > t_ns)
            return;
        o->n--;
    }
    o->now_ns = t_ns;
}

void nest_sort(struct nest_event *v, size_t n)
{
    struct open o = {0};
    sort(v, n);
    for (size_t i = 0; i < n; i++) {
        v[i].self_ns = 0;
        if (i == 0)
            o.now_ns = v[i].start_ns;
        pass_until(&o, v, v[i].start_ns);
        v[i].parent = o.n > 0 ? o.stack[o.n - 1] : NEST_NONE;
        if (o.n == o.cap)
            o.stack = mem_grow(o.stack, &o.cap, o.n + 1, sizeof *o.stack);
        o.stack[o.n++] = (uint32_t)i;
    }
    pass_until(&o, v, INT64_MAX);
    free(o.stack);
}
