/* prof-parse - what a profiler has added up becomes records
 *   in: .prof of cProfile and YAPPI, YAPPI's CSV, callgrind, folded stacks (py-spy raw),
 *       speedscope; plain, gzip, zstd      out: records
 *   prof-parse run.prof | prof-top                                                           */
#include "base/opts.h"
#include "prof/kinds.h"

#include <string.h>

static const char *type = "auto";

static const struct opt options[] = {
    {0, "type", OPT_TEXT, &type, "TYPE", "what the file is, instead of telling it by its content"},
    {0}};

static const struct tool tool = {
    "prof-parse", "[OPTION]... [FILE]", "Read a profile and write it as records.", {options}};

int main(int argc, char **argv)
{
    struct output out;
    struct writer w;
    struct intake s;
    struct err e;
    struct totals t = {0};
    int first = opts_parse(&tool, argc, argv);
    if (argc - first > 1)
        die(ST_USAGE, "one file at a time, not %d", argc - first);
    const struct prof_kind *kind = prof_kind_named(type, &e);
    if (!kind && strcmp(type, "auto") != 0)
        die_err(&e);
    if (intake_open(&s, first < argc ? argv[first] : NULL, &w, &e) < 0 ||
        writer_output(&out, opts_common.output, &e) < 0)
        die_err(&e);
    writer_open(&w, &out);
    int rc = prof_read(&s, kind, &e);
    if (writer_stopped(&w))
        die_err(&w.err);
    if (rc < 0 || intake_end(&s, &t, &e) < 0)
        die_err(&e);
    t.events = w.events;
    if (writer_end(&w, &t, &e) < 0 || output_close(&out, &e) < 0)
        die_err(&e);
    intake_free(&s);
    return t.status;
}
