/* trace-parse - a profiler's trace becomes records
 *   in: Chrome trace JSON (PyTorch Kineto and others), rocprofv3 JSON; plain, gzip, zstd
 *   out: records
 *   trace-parse big.json | kernel-classify | group-by-op                                     */
#include "base/err.h"
#include "base/num.h"
#include "base/opts.h"
#include "trace/chunks.h"
#include "trace/load.h"

#include <string.h>

static const char *cats;
static uint64_t threads;
static const char *mode = "auto";
static struct selection selection;
static struct load load = {.select = &selection};

static const struct opt options[] = {
    {0, "cat", OPT_TEXT, &cats, "LIST", "keep events of these categories, exactly as spelled"},
    {0, "gpu", OPT_FLAG, &selection.gpu, NULL, "keep GPU activity alone"},
    {0, "args", OPT_FLAG, &selection.args, NULL, "keep the remaining args as JSON text"},
    {0, "rank", OPT_TEXT, &load.rank, "N", "the rank of the file, whatever it says itself"},
    {0, "index", OPT_TEXT, &mode, "MODE", "auto (default), off, require or rebuild"},
    {0, "index-dir", OPT_TEXT, &load.index_dir, "DIR", "where indexes are"},
    {'j', "threads", OPT_COUNT, &threads, "N",
     "threads that read (default: one a core, at most 8)"},
    {0}};

static const struct tool tool = {"trace-parse",
                                 "[OPTION]... [FILE]...",
                                 "Read traces of profilers and write them as records.",
                                 {options}};

static enum index_mode index_mode(void)
{
    static const char *const names[] = {"off", "auto", "require", "rebuild"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(mode, names[i]) == 0)
            return (enum index_mode)i;
    die(ST_USAGE, "unknown --index '%s'; there are: auto, off, require, rebuild", mode);
}

static void check_options(int files)
{
    uint64_t number;
    if (cats)
        opts_list("cat", cats, &selection.cats);
    if (load.rank && !num_u64(slice_str(load.rank), &number))
        die(ST_USAGE, "--rank needs a whole number, not '%s'", load.rank);
    if (load.rank && files > 1)
        die(ST_USAGE, "--rank is for one file, not for %d", files);
    load.index = index_mode();
    if (load.index == INDEX_REQUIRE && selection.args)
        die(ST_USAGE, "an index does not hold args: --args goes without --index require");
    load.threads = chunks_threads(threads);
}

/* An index is an extra: without one, the result is as good. */
static void finish(void)
{
    struct err e;
    if (load_finish(&load, &e) == 0)
        return;
    if (load.index == INDEX_REBUILD)
        msg_note("no index: %s", e.text);
    else
        msg_detail("no index: %s", e.text);
}

int main(int argc, char **argv)
{
    struct output out;
    struct writer w;
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    check_options(argc - first);
    if (writer_output(&out, opts_common.output, &e) < 0)
        die_err(&e);
    writer_open(&w, &out);
    int status = load_run(&load, &w, argc - first, argv + first, &e);
    if (status < 0 || output_close(&out, &e) < 0)
        die_err(&e);
    die_settled(status);
    finish();
    strtab_free(&selection.cats);
    return status;
}
