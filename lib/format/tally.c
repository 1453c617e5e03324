#include "format/tally.h"

#include "base/mem.h"

#include <stdlib.h>

enum { KEY_PART = 0, KEY_KIND = 4, KEY_HAS_CAT = 8, KEY_CAT = 9 };

size_t tallies_at(struct tallies *t, uint32_t part, uint32_t kind, struct slice cat)
{
    struct buf key = {0};
    uint8_t head[KEY_CAT];
    put_u32(head + KEY_PART, part);
    put_u32(head + KEY_KIND, kind);
    head[KEY_HAS_CAT] = cat.p != NULL;
    buf_add(&key, head, sizeof head);
    buf_add(&key, cat.p, cat.n);
    size_t i = strtab_intern(&t->keys, buf_slice(&key)) - 1;
    buf_free(&key);
    if (i >= t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 64;
        t->events = mem_resize(t->events, cap * sizeof *t->events);
        t->lost = mem_resize(t->lost, cap * sizeof *t->lost);
        memset(t->events + t->cap, 0, (cap - t->cap) * sizeof *t->events);
        memset(t->lost + t->cap, 0, (cap - t->cap) * sizeof *t->lost);
        t->cap = cap;
    }
    return i;
}

uint32_t tallies_kind(const struct tallies *t, size_t i, struct slice *cat)
{
    struct slice key = strtab_get(&t->keys, (uint32_t)i + 1);
    *cat = key.p[KEY_HAS_CAT] ? slice_of(key.p + KEY_CAT, key.n - KEY_CAT) : slice_of(NULL, 0);
    return get_u32(key.p + KEY_KIND);
}

struct tally *tallies_rows(const struct tallies *t, struct writer *w, uint32_t *n)
{
    struct tally *rows = mem_zalloc(t->keys.n, sizeof *rows);
    *n = 0;
    for (uint32_t i = 0; i < t->keys.n; i++) {
        struct slice cat;
        uint32_t kind = tallies_kind(t, i, &cat);
        uint32_t part = get_u32(strtab_get(&t->keys, i + 1).p + KEY_PART);
        if (t->events[i] || t->lost[i])
            rows[(*n)++] = (struct tally){part, kind, cat.p ? writer_string(w, ROLE_WORD, cat) : 0,
                                          t->events[i], t->lost[i]};
    }
    return rows;
}

void tallies_free(struct tallies *t)
{
    strtab_free(&t->keys);
    free(t->events);
    free(t->lost);
    *t = (struct tallies){0};
}
