/* group-by-op - where the GPU time went: records counted and added up by keys
 *   in: records     out: a table
 *   trace-parse big.json | kernel-classify | group-by-op --by op,stream --top 20
 *   prof-parse run.prof | group-by-op --rules components.rules                               */
#include "base/err.h"
#include "base/mem.h"
#include "base/opts.h"
#include "prof/python_rules.h"
#include "prof/weight.h"
#include "table/activity.h"
#include "table/group.h"
#include "table/seen.h"
#include "table/table.h"
#include "trace/rules.h"
#include "trace/source.h"

#include <stdlib.h>

static const char *by = "op";
static const char *cats, *rules_file;
static const char *sum = "total";
static bool linked_only;
static uint64_t per;

static const struct opt options[] = {
    {0, "by", OPT_TEXT, &by, "KEYS",
     "comma list of op category library name cat rank pid tid stream device, after trace-link "
     "cpu_op module annotation phase layer step launch stack (default op)"},
    {0, "cat", OPT_TEXT, &cats, "LIST", "group these categories instead of GPU activity"},
    {0, "linked-only", OPT_FLAG, &linked_only, NULL,
     "only GPU activity that TraceLens counts (needs trace-link)"},
    {0, "sum", OPT_TEXT, &sum, "HOW",
     "total (default), or union: a sample for each launching instance (needs trace-link)"},
    {0, "rules", OPT_TEXT, &rules_file, "FILE",
     "of profiles: rules that come before the built-in ones"},
    {0, "per", OPT_COUNT, &per, "N", "add count and time divided by N"},
    {0}};

static const struct tool tool = {"group-by-op",
                                 "[OPTION]... [FILE]...",
                                 "Count records and add up their time, by operation or other keys.",
                                 {options, table_options}};

enum { COLUMNS_MAX = KEYS + 12 };

struct run {
    struct grouping grouping;
    struct strtab cats; /* --cat */
    struct seen seen;   /* for the note that there is nothing */
    struct activity activity;
    bool profiles, gpu; /* records of these came */
    enum weight weight; /* of the profiles */
    bool summary;       /* the line under the table is wanted */
    uint64_t lost;
    struct sink sink;
};

/* Options -------------------------------------------------------------------------------------- */

static int parse_sum(struct grouping *g, struct err *e)
{
    g->linked_only = linked_only;
    g->unite = strcmp(sum, "union") == 0;
    return g->unite || strcmp(sum, "total") == 0
               ? 0
               : err_set(e, ST_USAGE, "unknown sum '%.200s'; sums are total union", sum);
}

/* What only trace-link gives stands in columns of the records. */
static bool needs_links(const struct grouping *g)
{
    return g->keys.link || g->linked_only || g->unite;
}

/* Selection ------------------------------------------------------------------------------------ */

/* Intervals of the categories asked for, or all that came. */
static bool wants(void *ctx, const struct stream *s, const struct track *t)
{
    const struct run *run = ctx;
    return stream_has_interval(s, t, &run->cats);
}

/* The kinds in which such records come. Where GPU activity is all that is wanted, the rest of a
 * stream need not be read. */
static unsigned kinds_wanted(const struct run *run)
{
    for (uint32_t id = 1; id <= run->cats.n; id++) {
        enum kind kind = kind_of(slice_str("X"), strtab_get(&run->cats, id));
        if (!(KIND_BIT(kind) & KINDS_GPU))
            return KINDS_ALL;
    }
    return KINDS_GPU | (run->cats.n ? 0 : KIND_BIT(KIND_FUNCTION) | KIND_BIT(KIND_STACK));
}

/* Sink ----------------------------------------------------------------------------------------- */

static int on_start(void *ctx, struct stream *s, struct err *e)
{
    struct run *run = ctx;
    const struct grouping *g = &run->grouping;
    bool linked = stream_has_key(s, slice_str("cpu_op"));
    bool profile = KIND_BIT(s->begins_with) & KINDS_PROFILE;
    if (!linked && (g->linked_only || g->unite))
        return err_set(e, ST_USAGE, "%s needs trace-link before it",
                       g->linked_only ? "--linked-only" : "--sum union");
    if (rules_file && !profile && s->begins_with)
        return err_set(e, ST_USAGE,
                       "--rules is about profiles; GPU activity gets its labels from "
                       "kernel-classify --rules");
    run->sink.columns = profile || needs_links(g); /* calls */
    return keys_check(&g->keys, s, profile, e);
}

/* Operations of the GPU and components of a program make no table together. */
static int tell_apart(struct run *run, const struct stream *s, const struct batch *b, struct err *e)
{
    run->profiles |= (KIND_BIT(b->kind) & KINDS_PROFILE) != 0;
    run->gpu |= (KIND_BIT(b->kind) & KINDS_GPU) != 0;
    return run->profiles && run->gpu
               ? err_set(e, ST_FAILED,
                         "%s: both GPU activity and functions of a profile; group "
                         "them one by one",
                         s->reader.in.name)
               : 0;
}

static int on_records(void *ctx, struct stream *s, const struct batch *b, struct err *e)
{
    struct run *run = ctx;
    if (run->cats.n && KIND_BIT(b->kind) & KINDS_PROFILE)
        return 0;
    if (!run->cats.n && tell_apart(run, s, b, e) < 0)
        return -1;
    group_records(&run->grouping, s, b);
    if (run->summary)
        activity_records(&run->activity, s, b);
    return 0;
}

static void on_forget(void *ctx, struct stream *s)
{
    struct run *run = ctx;
    group_forget(&run->grouping, s);
    activity_forget(&run->activity, s);
}

static int on_end(void *ctx, struct stream *s, struct err *e)
{
    struct run *run = ctx;
    group_end(&run->grouping, s);
    activity_end(&run->activity, s);
    seen_add(&run->seen, s);
    run->lost += s->totals.lost;
    return run->cats.n ? 0 : weight_end(&run->weight, s, e);
}

/* Table ---------------------------------------------------------------------------------------- */

static unsigned make_columns(const struct grouping *g, struct table_column *columns)
{
    static const struct table_column count = {"count", TABLE_COUNT, false};
    static const struct table_column kernels = {"kernels", TABLE_COUNT, false};
    static const struct table_column figures[] = {
        {"total_us", TABLE_TIME, false},      {"mean_us", TABLE_TIME, false},
        {"min_us", TABLE_TIME, false},        {"max_us", TABLE_TIME, false},
        {"p50_us", TABLE_TIME, false},        {"p95_us", TABLE_TIME, false},
        {"p99_us", TABLE_TIME, false},        {"pct", TABLE_PCT, false},
        {"count_per", TABLE_FRACTION, false}, {"total_us_per", TABLE_TIME, false}};
    unsigned n = 0, nfigures = per ? 10 : 8;
    for (unsigned i = 0; i < g->keys.n; i++)
        columns[n++] = (struct table_column){key_name(g->keys.list[i]), TABLE_TEXT, true};
    columns[n++] = count;
    if (g->unite)
        columns[n++] = kernels;
    for (unsigned i = 0; i < nfigures; i++)
        columns[n++] = figures[i];
    return n;
}

/* count, where values are made from several records also how many of these, and times */
static void add_figures(struct table *t, struct grouping *g, uint32_t i, uint64_t count,
                        const struct values_sum *figures)
{
    static const unsigned percents[3] = {50, 95, 99};
    uint64_t percentiles_ns[3];
    table_number(t, count);
    if (g->unite)
        table_number(t, g->records[i]);
    table_number(t, figures->total_ns);
    table_number(t, wide_ratio(figures->total_ns, count, 1));
    table_number(t, figures->min_ns);
    table_number(t, figures->max_ns);
    values_percentiles(&g->groups.values[i], figures, percents, 3, percentiles_ns);
    for (unsigned k = 0; k < 3; k++)
        table_number(t, percentiles_ns[k]);
}

static void add_row(struct table *t, const struct run *run, struct grouping *g, uint32_t i,
                    const struct values_sum *figures, wide all_ns)
{
    struct slice texts[KEYS];
    uint64_t count = run->profiles ? g->groups.calls[i] : figures->count;
    group_texts(g, i, texts);
    for (unsigned k = 0; k < g->keys.n; k++)
        table_text(t, texts[k]);
    add_figures(t, g, i, count, figures);
    table_number(t, wide_ratio(figures->total_ns, all_ns, 10000));
    if (per) {
        table_number(t, wide_ratio(count, per, 10000));
        table_number(t, wide_ratio(figures->total_ns, per, 1));
    }
}

static void fill(struct table *t, struct run *run)
{
    struct grouping *g = &run->grouping;
    uint32_t n = g->groups.keys.n;
    struct values_sum *sums = mem_alloc(n * sizeof *sums);
    wide all_ns = 0;
    for (uint32_t i = 0; i < n; i++) {
        sums[i] = values_sum(&g->groups.values[i]);
        all_ns += sums[i].total_ns;
    }
    for (uint32_t i = 0; i < n; i++)
        add_row(t, run, g, i, &sums[i], all_ns);
    free(sums);
}

static void add_ms(struct buf *line, const char *what, wide ns)
{
    buf_adds(line, what);
    wide_add(line, wide_ratio(ns, 1000, 1), 3);
    buf_adds(line, " ms");
}

static void add_share(struct buf *line, const char *before, wide part, wide whole,
                      const char *after)
{
    buf_adds(line, before);
    wide_add(line, wide_ratio(part, whole, 1000), 1);
    buf_adds(line, after);
}

static int print_summary(const struct run *run, struct output *out, struct err *e)
{
    const struct activity *a = &run->activity;
    struct buf line = {0};
    if (!run->summary || a->count == 0)
        return 0;
    add_ms(&line, "GPU busy ", a->busy_ns);
    add_share(&line, " (", a->busy_ns, a->span_ns, " %)");
    add_ms(&line, "  idle ", a->span_ns - a->busy_ns);
    add_ms(&line, "  span ", a->span_ns);
    if (a->labelled)
        add_share(&line, "  Other ", a->other_ns, a->total_ns, " %");
    buf_addf(&line, "  lost %llu\n", (unsigned long long)run->lost);
    int rc = output_write(out, line.p, line.n, e);
    buf_free(&line);
    return rc;
}

static void print(struct run *run, struct table *t, struct output *out)
{
    struct err e;
    struct buf note = {0};
    buf_adds(&note, run->cats.n ? "nothing" : "no");
    buf_adds(&note, linked_only ? " TraceLens-linked" : "");
    buf_adds(&note, run->cats.n ? " of category " : " GPU activity");
    if (run->cats.n)
        buf_adds(&note, cats);
    seen_say(&run->seen, &note);
    t->empty_note = (const char *)note.p;
    fill(t, run);
    if (table_print(t, out, &e) < 0 || print_summary(run, out, &e) < 0 || output_close(out, &e) < 0)
        die_err(&e);
    buf_free(&note);
}

static void read_rules(struct grouping *g)
{
    struct err e;
    g->rules = rules_new();
    if (rules_file && rules_add_file(g->rules, rules_file, &e) < 0)
        die_err(&e);
    rules_add_lines(g->rules, "python.rules", python_rules);
}

static void read_options(struct run *run)
{
    struct err e;
    if (keys_parse(&run->grouping.keys, by, &e) < 0 || parse_sum(&run->grouping, &e) < 0)
        die_err(&e);
    if (cats)
        opts_list("cat", cats, &run->cats);
    read_rules(&run->grouping);
    run->grouping.ctx = run;
    run->sink = (struct sink){.ctx = run,
                              .kinds = kinds_wanted(run),
                              .start = on_start,
                              .records = on_records,
                              .end = on_end,
                              .forget = on_forget};
}

static void free_run(struct run *run)
{
    rules_free(run->grouping.rules);
    group_free(&run->grouping);
    activity_free(&run->activity);
    seen_free(&run->seen);
    strtab_free(&run->cats);
}

int main(int argc, char **argv)
{
    struct run run = {.grouping = {.wants = wants}};
    struct table_column columns[COLUMNS_MAX];
    struct output out;
    struct table table;
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    read_options(&run);
    unsigned ncolumns = make_columns(&run.grouping, columns);
    if (table_open(&table, columns, ncolumns, "total_us", &e) < 0 ||
        output_open(&out, opts_common.output, &e) < 0)
        die_err(&e);
    run.summary = table.format == FORMAT_TABLE && output_is_terminal(&out);
    int status = sink_run(&run.sink, argc - first, argv + first, &e);
    if (status < 0)
        die_err(&e);
    print(&run, &table, &out);
    table_free(&table);
    free_run(&run);
    return status;
}
