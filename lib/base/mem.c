#include "base/mem.h"

#include "base/err.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *mem_resize(void *p, size_t bytes)
{
    void *q = realloc(p, bytes ? bytes : 1);
    if (!q)
        die(ST_FAILED, "out of memory (%zu bytes wanted)", bytes);
    return q;
}

void *mem_alloc(size_t bytes)
{
    return mem_resize(NULL, bytes);
}

static size_t product(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        die(ST_FAILED, "out of memory (%zu times %zu bytes wanted)", count, size);
    return bytes;
}

void *mem_zalloc(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);
    if (!p)
        die(ST_FAILED, "out of memory (%zu bytes wanted)", product(count, size));
    return p;
}

void *mem_dup(const void *p, size_t bytes)
{
    char *q = mem_alloc(bytes + 1);
    if (bytes)
        memcpy(q, p, bytes);
    q[bytes] = '\0';
    return q;
}

void *mem_grow(void *p, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap)
        return p;
    size_t grown = *cap + *cap / 2 + 16;
    if (grown < need)
        grown = need;
    p = mem_resize(p, product(grown, size));
    *cap = grown;
    return p;
}

void *mem_grow_zeroed(void *p, size_t *cap, size_t need, size_t size)
{
    size_t before = *cap;
    uint8_t *grown = mem_grow(p, cap, need, size);
    if (*cap > before)
        memset(grown + before * size, 0, (*cap - before) * size);
    return grown;
}
