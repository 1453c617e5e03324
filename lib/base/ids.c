#include "base/ids.h"

#include "base/mem.h"

#include <stdlib.h>

void ids_add(struct ids *s, uint64_t id)
{
    if (s->n > 0 && s->at[s->n - 1] == id)
        return;
    s->at = mem_grow(s->at, &s->cap, s->n + 1, sizeof *s->at);
    s->at[s->n++] = id;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

void ids_settle(struct ids *s)
{
    size_t n = 0;
    if (s->n > 1)
        qsort(s->at, s->n, sizeof *s->at, compare);
    for (size_t i = 0; i < s->n; i++)
        if (n == 0 || s->at[n - 1] != s->at[i])
            s->at[n++] = s->at[i];
    s->n = n;
}

bool ids_has(const struct ids *s, uint64_t id)
{
    return s->n > 0 && bsearch(&id, s->at, s->n, sizeof id, compare);
}

void ids_free(struct ids *s)
{
    free(s->at);
    *s = (struct ids){0};
}
