/* trace-dump - records as text, one JSON object a line; trace-load reads it back
 *   in: records     out: {"meta":…} lines, a line for each record, {"end":…}
 *   trace-parse big.json | kernel-classify | trace-dump | head                               */
#include "base/err.h"
#include "base/mem.h"
#include "base/opts.h"
#include "base/text.h"
#include "format/spool.h"
#include "io/output.h"
#include "trace/twin_link.h"
#include "trace/twin_profile.h"

#include <stdlib.h>

static const struct tool tool = {
    "trace-dump", "[OPTION]... [FILE]", "Print records as text, one JSON object a line.", {NULL}};

enum { RANK_MAX = 64 };

struct dump {
    struct output out;
    struct buf text;
    struct buf *ranks; /* of each part, as JSON */
    uint32_t nparts;
};

/* Words look like numbers where the trace may have had one. */
static bool looks_like_number(struct slice s)
{
    size_t i = s.n && s.p[0] == '-', digits = s.n - i;
    if (digits == 0 || digits > 19 || (s.p[i] == '0' && digits > 1))
        return false;
    for (; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

static void add_key(struct buf *b, const char *key)
{
    if (b->p[b->n - 1] != '{')
        buf_addc(b, ',');
    buf_addf(b, "\"%s\":", key);
}

static void add_text(struct buf *b, const char *key, struct slice s)
{
    add_key(b, key);
    text_add_json(b, s, TEXT_BYTES);
}

static void add_number_or_text(struct buf *b, struct slice s)
{
    if (looks_like_number(s))
        buf_add(b, s.p, s.n);
    else
        text_add_json(b, s, TEXT_BYTES);
}

static void add_word(const struct stream *s, struct buf *b, const char *key, uint32_t word)
{
    if (!word)
        return;
    add_key(b, key);
    add_number_or_text(b, stream_word(s, word));
}

static void add_integer(struct buf *b, const char *key, int64_t v)
{
    add_key(b, key);
    buf_addf(b, "%lld", (long long)v);
}

static void add_unsigned(struct buf *b, const char *key, uint64_t v)
{
    add_key(b, key);
    buf_addf(b, "%llu", (unsigned long long)v);
}

static void add_label(const struct stream *s, struct buf *b, unsigned kind, uint32_t name)
{
    const struct label *l = kind_role(kind) == ROLE_GPU ? stream_label(s, name) : NULL;
    if (!l)
        return;
    add_text(b, "op", strtab_get(&s->strings[ROLE_LABEL], l->op));
    add_text(b, "category", strtab_get(&s->strings[ROLE_LABEL], l->category));
    add_text(b, "library", strtab_get(&s->strings[ROLE_LABEL], l->library));
}

static void add_column(struct buf *b, const char *key, const struct frame *column, uint32_t row)
{
    uint64_t value;
    if (column->rows && frame_number(column, row, &value))
        add_unsigned(b, key, value);
}

static void add_args(struct buf *b, const struct frame *column, uint32_t row)
{
    struct slice text = column->rows ? frame_text(column, row) : slice_of(NULL, 0);
    if (text.n == 0)
        return;
    add_key(b, "args");
    buf_add(b, text.p, text.n);
}

static void add_link(const struct stream *s, struct buf *b, const struct batch *batch, uint32_t row)
{
    const struct link *link = stream_link(s, batch, row);
    if (link) {
        add_key(b, "link");
        twin_link_add(b, s, link);
    }
    add_column(b, "instance", &batch->columns[COLUMN_INSTANCE], row);
}

static void add_record(const struct dump *d, const struct stream *s, const struct batch *batch,
                       uint32_t row, struct buf *b)
{
    struct record r = record_get(batch->rows + (size_t)row * RECORD_BYTES);
    const struct track *t = &s->tracks[r.track - 1];
    const struct buf *rank = &d->ranks[batch->part];
    buf_addc(b, '{');
    if (t->ph)
        add_text(b, "ph", stream_word(s, t->ph));
    if (t->cat)
        add_text(b, "cat", stream_word(s, t->cat));
    if (r.name)
        add_text(b, "name", stream_name(s, batch->kind, r.name));
    if (!(t->flags & TRACK_NO_START))
        add_integer(b, "ts_ns", r.start_ns);
    if (slice_is(stream_word(s, t->ph), "X"))
        add_integer(b, "dur_ns", r.dur_ns);
    add_word(s, b, "pid", t->pid);
    add_word(s, b, "tid", t->tid);
    if (t->flags & TRACK_CORRELATION)
        add_unsigned(b, "correlation", r.correlation);
    add_column(b, "external_id", &batch->columns[COLUMN_EXTERNAL_ID], row);
    add_column(b, "sequence", &batch->columns[COLUMN_SEQUENCE], row);
    add_column(b, "fwd_thread", &batch->columns[COLUMN_FWD_THREAD], row);
    add_word(s, b, "stream", t->stream);
    add_word(s, b, "device", t->device);
    add_key(b, "rank");
    buf_add(b, rank->p, rank->n);
    add_column(b, "bytes", &batch->columns[COLUMN_BYTES], row);
    if (t->flags & TRACK_ENCLOSING)
        add_text(b, "bp", slice_str("e"));
    add_args(b, &batch->columns[COLUMN_ARGS], row);
    add_label(s, b, batch->kind, r.name);
    add_link(s, b, batch, row);
    buf_adds(b, "}\n");
}

/* A record of a profile, whose track says nothing. */
static void add_profile(const struct dump *d, const struct stream *s, const struct batch *batch,
                        uint32_t row, struct buf *b)
{
    struct record r = record_get(batch->rows + (size_t)row * RECORD_BYTES);
    const struct buf *rank = &d->ranks[batch->part];
    buf_addc(b, '{');
    add_text(b, "kind", slice_str(kind_name(batch->kind)));
    if (r.name)
        add_text(b, "name", stream_name(s, batch->kind, r.name));
    add_integer(b, "dur_ns", r.dur_ns);
    add_key(b, "rank");
    buf_add(b, rank->p, rank->n);
    twin_profile_add(b, s, batch, row);
    buf_adds(b, "}\n");
}

static int print_records(void *ctx, struct stream *s, const struct batch *batch, struct err *e)
{
    struct dump *d = ctx;
    if (batch->part >= d->nparts)
        return err_set(e, ST_FAILED, "%s: the stream changed while it was read", s->reader.in.name);
    for (uint32_t row = 0; row < batch->n; row++) {
        d->text.n = 0;
        if (KIND_BIT(batch->kind) & KINDS_PROFILE)
            add_profile(d, s, batch, row, &d->text);
        else
            add_record(d, s, batch, row, &d->text);
        if (output_write(&d->out, d->text.p, d->text.n, e) < 0)
            return -1;
    }
    return 0;
}

static int print_end(void *ctx, struct stream *s, struct err *e)
{
    struct dump *d = ctx;
    d->text.n = 0;
    buf_addf(&d->text, "{\"end\":{\"status\":%d,\"events\":%llu,\"lost\":%llu}}\n",
             opts_settle(s->totals.status, s->reader.in.name, e),
             (unsigned long long)s->totals.events, (unsigned long long)s->totals.lost);
    return output_write(&d->out, d->text.p, d->text.n, e);
}

static void keep_ranks(struct dump *d, const struct stream *s)
{
    char text[RANK_MAX];
    d->nparts = s->nparts;
    d->ranks = mem_zalloc(s->nparts, sizeof *d->ranks);
    for (uint32_t part = 0; part < s->nparts; part++)
        add_number_or_text(&d->ranks[part],
                           slice_of(text, parts_rank(&s->parts, part, text, sizeof text)));
}

static int print_keys(struct dump *d, const struct stream *s, struct err *e)
{
    d->text.n = 0;
    if (s->keys.n == 0)
        return 0;
    for (uint32_t id = 1; id <= s->keys.n; id++) {
        buf_adds(&d->text, id == 1 ? "{\"meta\":{\"keys\":[" : ",");
        text_add_json(&d->text, strtab_get(&s->keys, id), TEXT_BYTES);
    }
    buf_adds(&d->text, "]}}\n");
    return output_write(&d->out, d->text.p, d->text.n, e);
}

/* {"meta":{"rank":R}} for every part, and a line for each of its keys. */
static int print_meta_line(struct dump *d, uint32_t part, const struct meta *m, struct err *e)
{
    struct buf *b = &d->text;
    b->n = 0;
    buf_adds(b, "{\"meta\":{\"rank\":");
    buf_add(b, d->ranks[part].p, d->ranks[part].n);
    if (m) {
        buf_addc(b, ',');
        text_add_json(b, m->key, TEXT_BYTES);
        buf_addc(b, ':');
        buf_add(b, m->json.p, m->json.n);
    }
    buf_adds(b, "}}\n");
    return output_write(&d->out, b->p, b->n, e);
}

static int print_part(struct dump *d, const struct stream *s, uint32_t part, struct err *e)
{
    if (print_meta_line(d, part, NULL, e) < 0)
        return -1;
    for (size_t i = 0; i < s->parts.n; i++) {
        const struct meta *m = &s->parts.rows[i];
        if (m->part == part && !slice_is(m->key, "rank") && print_meta_line(d, part, m, e) < 0)
            return -1;
    }
    return 0;
}

/* The first pass: metadata may come after the records that it belongs to. */
static int print_meta(void *ctx, struct stream *s, struct err *e)
{
    struct dump *d = ctx;
    if (opts_settle(s->totals.status, s->reader.in.name, e) < 0)
        return -1;
    keep_ranks(d, s);
    if (print_keys(d, s, e) < 0)
        return -1;
    for (uint32_t part = 0; part < d->nparts; part++)
        if (print_part(d, s, part, e) < 0)
            return -1;
    return 0;
}

/* Returns the status of the stream, or -1. */
static int dump(const char *path, struct err *e)
{
    struct dump d = {0};
    const struct sink meta = {.ctx = &d, .end = print_meta, .silent = true};
    const struct sink records = {
        .ctx = &d, .kinds = KINDS_ALL, .columns = true, .records = print_records, .end = print_end};
    struct spool in;
    if (spool_open(&in, path, NULL, e) < 0 || output_open(&d.out, opts_common.output, e) < 0)
        return -1;
    int status = spool_run(&in, &meta, e);
    if (status >= 0)
        status = spool_run(&in, &records, e);
    spool_close(&in);
    if (status < 0)
        output_drop(&d.out);
    else if (output_close(&d.out, e) < 0)
        status = -1;
    for (uint32_t part = 0; part < d.nparts; part++)
        buf_free(&d.ranks[part]);
    free(d.ranks);
    buf_free(&d.text);
    return status;
}

int main(int argc, char **argv)
{
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    if (argc - first > 1)
        die(ST_USAGE, "one file at a time, not %d", argc - first);
    int status = dump(first < argc ? argv[first] : NULL, &e);
    if (status < 0)
        die_err(&e);
    return status;
}
