#include "prof/chains.h"

#include "base/mem.h"
#include "prof/descend.h"

#include <stdlib.h>

/* Stacks without repetitions are a tree of their own. */
struct kept {
    uint32_t parent, function; /* parent: plus 1, 0 for none */
    bool recursive;
    uint64_t ns; /* of a target: the time in it and in what it called */
};

struct sieve {
    struct chains *c;
    const struct profile *p;
    const bool *targets;
    uint32_t *open;     /* by function: how often it stands in the stack at hand, */
    uint32_t *first;    /* and its kept node there, plus 1 */
    uint32_t innermost; /* the last kept node, plus 1 */
    uint32_t inside;    /* targets in the stack at hand */
    struct kept *kept;
    size_t nkept, cap;
    struct strtab keys; /* parent and function of kept nodes */
};

static uint32_t keep(struct sieve *s, uint32_t function)
{
    uint32_t key[2] = {s->innermost, function},
             id = strtab_intern(&s->keys, slice_of(key, sizeof key));
    if (id > s->nkept) {
        s->kept = mem_grow(s->kept, &s->cap, id, sizeof *s->kept);
        s->kept[s->nkept++] = (struct kept){.parent = s->innermost, .function = function};
    }
    return id;
}

/* What a target calls is in no chain. */
static void enter(void *ctx, uint32_t i, uint64_t all_ns)
{
    struct sieve *s = ctx;
    uint32_t function = s->p->nodes[i].function;
    if (s->open[function]++ > 0) {
        if (s->first[function])
            s->kept[s->first[function] - 1].recursive = true;
    } else if (s->inside == 0) {
        s->first[function] = s->innermost = keep(s, function);
        if (s->targets[function])
            s->kept[s->innermost - 1].ns = profile_sum(s->kept[s->innermost - 1].ns, all_ns);
    }
    s->inside += s->targets[function];
}

static void leave(void *ctx, uint32_t i)
{
    struct sieve *s = ctx;
    uint32_t function = s->p->nodes[i].function;
    s->inside -= s->targets[function];
    if (--s->open[function] == 0 && s->first[function]) {
        s->innermost = s->kept[s->first[function] - 1].parent;
        s->first[function] = 0;
    }
}

static void add_row(struct sieve *s, uint32_t last, uint64_t share)
{
    uint32_t frames[CHAIN_FRAMES], n = 0, at = last + 1;
    size_t off = s->c->text.n;
    for (; at && n < CHAIN_FRAMES; at = s->kept[at - 1].parent)
        frames[n++] = at - 1;
    buf_adds(&s->c->text, at ? "...;" : "");
    while (n-- > 0)
        chains_frame(s->c, s->p, s->kept[frames[n]].function, s->kept[frames[n]].recursive, n == 0);
    chains_row(s->c, off, (const uint64_t[CHAINS_BY]){0, share});
}

/* part / all of CHAINS_ONE, cut. */
static uint64_t of_one(uint64_t part, uint64_t all)
{
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((wide)CHAINS_ONE * part / all);
}

/* Where all of it took no time, chains have no shares, but are there. */
static bool is_chain(const struct sieve *s, size_t i, uint64_t share, uint64_t all)
{
    return share >= CHAINS_LEAST || (all == 0 && s->targets[s->kept[i].function]);
}

static void add_rows(struct sieve *s)
{
    uint64_t so_far = 0, all = 0;
    for (size_t i = 0; i < s->nkept; i++)
        all = profile_sum(all, s->kept[i].ns);
    s->c->cum_ns = all;
    for (size_t i = 0; i < s->nkept; i++) {
        uint64_t upto = profile_sum(so_far, s->kept[i].ns);
        uint64_t share = all ? of_one(upto, all) - of_one(so_far, all) : 0;
        if (is_chain(s, i, share, all))
            add_row(s, (uint32_t)i, share);
        else
            s->c->other[BY_TIME] += share;
        so_far = upto;
    }
}

void chains_of_stacks(struct chains *c, const struct profile *p, const bool *targets)
{
    struct sieve s = {.c = c, .p = p, .targets = targets};
    chains_open(c, p);
    s.open = mem_zalloc((size_t)p->names.n + 1, sizeof *s.open);
    s.first = mem_zalloc((size_t)p->names.n + 1, sizeof *s.first);
    descend(p, &s, enter, leave);
    add_rows(&s);
    free(s.open);
    free(s.first);
    free(s.kept);
    strtab_free(&s.keys);
}
