#include "format/taking.h"

#include "base/mem.h"
#include "base/opts.h"

#include <stdlib.h>

int taking_bad(const struct stream *s, struct err *e, const char *what)
{
    return err_set(e, ST_FAILED, "%s: byte %llu: %s", s->reader.in.name,
                   (unsigned long long)input_offset(&s->reader.in, s->reader.in.p), what);
}

/* How many records that the sink wants the table of contents announces. */
static uint64_t count_wanted(const struct totals *t, unsigned kinds)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < t->nrows; i++)
        if (kinds_have(kinds, t->rows[i].kind))
            n += t->rows[i].events;
    return n;
}

static int check_count(const struct stream *s, struct err *e)
{
    return s->records == s->totals.events
               ? 0
               : taking_bad(s, e, "the end mark counts other records than came");
}

int stream_check(const struct stream *s, const struct batch *b, struct err *e)
{
    uint32_t names = s->strings[kind_role(b->kind)].n, tracks = s->ntracks;
    for (uint32_t i = 0; i < b->n; i++) {
        const uint8_t *p = b->rows + (size_t)i * RECORD_BYTES;
        uint32_t track = get_u32(p + 28);
        if (get_u32(p + 24) > names || track == 0 || track > tracks)
            return taking_bad(s, e, "a record names a string or track that was not sent");
        if (get_i64(p + 8) < 0)
            return taking_bad(s, e, "a record with a negative duration");
    }
    return 0;
}

/* Takes the COLUMN frames that follow; the bytes move while they are read, offsets do not. */
static int take_columns(struct stream *s, struct batch *b, struct err *e)
{
    struct frame f;
    struct err why;
    size_t offsets[COLUMNS] = {0};
    int got;
    while ((got = reader_next_column(&s->reader, &f, e)) > 0) {
        if (f.sub == 0 || f.sub >= COLUMNS)
            continue; /* of a later version */
        if (frame_verify(&f, &why) < 0)
            return taking_bad(s, e, why.text);
        if (f.rows != b->n || f.part != b->part)
            return taking_bad(s, e, "a column with other rows or another part than its records");
        b->columns[f.sub] = f;
        offsets[f.sub] = (size_t)(f.payload - reader_raw(&s->reader).p);
    }
    const uint8_t *base = reader_raw(&s->reader).p;
    b->rows = base + HEAD_BYTES;
    for (unsigned c = 0; c < COLUMNS; c++)
        b->columns[c].payload = base + offsets[c];
    return got;
}

static bool ids_known(const struct frame *column, uint32_t known)
{
    uint64_t id;
    for (uint32_t i = 0; i < column->rows; i++)
        if (frame_number(column, i, &id) && (id == 0 || id > known))
            return false;
    return true;
}

static int check_links(const struct stream *s, const struct batch *b, struct err *e)
{
    if (!ids_known(&b->columns[COLUMN_LINK], s->nlinks))
        return taking_bad(s, e, "a record names a link that was not sent");
    if (!ids_known(&b->columns[COLUMN_STACK], s->nstacks))
        return taking_bad(s, e, "a record names a stack that was not sent");
    return 0;
}

static int hand_over(struct stream *s, const struct sink *sink, struct frame *f, struct err *e)
{
    if (reader_payload(&s->reader, f, e) < 0)
        return -1;
    struct batch b = {.kind = f->sub, .part = f->part, .n = f->rows, .rows = f->payload};
    if ((sink->columns && (take_columns(s, &b, e) < 0 || check_links(s, &b, e) < 0)) ||
        stream_check(s, &b, e) < 0)
        return -1;
    return sink->records ? sink->records(sink->ctx, s, &b, e) : 0;
}

static int start_once(struct stream *s, const struct sink *sink, bool *started, struct err *e)
{
    if (*started)
        return 0;
    *started = true;
    return sink->start ? sink->start(sink->ctx, s, e) : 0;
}

static int take_records(struct stream *s, const struct sink *sink, struct frame *f, bool *started,
                        struct err *e)
{
    s->records += f->rows;
    if (f->sub == 0 || f->sub >= KINDS)
        return 0; /* a kind of a later version */
    s->begins_with = *started ? s->begins_with : f->sub;
    if (start_once(s, sink, started, e) < 0)
        return -1;
    if (!(sink->kinds & KIND_BIT(f->sub)))
        return 0;
    if (s->contents && f->rows > s->awaited)
        return taking_bad(s, e, "more records than the table of contents announced");
    s->awaited -= s->contents ? f->rows : 0;
    return hand_over(s, sink, f, e);
}

/* True for frames that are not for us: those of later versions, and columns that nobody asked
 * for. */
static bool is_foreign(const struct frame *f)
{
    bool linked = f->type == FRAME_STACKS || f->type == FRAME_LINKS;
    return f->type == 0 || (f->type > FRAME_END && !linked) ||
           (f->type == FRAME_STRINGS && f->sub >= ROLES) || f->type == FRAME_COLUMN;
}

/* Everything but records. */
static int take_names(struct stream *s, const struct sink *sink, struct frame *f, struct err *e)
{
    if (is_foreign(f))
        return 0;
    if (reader_payload(&s->reader, f, e) < 0)
        return -1;
    if (f->flags & FRAME_RESET && sink->forget)
        sink->forget(sink->ctx, s);
    if (stream_take(s, f, e) < 0)
        return -1;
    if (f->type == FRAME_CONTENTS)
        s->awaited = count_wanted(&s->totals, sink->kinds);
    return 0;
}

static int take_frame(struct stream *s, const struct sink *sink, struct frame *f, bool *started,
                      struct err *e)
{
    if (f->part >= PARTS_MAX)
        return taking_bad(s, e, "more parts than any stream has");
    if ((f->type == FRAME_RECORDS || f->type == FRAME_META) && f->part >= s->nparts)
        s->nparts = f->part + 1;
    return f->type == FRAME_RECORDS ? take_records(s, sink, f, started, e)
                                    : take_names(s, sink, f, e);
}

/* True if by the table of contents nothing follows that the sink wants. Metadata, GPU names and
 * labels have come when records begin, and not before. */
static bool has_all(const struct stream *s, const struct sink *sink, const struct frame *f)
{
    return s->contents && s->awaited == 0 && f->type == FRAME_RECORDS && sink->kinds != 0 &&
           sink->kinds != KINDS_ALL;
}

static int read_frames(struct stream *s, const struct sink *sink, struct err *e)
{
    struct frame f;
    bool started = false;
    int got;
    while ((got = reader_next(&s->reader, &f, e)) > 0) {
        if (has_all(s, sink, &f))
            break; /* no record is wanted */
        if (take_frame(s, sink, &f, &started, e) < 0)
            return -1;
        if (has_all(s, sink, &f))
            break;
    }
    if (got < 0 || start_once(s, sink, &started, e) < 0)
        return -1;
    if (got == 0 && check_count(s, e) < 0)
        return -1;
    return sink->end ? sink->end(sink->ctx, s, e) : 0;
}

void stream_free(struct stream *s)
{
    for (unsigned role = 0; role < ROLES; role++)
        strtab_free(&s->strings[role]);
    strtab_free(&s->keys);
    parts_free(&s->parts);
    free(s->tracks);
    free(s->labels);
    free(s->stacks);
    free(s->links);
    free((void *)(uintptr_t)s->totals.rows);
}

void stream_say_incomplete(const char *path, uint64_t lost)
{
    if (path && strcmp(path, "-") != 0)
        msg_note("%s: incomplete: %llu events were lost when it was made", path,
                 (unsigned long long)lost);
}

static int run_one(const struct sink *sink, const char *path, struct err *e)
{
    struct stream s = {0};
    int rc = reader_open(&s.reader, path, sink->out, e);
    if (rc == 0)
        rc = read_frames(&s, sink, e);
    if (rc == 0)
        rc = opts_settle(s.totals.status, s.reader.in.name, e);
    if (rc < 0)
        reader_drop(&s.reader);
    else if (reader_close(&s.reader, e) < 0)
        rc = -1;
    if (rc >= 0 && s.totals.status == ST_INCOMPLETE && !sink->silent)
        stream_say_incomplete(path, s.totals.lost);
    stream_free(&s);
    return rc;
}

int sink_run(const struct sink *sink, int n, char **operands, struct err *e)
{
    int worst = ST_WHOLE;
    for (int i = 0; i < n || (n == 0 && i == 0); i++) {
        int status = run_one(sink, n ? operands[i] : NULL, e);
        if (status < 0)
            return -1;
        worst = status_worst(worst, status);
    }
    return worst;
}

struct slice stream_name(const struct stream *s, unsigned kind, uint32_t name)
{
    return strtab_get(&s->strings[kind_role(kind)], name);
}

struct slice stream_word(const struct stream *s, uint32_t word)
{
    return strtab_get(&s->strings[ROLE_WORD], word);
}

bool stream_has_interval(const struct stream *s, const struct track *t, const struct strtab *cats)
{
    struct slice cat = t->cat ? stream_word(s, t->cat) : slice_str("(none)");
    if (!slice_is(stream_word(s, t->ph), "X"))
        return false;
    for (uint32_t id = 1; id <= cats->n; id++)
        if (slice_eq(strtab_get(cats, id), cat))
            return true;
    return cats->n == 0;
}

const struct label *stream_label(const struct stream *s, uint32_t name)
{
    return name < s->labels_cap && s->labels[name].name ? &s->labels[name] : NULL;
}

const struct link *stream_link(const struct stream *s, const struct batch *b, uint32_t row)
{
    const struct frame *column = &b->columns[COLUMN_LINK];
    uint64_t id;
    return column->rows && frame_number(column, row, &id) ? &s->links[id - 1] : NULL;
}

uint32_t stream_stack(const struct batch *b, uint32_t row)
{
    const struct frame *column = &b->columns[COLUMN_STACK];
    uint64_t id;
    return column->rows && frame_number(column, row, &id) ? (uint32_t)id : 0;
}

bool stream_has_key(const struct stream *s, struct slice key)
{
    for (uint32_t id = 1; id <= s->keys.n; id++)
        if (slice_eq(strtab_get(&s->keys, id), key))
            return true;
    return false;
}
