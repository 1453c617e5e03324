/* unit-group - lib/table/group: ids that lose their meaning in mid-stream, labels and ranks that
 * come after the records they hold for, and links, of which there are as many as records;
 * lib/table/spans */
#include "tap.h"

#include "base/mem.h"
#include "format/writer.h"
#include "table/group.h"

#include <stdlib.h>
#include <unistd.h>

enum { NAMES = WRITER_IDS_MAX + 1000 };

static char path[300];
static uint32_t most_cells;

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
    struct grouping *g = ctx;
    group_records(g, s, b);
    most_cells = g->cells.n > most_cells ? g->cells.n : most_cells;
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

static struct grouping group(const char *by, bool unite)
{
    struct grouping g = {.wants = wants, .unite = unite};
    struct err e;
    char *operands[] = {path};
    const struct sink sink = {.ctx = &g,
                              .kinds = KINDS_GPU,
                              .columns = true,
                              .records = on_records,
                              .forget = on_forget,
                              .end = on_end};
    most_cells = 0;
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
    struct grouping g = group("op", false);
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
    struct grouping g = group("rank,op", false);
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
    struct grouping g = group("name,cat", false);
    ok(g.groups.keys.n == NAMES, "each name is a group, whatever its id was");
    is_group(&g, "kernel_7", "(none)", 1, 7);
    is_group(&g, "kernel_262500", "(none)", 1, 262500);
    group_free(&g);
}

/* The link of record i: no other says the same, but for its phase and module. */
static uint32_t write_link(struct writer *w, uint32_t i)
{
    static const char *const phases[] = {"prefill", "decode", "mixed"};
    char name[32];
    (void)snprintf(name, sizeof name, "step %lu", (unsigned long)i);
    struct stack_frame frame = {.name = writer_string(w, ROLE_HOST, slice_str(name)),
                                .kind = KIND_PYTHON};
    struct stack_frame call = {.parent = writer_stack(w, &frame),
                               .name = writer_string(w, ROLE_HOST, slice_str("launch")),
                               .kind = KIND_RUNTIME};
    struct link link = {.flags = LINK_LAUNCHED,
                        .annotation = frame.name,
                        .module = writer_string(w, ROLE_HOST, slice_str(i % 2 ? "odd" : "even")),
                        .stack = writer_stack(w, &call),
                        .phase = writer_string(w, ROLE_WORD, slice_str(phases[i % 3]))};
    return writer_link(w, &link);
}

/* Record i lasts from i to i + 2, of instance i % 1000; so tables start anew while instances go on.
 */
static void write_links(void)
{
    static struct output out;
    static struct writer w;
    struct err e;
    if (output_open(&out, path, &e) < 0)
        die_err(&e);
    writer_open(&w, &out);
    for (uint32_t i = 0; i < NAMES; i++) {
        writer_begin(&w);
        struct track t = {.ph = writer_string(&w, ROLE_WORD, slice_str("X"))};
        uint32_t link = write_link(&w, i);
        struct record r = {.start_ns = i, .dur_ns = 2, .track = writer_track(&w, &t)};
        writer_record(&w, KIND_KERNEL, &r);
        writer_number(&w, KIND_KERNEL, COLUMN_LINK, link);
        writer_number(&w, KIND_KERNEL, COLUMN_INSTANCE, i % 1000);
    }
    if (writer_end(&w, &(struct totals){.events = NAMES}, &e) < 0 || output_close(&out, &e) < 0)
        die_err(&e);
}

static void test_many_links(void)
{
    struct grouping g = group("phase,module", false);
    ok(g.groups.keys.n == 6, "three phases of two modules");
    ok(most_cells == 6, "as many cells, whatever the links are: %u", (unsigned)most_cells);
    is_group(&g, "decode", "odd", (NAMES - 1 + 5) / 6, (NAMES - 1 + 5) / 6 * 2);
    group_free(&g);
    g = group("annotation,stack", false);
    ok(g.groups.keys.n == NAMES, "each annotation is a group, whatever its id was");
    is_group(&g, "step 7", "step_7;launch", 1, 2);
    is_group(&g, "step 262500", "step_262500;launch", 1, 2);
    group_free(&g);
}

static void test_instances(void)
{
    struct grouping g = group("rank,launch", true);
    ok(g.groups.keys.n == 1 && g.records[0] == NAMES, "all records, in one group");
    is_group(&g, "0", "(unnamed)", 1000, (uint64_t)NAMES * 2);
    group_free(&g);
    g = group("module", true);
    ok(g.records[0] == NAMES / 2 && g.records[1] == NAMES / 2, "half of them each");
    is_group(&g, "odd", NULL, 500, NAMES);
    group_free(&g);
}

/* Two spans, of one instance or of two, are so long together. */
static void is_union(struct span a, struct span b, uint64_t count, uint64_t total_ns)
{
    struct spans s = {0};
    struct values v = {0};
    spans_add(&s, &a);
    spans_add(&s, &b);
    spans_unite(&s, &v);
    struct values_sum sum = values_sum(&v);
    ok(sum.count == count && (uint64_t)sum.total_ns == total_ns && s.n == 0,
       "%lld+%lld with %lld+%lld: %llu", (long long)a.start_ns, (long long)a.dur_ns,
       (long long)b.start_ns, (long long)b.dur_ns, (unsigned long long)sum.total_ns);
    values_free(&v);
    spans_free(&s);
}

static void test_unions(void)
{
    const struct span a = {1, 10, 5};
    is_union(a, (struct span){1, 15, 5}, 1, 10);
    is_union(a, (struct span){1, 16, 5}, 1, 10);
    is_union(a, (struct span){1, 12, 5}, 1, 7);
    is_union(a, (struct span){1, 8, 9}, 1, 9);
    is_union(a, (struct span){1, 11, 2}, 1, 5);
    is_union(a, (struct span){1, 2, 0}, 1, 5);
    is_union(a, (struct span){2, 12, 5}, 2, 10);
    is_union(a, (struct span){1, INT64_MAX - 2, INT64_MAX}, 1, (uint64_t)INT64_MAX + 5);
    is_union((struct span){1, INT64_MIN, INT64_MAX}, (struct span){1, -1, INT64_MAX}, 1,
             (uint64_t)INT64_MAX * 2);
    is_union((struct span){1, INT64_MIN, INT64_MAX}, (struct span){1, -1, 1}, 1,
             (uint64_t)INT64_MAX + 1);
}

int main(void)
{
    const char *dir = getenv("TMPDIR");
    (void)snprintf(path, sizeof path, "%s/trs-unit-group.%ld", dir ? dir : "/tmp", (long)getpid());
    write_stream();
    test_late_labels();
    test_late_ranks();
    test_names();
    write_links();
    test_many_links();
    test_instances();
    test_unions();
    (void)remove(path);
    return done_testing();
}
