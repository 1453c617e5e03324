/* trace-fold - where the time of threads went: events nested into stacks, printed folded
 *   in: records     out: lines `a;b;c 1200`, for flame graphs
 *   trace-parse big.json | trace-fold | flamegraph.pl --countname ns >big.svg                */
#include "base/err.h"
#include "base/mem.h"
#include "base/opts.h"
#include "link/threads.h"
#include "table/seen.h"
#include "table/stacks.h"
#include "trace/source.h"

#include <stdlib.h>

static const char *weight_name = "dur", *leaf = "self", *cats, *root_by = "none";
static bool annotations, reverse;

static const struct opt options[] = {
    {0, "weight", OPT_TEXT, &weight_name, "WHAT",
     "dur (self time in ns, default), count (events) or bytes (of copies)"},
    {0, "leaf", OPT_TEXT, &leaf, "WHAT", "what stacks end in: self, the event itself (default)"},
    {0, "cat", OPT_TEXT, &cats, "LIST", "fold these categories instead of host events"},
    {0, "root-by", OPT_TEXT, &root_by, "KEY",
     "begin stacks with their rank, pid or tid, or none (default)"},
    {0, "annotations", OPT_FLAG, &annotations, NULL, "add the annotations of host threads"},
    {0, "reverse", OPT_FLAG, &reverse, NULL, "begin stacks with their innermost frame"},
    {0}};

static const struct tool tool = {"trace-fold",
                                 "[OPTION]... [FILE]...",
                                 "Nest the events of each thread and print folded stacks.",
                                 {options}};

/* So that all indices fit. They take 64 GB. */
static const uint64_t EVENTS_MAX = (uint64_t)1 << 31;

enum weight { WEIGHT_DUR, WEIGHT_COUNT, WEIGHT_BYTES };
enum root { ROOT_NONE, ROOT_RANK, ROOT_PID, ROOT_TID };

/* What an event is tagged with, where its name alone will not do. */
struct sized {
    uint32_t name;
    uint64_t bytes;
};

struct run {
    enum weight weight;
    enum root root;
    unsigned kinds;     /* KIND_BITs */
    struct strtab cats; /* --cat */
    struct threads threads;
    struct stacks stacks;
    struct seen seen; /* for the note that there is nothing */
    uint64_t events;

    uint32_t *frames[2]; /* of name i of the role at i: its frame, 0 if it was not asked for */
    size_t frames_cap[2];
    struct sized *sized; /* by tag, with WEIGHT_BYTES */
    size_t nsized, sized_cap;
};

/* Options -------------------------------------------------------------------------------------- */

static unsigned choice(const char *option, const char *value, const char *const *known)
{
    struct buf list = {0};
    for (unsigned i = 0; known[i]; i++) {
        if (strcmp(value, known[i]) == 0) {
            buf_free(&list);
            return i;
        }
        buf_addf(&list, "%s%s", i ? " " : "", known[i]);
    }
    buf_addc(&list, '\0');
    die(ST_USAGE, "unknown %s '%.200s'; known are %s", option, value, (const char *)list.p);
}

/* The kinds in which records of these categories come. */
static unsigned kinds_of(const struct strtab *list)
{
    unsigned kinds = 0;
    for (uint32_t id = 1; id <= list->n; id++)
        kinds |= KIND_BIT(kind_of(slice_str("X"), strtab_get(list, id)));
    return kinds;
}

static unsigned kinds_by_default(enum weight weight)
{
    if (weight == WEIGHT_BYTES)
        return KIND_BIT(KIND_MEMCPY) | KIND_BIT(KIND_MEMSET);
    return KIND_BIT(KIND_CPU_OP) | KIND_BIT(KIND_PYTHON) | KIND_BIT(KIND_RUNTIME);
}

static void read_options(struct run *run)
{
    static const char *const weights[] = {"dur", "count", "bytes", NULL};
    static const char *const roots[] = {"none", "rank", "pid", "tid", NULL};
    static const char *const leaves[] = {"self", NULL};
    run->weight = choice("weight", weight_name, weights);
    run->root = choice("root", root_by, roots);
    (void)choice("leaf", leaf, leaves);
    if (annotations && (cats || run->weight == WEIGHT_BYTES))
        die(ST_USAGE, "--annotations goes with host events, not with %s",
            cats ? "--cat; add user_annotation to the list" : "--weight bytes");
    if (cats)
        opts_list("cat", cats, &run->cats);
    run->kinds = cats ? kinds_of(&run->cats) : kinds_by_default(run->weight);
    if (annotations)
        run->kinds |= KIND_BIT(KIND_ANNOTATION);
}

/* Sink ----------------------------------------------------------------------------------------- */

/* Intervals of the categories asked for, or of all kinds that come but annotations of the GPU. */
static bool wants(void *ctx, const struct stream *s, const struct track *t)
{
    const struct run *run = ctx;
    bool of_gpu = slice_is(stream_word(s, t->cat), "gpu_user_annotation");
    return stream_has_interval(s, t, &run->cats) && (run->cats.n > 0 || !of_gpu);
}

/* The frame of a name, looked up once while its id has its meaning. */
static uint32_t frame_of(struct run *run, const struct stream *s, unsigned kind, uint32_t name)
{
    unsigned role = kind_role(kind);
    uint32_t **frames = &run->frames[role];
    size_t *cap = &run->frames_cap[role], before = *cap;
    if (name >= before) {
        *frames = mem_grow(*frames, cap, (size_t)name + 1, sizeof **frames);
        memset(*frames + before, 0, (*cap - before) * sizeof **frames);
    }
    if ((*frames)[name] == 0)
        (*frames)[name] = stacks_name(&run->stacks, stream_name(s, kind, name));
    return (*frames)[name];
}

static uint32_t add_sized(struct run *run, uint32_t name, const struct frame *column, uint32_t row)
{
    struct sized sized = {.name = name};
    if (column->rows)
        (void)frame_number(column, row, &sized.bytes);
    run->sized = mem_grow(run->sized, &run->sized_cap, run->nsized + 1, sizeof *run->sized);
    run->sized[run->nsized] = sized;
    return (uint32_t)run->nsized++;
}

static int on_records(void *ctx, struct stream *s, const struct batch *b, struct err *e)
{
    struct run *run = ctx;
    for (uint32_t i = 0; i < b->n; i++) {
        struct record r = record_get(b->rows + (size_t)i * RECORD_BYTES);
        struct thread *thread = threads_find(&run->threads, s, b, r.track);
        if (!thread)
            continue;
        uint32_t tag = frame_of(run, s, b->kind, r.name);
        if (run->weight == WEIGHT_BYTES)
            tag = add_sized(run, tag, &b->columns[COLUMN_BYTES], i);
        thread_add(thread, b->kind, &r, tag);
        if (++run->events > EVENTS_MAX)
            return err_set(e, ST_FAILED, "more than 2^31 events; fold fewer of them at once");
    }
    return 0;
}

static void on_forget(void *ctx, struct stream *s)
{
    struct run *run = ctx;
    (void)s;
    threads_forget(&run->threads);
    for (unsigned role = 0; role < 2; role++)
        if (run->frames_cap[role])
            memset(run->frames[role], 0, run->frames_cap[role] * sizeof *run->frames[role]);
}

/* Stacks --------------------------------------------------------------------------------------- */

/* Where the stacks of a thread begin. */
static uint32_t root_of(struct run *run, const struct stream *s, const struct thread *thread)
{
    static const char *const names[] = {"", "rank=", "pid=", "tid="};
    struct buf frame = {0};
    char rank[256];
    uint32_t word = run->root == ROOT_PID ? thread->pid : thread->tid;
    struct slice text = word ? strtab_get(&run->threads.words, word) : slice_str("(none)");
    if (run->root == ROOT_NONE)
        return STACKS_ROOT;
    if (run->root == ROOT_RANK)
        text = slice_of(rank, parts_rank(&s->parts, thread->part, rank, sizeof rank));
    buf_adds(&frame, names[run->root]);
    buf_add(&frame, text.p, text.n);
    uint32_t node =
        stacks_push(&run->stacks, STACKS_ROOT, stacks_name(&run->stacks, buf_slice(&frame)));
    buf_free(&frame);
    return node;
}

static void add_event(struct run *run, const struct nest_event *event, uint32_t *node)
{
    uint64_t bytes = 0;
    uint32_t name = event->tag;
    if (run->weight == WEIGHT_BYTES) {
        name = run->sized[event->tag].name;
        bytes = run->sized[event->tag].bytes;
    }
    *node = stacks_push(&run->stacks, *node, name);
    run->stacks.nodes[*node].weight += run->weight == WEIGHT_DUR     ? event->self_ns
                                       : run->weight == WEIGHT_COUNT ? 1
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
    (void)e;
    for (uint32_t i = 0; i < run->threads.n; i++)
        fold_thread(run, s, &run->threads.at[i]);
    threads_clear(&run->threads);
    run->nsized = 0;
    on_forget(run, s);
    seen_add(&run->seen, s);
    return 0;
}

/* Output --------------------------------------------------------------------------------------- */

static void say_nothing(const struct run *run)
{
    struct buf note = {0};
    if (run->events)
        buf_addf(&note, "events without %s: %llu", run->weight == WEIGHT_BYTES ? "bytes" : "time",
                 (unsigned long long)run->events);
    else if (cats)
        buf_addf(&note, "nothing of category %s", cats);
    else
        buf_adds(&note, run->weight == WEIGHT_BYTES ? "no memory copies" : "no host events");
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
    threads_free(&run->threads);
    stacks_free(&run->stacks);
    seen_free(&run->seen);
    strtab_free(&run->cats);
    free(run->frames[ROLE_GPU]);
    free(run->frames[ROLE_HOST]);
    free(run->sized);
}

int main(int argc, char **argv)
{
    struct run run = {.threads = {.wants = wants}};
    struct output out;
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    read_options(&run);
    if (output_open(&out, opts_common.output, &e) < 0)
        die_err(&e);
    run.threads.ctx = &run;
    stacks_open(&run.stacks);
    const struct sink sink = {.ctx = &run,
                              .kinds = run.kinds,
                              .columns = run.weight == WEIGHT_BYTES,
                              .records = on_records,
                              .end = on_end,
                              .forget = on_forget};
    int status = sink_run(&sink, argc - first, argv + first, &e);
    if (status < 0)
        die_err(&e);
    print(&run, &out);
    free_run(&run);
    return status;
}
