#include "trace/twin.h"

#include "base/mem.h"
#include "base/num.h"
#include "trace/pull.h"
#include "trace/twin_link.h"
#include "trace/twin_profile.h"

#include <stdio.h>
#include <stdlib.h>

enum field {
    TW_PH,
    TW_CAT,
    TW_NAME,
    TW_TS_NS,
    TW_DUR_NS,
    TW_PID,
    TW_TID,
    TW_CORRELATION,
    TW_EXTERNAL_ID,
    TW_SEQUENCE,
    TW_FWD_THREAD,
    TW_STREAM,
    TW_DEVICE,
    TW_RANK,
    TW_BYTES,
    TW_BP,
    TW_OP,
    TW_CATEGORY,
    TW_LIBRARY,
    TW_INSTANCE,
    TW_FIELDS
};

static const char *const field_keys[TW_FIELDS] = {
    "ph",          "cat",         "name",     "ts_ns",      "dur_ns",  "pid",     "tid",
    "correlation", "external_id", "sequence", "fwd_thread", "stream",  "device",  "rank",
    "bytes",       "bp",          "op",       "category",   "library", "instance"};

/* One line. */
struct line {
    struct slice fields[TW_FIELDS]; /* p == NULL where absent */
    struct buf texts[TW_FIELDS];    /* what they point to where a text had to be decoded */
    struct buf args;
    struct buf meta_key, meta_json;
    struct twin_link link;
    struct twin_profile profile;
    bool is_meta, is_end, has_args, has_meta, has_link;
    uint64_t status, events, lost;
    const char *fault; /* it is JSON, but none of the forms */
};

struct twin {
    struct source *s;
    struct line line;
    struct strtab ranks;    /* rank i + 1 is part i */
    struct strtab labelled; /* ids of GPU names that have a label in the stream, as bytes */
    unsigned epoch;
    uint64_t begin; /* of the line, in the file */
    struct err *e;
};

/* Text ----------------------------------------------------------------------------------------- */

/* U+DC80 to U+DCFF in their three-byte form stand for the bytes 80 to FF. */
static void bytes_from_surrogates(struct buf *b)
{
    size_t out = 0;
    for (size_t i = 0; i < b->n; i++, out++) {
        const uint8_t *p = b->p + i;
        bool byte = b->n - i >= 3 && p[0] == 0xED && (p[1] & 0xFE) == 0xB2;
        b->p[out] = byte ? (uint8_t)((p[1] & 1) << 6 | (p[2] & 0x3F) | 0x80) : *p;
        i += byte ? 2 : 0;
    }
    b->n = out;
}

struct slice twin_text(struct json_string s, struct buf *scratch)
{
    if (!s.escaped)
        return s.raw.p ? s.raw : slice_str("");
    scratch->n = 0;
    json_decode(s.raw, scratch);
    bytes_from_surrogates(scratch);
    return scratch->p ? buf_slice(scratch) : slice_str("");
}

/* One line of text ----------------------------------------------------------------------------- */

static void take_scalar(struct json_cursor *c, struct line *l, unsigned f)
{
    struct json_value v;
    if (!json_value(c, &v))
        return;
    if (v.type == JSON_OBJECT || v.type == JSON_ARRAY) {
        l->fault = "an object or array where text or a number should stand";
        json_skip(c);
        return;
    }
    l->fields[f] = twin_text(v.text, &l->texts[f]);
}

static void take_count(struct json_cursor *c, struct line *l, uint64_t *out)
{
    struct json_value v;
    if (!json_value(c, &v))
        return;
    if (v.type != JSON_WORD || !num_u64(v.text.raw, out))
        l->fault = "a count that is no whole number";
    if (v.type == JSON_OBJECT || v.type == JSON_ARRAY)
        json_skip(c);
}

static void read_end(struct json_cursor *c, struct line *l)
{
    struct json_string key;
    l->is_end = true;
    for (json_enter(c); json_member(c, &key);)
        if (slice_is(key.raw, "status"))
            take_count(c, l, &l->status);
        else if (slice_is(key.raw, "events"))
            take_count(c, l, &l->events);
        else if (slice_is(key.raw, "lost"))
            take_count(c, l, &l->lost);
        else
            json_skip(c);
}

static void read_meta(struct json_cursor *c, struct line *l)
{
    struct json_string key;
    l->is_meta = true;
    for (json_enter(c); json_member(c, &key);) {
        if (slice_is(key.raw, "rank") && !l->fields[TW_RANK].p) {
            take_scalar(c, l, TW_RANK);
            continue;
        }
        l->has_meta = true;
        l->meta_key.n = l->meta_json.n = 0;
        struct slice k = twin_text(key, &l->meta_key);
        if (k.p != l->meta_key.p)
            buf_add(&l->meta_key, k.p, k.n);
        json_copy(c, &l->meta_json);
    }
}

static void take_field(struct json_cursor *c, struct line *l, struct slice key)
{
    unsigned f = 0;
    const char *why = NULL;
    while (f < TW_FIELDS && !slice_is(key, field_keys[f]))
        f++;
    if (f < TW_FIELDS) {
        take_scalar(c, l, f);
    } else if (slice_is(key, "args")) {
        l->args.n = 0;
        l->has_args = json_copy(c, &l->args);
    } else if (slice_is(key, "link")) {
        why = twin_link_take(c, &l->link);
        l->has_link = true;
    } else if (!twin_profile_take(c, &l->profile, key, &why)) {
        why = "a key that trace-dump does not write";
        json_skip(c);
    }
    l->fault = why ? why : l->fault;
}

static bool line_piece(struct json_cursor *c, void *ctx)
{
    struct line *l = ctx;
    struct json_string key;
    memset(l->fields, 0, sizeof l->fields);
    l->is_meta = l->is_end = l->has_args = l->has_meta = l->has_link = false;
    l->fault = NULL;
    twin_profile_begin(&l->profile);
    if (*c->p != '{')
        return json_bad(c, "a line that is no JSON object");
    for (json_enter(c); json_member(c, &key);)
        if (slice_is(key.raw, "end") && *c->p == '{')
            read_end(c, l);
        else if (slice_is(key.raw, "meta") && *c->p == '{')
            read_meta(c, l);
        else
            take_field(c, l, key.raw);
    return !c->fault;
}

/* From a line to records ----------------------------------------------------------------------- */

static const char *take_number(struct slice s, uint64_t *out, bool *has)
{
    *has = s.p != NULL;
    return *has && !num_u64(s, out) ? "a number that is no whole number" : NULL;
}

static const char *take_time(struct slice s, int64_t *out, bool *has)
{
    *has = s.p != NULL;
    return *has && num_scaled(s, 0, out) != NUM_OK ? "a time that is no whole number" : NULL;
}

static const char *event_of(const struct line *l, struct event *ev)
{
    const struct slice *f = l->fields;
    bool has_dur;
    *ev = (struct event){.ph = f[TW_PH],
                         .cat = f[TW_CAT],
                         .name = f[TW_NAME],
                         .pid = f[TW_PID],
                         .tid = f[TW_TID],
                         .device = f[TW_DEVICE],
                         .stream = f[TW_STREAM],
                         .enclosing = f[TW_BP].p && slice_is(f[TW_BP], "e")};
    if (l->has_args)
        ev->args = buf_slice(&l->args);
    if (!ev->ph.p)
        return "a record without ph";
    const char *why = take_time(f[TW_TS_NS], &ev->start_ns, &ev->has_start);
    if (!why)
        why = take_time(f[TW_DUR_NS], &ev->dur_ns, &has_dur);
    if (!why)
        why = take_number(f[TW_CORRELATION], &ev->correlation, &ev->has_correlation);
    if (!why)
        why = take_number(f[TW_EXTERNAL_ID], &ev->external_id, &ev->has_external_id);
    if (!why)
        why = take_number(f[TW_SEQUENCE], &ev->sequence, &ev->has_sequence);
    if (!why)
        why = take_number(f[TW_FWD_THREAD], &ev->fwd_thread, &ev->has_fwd_thread);
    if (!why)
        why = take_number(f[TW_BYTES], &ev->bytes, &ev->has_bytes);
    if (!why && ev->dur_ns < 0)
        why = "a negative dur_ns";
    if (!why && slice_is(ev->ph, "X") && !(ev->has_start && has_dur))
        why = "an X without ts_ns or dur_ns";
    return why;
}

static const char *profile_of(const struct line *l, int64_t *dur_ns)
{
    const unsigned own = 1u << TW_NAME | 1u << TW_DUR_NS | 1u << TW_RANK;
    bool has_dur;
    if (!l->profile.kind)
        return "a record without kind that has what only those of profiles have";
    for (unsigned f = 0; f < TW_FIELDS; f++)
        if (l->fields[f].p && !(own >> f & 1))
            return "a record of a profile with what those do not have";
    if (l->has_args || l->has_link)
        return "a record of a profile with args or a link";
    const char *why = take_time(l->fields[TW_DUR_NS], dur_ns, &has_dur);
    if (!why && !has_dur)
        why = "a record of a profile without dur_ns";
    return !why && *dur_ns < 0 ? "a negative dur_ns" : why;
}

/* Goes to the part of the line's rank, which is a new one at its first sight. */
static void choose_part(struct twin *t)
{
    struct slice rank = t->line.fields[TW_RANK].p ? t->line.fields[TW_RANK] : slice_str("0");
    uint32_t before = t->ranks.n, part = strtab_intern(&t->ranks, rank) - 1;
    if (part != t->s->part || before == 0)
        source_part(t->s, part);
    if (t->ranks.n > before) {
        struct buf json = {0};
        uint64_t number;
        buf_addf(&json, num_u64(rank, &number) ? "%.*s" : "\"%.*s\"", (int)rank.n,
                 (const char *)rank.p);
        source_meta(t->s, "rank", buf_slice(&json));
        buf_free(&json);
    }
}

static void write_label(struct twin *t, const struct event *ev)
{
    struct writer *w = t->s->w;
    const struct slice *f = t->line.fields;
    uint8_t id[4];
    if (!f[TW_OP].p || !ev->name.p || kind_role(kind_of(ev->ph, ev->cat)) != ROLE_GPU)
        return;
    struct label l = {.name = writer_string(w, ROLE_GPU, ev->name)};
    if (t->epoch != w->epoch)
        strtab_clear(&t->labelled);
    t->epoch = w->epoch;
    put_u32(id, l.name);
    uint32_t before = t->labelled.n;
    if (strtab_intern(&t->labelled, slice_of(id, 4)) <= before)
        return;
    l.op = writer_string(w, ROLE_LABEL, f[TW_OP]);
    l.category = f[TW_CATEGORY].p ? writer_string(w, ROLE_LABEL, f[TW_CATEGORY]) : 0;
    l.library = f[TW_LIBRARY].p ? writer_string(w, ROLE_LABEL, f[TW_LIBRARY]) : 0;
    writer_labels(w, &l, 1);
}

static const char *take_instance(const struct line *l, const struct event *ev, uint64_t *instance)
{
    bool has;
    const char *why = take_number(l->fields[TW_INSTANCE], instance, &has);
    if (!why && (has || l->has_link) && kind_role(kind_of(ev->ph, ev->cat)) != ROLE_GPU)
        why = "a link or an instance of what is no GPU activity";
    return why;
}

/* Columns of the record that was written last. */
static void write_link(struct twin *t, const struct event *ev, uint64_t instance)
{
    struct writer *w = t->s->w;
    enum kind kind = kind_of(ev->ph, ev->cat);
    if (t->line.has_link)
        writer_number(w, kind, COLUMN_LINK, twin_link_write(w, &t->line.link));
    if (t->line.fields[TW_INSTANCE].p)
        writer_number(w, kind, COLUMN_INSTANCE, instance);
}

/* ["op", "category", …]: names of keys. */
static void write_keys(struct twin *t)
{
    struct strtab names = {0};
    struct buf scratch = {0};
    struct json_value v;
    struct slice json = buf_slice(&t->line.meta_json);
    struct json_cursor c = json_at(json.p, json.p + json.n);
    bool more = json.n && *json.p == '[' && json_enter(&c);
    while (more && json_element(&c))
        if (*c.p != '"')
            json_skip(&c);
        else if (json_value(&c, &v))
            strtab_intern(&names, twin_text(v.text, &scratch));
    writer_keys(t->s->w, &names);
    buf_free(&scratch);
    strtab_free(&names);
}

static void take_meta(struct twin *t)
{
    const struct line *l = &t->line;
    struct slice key = buf_slice(&l->meta_key);
    if (l->has_meta && !l->fields[TW_RANK].p && slice_is(key, "keys")) {
        write_keys(t);
        return;
    }
    choose_part(t);
    if (l->has_meta)
        writer_meta(t->s->w, t->s->part, key, buf_slice(&l->meta_json));
}

static const char *take_profile(struct twin *t)
{
    const struct line *l = &t->line;
    int64_t dur_ns;
    const char *why = profile_of(l, &dur_ns);
    if (why)
        return why;
    choose_part(t);
    twin_profile_write(t->s, &l->profile, l->fields[TW_NAME], dur_ns);
    return NULL;
}

static const char *take_event(struct twin *t)
{
    struct event ev;
    uint64_t instance;
    const char *why = event_of(&t->line, &ev);
    if (!why)
        why = take_instance(&t->line, &ev, &instance);
    if (why)
        return why;
    choose_part(t);
    source_event(t->s, &ev);
    write_link(t, &ev, instance);
    write_label(t, &ev);
    return NULL;
}

static int take_line(struct twin *t)
{
    const struct line *l = &t->line;
    const char *why = l->fault;
    if (!why && l->is_meta)
        take_meta(t);
    else if (!why && !l->is_end)
        why = twin_profile_any(&l->profile) ? take_profile(t) : take_event(t);
    return why ? err_set(t->e, ST_FAILED,
                         "%s: byte %llu: not what trace-dump prints: %s; a profiler's trace goes "
                         "through trace-parse",
                         t->s->in.name, (unsigned long long)t->begin, why)
               : 0;
}

static int read_lines(struct twin *t)
{
    struct source *s = t->s;
    struct pull_fault fault;
    for (;;) {
        enum pull r = pull_space(s, false, t->e);
        if (r == PULL_END)
            return 0;
        if (r == PULL_OK && t->line.is_end)
            return err_set(t->e, ST_FAILED, "%s: byte %llu: text after the end line", s->in.name,
                           (unsigned long long)input_offset(&s->in, s->in.p));
        t->begin = input_offset(&s->in, s->in.p);
        if (r == PULL_OK)
            r = pull(s, line_piece, &t->line, INPUT_HOLD_MAX, &fault, t->e);
        if (r == PULL_ERROR)
            return -1;
        if (r != PULL_OK)
            return err_set(t->e, ST_FAILED, "%s: byte %llu: not what trace-dump prints: %s",
                           s->in.name, (unsigned long long)input_offset(&s->in, s->in.p + fault.at),
                           fault.why ? fault.why : "cut off");
        if (take_line(t) < 0 || writer_stopped(s->w))
            return -1;
    }
}

int twin_read(struct source *s, struct totals *totals, struct err *e)
{
    struct twin t = {.s = s, .e = e};
    int rc = read_lines(&t);
    const struct line *l = &t.line;
    if (rc == 0 && !l->is_end)
        rc = err_set(e, ST_FAILED, "%s: no end line: the text was cut", s->in.name);
    else if (rc == 0 && l->status != ST_WHOLE && l->status != ST_INCOMPLETE)
        rc = err_set(e, ST_FAILED, "%s: impossible status in the end line", s->in.name);
    totals->status = (int)l->status;
    totals->lost = l->lost;
    source_count(s, 0, slice_of(NULL, 0), 0, l->lost);
    for (unsigned f = 0; f < TW_FIELDS; f++)
        buf_free(&t.line.texts[f]);
    buf_free(&t.line.args);
    twin_link_free(&t.line.link);
    twin_profile_free(&t.line.profile);
    buf_free(&t.line.meta_key);
    buf_free(&t.line.meta_json);
    strtab_free(&t.ranks);
    strtab_free(&t.labelled);
    return rc;
}
