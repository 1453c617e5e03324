/* strtab - strings kept once, each with a number
 *
 * Ids count from 1 in the order of first sight; 0 means "no string". The bytes of all strings
 * stand behind each other in one block, so that a run of new ones can be written out as it is.
 *
 *   bytes:  abc|de|fghi        ends[0]=0 ends[1]=3 ends[2]=5 ends[3]=9
 *           id 1 |2 |3
 */
#ifndef TRS_STRTAB_H
#define TRS_STRTAB_H

#include "base/buf.h"

struct strtab {
    struct buf bytes;
    uint64_t *ends; /* ends[i] is where string i ends; ends[0] is 0 */
    size_t ends_cap;
    uint32_t n; /* strings kept */
    struct strtab_slot {
        uint32_t hash, id; /* id 0: free */
    } * slots;             /* open addressing; NULL until strtab_intern is used */
    size_t nslots;         /* a power of two */
};

/* The id of s, new if it was not there. Strings that were added with strtab_add are not found. */
uint32_t strtab_intern(struct strtab *t, struct slice s);

/* The same in steps, for many strings at once: hashes first, so that what the table has at their
 * places comes into the cache, then lookups. */
uint32_t strtab_hash(struct slice s);
uint32_t strtab_intern_hash(struct strtab *t, struct slice s, uint32_t hash);

static inline void strtab_prefetch(const struct strtab *t, uint32_t hash)
{
    if (t->nslots)
        __builtin_prefetch(&t->slots[hash & (t->nslots - 1)]);
}

/* The id that strtab_intern gave s, 0 if it was never given one. */
uint32_t strtab_find(const struct strtab *t, struct slice s);

/* Adds s under the next id, without looking whether it is there. */
uint32_t strtab_add(struct strtab *t, struct slice s);

/* Borrowed; valid until the next addition. Id 0 and unknown ids give an empty slice. */
static inline struct slice strtab_get(const struct strtab *t, uint32_t id)
{
    if (id == 0 || id > t->n)
        return slice_of(NULL, 0);
    return slice_of(t->bytes.p + t->ends[id - 1], (size_t)(t->ends[id] - t->ends[id - 1]));
}

void strtab_clear(struct strtab *t); /* forgets the strings, keeps the memory */
void strtab_free(struct strtab *t);

#endif
