/* unit-group - lib/table/group: ids that lose their meaning in mid-stream, labels and ranks that
 * come after the records they hold for */
#include "tap.h"

#include "base/mem.h"
#include "format/writer.h"
#include "table/group.h"

#include <stdlib.h>
#include <unistd.h>

enum { NAMES = WRITER_IDS_MAX + 1000 };

static char path[300];

/* Labels all names that have an id now: odd or even by the digit that the name ends in. */
static void label_all(struct writer *w)
{
    const struct strtab *names = &w->roles[ROLE_GPU].names;
    struct label *labels = mem_alloc(names->n * sizeof *labels);
    uint32_t ops[2] = {writer_string(w, ROLE_LABEL, slice_str("even")),
                       writer_string(w, ROLE_LABEL, slice_str("odd"))};
    writer_flush(w);
    for (uint32_t id = 1; id <= names->n; id++) {
        struct slice name = strtab_get(names, id);
        labels[id - 1] = (struct label){id, ops[name.p[name.n - 1] & 1], ops[0], ops[0]};
    }
    writer_labels(w, labels, names->n);
    free(labels);
}

/* More names than a stream keeps ids for, each once, alternately in two parts of rank 5; record i
 * lasts i ns. */
static void write_stream(void)
{
    static struct output out;
    static struct writer w;
    struct strtab keys = {0};
    struct err e;
    char name[32];
    if (output_open(&out, path, &e) < 0)
        die_err(&e);
    writer_open(&w, &out);
    strtab_intern(&keys, slice_str("op"));
    writer_keys(&w, &keys);
    strtab_free(&keys);
    for (uint32_t i = 0; i < NAMES; i++) {
        (void)snprintf(name, sizeof name, "kernel_%lu", (unsigned long)i);
        writer_part(&w, i % 1000 < 500);
        writer_begin(&w);
        struct track t = {.ph = writer_string(&w, ROLE_WORD, slice_str("X"))};
        struct record r = {.dur_ns = i,
                           .name = writer_string(&w, ROLE_GPU, slice_str(name)),
                           .track = writer_track(&w, &t)};
        writer_record(&w, KIND_KERNEL, &r);
        if (w.roles[ROLE_GPU].names.n == WRITER_IDS_MAX)
            label_all(&w);
    }
    label_all(&w);
    writer_meta(&w, 0, slice_str("rank"), slice_str("5"));
    writer_meta(&w, 1, slice_str("rank"), slice_str("5"));
    if (writer_end(&w, &(struct totals){.events = NAMES}, &e) < 0 || output_close(&out, &e) < 0)
        die_err(&e);
}

static bool wants(void *ctx, const struct stream *s, const struct track *t)
{
    (void)ctx;
    return slice_is(stream_word(s, t->ph), "X");
}

static int on_records(void *ctx, struct stream *s, const struct batch *b, struct err *e)
{
    (void)e;
    group_records(ctx, s, b);
    return 0;
}

static void on_forget(void *ctx, struct stream *s)
{
    group_forget(ctx, s);
}

static int on_end(void *ctx, struct stream *s, struct err *e)
{
    (void)e;
    group_end(ctx, s);
    return 0;
}

static struct grouping group(const char *by)
{
    struct grouping g = {.wants = wants};
    struct err e;
    char *operands[] = {path};
    const struct sink sink = {
        .ctx = &g, .kinds = KINDS_GPU, .records = on_records, .forget = on_forget, .end = on_end};
    if (keys_parse(&g.keys, by, &e) < 0 || sink_run(&sink, 1, operands, &e) < 0)
        die_err(&e);
    return g;
}

/* The group with these texts has count records and total_ns. */
static void is_group(struct grouping *g, const char *a, const char *b, uint64_t count,
                     uint64_t total_ns)
{
    struct slice texts[KEYS];
    for (uint32_t i = 0; i < g->groups.keys.n; i++) {
        group_texts(g, i, texts);
        if (!slice_is(texts[0], a) || (b && !slice_is(texts[1], b)))
            continue;
        struct values_sum sum = values_sum(&g->groups.values[i]);
        ok(sum.count == count && sum.total_ns == total_ns, "%s %s: %llu records", a, b ? b : "",
           (unsigned long long)sum.count);
        return;
    }
    ok(false, "%s %s: no such group", a, b ? b : "");
}

static void test_late_labels(void)
{
    struct grouping g = group("op");
    uint64_t even = 0, odd = 0;
    for (uint64_t i = 0; i < NAMES; i++)
        *(i % 2 ? &odd : &even) += i;
    ok(g.groups.keys.n == 2, "two ops");
    is_group(&g, "even", NULL, NAMES / 2, even);
    is_group(&g, "odd", NULL, NAMES / 2, odd);
    group_free(&g);
}

static void test_late_ranks(void)
{
    struct grouping g = group("rank,op");
    uint64_t count[2][2] = {{0}}, total[2][2] = {{0}};
    for (uint64_t i = 0; i < NAMES; i++) {
        count[i % 1000 < 500][i % 2]++;
        total[i % 1000 < 500][i % 2] += i;
    }
    ok(g.groups.keys.n == 4, "two ops in two parts");
    is_group(&g, "5", "even", count[0][0], total[0][0]);
    is_group(&g, "5", "odd", count[0][1], total[0][1]);
    is_group(&g, "5#2", "even", count[1][0], total[1][0]);
    is_group(&g, "5#2", "odd", count[1][1], total[1][1]);
    group_free(&g);
}

static void test_names(void)
{
    struct grouping g = group("name,cat");
    ok(g.groups.keys.n == NAMES, "each name is a group, whatever its id was");
    is_group(&g, "kernel_7", "(none)", 1, 7);
    is_group(&g, "kernel_262500", "(none)", 1, 262500);
    group_free(&g);
}

int main(void)
{
    const char *dir = getenv("TMPDIR");
    (void)snprintf(path, sizeof path, "%s/trs-unit-group.%ld", dir ? dir : "/tmp", (long)getpid());
    write_stream();
    test_late_labels();
    test_late_ranks();
    test_names();
    (void)remove(path);
    return done_testing();
}
