#include "format/filter.h"

#include "base/mem.h"
#include "base/opts.h"
#include "format/stream.h"

#include <stdlib.h>

struct run {
    const struct filter *filter;
    struct reader reader;
    struct writer writer;
    struct label *labels; /* of the STRINGS frame at hand */
    size_t cap;
    uint32_t names; /* GPU names so far */

    /* By the end mark, or the table of contents before it. */
    int status; /* after --partial-ok and --strict */
    bool incomplete;
    uint64_t lost;
};

static struct label label_one(struct run *r, struct slice name, uint32_t id)
{
    struct slice op = {0}, category = {0}, library = {0};
    struct writer *w = &r->writer;
    r->filter->label(r->filter->ctx, name, &op, &category, &library);
    return (struct label){id, writer_string(w, ROLE_LABEL, op),
                          writer_string(w, ROLE_LABEL, category),
                          writer_string(w, ROLE_LABEL, library)};
}

static int label_names(struct run *r, struct frame *f, struct err *e)
{
    size_t at = 0;
    if (reader_payload(&r->reader, f, e) < 0)
        return -1;
    if (f->flags & FRAME_RESET)
        r->names = 0;
    r->labels = mem_grow(r->labels, &r->cap, f->rows, sizeof *r->labels);
    for (uint32_t i = 0; i < f->rows; i++)
        r->labels[i] = label_one(r, frame_string(f, i, &at), ++r->names);
    if (reader_pass(&r->reader, &r->writer, e) < 0)
        return -1;
    writer_labels(&r->writer, r->labels, f->rows);
    return 0;
}

/* The end mark and the table of contents carry the status that this program exits with. */
static int pass_totals(struct run *r, struct frame *f, struct err *e)
{
    uint8_t head[HEAD_BYTES];
    if (reader_payload(&r->reader, f, e) < 0)
        return -1;
    int status = opts_settle((int)get_u32(f->payload), r->reader.in.name, e);
    if (status < 0)
        return -1;
    struct buf copy = {0};
    buf_add(&copy, f->payload, f->length);
    put_u32(copy.p, (uint32_t)status);
    struct frame out = *f;
    out.payload = copy.p;
    frame_put(head, &out);
    writer_raw(&r->writer, head, sizeof head);
    writer_raw(&r->writer, copy.p, copy.n);
    buf_free(&copy);
    r->status = status;
    r->incomplete = get_u32(f->payload) == ST_INCOMPLETE;
    r->lost = get_u64(f->payload + 16);
    r->writer.announced |= f->type == FRAME_CONTENTS;
    return 0;
}

static int step(struct run *r, struct frame *f, struct err *e)
{
    switch (f->type) {
    case FRAME_STRINGS:
        if (f->sub == ROLE_LABEL)
            return 0; /* of a classifier before us: every name gets a new label */
        if (f->sub == ROLE_GPU)
            return label_names(r, f, e);
        break;
    case FRAME_LABELS:
        return 0;
    case FRAME_CONTENTS:
    case FRAME_END:
        return pass_totals(r, f, e);
    default:
        if (f->type > FRAME_END && !(f->flags & FRAME_KEEP))
            return 0;
    }
    return reader_pass(&r->reader, &r->writer, e);
}

static void write_keys(struct run *r)
{
    struct strtab keys = {0};
    for (const char *const *key = r->filter->keys; *key; key++)
        strtab_intern(&keys, slice_str(*key));
    writer_keys(&r->writer, &keys);
    strtab_free(&keys);
}

static int run_frames(struct run *r, struct err *e)
{
    struct frame f;
    int got;
    write_keys(r);
    while ((got = reader_next(&r->reader, &f, e)) > 0)
        if (step(r, &f, e) < 0)
            return -1;
    return got;
}

int filter_run(const struct filter *filter, const char *path, struct output *out, struct err *e)
{
    struct run r = {.filter = filter};
    if (reader_open(&r.reader, path, out, e) < 0) {
        reader_drop(&r.reader);
        return -1;
    }
    writer_open(&r.writer, out);
    int rc = run_frames(&r, e);
    if (rc < 0 && e->status == ST_PIPE)
        rc = 0; /* writer_finish knows if that is a failure */
    if (rc == 0)
        rc = reader_close(&r.reader, e);
    else
        reader_drop(&r.reader);
    if (rc == 0)
        rc = writer_finish(&r.writer, e);
    else
        writer_drop(&r.writer);
    free(r.labels);
    if (rc == 0 && r.incomplete)
        stream_say_incomplete(path, r.lost);
    return rc < 0 ? -1 : r.status;
}
