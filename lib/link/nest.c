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

/* The end of the run of events in order that begins at i. */
static size_t run_end(const struct nest_event *v, size_t i, size_t n)
{
    for (i++; i < n && in_order(&v[i - 1], &v[i]); i++)
        ;
    return i;
}

/* Two neighbouring runs of `from` become one in `to`; of equals the first stays first. */
static void merge(const struct nest_event *from, struct nest_event *to, size_t a, size_t middle,
                  size_t end)
{
    size_t b = middle, i = a;
    while (a < middle && b < end)
        to[i++] = in_order(&from[a], &from[b]) ? from[a++] : from[b++];
    memcpy(to + i, from + a, (middle - a) * sizeof *to);
    memcpy(to + i + (middle - a), from + b, (end - b) * sizeof *to);
}

/* One pass over all runs, two by two. Returns how many are left. */
static size_t merge_runs(const struct nest_event *from, struct nest_event *to, size_t n)
{
    size_t runs = 0;
    for (size_t a = 0; a < n; runs++) {
        size_t middle = run_end(from, a, n), end = middle < n ? run_end(from, middle, n) : n;
        merge(from, to, a, middle, end);
        a = end;
    }
    return runs;
}

/* Profilers write events almost in order: a merge sort that takes what is in order as it is. */
static void sort(struct nest_event *v, size_t n)
{
    struct nest_event *other = NULL, *from = v, *to;
    if (n == 0 || run_end(v, 0, n) == n)
        return;
    to = other = mem_alloc(n * sizeof *v);
    for (size_t runs = 2; runs > 1;) {
        struct nest_event *done = to;
        runs = merge_runs(from, to, n);
        to = from;
        from = done;
    }
    if (from != v)
        memcpy(v, from, n * sizeof *v);
    free(other);
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
