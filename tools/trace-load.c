/* trace-load - the text twin back into records
 *   in: what trace-dump prints     out: records
 *   trace-dump a.trs | grep -v '"cat":"python_function"' | trace-load | group-by-op         */
#include "base/num.h"
#include "base/opts.h"
#include "trace/source.h"
#include "trace/twin.h"

#include <stdio.h>
#include <stdlib.h>

static const struct tool tool = {"trace-load",
                                 "[OPTION]... [FILE]",
                                 "Read what trace-dump prints and write it as records.",
                                 {NULL}};

int main(int argc, char **argv)
{
    struct output out;
    struct writer w;
    struct err e;
    const struct selection all = {.args = true};
    int first = opts_parse(&tool, argc, argv);
    if (argc - first > 1)
        die(ST_USAGE, "one file at a time, not %d", argc - first);
    struct source s = {.w = &w, .select = &all};
    if (input_open(&s.in, first < argc ? argv[first] : NULL, &e) < 0 ||
        writer_output(&out, opts_common.output, &e) < 0)
        die_err(&e);
    writer_open(&w, &out);
    source_begin(&s, 0);
    struct totals t = {0};
    int rc = twin_read(&s, &t, &e);
    progress_end(&s.progress);
    if (writer_stopped(&w))
        die_err(&w.err);
    if (rc < 0 || input_close(&s.in, &e) < 0)
        die_err(&e);
    if ((t.status = opts_settle(t.status, "the text", &e)) < 0)
        die_err(&e);
    writer_begin(&w);
    struct tally *rows = source_tally(&s, &t.nrows);
    t.rows = rows;
    t.events = w.events;
    if (writer_end(&w, &t, &e) < 0 || output_close(&out, &e) < 0)
        die_err(&e);
    free(rows);
    source_free(&s);
    return t.status;
}
