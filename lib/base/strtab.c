#include "base/strtab.h"

#include "base/mem.h"

#include <stdlib.h>

/* Inlined: the call costs as much as the hash of a short name. */
#define XXH_INLINE_ALL
#include <xxhash.h>

static void grow_slots(struct strtab *t)
{
    struct strtab_slot *old = t->slots;
    size_t nold = t->nslots, n = nold ? nold * 2 : 1024;
    t->slots = mem_zalloc(n, sizeof *t->slots);
    t->nslots = n;
    for (size_t k = 0; k < nold; k++) {
        size_t i = old[k].hash & (n - 1);
        if (old[k].id == 0)
            continue;
        while (t->slots[i].id)
            i = (i + 1) & (n - 1);
        t->slots[i] = old[k];
    }
    free(old);
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

uint32_t strtab_hash(struct slice s)
{
    return (uint32_t)XXH3_64bits(s.p ? (const void *)s.p : "", s.n);
}

/* Where the string is, or where it would have to go. */
static size_t slot_of(const struct strtab *t, struct slice s, uint32_t hash)
{
    size_t i = hash & (t->nslots - 1);
    for (; t->slots[i].id; i = (i + 1) & (t->nslots - 1))
        if (t->slots[i].hash == hash && slice_eq(strtab_get(t, t->slots[i].id), s))
            break;
    return i;
}

uint32_t strtab_find(const struct strtab *t, struct slice s)
{
    return t->nslots ? t->slots[slot_of(t, s, strtab_hash(s))].id : 0;
}

uint32_t strtab_intern(struct strtab *t, struct slice s)
{
    return strtab_intern_hash(t, s, strtab_hash(s));
}

uint32_t strtab_intern_hash(struct strtab *t, struct slice s, uint32_t hash)
{
    if ((size_t)t->n * 2 >= t->nslots)
        grow_slots(t);
    size_t i = slot_of(t, s, hash);
    if (t->slots[i].id == 0)
        t->slots[i] = (struct strtab_slot){hash, strtab_add(t, s)};
    return t->slots[i].id;
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
    *t = (struct strtab){0};
}
