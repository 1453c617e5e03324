/* trace-fold - where the time of threads went: events nested into stacks, printed folded
 *   in: records     out: lines `a;b;c 1200`, for flame graphs
 *   trace-parse big.json | trace-fold | flamegraph.pl --countname ns >big.svg
 *   prof-parse run.prof | trace-fold | flame >run.svg
 *   trace-parse big.json | trace-link | trace-fold --leaf gpu | flame --title GPU >gpu.svg    */
#include "base/err.h"
#include "base/mem.h"
#include "base/opts.h"
#include "table/fold_events.h"
#include "table/fold_gpu.h"
#include "table/seen.h"
#include "trace/source.h"

#include <stdlib.h>

static const char *weight_name = "dur", *leaf = "self", *cats, *root_by = "none";
static bool annotations, reverse;

static const struct opt options[] = {
    {0, "weight", OPT_TEXT, &weight_name, "WHAT",
     "dur (self time in ns, default), count (events) or bytes (of copies)"},
    {0, "leaf", OPT_TEXT, &leaf, "WHAT",
     "what stacks end in: self, the event itself (default), or gpu, its GPU activity"},
    {0, "cat", OPT_TEXT, &cats, "LIST",
     "fold these categories instead of host events, or of all GPU activity"},
    {0, "root-by", OPT_TEXT, &root_by, "KEY",
     "begin stacks with their rank, pid or tid, or none (default)"},
    {0, "annotations", OPT_FLAG, &annotations, NULL,
     "add the annotations of host threads, or of launches"},
    {0, "reverse", OPT_FLAG, &reverse, NULL, "begin stacks with their innermost frame"},
    {0}};

static const struct tool tool = {"trace-fold",
                                 "[OPTION]... [FILE]...",
                                 "Nest the events of each thread and print folded stacks.",
                                 {options}};

enum leaf { LEAF_SELF, LEAF_GPU };

/* What an event is tagged with, where its name alone will not do. */
struct sized {
    uint32_t name;
    uint64_t bytes;
};

struct run {
    enum fold_weight weight;
    enum fold_root root;
    enum leaf leaf;
    unsigned kinds;            /* KIND_BITs */
    struct fold_events events; /* with --cat */
    struct stacks stacks;
    struct fold_gpu gpu;
    struct sink host;
    struct seen seen; /* for the note that there is nothing */

    struct sized *sized; /* by tag, with FOLD_BYTES */
    size_t nsized, sized_cap;
};

/* Options -------------------------------------------------------------------------------------- */

static unsigned kinds_by_default(const struct run *run)
{
    if (run->weight == FOLD_BYTES)
        return KIND_BIT(KIND_MEMCPY) | KIND_BIT(KIND_MEMSET);
    if (run->leaf == LEAF_GPU)
        return KINDS_GPU;
    return run->weight == FOLD_DUR ? FOLD_KINDS_HOST | KINDS_PROFILE : FOLD_KINDS_HOST;
}

static void check_gpu(const struct strtab *list)
{
    for (uint32_t id = 1; id <= list->n; id++) {
        struct slice cat = strtab_get(list, id);
        if (!(KIND_BIT(kind_of(slice_str("X"), cat)) & KINDS_GPU))
            die(ST_USAGE, "--leaf gpu is about GPU activity, and '%.*s' is none",
                cat.n < 200 ? (int)cat.n : 200, (const char *)cat.p);
    }
}

static void read_options(struct run *run)
{
    static const char *const weights[] = {"dur", "count", "bytes", NULL};
    static const char *const roots[] = {"none", "rank", "pid", "tid", NULL};
    static const char *const leaves[] = {"self", "gpu", NULL};
    run->weight = opts_choice("weight", weight_name, weights);
    run->root = opts_choice("root", root_by, roots);
    run->leaf = opts_choice("leaf", leaf, leaves);
    if (annotations && run->leaf == LEAF_SELF && (cats || run->weight == FOLD_BYTES))
        die(ST_USAGE, "--annotations goes with host events, not with %s",
            cats ? "--cat; add user_annotation to the list" : "--weight bytes");
    if (cats)
        opts_list("cat", cats, &run->events.cats);
    if (run->leaf == LEAF_GPU)
        check_gpu(&run->events.cats);
    run->kinds = cats ? fold_events_kinds(&run->events.cats) : kinds_by_default(run);
    if (annotations && run->leaf == LEAF_SELF)
        run->kinds |= KIND_BIT(KIND_ANNOTATION);
}

/* Sink ----------------------------------------------------------------------------------------- */

static uint32_t add_sized(void *ctx, uint32_t name, const struct batch *b, uint32_t row)
{
    struct run *run = ctx;
    const struct frame *column = &b->columns[COLUMN_BYTES];
    struct sized sized = {.name = name};
    if (column->rows)
        (void)frame_number(column, row, &sized.bytes);
    run->sized = mem_grow(run->sized, &run->sized_cap, run->nsized + 1, sizeof *run->sized);
    run->sized[run->nsized] = sized;
    return (uint32_t)run->nsized++;
}

static int host_start(void *ctx, struct stream *s, struct err *e)
{
    struct run *run = ctx;
    bool profile = KIND_BIT(s->begins_with) & run->kinds & KINDS_PROFILE;
    (void)e;
    run->host.columns = run->events.columns = profile || run->weight == FOLD_BYTES;
    return 0;
}

static int on_records(void *ctx, struct stream *s, const struct batch *b, struct err *e)
{
    struct run *run = ctx;
    if (KIND_BIT(b->kind) & KINDS_PROFILE && (run->root != FOLD_ROOT_NONE || annotations))
        return err_set(e, ST_USAGE, "%s is about events; a profile has none",
                       annotations ? "--annotations" : "--root-by");
    return fold_events_records(&run->events, s, b, e);
}

static void on_forget(void *ctx, struct stream *s)
{
    struct run *run = ctx;
    (void)s;
    fold_events_forget(&run->events);
}

/* Stacks --------------------------------------------------------------------------------------- */

/* Where the stacks of a thread begin. */
static uint32_t root_of(struct run *run, const struct stream *s, const struct thread *thread)
{
    char rank[256];
    uint32_t word = run->root == FOLD_ROOT_PID ? thread->pid : thread->tid;
    struct slice what = word ? strtab_get(&run->events.threads.words, word) : slice_str("(none)");
    if (run->root == FOLD_ROOT_RANK)
        what = slice_of(rank, parts_rank(&s->parts, thread->part, rank, sizeof rank));
    return fold_root_node(&run->stacks, run->root, what);
}

static void add_event(struct run *run, const struct nest_event *event, uint32_t *node)
{
    uint64_t bytes = 0;
    uint32_t name = event->tag;
    if (run->weight == FOLD_BYTES) {
        name = run->sized[event->tag].name;
        bytes = run->sized[event->tag].bytes;
    }
    *node = stacks_push(&run->stacks, *node, name);
    run->stacks.nodes[*node].weight += run->weight == FOLD_DUR     ? event->self_ns
                                       : run->weight == FOLD_COUNT ? 1
                                                                   : bytes;
}

/* A parent stands before its children, so its tag can give way to its node. */
static void fold_thread(struct run *run, const struct stream *s, struct thread *thread)
{
    size_t n;
    struct nest_event *events = thread_nest(thread, &n);
    uint32_t root = root_of(run, s, thread);
    for (size_t i = 0; i < n; i++) {
        uint32_t node = events[i].parent == NEST_NONE ? root : events[events[i].parent].tag;
        add_event(run, &events[i], &node);
        events[i].tag = node;
    }
    free(events);
}

static int on_end(void *ctx, struct stream *s, struct err *e)
{
    struct run *run = ctx;
    for (uint32_t i = 0; i < run->events.threads.n; i++)
        fold_thread(run, s, &run->events.threads.at[i]);
    run->nsized = 0;
    seen_add(&run->seen, s);
    return fold_events_end(&run->events, s, e);
}

/* GPU activity under what launched it ---------------------------------------------------------- */

static int gpu_start(void *ctx, struct stream *s, struct err *e)
{
    struct run *run = ctx;
    return fold_gpu_start(&run->gpu, s, e);
}

static int gpu_records(void *ctx, struct stream *s, const struct batch *b, struct err *e)
{
    struct run *run = ctx;
    (void)e;
    fold_gpu_records(&run->gpu, s, b);
    return 0;
}

static int gpu_end(void *ctx, struct stream *s, struct err *e)
{
    struct run *run = ctx;
    (void)e;
    fold_gpu_end(&run->gpu, s);
    run->events.nevents = run->gpu.events;
    seen_add(&run->seen, s);
    return 0;
}

static int run_sink(struct run *run, int n, char **operands, struct err *e)
{
    run->host = (struct sink){.ctx = run,
                              .kinds = run->kinds,
                              .start = host_start,
                              .records = on_records,
                              .end = on_end,
                              .forget = on_forget};
    const struct sink gpu = {.ctx = run,
                             .kinds = run->kinds,
                             .columns = true,
                             .start = gpu_start,
                             .records = gpu_records,
                             .end = gpu_end};
    stacks_open(&run->stacks);
    fold_events_open(&run->events, &run->stacks);
    run->events.tag = run->weight == FOLD_BYTES ? add_sized : NULL;
    run->events.ctx = run;
    run->gpu = (struct fold_gpu){.weight = run->weight,
                                 .root = run->root,
                                 .annotations = annotations,
                                 .cats = &run->events.cats,
                                 .stacks = &run->stacks};
    int status = sink_run(run->leaf == LEAF_GPU ? &gpu : &run->host, n, operands, e);
    if (status < 0 || !run->events.profiled)
        return status;
    if (fold_profile_stacks(&run->events.profile, &run->stacks, e) < 0)
        return -1;
    fold_profile_whole(&run->events.profile, &run->stacks);
    return status;
}

/* Output --------------------------------------------------------------------------------------- */

static void say_nothing(const struct run *run)
{
    struct buf note = {0};
    if (run->events.nevents)
        buf_addf(&note, "events without %s: %llu", run->weight == FOLD_BYTES ? "bytes" : "time",
                 (unsigned long long)run->events.nevents);
    else if (cats)
        buf_addf(&note, "nothing of category %s", cats);
    else if (run->weight == FOLD_BYTES)
        buf_adds(&note, "no memory copies");
    else
        buf_adds(&note, run->leaf == LEAF_GPU ? "no GPU activity" : "no host events");
    seen_say(&run->seen, &note);
    msg_note("%s", (const char *)note.p);
    buf_free(&note);
}

static void print(const struct run *run, struct output *out)
{
    struct err e;
    int64_t lines = stacks_print(&run->stacks, reverse, out, &e);
    if (lines < 0 || output_close(out, &e) < 0)
        die_err(&e);
    if (lines == 0)
        say_nothing(run);
}

static void free_run(struct run *run)
{
    fold_events_free(&run->events);
    stacks_free(&run->stacks);
    seen_free(&run->seen);
    fold_gpu_free(&run->gpu);
    free(run->sized);
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
    if (status < 0)
        die_err(&e);
    print(&run, &out);
    free_run(&run);
    return status;
}
