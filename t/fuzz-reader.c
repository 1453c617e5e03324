/* fuzz-reader - the record reader: sinks, filters and joins on hostile streams
 *
 * Checksums are made right first, so that what was changed is reached.
 */
#include "fuzz.h"

#include "format/filter.h"
#include "format/rewrite.h"
#include "format/stream.h"

#include <xxhash.h>

/* Recomputes the checks of the header and of every frame that is whole. */
static void make_right(uint8_t *p, size_t n)
{
    if (n < HEADER_BYTES)
        return;
    header_put(p);
    for (size_t at = HEADER_BYTES; n - at >= HEAD_BYTES;) {
        size_t length = get_u32(p + at + 12) % 4096 / 8 * 8;
        put_u32(p + at + 12, (uint32_t)length);
        if (length > n - at - HEAD_BYTES)
            break;
        put_u16(p + at, get_u16(p + at) % 17);
        put_u64(p + at + 16, XXH3_64bits(p + at + HEAD_BYTES, length));
        put_u64(p + at + 24, XXH3_64bits(p + at, 24));
        at += HEAD_BYTES + length;
    }
}

static uint64_t sum; /* keeps what is read from being optimised away */

static void look_at(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        sum += s.p[i];
}

static void look_at_label(const struct stream *s, uint32_t name)
{
    const struct label *l = stream_label(s, name);
    if (!l)
        return;
    look_at(strtab_get(&s->strings[ROLE_LABEL], l->op));
    look_at(strtab_get(&s->strings[ROLE_LABEL], l->category));
    look_at(strtab_get(&s->strings[ROLE_LABEL], l->library));
}

static void look_at_link(const struct stream *s, const struct link *l)
{
    const uint32_t names[] = {l->launch,     l->cpu_op,     l->module,
                              l->annotation, l->forward_op, l->forward_module};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        look_at(strtab_get(&s->strings[ROLE_HOST], names[i]));
    look_at(stream_word(s, l->phase));
    look_at(stream_word(s, l->step));
    look_at(stream_word(s, l->layer));
    for (uint32_t id = l->stack; id; id = s->stacks[id - 1].parent) {
        fuzz_check(s->stacks[id - 1].parent < id, "a frame stands before the one around it");
        look_at(strtab_get(&s->strings[ROLE_HOST], s->stacks[id - 1].name));
    }
}

static int records(void *ctx, struct stream *s, const struct batch *b, struct err *e)
{
    (void)ctx, (void)e;
    for (uint32_t i = 0; i < b->n; i++) {
        struct record r = record_get(b->rows + (size_t)i * RECORD_BYTES);
        const struct track *t = &s->tracks[r.track - 1];
        uint64_t number;
        look_at(stream_name(s, b->kind, r.name));
        look_at(stream_word(s, t->cat));
        look_at(stream_word(s, t->stream));
        look_at_label(s, r.name);
        if (b->columns[COLUMN_BYTES].rows && frame_number(&b->columns[COLUMN_BYTES], i, &number))
            sum += number;
        const struct link *link = stream_link(s, b, i);
        if (link)
            look_at_link(s, link);
        if (b->columns[COLUMN_ARGS].rows)
            look_at(frame_text(&b->columns[COLUMN_ARGS], i));
    }
    return 0;
}

static int end(void *ctx, struct stream *s, struct err *e)
{
    char rank[64];
    (void)ctx, (void)e;
    for (uint32_t part = 0; part < s->nparts && part < 1000; part++)
        sum += parts_rank(&s->parts, part, rank, sizeof rank);
    return 0;
}

static void label(void *ctx, struct slice name, struct slice *op, struct slice *category,
                  struct slice *library)
{
    (void)ctx;
    *op = *category = *library = slice_of(name.p, name.n < 4 ? name.n : 4);
}

static int keep(void *ctx, const struct stream *s, const struct batch *b, uint32_t row,
                struct record *r, struct err *e)
{
    (void)ctx, (void)s, (void)b, (void)e, (void)r;
    return row % 7 != 6;
}

/* A stream that a sink takes, twice in one, is one that it takes. What does not fit together is
 * refused. */
static void join(char *path, const struct sink *sink, int status)
{
    char *paths[] = {path, path};
    struct rewrite r = {.keep = keep};
    struct output out;
    struct err e;
    int fd = fuzz_output(&out);
    int joined = rewrite_open(&r, 2, paths, &out, NULL, &e);
    if (joined == 0)
        joined = rewrite_write(&r, &out, &e);
    fuzz_check(joined < 0 || joined == status, "the join has another status than the sink");
    rewrite_free(&r);
    output_drop(&out);
    struct buf both = fuzz_read(fd);
    if (joined >= 0) {
        struct fuzz_file f = fuzz_file(both.p, both.n);
        path = f.path;
        fuzz_check(sink_run(sink, 1, &path, &e) == status, "the sink refuses what was joined");
        close(f.fd);
    }
    buf_free(&both);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const keys[] = {"op", NULL};
    const struct sink sink = {.kinds = KINDS_ALL, .columns = true, .records = records, .end = end};
    const struct sink gpu = {.kinds = KINDS_GPU, .records = records, .end = end};
    const struct filter filter = {.keys = keys, .label = label};
    msg_level(-1); /* no notes on what is incomplete */
    uint8_t *copy = malloc(n + 1);
    struct output out;
    struct err e;
    if (!copy)
        abort();
    memcpy(copy, data, n);
    make_right(copy, n);
    struct fuzz_file f = fuzz_file(copy, n);
    char *path = f.path;
    int before = sink_run(&sink, 1, &path, &e), early = sink_run(&gpu, 1, &path, &e);
    fuzz_check(before < 0 || early >= 0, "who stops early refuses what is right as a whole");
    int fd = fuzz_output(&out), status = filter_run(&filter, path, &out, &e);
    output_drop(&out);
    if (before >= 0)
        join(path, &sink, before);
    close(f.fd);
    struct buf labelled = fuzz_read(fd);
    if (before >= 0) {
        /* What a sink takes, a filter passes on, and a sink takes that too. */
        fuzz_check(status == before, "the filter has another status than the sink");
        f = fuzz_file(labelled.p, labelled.n);
        path = f.path;
        fuzz_check(sink_run(&sink, 1, &path, &e) == before, "the sink refuses the filter's stream");
        close(f.fd);
    }
    buf_free(&labelled);
    free(copy);
    return 0;
}
