/* trace-info - what a trace is, and what is odd about it
 *   in: records     out: a table of keys and values
 *   trace-parse big.json | kernel-classify | trace-info                                      */
#include "base/err.h"
#include "base/opts.h"
#include "table/activity.h"
#include "table/facts.h"
#include "table/health.h"
#include "table/lines.h"
#include "table/seen.h"
#include "table/table.h"

static bool check, memory;

static const struct opt options[] = {
    {0, "check", OPT_FLAG, &check, NULL, "print warnings alone; exit 4 if there are any"},
    {0, "memory", OPT_FLAG, &memory, NULL, "add the bytes that strings and records take"},
    {0}};

static const struct tool tool = {"trace-info",
                                 "[OPTION]... [FILE]...",
                                 "Say what a trace is and what is odd about it.",
                                 {options, table_options}};

struct run {
    struct facts facts;
    struct health health;
    struct activity activity;
    struct seen seen;
    int status; /* of the worst end mark */
    uint64_t events, lost, skipped, stream_bytes;
    uint64_t strings, string_bytes[ROLES], records[KINDS];
    wide profile_ns; /* self times of functions and weights of stacks */
};

/* Of a profile alone; then what only a trace can have is not spoken of. */
static bool is_profile(const struct run *run)
{
    uint64_t n = run->records[KIND_FUNCTION] + run->records[KIND_CALL] + run->records[KIND_STACK];
    return n > 0 && n == run->events;
}

/* Sink ----------------------------------------------------------------------------------------- */

/* What a function took in calls by one other is part of its self time. */
static void add_self(struct run *run, const struct batch *b)
{
    if (b->kind != KIND_FUNCTION && b->kind != KIND_STACK)
        return;
    for (uint32_t i = 0; i < b->n; i++)
        run->profile_ns += record_get(b->rows + (size_t)i * RECORD_BYTES).dur_ns;
}

static int on_records(void *ctx, struct stream *s, const struct batch *b, struct err *e)
{
    struct run *run = ctx;
    (void)e;
    run->records[b->kind] += b->n;
    add_self(run, b);
    health_records(&run->health, s, b);
    activity_records(&run->activity, s, b);
    if (b->kind == KIND_RUNTIME)
        facts_runtime(&run->facts, s, b);
    return 0;
}

/* String tables that are about to start anew were at their largest. */
static void on_forget(void *ctx, struct stream *s)
{
    struct run *run = ctx;
    for (unsigned role = 0; role < ROLES; role++)
        if (s->strings[role].bytes.n > run->string_bytes[role])
            run->string_bytes[role] = s->strings[role].bytes.n;
    health_forget(&run->health);
    activity_forget(&run->activity, s);
}

static int on_end(void *ctx, struct stream *s, struct err *e)
{
    struct run *run = ctx;
    (void)e;
    on_forget(run, s);
    health_end(&run->health);
    activity_end(&run->activity, s);
    facts_end(&run->facts, s);
    seen_add(&run->seen, s);
    run->status = status_worst(run->status, s->totals.status);
    run->events += s->totals.events;
    run->lost += s->totals.lost;
    run->skipped += s->totals.skipped;
    for (unsigned role = 0; role < ROLES; role++)
        run->strings += s->strings[role].n;
    run->stream_bytes += reader_offset(&s->reader);
    return 0;
}

/* Lines ---------------------------------------------------------------------------------------- */

/* All values of a fact, with commas; a fact without any has no line. */
static void line_fact(struct table *t, const struct facts *f, unsigned fact)
{
    struct buf text = {0};
    for (uint32_t id = 1; id <= f->values[fact].n; id++) {
        struct slice value = strtab_get(&f->values[fact], id);
        buf_adds(&text, id > 1 ? ", " : "");
        buf_add(&text, value.p, value.n);
    }
    if (f->values[fact].n)
        line_text(t, facts_key(fact), buf_slice(&text));
    buf_free(&text);
}

static void add_trace(struct table *t, const struct run *run)
{
    wide span_ns = run->activity.count ? run->activity.span_ns : run->health.span_ns;
    for (uint32_t id = 1; id <= run->seen.cats.n; id++)
        line_of(t, "events.", strtab_get(&run->seen.cats, id), run->seen.events[id - 1], 0);
    line_number(t, "gpu_events", run->activity.count, 0);
    line_number(t, "span_us", span_ns, 3);
}

/* Weights of several kinds add up to nothing. */
static void add_profile(struct table *t, const struct run *run)
{
    static const char *const keys[] = {"functions", "edges", "stacks"};
    uint64_t all = 0;
    for (unsigned i = 0; i < 3; i++) {
        uint64_t n = run->records[KIND_FUNCTION + i];
        all += n;
        if (n)
            line_number(t, keys[i], n, 0);
    }
    line_fact(t, &run->facts, FACT_WEIGHT);
    if (all && run->facts.values[FACT_WEIGHT].n == 1)
        line_number(t, "total_us", run->profile_ns, 3);
}

static void add_facts(struct table *t, const struct run *run)
{
    line_fact(t, &run->facts, FACT_PLATFORM);
    line_fact(t, &run->facts, FACT_GPU);
    if (!is_profile(run))
        line_number(t, "gpus", run->health.devices, 0);
    line_fact(t, &run->facts, FACT_RANKS);
    line_fact(t, &run->facts, FACT_FORMAT);
    line_number(t, "events", run->events, 0);
    if (!is_profile(run))
        add_trace(t, run);
    add_profile(t, run);
    line_fact(t, &run->facts, FACT_BASE);
    line_number(t, "strings", run->strings, 0);
    line_number(t, "bytes", run->stream_bytes, 0);
    line_number(t, "lost", run->lost, 0);
    line_number(t, "status", run->status, 0);
    for (unsigned fact = FACT_VERSIONS; fact < FACTS; fact++)
        line_fact(t, &run->facts, fact);
}

static void add_memory(struct table *t, const struct run *run)
{
    static const char *const roles[ROLES] = {"gpu", "host", "word", "label"};
    wide total = 0;
    for (unsigned role = 0; role < ROLES; role++) {
        line_of(t, "memory.strings.", slice_str(roles[role]), run->string_bytes[role], 0);
        total += run->string_bytes[role];
    }
    for (unsigned kind = 1; kind < KINDS; kind++) {
        wide bytes = (wide)run->records[kind] * RECORD_BYTES;
        if (bytes)
            line_of(t, "memory.records.", slice_str(kind_name(kind)), bytes, 0);
        total += bytes;
    }
    line_number(t, "memory.total", total, 0);
}

/* Warnings ------------------------------------------------------------------------------------- */

static void warn(struct table *t, const char *code, const struct buf *text)
{
    struct buf key = {0};
    buf_adds(&key, "warning.");
    buf_adds(&key, code);
    table_text(t, buf_slice(&key));
    table_text(t, buf_slice(text));
    buf_free(&key);
}

/* n of something, with what is said about it; no line if n is 0. */
static void warn_count(struct table *t, const char *code, uint64_t n, const char *about)
{
    struct buf text = {0};
    buf_addf(&text, "%llu %s", (unsigned long long)n, about);
    if (n)
        warn(t, code, &text);
    buf_free(&text);
}

static void warn_missing(struct table *t, const struct run *run, const char *code, uint64_t n,
                         const char *about)
{
    struct buf text = {0};
    buf_adds(&text, about);
    if (run->skipped)
        buf_addf(&text, "; a selection left out %llu events", (unsigned long long)run->skipped);
    if (n == 0)
        warn(t, code, &text);
    buf_free(&text);
}

static void warn_unknown(struct table *t, const struct activity *a)
{
    struct buf text = {0};
    wide_add(&text, wide_ratio(a->other_ns, a->total_ns, 10000), 2);
    buf_adds(&text, " % of GPU time has no known operation");
    if (a->other_ns * 20 > a->total_ns)
        warn(t, "MANY_UNKNOWN_KERNELS", &text);
    buf_free(&text);
}

static void warn_unlinked(struct table *t, const struct run *run)
{
    struct buf text = {0};
    wide_add(&text, wide_ratio(run->health.unlinked, run->activity.count, 10000), 2);
    buf_addf(&text, " %% of GPU activity has no runtime event: %llu of %llu",
             (unsigned long long)run->health.unlinked, (unsigned long long)run->activity.count);
    if (run->health.unlinked)
        warn(t, "UNLINKED_ACTIVITY", &text);
    buf_free(&text);
}

static void warn_absurd(struct table *t, const struct health *h)
{
    struct buf text = {0};
    buf_addf(&text, "%llu durations above one hour, the longest ", (unsigned long long)h->absurd);
    wide_add(&text, h->longest_ns, 3);
    buf_adds(&text, " us");
    if (h->absurd)
        warn(t, "ABSURD_DURATIONS", &text);
    buf_free(&text);
}

static void warn_incomplete(struct table *t, const struct run *run)
{
    struct buf text = {0};
    buf_addf(&text, "the trace is damaged or cut; events lost: %llu",
             (unsigned long long)run->lost);
    if (run->status == ST_INCOMPLETE)
        warn(t, "INCOMPLETE", &text);
    buf_free(&text);
}

static void add_warnings(struct table *t, const struct run *run)
{
    const struct health *h = &run->health;
    if (!is_profile(run)) {
        warn_missing(t, run, "NO_GPU_ACTIVITY", run->activity.count, "no GPU activity");
        warn_missing(t, run, "NO_PHASE_ANNOTATIONS", h->phases, "no annotation names a phase");
        warn_missing(t, run, "NO_PYTHON_STACKS", h->python, "no python_function events");
    }
    warn_unknown(t, &run->activity);
    warn_unlinked(t, run);
    warn_count(t, "OVERLAPS", h->overlaps,
               "GPU activities start before an earlier one of their stream ends");
    warn_absurd(t, h);
    warn_count(t, "NAMES_UNKNOWN", h->unnamed, "intervals without a name");
    warn_incomplete(t, run);
}

static void free_run(struct run *run)
{
    facts_free(&run->facts);
    health_free(&run->health);
    activity_free(&run->activity);
    seen_free(&run->seen);
}

int main(int argc, char **argv)
{
    struct run run = {.status = ST_WHOLE};
    struct output out;
    struct table table;
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    if (table_open(&table, line_columns, 2, NULL, &e) < 0 ||
        output_open(&out, opts_common.output, &e) < 0)
        die_err(&e);
    const struct sink sink = {
        .ctx = &run, .kinds = KINDS_ALL, .records = on_records, .end = on_end, .forget = on_forget};
    int status = sink_run(&sink, argc - first, argv + first, &e);
    if (status < 0)
        die_err(&e);
    table.empty_note = "no warnings";
    if (!check)
        add_facts(&table, &run);
    if (!check && memory)
        add_memory(&table, &run);
    add_warnings(&table, &run);
    bool warned = check && table_rows(&table) > 0;
    if (table_print(&table, &out, &e) < 0 || output_close(&out, &e) < 0)
        die_err(&e);
    table_free(&table);
    free_run(&run);
    return warned ? ST_CHECK : status;
}
