#include "format/writer.h"

#include "base/mem.h"
#include "format/payload.h"
#include "format/sending.h"

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

void sending_frame(struct writer *w, struct frame f)
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

static void numbers_payload(struct buf *b, const struct writer_column *c, uint32_t rows)
{
    size_t bits = ((size_t)rows + 63) / 64;
    uint8_t *p = buf_room(b, 8 * (bits + rows));
    for (size_t i = 0; i < bits; i++)
        put_u64(p + 8 * i, c->present[i]);
    for (size_t i = 0; i < rows; i++)
        put_u64(p + 8 * (bits + i), c->numbers[i]);
    b->n += 8 * (bits + rows);
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
    sending_frame(w, (struct frame){.type = FRAME_COLUMN,
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
    sending_names(w);
    sending_frame(w, (struct frame){.type = FRAME_RECORDS,
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
    sending_names(w);
}

void writer_part(struct writer *w, uint32_t part)
{
    writer_flush(w);
    w->part = part;
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
    sending_frame(w, (struct frame){.type = FRAME_META,
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
        sending_frame(w, (struct frame){.type = FRAME_KEYS,
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
    sending_names(w);
    sending_frame(w, (struct frame){.type = FRAME_LABELS,
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
    sending_frame(w, (struct frame){.type = type,
                                    .rows = t->nrows,
                                    .flags = FRAME_KEEP,
                                    .length = (uint32_t)b.n,
                                    .payload = b.p});
    buf_free(&b);
}

void writer_contents(struct writer *w, const struct totals *t)
{
    sending_names(w);
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
