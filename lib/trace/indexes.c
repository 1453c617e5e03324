#include "trace/indexes.h"

#include "base/mem.h"
#include "format/index_place.h"
#include "trace/reader_id.h"

#include <stdlib.h>

/* Names that mean a descriptor have another file behind them each time. */
static bool is_descriptor(const char *name)
{
    static const char *const names[] = {"/dev/stdin", "/dev/fd/", "/proc/"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(name, names[i], strlen(names[i])) == 0)
            return true;
    return strcmp(name, "-") == 0;
}

bool indexes_can(const struct input *in, const char *name)
{
    return in->size > 0 && name && !is_descriptor(name);
}

int indexes_may(const char *name, struct err *e)
{
    struct stat st;
    if (strcmp(name, "-") == 0)
        return err_set(e, ST_FAILED, "standard input can have no index");
    if (stat(name, &st) < 0 || S_ISDIR(st.st_mode))
        return 0; /* opening it says that better */
    if (!S_ISREG(st.st_mode))
        return err_set(e, ST_FAILED, "%s: only a file can have an index", name);
    return st.st_size > 0 ? 0 : err_set(e, ST_FAILED, "%s: empty", name);
}

int indexes_open(struct index *ix, const char *path, const struct input *in, bool *there,
                 struct err *e)
{
    if (index_open(ix, path, there, e) < 0)
        return -1;
    if (index_match(ix, input_fd(in), in->name, reader_id, e) == 0)
        return 0;
    index_close(ix);
    return -1;
}

int indexes_find(struct index *ix, const struct input *in, const char *dir, struct err *e)
{
    struct index_places places;
    bool there, found = false;
    struct err why;
    err_set(e, ST_FAILED, "%s: there is no index", in->name);
    index_places(&places, in->name, dir);
    for (int i = 0; i < places.n && !found; i++) {
        found = indexes_open(ix, places.paths[i], in, &there, &why) == 0;
        if (!found && there)
            *e = why;
    }
    index_places_free(&places);
    return found ? 0 : -1;
}

struct index_maker *indexes_begin(const struct input *in, const char *dir, struct writer *w,
                                  struct err *e)
{
    struct index_places places;
    struct index_maker *m = NULL;
    index_places(&places, in->name, dir);
    if (!places.write)
        err_set(e, ST_FAILED, "%s: no folder for an index; see --index-dir", in->name);
    else if (index_place_ready(&places, e) == 0)
        m = index_make(places.write, input_fd(in), in->name, reader_id, e);
    index_places_free(&places);
    if (!m)
        return NULL;
    writer_restart(w);
    w->tee = index_make_tee;
    w->tee_ctx = m;
    return m;
}

static struct index_damage *damages_of(struct source *s)
{
    struct index_damage *list = mem_zalloc(s->damages.n, sizeof *list);
    for (size_t i = 0; i < s->damages.n; i++) {
        const struct damage *d = &s->damages.rows[i];
        struct slice cat = {0};
        list[i] = (struct index_damage){.off_bytes = d->off_bytes,
                                        .structural = d->tally == DAMAGE_STRUCTURAL,
                                        .why = slice_str(d->why)};
        if (!list[i].structural)
            list[i].kind = source_tally_kind(s, d->tally, &cat);
        if (cat.p)
            list[i].cat = writer_string(s->w, ROLE_WORD, cat);
    }
    return list;
}

void indexes_seal(struct index_maker *m, struct source *s)
{
    struct index_contents c = {.part = s->part,
                               .ndamages = (uint32_t)s->damages.n,
                               .structural = s->structural,
                               .rank = s->rank};
    writer_begin(s->w);
    struct tally *rows = source_tally(s, &c.totals.nrows);
    struct index_damage *damages = damages_of(s);
    c.totals.rows = rows;
    c.damages = damages;
    writer_flush(s->w); /* the words that they name */
    s->w->tee = NULL;
    index_make_seal(m, &c);
    free(rows);
    free(damages);
}
