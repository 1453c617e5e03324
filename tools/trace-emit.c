/* trace-emit - what threads did, or a profile, as a file for a viewer
 *   in: records     out: JSON of speedscope
 *   trace-parse big.json | trace-emit --to speedscope -o big.speedscope.json
 *   prof-parse run.prof | trace-emit --to speedscope >run.speedscope.json                    */
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/opts.h"
#include "table/fold_events.h"
#include "table/scope.h"
#include "table/seen.h"
#include "trace/begins.h"
#include "trace/called.h"

#include <stdlib.h>

static const char *format, *cats;

static const struct opt options[] = {
    {0, "to", OPT_TEXT, &format, "FORMAT", "of which viewer: speedscope"},
    {0, "cat", OPT_TEXT, &cats, "LIST", "emit these categories instead of host events"},
    {0}};

static const struct tool tool = {"trace-emit",
                                 "--to FORMAT [OPTION]... [FILE]...",
                                 "Write the events of threads, or a profile, for a viewer.",
                                 {options}};

/* A thread, ready to be written: nothing is before all input was read. */
struct lane {
    struct buf name;
    struct nest_event *events;
    size_t n;
    wide first_ns; /* where its time begins */
};

struct run {
    unsigned kinds; /* KIND_BITs of what is emitted; all are read, for the beginning */
    struct fold_events events;
    struct stacks stacks; /* of profiles; of events their frames */
    struct seen seen;     /* for the note that there is nothing */
    struct lane *lanes;
    size_t nlanes, lanes_cap;

    /* Of the stream at hand. */
    struct begins begins;
    struct called called;
};

static void read_options(struct run *run)
{
    static const char *const known[] = {"speedscope", NULL};
    if (!format)
        die(ST_USAGE, "for which viewer? give --to; known are %s", known[0]);
    (void)opts_choice("format", format, known);
    if (cats)
        opts_list("cat", cats, &run->events.cats);
    run->kinds = cats ? fold_events_kinds(&run->events.cats) : FOLD_KINDS_HOST | KINDS_PROFILE;
}

/* Threads -------------------------------------------------------------------------------------- */

static struct slice word_of(const struct run *run, uint32_t word)
{
    return strtab_get(&run->events.threads.words, word);
}

static void add_word(struct buf *out, const char *what, struct slice word, struct slice name)
{
    if (!word.n)
        return;
    buf_addf(out, ", %s ", what);
    buf_add(out, word.p, word.n);
    if (name.n) {
        buf_adds(out, " (");
        buf_add(out, name.p, name.n);
        buf_addc(out, ')');
    }
}

static void name_thread(const struct run *run, const struct stream *s, const struct thread *t,
                        struct buf *out)
{
    char rank[256];
    struct slice pid = word_of(run, t->pid), tid = word_of(run, t->tid), none = {NULL, 0};
    buf_adds(out, "rank ");
    buf_add(out, rank, parts_rank(&s->parts, t->part, rank, sizeof rank));
    add_word(out, "pid", pid, called_process(&run->called, t->part, pid));
    add_word(out, "tid", tid, called_thread(&run->called, t->part, pid, tid));
    add_word(out, "device", word_of(run, t->device), none);
    add_word(out, "stream", word_of(run, t->stream), none);
}

/* None at all, then numbers as such, then other words. */
static int compare_words(struct slice a, struct slice b)
{
    uint64_t x, y;
    bool number_a = num_u64(a, &x), number_b = num_u64(b, &y);
    if (a.n > 0 && b.n > 0 && number_a != number_b)
        return number_a ? -1 : 1;
    if (number_a && number_b && x != y)
        return x < y ? -1 : 1;
    return slice_cmp(a, b);
}

/* Which thread came first depends on how its stream was written. */
static int by_words(const void *a, const void *b, void *ctx)
{
    const struct thread *x = a, *y = b;
    const struct run *run = ctx;
    const uint32_t words[][2] = {
        {x->pid, y->pid}, {x->tid, y->tid}, {x->device, y->device}, {x->stream, y->stream}};
    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        int order = compare_words(word_of(run, words[i][0]), word_of(run, words[i][1]));
        if (order)
            return order;
    }
    return (int)x->gpu - (int)y->gpu;
}

static void take_thread(struct run *run, const struct stream *s, const struct clocks *clocks,
                        struct thread *t)
{
    struct lane lane = {0};
    lane.events = thread_nest(t, &lane.n);
    lane.first_ns = (wide)begins_of(&run->begins, t->part) - clocks->shift_ns[t->part];
    name_thread(run, s, t, &lane.name);
    run->lanes = mem_grow(run->lanes, &run->lanes_cap, run->nlanes + 1, sizeof *run->lanes);
    run->lanes[run->nlanes++] = lane;
}

/* By one clock, from the beginning. */
static int take_threads(struct run *run, struct stream *s, struct err *e)
{
    struct threads *threads = &run->events.threads;
    struct clocks clocks = {0};
    if (threads->n == 0)
        return 0;
    int rc = clocks_align(&clocks, &s->parts, s->nparts, e);
    if (rc == 0)
        rc = begins_move(&run->begins, &clocks, e);
    if (rc == 0)
        begins_join(&run->begins, &s->parts);
    qsort_r(threads->at, threads->n, sizeof *threads->at, by_words, run);
    for (uint32_t i = 0; i < threads->n && rc == 0; i++)
        take_thread(run, s, &clocks, &threads->at[i]);
    clocks_free(&clocks);
    return rc;
}

/* Sink ----------------------------------------------------------------------------------------- */

static int on_records(void *ctx, struct stream *s, const struct batch *b, struct err *e)
{
    struct run *run = ctx;
    begins_look(&run->begins, s, b);
    called_look(&run->called, s, b);
    return KIND_BIT(b->kind) & run->kinds ? fold_events_records(&run->events, s, b, e) : 0;
}

static void on_forget(void *ctx, struct stream *s)
{
    struct run *run = ctx;
    (void)s;
    fold_events_forget(&run->events);
}

static int on_end(void *ctx, struct stream *s, struct err *e)
{
    struct run *run = ctx;
    seen_add(&run->seen, s);
    int rc = take_threads(run, s, e);
    begins_free(&run->begins);
    called_free(&run->called);
    return rc < 0 ? rc : fold_events_end(&run->events, s, e);
}

static int run_sink(struct run *run, int n, char **operands, struct err *e)
{
    const struct sink sink = {.ctx = run,
                              .kinds = KINDS_ALL,
                              .columns = true,
                              .records = on_records,
                              .end = on_end,
                              .forget = on_forget};
    stacks_open(&run->stacks);
    run->stacks.raw = true;
    run->events.columns = true;
    fold_events_open(&run->events, &run->stacks);
    return sink_run(&sink, n, operands, e);
}

/* Output --------------------------------------------------------------------------------------- */

static void say_nothing(const struct run *run)
{
    struct buf note = {0};
    buf_addf(&note, "nothing to emit: no %s%s", cats ? "events of category " : "host events",
             cats ? cats : "");
    seen_say(&run->seen, &note);
    msg_note("%s", (const char *)note.p);
    buf_free(&note);
}

static int write_profile(struct run *run, struct scope *scope, struct err *e)
{
    struct fold_profile *f = &run->events.profile;
    bool ns = f->weight <= WEIGHT_NS, bytes = f->weight == WEIGHT_BYTES;
    if (fold_profile_stacks(f, &run->stacks, e) < 0)
        return -1;
    scope->places = true;
    return scope_sampled(
        scope, slice_str(f->profile.has_stacks ? "profile" : "profile (approximated from callers)"),
        ns      ? "nanoseconds"
        : bytes ? "bytes"
                : "none",
        &run->stacks, ns ? 0 : 3, e);
}

static int write_threads(struct run *run, struct scope *scope, struct err *e)
{
    int rc = 0;
    for (size_t i = 0; i < run->nlanes && rc == 0; i++) {
        struct lane *lane = &run->lanes[i];
        rc = scope_evented(scope, buf_slice(&lane->name), lane->events, lane->n, lane->first_ns, e);
    }
    return rc;
}

/* Viewers want one profile at least. */
static int write_all(struct run *run, struct output *out, const char *title, struct err *e)
{
    struct scope scope;
    scope_open(&scope, out, &run->stacks.names);
    int rc = run->events.profiled ? write_profile(run, &scope, e)
             : run->nlanes
                 ? write_threads(run, &scope, e)
                 : scope_sampled(&scope, slice_str("nothing"), "nanoseconds", &run->stacks, 0, e);
    if (rc == 0)
        rc = scope_close(&scope, slice_str(title), e);
    if (rc == 0 && !run->events.profiled && run->nlanes == 0)
        say_nothing(run);
    scope_free(&scope);
    return rc;
}

static void free_run(struct run *run)
{
    for (size_t i = 0; i < run->nlanes; i++) {
        buf_free(&run->lanes[i].name);
        free(run->lanes[i].events);
    }
    free(run->lanes);
    fold_events_free(&run->events);
    stacks_free(&run->stacks);
    seen_free(&run->seen);
}

int main(int argc, char **argv)
{
    struct run run = {0};
    struct output out;
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    read_options(&run);
    if (output_open(&out, opts_common.output, &e) < 0)
        die_err(&e);
    int status = run_sink(&run, argc - first, argv + first, &e);
    const char *file = argc - first == 1 && strcmp(argv[first], "-") != 0 ? argv[first] : NULL;
    const char *title = file ? file : run.events.profiled ? "profile" : "trace";
    if (status < 0 || write_all(&run, &out, title, &e) < 0 || output_close(&out, &e) < 0)
        die_err(&e);
    free_run(&run);
    return status;
}
