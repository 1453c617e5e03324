/* trace-link - what launched each GPU activity: call, operator, stack, module, annotation, step,
 * phase and layer
 *   in: records     out: the same records, GPU activity first, a link for each of it
 *   trace-parse big.json | trace-link | group-by-op --by phase,cpu_op                        */
#include "base/err.h"
#include "base/mem.h"
#include "base/opts.h"
#include "link/linker.h"
#include "table/wide.h"

#include <stdlib.h>

static const struct tool tool = {
    "trace-link", "[OPTION]... [FILE]", "Link GPU activity to what launched it.", {NULL}};

struct run {
    struct linker linker;
    struct writer writer;
    struct buf columns; /* payload of a column that is made */
};

/* Everything but records ----------------------------------------------------------------------- */

static void write_keys(struct run *run, const struct stream *s)
{
    static const char *const ours[] = {"op",     "category",   "library", "cpu_op",
                                       "module", "annotation", "phase",   "layer",
                                       "step",   "launch",     "stack"};
    struct strtab keys = {0};
    for (uint32_t id = 1; id <= s->keys.n; id++)
        strtab_intern(&keys, strtab_get(&s->keys, id));
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        strtab_intern(&keys, slice_str(ours[i]));
    writer_keys(&run->writer, &keys);
    strtab_free(&keys);
}

static void write_number(struct run *run, uint32_t part, const char *key, wide value,
                         unsigned decimals)
{
    struct buf text = {0};
    wide_add(&text, value, decimals);
    writer_meta(&run->writer, part, slice_str(key), buf_slice(&text));
    buf_free(&text);
}

static void write_meta(struct run *run, const struct stream *s)
{
    for (size_t i = 0; i < s->parts.n; i++) {
        const struct meta *m = &s->parts.rows[i];
        if (!slice_is(m->key, "layers") && !slice_is(m->key, "layer_confidence"))
            writer_meta(&run->writer, m->part, m->key, m->json);
    }
    for (uint32_t part = 0; part < run->linker.hold.nparts; part++) {
        const struct part_layers *l = &run->linker.layers[part];
        write_number(run, part, "layers", l->layers, 0);
        write_number(run, part, "layer_confidence", wide_ratio(l->covered, l->of, 10000), 4);
    }
}

/* Records -------------------------------------------------------------------------------------- */

static void write_frame(struct run *run, struct frame f)
{
    uint8_t head[HEAD_BYTES];
    f.flags = FRAME_KEEP;
    frame_put(head, &f);
    writer_raw(&run->writer, head, sizeof head);
    writer_raw(&run->writer, f.payload, f.length);
}

/* A column of what is not 0 of values, left out where all are. */
static void write_column(struct run *run, const struct held_frame *f, unsigned column,
                         const uint32_t *values)
{
    struct buf *b = &run->columns;
    size_t bits = ((size_t)f->n + 63) / 64 * 8;
    bool any = false;
    b->n = 0;
    uint8_t *p = buf_room(b, bits + 8 * (size_t)f->n);
    memset(p, 0, bits);
    for (uint32_t i = 0; i < f->n; i++) {
        p[i / 8] |= (uint8_t)((values[i] != 0) << i % 8);
        put_u64(p + bits + 8 * (size_t)i, values[i]);
        any |= values[i] != 0;
    }
    if (any)
        write_frame(run, (struct frame){.type = FRAME_COLUMN,
                                        .sub = column,
                                        .part = f->part,
                                        .rows = f->n,
                                        .length = (uint32_t)(bits + 8 * (size_t)f->n),
                                        .payload = p});
}

static void write_held(struct run *run, const struct held_frame *f)
{
    const struct linker *l = &run->linker;
    write_frame(run, (struct frame){.type = FRAME_RECORDS,
                                    .sub = f->kind,
                                    .part = f->part,
                                    .rows = f->n,
                                    .length = f->n * RECORD_BYTES,
                                    .payload = hold_row(&l->hold, f->kind, f->first)});
    for (unsigned c = 1; c < COLUMNS; c++)
        if (f->columns[c].payload)
            write_frame(run, (struct frame){.type = FRAME_COLUMN,
                                            .sub = c,
                                            .part = f->part,
                                            .rows = f->n,
                                            .length = f->columns[c].length,
                                            .payload = f->columns[c].payload});
    if (KIND_BIT(f->kind) & KINDS_GPU) {
        write_column(run, f, COLUMN_LINK, l->links[f->kind] + f->first);
        write_column(run, f, COLUMN_INSTANCE, l->instances[f->kind] + f->first);
    }
}

/* GPU activity or all the rest, until nobody reads on. */
static void write_records(struct run *run, bool gpu)
{
    const struct hold *hold = &run->linker.hold;
    for (size_t i = 0; i < hold->n && !writer_stopped(&run->writer); i++)
        if (((KIND_BIT(hold->frames[i].kind) & KINDS_GPU) != 0) == gpu)
            write_held(run, &hold->frames[i]);
}

/* Sink ----------------------------------------------------------------------------------------- */

static int on_records(void *ctx, struct stream *s, const struct batch *b, struct err *e)
{
    struct run *run = ctx;
    if (linker_records(&run->linker, s, b, e) < 0)
        return -1;
    if (run->writer.full)
        writer_flush(&run->writer); /* names, in frames of a bounded size */
    return 0;
}

static void on_forget(void *ctx, struct stream *s)
{
    struct run *run = ctx;
    linker_forget(&run->linker, s);
}

static int on_end(void *ctx, struct stream *s, struct err *e)
{
    struct run *run = ctx;
    int status = opts_settle(s->totals.status, s->reader.in.name, e);
    if (status < 0)
        return -1;
    linker_link(&run->linker, s);
    struct totals totals = hold_totals(&run->linker.hold, s);
    totals.status = status;
    write_keys(run, s);
    write_meta(run, s);
    ops_write(&run->linker.ops, &run->writer);
    writer_contents(&run->writer, &totals);
    write_records(run, true);
    write_records(run, false);
    int rc = writer_end(&run->writer, &totals, e);
    free((void *)(uintptr_t)totals.rows);
    return rc;
}

static int link_stream(char **path, struct err *e)
{
    struct run run = {.columns = {0}};
    struct output out;
    const struct sink sink = {.ctx = &run,
                              .kinds = KINDS_ALL,
                              .columns = true,
                              .out = &out,
                              .records = on_records,
                              .end = on_end,
                              .forget = on_forget};
    if (writer_output(&out, opts_common.output, e) < 0)
        return -1;
    writer_open(&run.writer, &out);
    linker_open(&run.linker, &run.writer);
    int status = sink_run(&sink, path != NULL, path, e);
    writer_drop(&run.writer);
    linker_close(&run.linker);
    buf_free(&run.columns);
    if (status < 0)
        output_drop(&out);
    else if (output_close(&out, e) < 0)
        status = -1;
    return status;
}

int main(int argc, char **argv)
{
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    if (argc - first > 1)
        die(ST_USAGE, "one stream at a time, not %d; trace-intern joins them", argc - first);
    int status = link_stream(first < argc ? argv + first : NULL, &e);
    if (status < 0)
        die_err(&e);
    return status;
}
