/* trace-parse - a profiler's trace becomes records
 *   in: Chrome trace JSON (PyTorch Kineto and others), rocprofv3 JSON; plain, gzip, zstd
 *   out: records
 *   trace-parse big.json | kernel-classify | group-by-op                                     */
#include "base/err.h"
#include "base/num.h"
#include "base/opts.h"
#include "trace/chrome.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

static const char *cats;
static const char *rank;
static uint64_t threads;
static struct selection selection;

/* By default no more threads than this: the one that writes cannot keep up with more. */
enum { THREADS_DEFAULT = 8, THREADS_MAX = 256 };

static const struct opt options[] = {
    {0, "cat", OPT_TEXT, &cats, "LIST", "keep events of these categories, exactly as spelled"},
    {0, "gpu", OPT_FLAG, &selection.gpu, NULL, "keep GPU activity alone"},
    {0, "args", OPT_FLAG, &selection.args, NULL, "keep the remaining args as JSON text"},
    {0, "rank", OPT_TEXT, &rank, "N", "the rank of the file, whatever it says itself"},
    {'j', "threads", OPT_COUNT, &threads, "N",
     "threads that read (default: one a core, at most 8)"},
    {0}};

static const struct tool tool = {"trace-parse",
                                 "[OPTION]... [FILE]...",
                                 "Read traces of profilers and write them as records.",
                                 {options}};

/* The rank that the part has in the end: --rank, distributedInfo, the number of the file. */
static void say_rank(struct source *s, uint32_t part, struct strtab *ranks)
{
    char number[24];
    if (!s->rank[0]) {
        (void)snprintf(number, sizeof number, "%lu", (unsigned long)part);
        source_rank(s, slice_str(number));
    }
    unsigned same = 1;
    for (uint32_t id = 1; id <= ranks->n; id++)
        same += slice_is(strtab_get(ranks, id), s->rank);
    strtab_add(ranks, slice_str(s->rank));
    if (same > 1)
        msg_note("%s: an earlier file has rank %s too; they are kept apart, this one as %s#%u",
                 s->in.name, s->rank, s->rank, same);
}

/* One line that says what was lost of a file. Returns its status. */
static int report(const struct source *s)
{
    const struct input *in = &s->in;
    msg_detail("%s: %llu events kept, %llu left out by the selection, %llu lost", in->name,
               (unsigned long long)s->kept, (unsigned long long)s->unselected,
               (unsigned long long)s->lost);
    if (!s->lost && !s->structural)
        return ST_WHOLE;
    msg_error("%s: byte %llu: %s; %llu events kept, %llu lost", in->name,
              (unsigned long long)s->first.off_bytes, s->first.why, (unsigned long long)s->kept,
              (unsigned long long)s->lost);
    return ST_INCOMPLETE;
}

/* Reads one file as the next part. Returns its status; ends the program where that is 1. */
static int parse_file(struct source *s, const char *path, uint32_t part, struct strtab *ranks)
{
    struct err e;
    if (input_open(&s->in, path, &e) < 0)
        die_err(&e);
    source_begin(s, part);
    if (rank)
        source_rank(s, slice_str(rank));
    int rc = chrome_read(s, &e);
    progress_end(&s->progress);
    if (writer_stopped(s->w))
        die_err(&s->w->err);
    if (rc < 0)
        die_err(&e);
    say_rank(s, part, ranks);
    int status = opts_settle(report(s), s->in.name, &e);
    if (status < 0)
        die_err(&e);
    if (input_close(&s->in, &e) < 0)
        die_err(&e);
    return status;
}

static int parse_all(struct source *s, int n, char **files, uint64_t *lost)
{
    int status = ST_WHOLE;
    struct strtab ranks = {0}; /* of the files so far */
    for (int i = 0; i < n || i == 0; i++) {
        status = status_worst(status, parse_file(s, n ? files[i] : NULL, (uint32_t)i, &ranks));
        *lost += s->lost;
    }
    strtab_free(&ranks);
    return status;
}

/* As many as there are cores that this process may use. */
static unsigned threads_wanted(void)
{
    cpu_set_t cores;
    unsigned n = 1;
    if (threads)
        return threads < THREADS_MAX ? (unsigned)threads : THREADS_MAX;
    if (sched_getaffinity(0, sizeof cores, &cores) == 0)
        n = (unsigned)CPU_COUNT(&cores);
    return n < THREADS_DEFAULT ? n : THREADS_DEFAULT;
}

int main(int argc, char **argv)
{
    struct output out;
    struct writer w;
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    uint64_t number;
    if (cats)
        opts_list("cat", cats, &selection.cats);
    if (rank && !num_u64(slice_str(rank), &number))
        die(ST_USAGE, "--rank needs a whole number, not '%s'", rank);
    if (rank && argc - first > 1)
        die(ST_USAGE, "--rank is for one file, not for %d", argc - first);
    if (writer_output(&out, opts_common.output, &e) < 0)
        die_err(&e);
    writer_open(&w, &out);
    struct source s = {
        .w = &w, .select = &selection, .rank_given = rank != NULL, .threads = threads_wanted()};
    struct totals t = {0};
    t.status = parse_all(&s, argc - first, argv + first, &t.lost);
    struct tally *rows = source_tally(&s, &t.nrows);
    t.rows = rows;
    t.events = w.events;
    t.skipped = s.skipped;
    if (writer_end(&w, &t, &e) < 0 || output_close(&out, &e) < 0)
        die_err(&e);
    free(rows);
    source_free(&s);
    strtab_free(&selection.cats);
    return t.status;
}
