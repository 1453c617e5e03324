#include "table/spans.h"

#include "base/mem.h"

#include <stdlib.h>

void spans_add(struct spans *s, const struct span *span)
{
    s->at = mem_grow(s->at, &s->cap, s->n + 1, sizeof *s->at);
    s->at[s->n++] = *span;
}

void spans_take(struct spans *s, struct spans *from)
{
    if (s->n == 0) {
        spans_free(s);
        *s = *from;
        *from = (struct spans){0};
        return;
    }
    if (from->n > 0) {
        s->at = mem_grow(s->at, &s->cap, s->n + from->n, sizeof *s->at);
        memcpy(s->at + s->n, from->at, from->n * sizeof *s->at);
        s->n += from->n;
    }
    spans_free(from);
}

static int by_start(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    if (x->instance != y->instance)
        return x->instance < y->instance ? -1 : 1;
    return (x->start_ns > y->start_ns) - (x->start_ns < y->start_ns);
}

static void sort(struct spans *s)
{
    size_t i = 1;
    while (i < s->n && by_start(&s->at[i - 1], &s->at[i]) <= 0)
        i++;
    if (i < s->n)
        qsort(s->at, s->n, sizeof *s->at, by_start);
}

/* The union of sorted spans of one instance. */
static uint64_t covered(const struct span *at, size_t n)
{
    wide covered_ns = 0, end_ns = at->start_ns;
    for (size_t i = 0; i < n; i++) {
        wide from_ns = at[i].start_ns > end_ns ? at[i].start_ns : end_ns;
        wide to_ns = (wide)at[i].start_ns + at[i].dur_ns;
        if (to_ns <= from_ns)
            continue;
        covered_ns += to_ns - from_ns;
        end_ns = to_ns;
    }
    return covered_ns > UINT64_MAX ? UINT64_MAX : (uint64_t)covered_ns;
}

void spans_unite(struct spans *s, struct values *v)
{
    sort(s);
    for (size_t i = 0, n; i < s->n; i += n) {
        n = 1;
        while (i + n < s->n && s->at[i + n].instance == s->at[i].instance)
            n++;
        values_add(v, covered(&s->at[i], n));
    }
    spans_free(s);
}

void spans_free(struct spans *s)
{
    free(s->at);
    *s = (struct spans){0};
}
