/* readings.h - one trace read in several ways that have to agree: event by event, by rows and
 * shapes, by threads in small chunks, with each variant of the scanner */
#ifndef READINGS_H
#define READINGS_H

#include "fuzz.h"

#include "simd/scan.h"
#include "trace/chrome.h"

struct result {
    struct buf stream;
    struct err err;
    int rc;
    uint64_t kept, lost;
};

static inline struct result read_trace(const struct fuzz_file *f, const struct selection *select,
                                       unsigned threads)
{
    struct output out;
    struct writer w;
    struct result r = {.err = {0}};
    int fd = fuzz_output(&out);
    writer_open(&w, &out);
    struct source s = {.w = &w, .select = select, .threads = threads};
    r.rc = input_open(&s.in, f->path, &r.err);
    if (r.rc == 0) {
        source_begin(&s, 0);
        r.rc = chrome_read(&s, &r.err);
    }
    r.kept = s.kept;
    r.lost = s.lost;
    struct totals t = {
        .events = w.events, .skipped = s.skipped, .status = s.lost ? ST_INCOMPLETE : ST_WHOLE};
    struct tally *rows = source_tally(&s, &t.nrows);
    t.rows = rows;
    fuzz_check(writer_end(&w, &t, &r.err) == 0, "the writer failed");
    free(rows);
    input_drop(&s.in);
    source_free(&s);
    output_drop(&out);
    r.stream = fuzz_read(fd);
    return r;
}

/* Messages name the file, whose path differs from run to run: the part behind it counts. */
static inline bool same_message(const struct result *a, const struct result *b)
{
    const char *x = strstr(a->err.text, ": "), *y = strstr(b->err.text, ": ");
    return a->rc == b->rc && (a->rc == 0 || (x && y && strcmp(x, y) == 0));
}

static inline void compare(const struct result *a, struct result b, const char *what)
{
    fuzz_check(a->kept == b.kept && a->lost == b.lost && same_message(a, &b), what);
    fuzz_check(slice_eq(buf_slice(&a->stream), buf_slice(&b.stream)), what);
    buf_free(&b.stream);
}

/* Ends the program where two ways differ. */
static inline void readings_agree(const uint8_t *data, size_t n, const struct selection *select,
                                  unsigned chunk_bytes)
{
    char chunk[12];
    (void)snprintf(chunk, sizeof chunk, "%u", chunk_bytes);
    setenv("TRS_CHUNK", chunk, 1);
    struct fuzz_file f = fuzz_file(data, n);
    struct scan_ops chosen = scan;
    struct result a = read_trace(&f, select, 0);
    compare(&a, read_trace(&f, select, 1), "rows differ from events in their turn");
    compare(&a, read_trace(&f, select, 2), "threads differ from one");
    scan = scan_scalar;
    compare(&a, read_trace(&f, select, 1), "variants of the scanner differ");
    scan = chosen;
    buf_free(&a.stream);
    close(f.fd);
}

#endif
