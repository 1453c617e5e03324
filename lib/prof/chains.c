#include "prof/chains.h"

#include "base/mem.h"
#include "base/text.h"
#include "prof/named.h"

#include <stdlib.h>

void chains_open(struct chains *c, const struct profile *p)
{
    struct strtab names = {0};
    uint32_t n = p->names.n, *counts = mem_zalloc((size_t)n + 1, sizeof *counts);
    *c = (struct chains){.bare = mem_zalloc((size_t)n + 1, sizeof *c->bare)};
    for (uint32_t i = 0; i < n; i++) {
        c->bare[i] = strtab_intern(&names, named_bare(profile_name(p, i)));
        counts[c->bare[i]]++;
    }
    for (uint32_t i = 0; i < n; i++)
        c->bare[i] = counts[c->bare[i]];
    free(counts);
    strtab_free(&names);
}

/* `{built-in method builtins.exec}` stays what it is. */
void chains_frame(struct chains *c, const struct profile *p, uint32_t function, bool recursive,
                  bool last)
{
    struct slice name = profile_name(p, function);
    if (c->bare[function] == 1 && named_has_place(name))
        name = named_bare(name);
    text_add_folded(&c->text, name);
    buf_adds(&c->text, recursive ? "*" : "");
    buf_adds(&c->text, last ? "" : ";");
}

void chains_row(struct chains *c, size_t off, const uint64_t shares[CHAINS_BY])
{
    c->rows = mem_grow(c->rows, &c->cap, c->nrows + 1, sizeof *c->rows);
    c->rows[c->nrows++] = (struct chain){off, c->text.n - off, {shares[BY_CALLS], shares[BY_TIME]}};
}

void chains_free(struct chains *c)
{
    free(c->rows);
    free(c->bare);
    buf_free(&c->text);
    *c = (struct chains){0};
}
