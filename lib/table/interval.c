#include "table/interval.h"

#include "base/mem.h"

#include <stdlib.h>

enum { BATCH_MIN = 4096 };

static int by_start(const void *a, const void *b)
{
    const struct interval *x = a, *y = b;
    return (x->start_ns > y->start_ns) - (x->start_ns < y->start_ns);
}

/* Places the sorted batch among the merged ones from the back, where there is room. Returns the
 * index of the last interval that did not move; all before it are still disjoint. */
static size_t place(struct interval_set *s)
{
    size_t i = s->n, j = s->nbatch, k = i + j;
    s->merged = mem_grow(s->merged, &s->cap, k, sizeof *s->merged);
    while (j > 0)
        s->merged[--k] = i > 0 && s->merged[i - 1].start_ns > s->batch[j - 1].start_ns
                             ? s->merged[--i]
                             : s->batch[--j];
    s->n += s->nbatch;
    s->nbatch = 0;
    return i > 0 ? i - 1 : 0;
}

/* Joins what overlaps or touches, from index `at` on. */
static void join(struct interval_set *s, size_t at)
{
    for (size_t i = at + 1; i < s->n; i++) {
        if (s->merged[i].start_ns > s->merged[at].end_ns)
            s->merged[++at] = s->merged[i];
        else if (s->merged[i].end_ns > s->merged[at].end_ns)
            s->merged[at].end_ns = s->merged[i].end_ns;
    }
    s->n = at + 1;
}

static void merge(struct interval_set *s)
{
    if (s->nbatch == 0)
        return;
    if (s->disorder)
        qsort(s->batch, s->nbatch, sizeof *s->batch, by_start);
    s->disorder = false;
    join(s, place(s));
}

static void widen(struct interval_set *s, int64_t start_ns, int64_t end_ns)
{
    if (!s->any || start_ns < s->first_ns)
        s->first_ns = start_ns;
    if (!s->any || end_ns > s->last_ns)
        s->last_ns = end_ns;
    s->any = true;
}

void interval_add(struct interval_set *s, int64_t start_ns, int64_t dur_ns)
{
    int64_t end_ns;
    if (__builtin_add_overflow(start_ns, dur_ns, &end_ns))
        end_ns = INT64_MAX;
    widen(s, start_ns, end_ns);
    if (start_ns == end_ns)
        return;
    struct interval *last = s->nbatch ? &s->batch[s->nbatch - 1] : NULL;
    if (last && start_ns >= last->start_ns && start_ns <= last->end_ns) {
        if (end_ns > last->end_ns)
            last->end_ns = end_ns;
        return;
    }
    s->disorder |= last && start_ns < last->start_ns;
    /* A batch in proportion to the rest keeps the work of all merges linear. */
    if (s->nbatch >= BATCH_MIN && s->nbatch >= s->n / 4)
        merge(s);
    s->batch = mem_grow(s->batch, &s->batch_cap, s->nbatch + 1, sizeof *s->batch);
    s->batch[s->nbatch++] = (struct interval){start_ns, end_ns};
}

const struct interval *interval_union(struct interval_set *s, size_t *n)
{
    merge(s);
    *n = s->n;
    return s->merged;
}

wide interval_covered(struct interval_set *s)
{
    wide covered = 0;
    size_t n;
    const struct interval *at = interval_union(s, &n);
    for (size_t i = 0; i < n; i++)
        covered += (wide)at[i].end_ns - at[i].start_ns;
    return covered;
}

wide interval_span(const struct interval_set *s)
{
    return s->any ? (wide)s->last_ns - s->first_ns : 0;
}

void interval_free(struct interval_set *s)
{
    free(s->merged);
    free(s->batch);
    *s = (struct interval_set){0};
}
