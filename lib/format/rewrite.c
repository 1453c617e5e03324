#include "format/rewrite.h"

#include "base/mem.h"

#include <stdlib.h>

/* Runs ----------------------------------------------------------------------------------------- */

struct run {
    struct rewrite *r;
    rewrite_look *look;
    void *ctx;
};

static int on_records(void *ctx, struct stream *s, const struct batch *b, struct err *e)
{
    struct run *run = ctx;
    struct rewrite *r = run->r;
    struct batch joined = *b;
    if (r->opened && b->part >= r->file->nparts)
        return err_set(e, ST_FAILED, "%s: the stream changed while it was read", s->reader.in.name);
    joined.part += r->file->part;
    return run->look(run->ctx, s, &joined, e);
}

int rewrite_run(struct rewrite *r, unsigned kinds, rewrite_look *look, struct err *e)
{
    struct run run = {r, look, r->ctx};
    const struct sink sink = {
        .ctx = &run, .kinds = kinds, .columns = true, .silent = true, .records = on_records};
    for (int i = 0; i < r->nfiles; i++) {
        r->file = &r->files[i];
        if (spool_run(&r->file->in, &sink, e) < 0)
            return -1;
    }
    return 0;
}

/* The first run: what streams say of themselves ------------------------------------------------ */

static int see_start(void *ctx, struct stream *s, struct err *e)
{
    struct run *run = ctx;
    (void)e;
    run->r->file->contents = s->contents;
    return 0;
}

static void add_meta(struct rewrite *r, const struct stream *s)
{
    for (size_t i = 0; i < s->parts.n; i++) {
        const struct meta *m = &s->parts.rows[i];
        parts_set(&r->parts, r->file->part + m->part, m->key, m->json);
    }
}

/* Losses stay, records are counted anew. */
static void add_losses(struct rewrite *r, const struct stream *s)
{
    for (uint32_t i = 0; i < s->totals.nrows; i++) {
        const struct tally *t = &s->totals.rows[i];
        struct slice cat = t->cat ? stream_word(s, t->cat) : slice_of(NULL, 0);
        if (t->lost) {
            size_t at = tallies_at(&r->counts, r->file->part + t->part, t->kind, cat);
            r->counts.lost[at] += t->lost;
        }
    }
    r->lost += s->totals.lost;
    r->skipped += s->totals.skipped;
    r->came += s->totals.events;
}

static uint32_t count_parts(const struct stream *s)
{
    uint32_t n = s->nparts;
    for (uint32_t i = 0; i < s->totals.nrows; i++)
        if (s->totals.rows[i].part >= n)
            n = s->totals.rows[i].part < PARTS_MAX ? s->totals.rows[i].part + 1 : PARTS_MAX + 1;
    return n;
}

static int see_end(void *ctx, struct stream *s, struct err *e)
{
    struct run *run = ctx;
    struct rewrite *r = run->r;
    struct rewrite_file *f = r->file;
    f->part = r->nparts;
    f->nparts = count_parts(s);
    if (f->nparts > PARTS_MAX - r->nparts)
        return err_set(e, ST_FAILED, "%s: more parts than any stream has", s->reader.in.name);
    r->nparts += f->nparts;
    f->came = s->totals.events;
    for (uint32_t id = 1; id <= s->keys.n; id++)
        strtab_intern(&f->keys, strtab_get(&s->keys, id));
    add_meta(r, s);
    add_losses(r, s);
    return 0;
}

static bool all_have(const struct rewrite *r, struct slice key)
{
    for (int i = 0; i < r->nfiles; i++)
        if (!strtab_find(&r->files[i].keys, key))
            return false;
    return true;
}

/* A key that only some of them have would make a group of the others' records. */
static void join_keys(struct rewrite *r)
{
    struct strtab left = {0};
    struct buf names = {0};
    for (int i = 0; i < r->nfiles; i++)
        for (uint32_t id = 1; id <= r->files[i].keys.n; id++) {
            struct slice key = strtab_get(&r->files[i].keys, id);
            strtab_intern(all_have(r, key) ? &r->keys : &left, key);
        }
    for (uint32_t id = 1; id <= left.n; id++) {
        struct slice key = strtab_get(&left, id);
        buf_addc(&names, ' ');
        buf_add(&names, key.p, key.n);
    }
    buf_addc(&names, '\0');
    if (left.n > 0)
        msg_note("not all inputs have the keys that are left out therefore:%s", (char *)names.p);
    buf_free(&names);
    strtab_free(&left);
}

static int open_all(struct rewrite *r, char **operands, int n, struct output *out, struct err *e)
{
    r->files = mem_zalloc(n > 0 ? (size_t)n : 1, sizeof *r->files);
    for (int i = 0; i < n || (n == 0 && i == 0); i++, r->nfiles++)
        if (spool_open(&r->files[i].in, n > 0 ? operands[i] : NULL, out, e) < 0)
            return -1;
    return 0;
}

int rewrite_open(struct rewrite *r, int n, char **operands, struct output *out, rewrite_look *look,
                 struct err *e)
{
    struct run run = {r, look, r->ctx};
    const struct sink sink = {.ctx = &run,
                              .kinds = look ? KINDS_ALL : 0,
                              .start = see_start,
                              .records = on_records,
                              .end = see_end};
    if (open_all(r, operands, n, out, e) < 0)
        return -1;
    for (int i = 0; i < r->nfiles; i++) {
        r->file = &r->files[i];
        r->file->part = r->nparts;
        int status = spool_run(&r->file->in, &sink, e);
        if (status < 0)
            return -1;
        r->status = status_worst(r->status, status);
    }
    join_keys(r);
    r->opened = true;
    return 0;
}

/* Records -------------------------------------------------------------------------------------- */

static void count(struct rewrite *r, const struct stream *s, const struct batch *b, uint32_t track)
{
    struct rewrite_counter *c = &r->counters[track];
    uint32_t cat = s->tracks[track - 1].cat;
    if (c->batch != r->batches) {
        struct slice text = cat ? stream_word(s, cat) : slice_of(NULL, 0);
        *c = (struct rewrite_counter){r->batches, tallies_at(&r->counts, b->part, b->kind, text)};
    }
    r->counts.events[c->at]++;
    r->kept++;
}

static void begin_counting(struct rewrite *r, const struct stream *s)
{
    r->counters =
        mem_grow_zeroed(r->counters, &r->counters_cap, (size_t)s->ntracks + 1, sizeof *r->counters);
    r->batches++;
}

/* What a table of contents has before it: names, labels and links of GPU activity. */
static void announce_row(struct rewrite *r, const struct stream *s, const struct batch *b,
                         uint32_t row, const struct record *rec)
{
    const struct link *link = stream_link(s, b, row);
    if (!(KIND_BIT(b->kind) & KINDS_GPU))
        return;
    (void)copy_name(&r->copy, s, ROLE_GPU, rec->name);
    if (link)
        (void)copy_link(&r->copy, s, (uint32_t)(link - s->links) + 1);
}

static int take_row(struct rewrite *r, const struct stream *s, const struct batch *b, uint32_t row,
                    struct err *e)
{
    struct record rec = record_get(b->rows + (size_t)row * RECORD_BYTES);
    int keep = r->keep(r->ctx, s, b, row, &rec, e);
    if (keep <= 0)
        return keep;
    if (r->announcing || !r->announced)
        count(r, s, b, rec.track);
    if (r->announcing)
        announce_row(r, s, b, row, &rec);
    else
        copy_record(&r->copy, s, b, row, rec);
    return 0;
}

/* Tables do not start anew before the GPU activity that a table of contents has announced is out.
 */
static bool may_renew(const struct rewrite *r, const struct batch *b)
{
    return !r->announcing && !(r->announced && KIND_BIT(b->kind) & KINDS_GPU);
}

static int take_batch(void *ctx, const struct stream *s, const struct batch *b, struct err *e)
{
    struct rewrite *r = ctx;
    bool renew = may_renew(r, b);
    if (r->batch && r->batch(r->ctx, s, b, e) < 0)
        return -1;
    if (!r->announcing && b->part != r->w.part)
        writer_part(&r->w, b->part);
    if (renew)
        copy_ready(&r->copy, s);
    copy_keep_up(&r->copy, s);
    begin_counting(r, s);
    for (uint32_t row = 0; row < b->n; row++) {
        if (renew)
            copy_ready(&r->copy, s);
        if (take_row(r, s, b, row, e) < 0)
            return -1;
    }
    if (!r->announcing)
        labels_send(&r->labels, &r->w);
    if (writer_stopped(&r->w))
        *e = r->w.err;
    return writer_stopped(&r->w) ? -1 : 0;
}

static void on_forget(void *ctx, struct stream *s)
{
    struct run *run = ctx;
    copy_settle(&run->r->copy, s);
}

static int on_end(void *ctx, struct stream *s, struct err *e)
{
    struct rewrite *r = ((struct run *)ctx)->r;
    copy_settle(&r->copy, s);
    if (s->totals.events != r->file->came)
        return err_set(e, ST_FAILED, "%s: the stream changed while it was read", s->reader.in.name);
    return r->copy.instances_wrong
               ? err_set(e, ST_FAILED, "%s: more instances than can be numbered together",
                         s->reader.in.name)
               : labels_end(&r->labels, e);
}

/* What is copied of each file begins with nothing known. */
static void begin_copy(struct rewrite *r)
{
    copy_begin(&r->copy, &r->w);
    labels_begin(&r->labels);
    r->copy.labels = &r->labels;
    r->copy.rename = r->rename;
    r->copy.ctx = r->ctx;
    r->copy.instances = r->instances;
}

static int take_all(struct rewrite *r, unsigned kinds, struct err *e)
{
    struct run run = {r, take_batch, r};
    const struct sink sink = {.ctx = &run,
                              .kinds = kinds,
                              .columns = true,
                              .silent = true,
                              .records = on_records,
                              .end = on_end,
                              .forget = on_forget};
    int status = 0;
    for (int i = 0; i < r->nfiles && status >= 0; i++) {
        r->file = &r->files[i];
        begin_copy(r);
        status = spool_run(&r->file->in, &sink, e);
        if (r->copy.instances_next > r->instances)
            r->instances = r->copy.instances_next;
        copy_end(&r->copy);
    }
    return status < 0 ? -1 : 0;
}

/* The whole ------------------------------------------------------------------------------------ */

static void begin(struct rewrite *r, struct output *out)
{
    writer_open(&r->w, out);
    writer_keys(&r->w, &r->keys);
    for (size_t i = 0; i < r->parts.n; i++)
        writer_meta(&r->w, r->parts.rows[i].part, r->parts.rows[i].key, r->parts.rows[i].json);
}

static struct totals make_totals(struct rewrite *r)
{
    struct totals t = {.status = r->status,
                       .events = r->kept,
                       .lost = r->lost,
                       .skipped = r->skipped + (r->came - r->kept)};
    t.rows = tallies_rows(&r->counts, &r->w, &t.nrows);
    return t;
}

static int announce(struct rewrite *r, struct err *e)
{
    r->announcing = true;
    if (take_all(r, KINDS_ALL, e) < 0)
        return -1;
    r->announcing = false;
    r->announced = true;
    labels_send(&r->labels, &r->w);
    struct totals t = make_totals(r);
    writer_contents(&r->w, &t);
    free((void *)(uintptr_t)t.rows);
    return 0;
}

static bool all_announced(const struct rewrite *r)
{
    for (int i = 0; i < r->nfiles; i++)
        if (!r->files[i].contents)
            return false;
    return true;
}

static int write_records(struct rewrite *r, struct err *e)
{
    if (!all_announced(r))
        return take_all(r, KINDS_ALL, e);
    if (announce(r, e) < 0 || take_all(r, KINDS_GPU, e) < 0)
        return -1;
    writer_flush(&r->w);
    return take_all(r, KINDS_ALL & ~(unsigned)KINDS_GPU, e);
}

static int end(struct rewrite *r, struct err *e)
{
    if (r->w.events != r->kept)
        return err_set(e, ST_FAILED, "the stream changed while it was read");
    if (r->check && r->check(r->ctx, e) < 0)
        return -1;
    writer_begin(&r->w);
    struct totals t = make_totals(r);
    int rc = writer_end(&r->w, &t, e);
    free((void *)(uintptr_t)t.rows);
    return rc;
}

int rewrite_write(struct rewrite *r, struct output *out, struct err *e)
{
    begin(r, out);
    int rc = write_records(r, e);
    if (rc == 0)
        rc = end(r, e);
    else if (writer_dismissed(&r->w))
        rc = 0;
    if (rc < 0)
        writer_drop(&r->w);
    return rc < 0 ? -1 : r->status;
}

void rewrite_free(struct rewrite *r)
{
    for (int i = 0; i < r->nfiles; i++) {
        spool_close(&r->files[i].in);
        strtab_free(&r->files[i].keys);
    }
    free(r->files);
    parts_free(&r->parts);
    strtab_free(&r->keys);
    tallies_free(&r->counts);
    free(r->counters);
    labels_free(&r->labels);
}
