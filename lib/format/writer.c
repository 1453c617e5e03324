#include "format/writer.h"

#include "base/mem.h"
#include "format/payload.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>

int writer_output(struct output *out, const char *path, struct err *e)
{
    signal(SIGPIPE, SIG_IGN);
    if (output_open(out, path, e) < 0)
        return -1;
    if (output_is_terminal(out))
        return err_set(e, ST_USAGE,
                       "records are binary and this is a terminal; add a sink: %s … | "
                       "group-by-op, or trace-dump, or -o FILE",
                       msg_program());
    /* A frame and its head fit, so that writer and reader take turns less often; more than what
     * stays in the second-level cache is slower again. Only a wish: the limit may be lower. */
    (void)fcntl(out->fd, F_SETPIPE_SZ, 256 * 1024);
    return 0;
}

static void fail_if_reader_gone(struct writer *w)
{
    if (w->out->reader_gone && !w->failed) {
        w->failed = true;
        err_set(&w->err, ST_PIPE, "the reader went away");
    }
}

static void send(struct writer *w, const void *p, size_t n)
{
    if (!w->failed && output_write(w->out, p, n, &w->err) < 0)
        w->failed = true;
    fail_if_reader_gone(w);
}

static void send_frame(struct writer *w, struct frame f)
{
    uint8_t head[HEAD_BYTES];
    if (f.length > FRAME_LENGTH_MAX && !w->failed) {
        w->failed = true;
        err_set(&w->err, ST_FAILED, "a frame of %lu bytes is too long", (unsigned long)f.length);
    }
    frame_put(head, &f);
    send(w, head, sizeof head);
    send(w, f.payload, f.length);
    if (w->tee && (f.type <= FRAME_COLUMN || f.type == FRAME_META))
        w->tee(w->tee_ctx, &f);
}

void writer_open(struct writer *w, struct output *out)
{
    uint8_t header[HEADER_BYTES];
    *w = (struct writer){.out = out};
    header_put(header);
    send(w, header, sizeof header);
}

static void send_strings(struct writer *w, unsigned role)
{
    struct writer_role *r = &w->roles[role];
    struct buf b = {0};
    if (r->sent == r->names.n)
        return;
    payload_strings(&b, &r->names, r->sent);
    send_frame(w, (struct frame){.type = FRAME_STRINGS,
                                 .sub = role,
                                 .flags = FRAME_KEEP | (r->reset ? FRAME_RESET : 0u),
                                 .rows = r->names.n - r->sent,
                                 .length = (uint32_t)b.n,
                                 .payload = b.p});
    buf_free(&b);
    r->sent = r->names.n;
    r->reset = false;
}

static void send_rows(struct writer *w, unsigned type, struct writer_rows *t)
{
    if (t->sent == t->rows.n)
        return;
    uint64_t from = t->rows.ends[t->sent];
    send_frame(w, (struct frame){.type = type,
                                 .flags = FRAME_KEEP | (t->reset ? FRAME_RESET : 0u),
                                 .rows = t->rows.n - t->sent,
                                 .length = (uint32_t)(t->rows.ends[t->rows.n] - from),
                                 .payload = t->rows.bytes.p + from});
    t->sent = t->rows.n;
    t->reset = false;
}

/* What the frames that follow may point to. */
static void send_names(struct writer *w)
{
    for (unsigned role = 0; role < ROLES; role++)
        send_strings(w, role);
    send_rows(w, FRAME_TRACKS, &w->tracks);
    send_rows(w, FRAME_STACKS, &w->stacks);
    send_rows(w, FRAME_LINKS, &w->links);
}

static void numbers_payload(struct buf *b, const struct writer_column *c, uint32_t rows)
{
    for (uint32_t i = 0; i < (rows + 63) / 64; i++, b->n += 8)
        put_u64(buf_room(b, 8), c->present[i]);
    for (uint32_t i = 0; i < rows; i++, b->n += 8)
        put_u64(buf_room(b, 8), c->numbers[i]);
}

static void text_payload(struct buf *b, const struct writer_column *c, uint32_t rows)
{
    for (uint32_t i = 0; i < rows; i++, b->n += 4)
        put_u32(buf_room(b, 4), c->ends[i]);
    buf_add(b, c->text.p, c->text.n);
    buf_pad8(b);
}

static void send_column(struct writer *w, struct writer_column *c, unsigned column, uint32_t rows)
{
    struct buf b = {0};
    if (column_is_text(column))
        text_payload(&b, c, rows);
    else
        numbers_payload(&b, c, rows);
    send_frame(w, (struct frame){.type = FRAME_COLUMN,
                                 .sub = column,
                                 .part = w->part,
                                 .rows = rows,
                                 .flags = FRAME_KEEP,
                                 .length = (uint32_t)b.n,
                                 .payload = b.p});
    buf_free(&b);
    if (c->present)
        memset(c->present, 0, WRITER_ROWS / 8);
    if (c->ends)
        memset(c->ends, 0, WRITER_ROWS * sizeof *c->ends);
    c->text.n = 0;
    c->used = false;
}

/* A text column knows where each text ends; rows after the last text end there too. */
static void close_text(struct writer_column *c, uint32_t rows)
{
    for (uint32_t i = 1; c->ends && i < rows; i++)
        if (c->ends[i] < c->ends[i - 1])
            c->ends[i] = c->ends[i - 1];
}

static void send_kind(struct writer *w, unsigned kind)
{
    struct writer_kind *k = &w->kinds[kind];
    if (k->n == 0)
        return;
    send_names(w);
    send_frame(w, (struct frame){.type = FRAME_RECORDS,
                                 .sub = kind,
                                 .part = w->part,
                                 .rows = k->n,
                                 .flags = FRAME_KEEP,
                                 .length = k->n * RECORD_BYTES,
                                 .payload = k->rows});
    for (unsigned c = 1; c < COLUMNS; c++)
        if (k->columns[c].used) {
            close_text(&k->columns[c], k->n);
            send_column(w, &k->columns[c], c, k->n);
        }
    k->n = 0;
}

void writer_flush(struct writer *w)
{
    for (unsigned kind = 1; kind < KINDS; kind++)
        send_kind(w, kind);
    send_names(w);
}

void writer_part(struct writer *w, uint32_t part)
{
    writer_flush(w);
    w->part = part;
}

static bool is_full(const struct strtab *t)
{
    return t->bytes.n > WRITER_STRINGS_MAX || t->n >= WRITER_IDS_MAX;
}

static void start_anew(struct writer *w, unsigned role)
{
    strtab_clear(&w->roles[role].names);
    w->roles[role].sent = 0;
    w->roles[role].reset = true;
}

static void start_rows_anew(struct writer_rows *t)
{
    strtab_clear(&t->rows);
    t->sent = 0;
    t->reset = true;
}

void writer_restart(struct writer *w)
{
    writer_flush(w);
    for (unsigned role = 0; role < ROLES; role++)
        if (w->roles[role].sent > 0)
            start_anew(w, role);
    if (w->tracks.sent > 0)
        start_rows_anew(&w->tracks);
    if (w->links.sent > 0)
        start_rows_anew(&w->links);
    if (w->stacks.sent > 0)
        start_rows_anew(&w->stacks);
    w->full = false;
    w->epoch++;
}

void writer_renew(struct writer *w)
{
    unsigned full = 0;
    for (unsigned role = 0; role < ROLES; role++)
        full |= (unsigned)is_full(&w->roles[role].names) << role;
    writer_flush(w);
    for (unsigned role = 0; role < ROLES; role++)
        if (full >> role & 1)
            start_anew(w, role);
    if (is_full(&w->tracks.rows) || (full >> ROLE_WORD & 1))
        start_rows_anew(&w->tracks); /* tracks are made of words */
    if (is_full(&w->links.rows) || is_full(&w->stacks.rows) ||
        (full & (1u << ROLE_HOST | 1u << ROLE_WORD))) {
        start_rows_anew(&w->stacks); /* of host names, and links of all these */
        start_rows_anew(&w->links);
    }
    w->full = false;
    w->epoch++;
}

uint32_t writer_string(struct writer *w, enum role role, struct slice s)
{
    struct strtab *names = &w->roles[role].names;
    uint32_t id = strtab_intern(names, s);
    w->full |= is_full(names);
    return id;
}

static uint32_t intern_row(struct writer *w, struct writer_rows *t, const uint8_t *row, size_t n)
{
    uint32_t id = strtab_intern(&t->rows, slice_of(row, n));
    w->full |= is_full(&t->rows);
    return id;
}

uint32_t writer_track(struct writer *w, const struct track *t)
{
    uint8_t row[TRACK_BYTES];
    track_put(row, t);
    return intern_row(w, &w->tracks, row, sizeof row);
}

uint32_t writer_stack(struct writer *w, const struct stack_frame *f)
{
    uint8_t row[STACK_BYTES];
    stack_put(row, f);
    return intern_row(w, &w->stacks, row, sizeof row);
}

uint32_t writer_link(struct writer *w, const struct link *l)
{
    uint8_t row[LINK_BYTES];
    link_put(row, l);
    return intern_row(w, &w->links, row, sizeof row);
}

void writer_record(struct writer *w, enum kind kind, const struct record *r)
{
    struct writer_kind *k = &w->kinds[kind];
    if (writer_is_due(w, kind))
        send_kind(w, kind);
    if (!k->rows)
        k->rows = mem_alloc(WRITER_ROWS * RECORD_BYTES);
    record_put(k->rows + (size_t)k->n * RECORD_BYTES, r);
    k->n++;
    w->events++;
}

void writer_number(struct writer *w, enum kind kind, enum column column, uint64_t value)
{
    struct writer_kind *k = &w->kinds[kind];
    struct writer_column *c = &k->columns[column];
    uint32_t row = k->n - 1;
    if (!c->numbers) {
        c->numbers = mem_zalloc(WRITER_ROWS, sizeof *c->numbers);
        c->present = mem_zalloc(WRITER_ROWS / 64, sizeof *c->present);
    }
    if (!c->used) /* absent values are zero, not what the frame before had there */
        memset(c->numbers, 0, WRITER_ROWS * sizeof *c->numbers);
    c->used = true;
    c->numbers[row] = value;
    c->present[row / 64] |= (uint64_t)1 << row % 64;
}

void writer_text(struct writer *w, enum kind kind, enum column column, struct slice text)
{
    struct writer_kind *k = &w->kinds[kind];
    struct writer_column *c = &k->columns[column];
    if (text.n == 0)
        return;
    if (!c->ends)
        c->ends = mem_zalloc(WRITER_ROWS, sizeof *c->ends);
    c->used = true;
    buf_add(&c->text, text.p, text.n);
    c->ends[k->n - 1] = (uint32_t)c->text.n;
}

void writer_meta(struct writer *w, uint32_t part, struct slice key, struct slice json)
{
    struct buf b = {0};
    payload_meta(&b, key, json);
    send_frame(w, (struct frame){.type = FRAME_META,
                                 .part = part,
                                 .rows = 1,
                                 .flags = FRAME_KEEP,
                                 .length = (uint32_t)b.n,
                                 .payload = b.p});
    buf_free(&b);
}

void writer_keys(struct writer *w, const struct strtab *keys)
{
    struct buf b = {0};
    if (keys->n > 0) {
        payload_strings(&b, keys, 0);
        send_frame(w, (struct frame){.type = FRAME_KEYS,
                                     .rows = keys->n,
                                     .flags = FRAME_KEEP,
                                     .length = (uint32_t)b.n,
                                     .payload = b.p});
    }
    buf_free(&b);
}

void writer_labels(struct writer *w, const struct label *labels, uint32_t n)
{
    struct buf b = {0};
    for (uint32_t i = 0; i < n; i++, b.n += LABEL_BYTES) {
        uint8_t *p = buf_room(&b, LABEL_BYTES);
        put_u32(p, labels[i].name);
        put_u32(p + 4, labels[i].op);
        put_u32(p + 8, labels[i].category);
        put_u32(p + 12, labels[i].library);
    }
    send_names(w);
    send_frame(w, (struct frame){.type = FRAME_LABELS,
                                 .rows = n,
                                 .flags = FRAME_KEEP,
                                 .length = (uint32_t)b.n,
                                 .payload = b.p});
    buf_free(&b);
}

static void send_totals(struct writer *w, unsigned type, const struct totals *t)
{
    struct buf b = {0};
    payload_totals(&b, t);
    send_frame(w, (struct frame){.type = type,
                                 .rows = t->nrows,
                                 .flags = FRAME_KEEP,
                                 .length = (uint32_t)b.n,
                                 .payload = b.p});
    buf_free(&b);
}

void writer_contents(struct writer *w, const struct totals *t)
{
    send_names(w);
    send_totals(w, FRAME_CONTENTS, t);
    w->announced = true;
}

void writer_raw(struct writer *w, const uint8_t *frame, size_t n)
{
    send(w, frame, n);
}

size_t writer_splice(struct writer *w, struct input *in, size_t n)
{
    if (!w->failed && output_flush(w->out, &w->err) < 0)
        w->failed = true;
    fail_if_reader_gone(w);
    return w->failed || w->out->zstd ? 0 : input_splice(in, w->out->fd, n);
}

bool writer_look(struct writer *w)
{
    (void)output_look(w->out);
    fail_if_reader_gone(w);
    return w->failed;
}

bool writer_dismissed(const struct writer *w)
{
    return w->failed && w->announced && w->err.status == ST_PIPE;
}

int writer_finish(struct writer *w, struct err *e)
{
    if (!w->failed && output_flush(w->out, &w->err) < 0)
        w->failed = true;
    fail_if_reader_gone(w);
    bool failed = w->failed && !writer_dismissed(w);
    if (failed)
        *e = w->err;
    int rc = failed ? -1 : 0;
    writer_drop(w);
    return rc;
}

int writer_end(struct writer *w, const struct totals *t, struct err *e)
{
    writer_flush(w);
    send_totals(w, FRAME_END, t);
    return writer_finish(w, e);
}

void writer_drop(struct writer *w)
{
    for (unsigned role = 0; role < ROLES; role++)
        strtab_free(&w->roles[role].names);
    strtab_free(&w->tracks.rows);
    strtab_free(&w->stacks.rows);
    strtab_free(&w->links.rows);
    for (unsigned kind = 0; kind < KINDS; kind++) {
        free(w->kinds[kind].rows);
        for (unsigned c = 0; c < COLUMNS; c++) {
            free(w->kinds[kind].columns[c].numbers);
            free(w->kinds[kind].columns[c].present);
            free(w->kinds[kind].columns[c].ends);
            buf_free(&w->kinds[kind].columns[c].text);
        }
    }
    memset(w->kinds, 0, sizeof w->kinds); /* dropping it once more is harmless */
}
