/* fuzz-index - the index loader on hostile indexes, and the records of those that it takes
 *
 * Checksums and the size are made right first, so that what was changed is reached. The first byte
 * chooses a selection. What replay has proved has to be a stream that every sink takes.
 */
#include "fuzz.h"

#include "format/stream.h"
#include "trace/replay.h"

#include <xxhash.h>

enum { LENGTH_MAX = 4096 };

static void make_frame_right(uint8_t *p, size_t length)
{
    put_u64(p + 16, XXH3_64bits(p + HEAD_BYTES, length));
    put_u64(p + 24, XXH3_64bits(p, 24));
}

/* Header, head, and frames behind each other up to the end; the tail begins at one of them. */
static void make_right(uint8_t *p, size_t n)
{
    static const uint8_t magic[8] = {0x93, 't', 'r', 'i', 0x0D, 0x0A, 0x1A, 0x0A};
    uint64_t tail, at = HEADER_BYTES;
    if (n < HEADER_BYTES + HEAD_BYTES + INDEX_HEAD_BYTES)
        return;
    memcpy(p, magic, sizeof magic);
    put_u32(p + 8, 1);
    put_u32(p + 12, (uint32_t)XXH3_64bits(p, 12));
    put_u64(p + HEADER_BYTES + HEAD_BYTES + 8, n);
    tail = get_u64(p + HEADER_BYTES + HEAD_BYTES + 16);
    while (n - at >= HEAD_BYTES) {
        size_t length = get_u32(p + at + 12) % LENGTH_MAX / 8 * 8;
        if (length > n - at - HEAD_BYTES)
            break;
        put_u32(p + at + 12, (uint32_t)length);
        if (at > HEADER_BYTES) /* the head comes last: it is about to change */
            make_frame_right(p + at, length);
        at += HEAD_BYTES + length;
    }
    if (tail > n)
        put_u64(p + HEADER_BYTES + HEAD_BYTES + 16, tail % (n + 1) / 8 * 8);
    size_t length = get_u32(p + HEADER_BYTES + 12);
    if (length <= n - HEADER_BYTES - HEAD_BYTES)
        make_frame_right(p + HEADER_BYTES, length);
}

static void send(struct index *ix, const struct selection *select, bool announce)
{
    const struct sink sink = {.kinds = KINDS_ALL, .columns = true};
    struct output out;
    struct writer w;
    struct err e;
    struct replay r;
    int fd = fuzz_output(&out);
    writer_open(&w, &out);
    struct source s = {.w = &w, .select = select, .in = {.name = "fuzz"}};
    source_begin(&s, 0);
    replay_begin(&r, &s, ix);
    bool proved = replay_prove(&r, KINDS_ALL, &e) == 0;
    if (proved) {
        replay_facts(&r);
        if (announce)
            replay_names(&r);
        fuzz_check(replay_records(&r, KINDS_ALL, announce, &e) == 0, "what was proved is refused");
    }
    struct totals t = {.events = w.events};
    struct tally *rows = source_tally(&s, &t.nrows);
    t.rows = rows;
    if (writer_end(&w, &t, &e) < 0)
        abort();
    output_drop(&out);
    struct buf stream = fuzz_read(fd);
    struct fuzz_file f = fuzz_file(stream.p, stream.n);
    char *path = f.path;
    fuzz_check(sink_run(&sink, 1, &path, &e) >= 0, "a sink refuses what was proved");
    close(f.fd);
    buf_free(&stream);
    free(rows);
    replay_end(&r);
    source_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static char path[60];
    struct selection select = {0};
    struct index ix;
    struct err e;
    bool there;
    msg_level(-1);
    if (n < 2)
        return 0;
    if (!path[0])
        (void)snprintf(path, sizeof path, "/tmp/fuzz-index.%ld", (long)getpid());
    uint8_t *copy = malloc(n);
    if (!copy)
        abort();
    memcpy(copy, data, n);
    make_right(copy + 1, n - 1);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600); /* no link is followed */
    if (fd < 0 || write(fd, copy + 1, n - 1) != (ssize_t)(n - 1))
        abort();
    close(fd);
    select.gpu = data[0] & 1;
    if (data[0] & 2)
        strtab_intern(&select.cats, slice_str("cpu_op"));
    if (index_open(&ix, path, &there, &e) == 0) {
        send(&ix, &select, data[0] & 4);
        index_close(&ix);
    }
    strtab_free(&select.cats);
    free(copy);
    unlink(path);
    return 0;
}
