/* fuzz-link - the linker on hostile streams: parts in turns, columns of others, names that start
 * anew
 *
 * Checksums, frames and the count of the end mark are made right first, so that what was changed is
 * reached. What a sink takes trace-link takes too, and what it writes every sink: as many records,
 * as much time on the GPU. Linked once more, as many have a link.
 */
#include "fuzz.h"

#define main trace_link
#include "../tools/trace-link.c"

#include <xxhash.h>

enum { LENGTH_MAX = 16384, TYPES = 17, PARTS = 1000 };

struct sums {
    uint64_t records, gpu_ns, links, odd;
};

/* Streams -------------------------------------------------------------------------------------- */

/* Recomputes the checks of the header and of every frame that is whole, and how many records the
 * end mark counts. */
static void make_right(uint8_t *p, size_t n)
{
    uint64_t records = 0;
    if (n < HEADER_BYTES)
        return;
    header_put(p);
    for (size_t at = HEADER_BYTES; n - at >= HEAD_BYTES;) {
        size_t length = get_u32(p + at + 12) % LENGTH_MAX / 8 * 8;
        if (length > n - at - HEAD_BYTES)
            length = (n - at - HEAD_BYTES) / 8 * 8;
        put_u32(p + at + 12, (uint32_t)length);
        put_u16(p + at, get_u16(p + at) % TYPES);
        put_u32(p + at + 4, get_u32(p + at + 4) % PARTS); /* many cost time, and nothing else */
        if (get_u16(p + at) == FRAME_RECORDS) {
            put_u32(p + at + 8, (uint32_t)(length / RECORD_BYTES));
            records += length / RECORD_BYTES;
        }
        if (get_u16(p + at) == FRAME_END && length >= 16)
            put_u64(p + at + HEAD_BYTES + 8, records);
        put_u64(p + at + 16, XXH3_64bits(p + at + HEAD_BYTES, length));
        put_u64(p + at + 24, XXH3_64bits(p + at, 24));
        at += HEAD_BYTES + length;
    }
}

/* An activity of a launch is of an instance; what TraceLens finds has a launch. */
static bool is_whole(const struct link *link, bool instance)
{
    bool launched = link && link->flags & LINK_LAUNCHED;
    return launched == instance && (launched || !link || !(link->flags & LINK_TRACELENS));
}

static int count(void *ctx, struct stream *s, const struct batch *b, struct err *e)
{
    struct sums *sums = ctx;
    const struct frame *instances = &b->columns[COLUMN_INSTANCE];
    (void)e;
    sums->records += b->n;
    for (uint32_t i = 0; KIND_BIT(b->kind) & KINDS_GPU && i < b->n; i++) {
        uint64_t instance;
        const struct link *link = stream_link(s, b, i);
        sums->gpu_ns += (uint64_t)record_get(b->rows + (size_t)i * RECORD_BYTES).dur_ns;
        sums->links += link != NULL;
        sums->odd += !is_whole(link, instances->rows && frame_number(instances, i, &instance));
    }
    return 0;
}

static int run_sink(struct sink *sink, struct buf *stream)
{
    struct err e;
    struct fuzz_file f = fuzz_file(stream->p, stream->n);
    char *path = f.path;
    int status = sink_run(sink, 1, &path, &e);
    close(f.fd);
    return status;
}

static int counted(struct buf *stream, struct sums *sums)
{
    struct sink sink = {.ctx = sums, .kinds = KINDS_ALL, .columns = true, .records = count};
    *sums = (struct sums){0};
    return run_sink(&sink, stream);
}

/* Linking -------------------------------------------------------------------------------------- */

/* What trace-link writes; its status. */
static int linked(struct buf *stream, struct buf *out)
{
    struct run r = {.columns = {0}};
    struct output output;
    int fd = fuzz_output(&output);
    struct sink sink = {.ctx = &r,
                        .kinds = KINDS_ALL,
                        .columns = true,
                        .records = on_records,
                        .end = on_end,
                        .forget = on_forget};
    writer_open(&r.writer, &output);
    linker_open(&r.linker, &r.writer);
    int status = run_sink(&sink, stream);
    writer_drop(&r.writer);
    linker_close(&r.linker);
    buf_free(&r.columns);
    output_drop(&output);
    *out = fuzz_read(fd);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct buf in = {0}, out;
    struct sums before, after;
    msg_level(-1); /* no notes on what is incomplete */
    buf_add(&in, data, n);
    if (n > 0)
        make_right(in.p, n);
    int want = counted(&in, &before);
    fuzz_check(linked(&in, &out) == want, "trace-link has another status than a sink");
    if (want >= 0) {
        fuzz_check(counted(&out, &after) == want, "a sink refuses what trace-link writes");
        fuzz_check(before.records == after.records && before.gpu_ns == after.gpu_ns,
                   "trace-link loses records or time");
        fuzz_check(after.odd == 0, "a launch without an instance, or the reverse");
        struct buf again = {0};
        fuzz_check(linked(&out, &again) == want, "trace-link refuses what it writes");
        fuzz_check(counted(&again, &before) == want, "a sink refuses what was linked twice");
        fuzz_check(before.records == after.records && before.links == after.links,
                   "linked twice is not linked once");
        buf_free(&again);
    }
    buf_free(&in);
    buf_free(&out);
    return 0;
}
