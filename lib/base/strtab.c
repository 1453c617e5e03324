#include "base/strtab.h"

#include "base/mem.h"

#include <stdlib.h>
#include <xxhash.h>

static void grow_slots(struct strtab *t)
{
    size_t n = t->nslots ? t->nslots * 2 : 1024;
    free(t->slots);
    t->slots = mem_zalloc(n, sizeof *t->slots);
    t->nslots = n;
    for (uint32_t id = 1; id <= t->n; id++) {
        size_t i = t->hashes[id] & (n - 1);
        while (t->slots[i])
            i = (i + 1) & (n - 1);
        t->slots[i] = id;
    }
}

uint32_t strtab_add(struct strtab *t, struct slice s)
{
    t->ends = mem_grow(t->ends, &t->ends_cap, (size_t)t->n + 2, sizeof *t->ends);
    if (t->n == 0)
        t->ends[0] = 0;
    (void)buf_room(&t->bytes, s.n + 1); /* so that an empty string has an address too */
    buf_add(&t->bytes, s.p, s.n);
    t->ends[++t->n] = t->bytes.n;
    return t->n;
}

static uint32_t hash_of(struct slice s)
{
    return (uint32_t)XXH3_64bits(s.p ? (const void *)s.p : "", s.n);
}

/* Where the string is, or where it would have to go. */
static size_t slot_of(const struct strtab *t, struct slice s, uint32_t hash)
{
    size_t i = hash & (t->nslots - 1);
    for (uint32_t id; (id = t->slots[i]); i = (i + 1) & (t->nslots - 1))
        if (t->hashes[id] == hash && slice_eq(strtab_get(t, id), s))
            break;
    return i;
}

uint32_t strtab_find(const struct strtab *t, struct slice s)
{
    return t->nslots ? t->slots[slot_of(t, s, hash_of(s))] : 0;
}

uint32_t strtab_intern(struct strtab *t, struct slice s)
{
    if ((size_t)t->n * 2 >= t->nslots)
        grow_slots(t);
    uint32_t hash = hash_of(s);
    size_t i = slot_of(t, s, hash);
    if (t->slots[i])
        return t->slots[i];
    t->hashes = mem_grow(t->hashes, &t->hashes_cap, (size_t)t->n + 2, sizeof *t->hashes);
    t->hashes[t->n + 1] = hash;
    return t->slots[i] = strtab_add(t, s);
}

struct slice strtab_get(const struct strtab *t, uint32_t id)
{
    if (id == 0 || id > t->n)
        return slice_of(NULL, 0);
    return slice_of(t->bytes.p + t->ends[id - 1], (size_t)(t->ends[id] - t->ends[id - 1]));
}

void strtab_clear(struct strtab *t)
{
    t->n = 0;
    t->bytes.n = 0;
    if (t->slots)
        memset(t->slots, 0, t->nslots * sizeof *t->slots);
}

void strtab_free(struct strtab *t)
{
    buf_free(&t->bytes);
    free(t->ends);
    free(t->slots);
    free(t->hashes);
    *t = (struct strtab){0};
}
