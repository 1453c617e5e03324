/* prof-top - which functions took the time: a row for each, as pstats prints them
 *   in: records     out: a table
 *   prof-parse sim.prof | prof-top --top 20                                                  */
#include "base/err.h"
#include "base/opts.h"
#include "table/profiled.h"

#include <stdlib.h>

static uint64_t per;
static const char *func;

static const struct opt options[] = {
    {0, "func", OPT_TEXT, &func, "FUNC", "the rows of these functions alone, as for callers"},
    {0, "per", OPT_COUNT, &per, "N", "add calls and self time divided by N"},
    {0}};

static const struct tool tool = {"prof-top",
                                 "[OPTION]... [FILE]...",
                                 "Print what each function of profiles took.",
                                 {options, table_options}};

static const struct table_column columns[] = {
    {"func", TABLE_TEXT, true},         {"calls", TABLE_COUNT, false},
    {"prim_calls", TABLE_COUNT, false}, {"self_us", TABLE_TIME, false},
    {"cum_us", TABLE_TIME, false},      {"self_pct", TABLE_PCT, false},
    {"cum_pct", TABLE_PCT, false},      {"calls_per", TABLE_FRACTION, false},
    {"self_us_per", TABLE_TIME, false}};

enum { COLUMNS_PLAIN = 7, COLUMNS_PER = 9 };

static wide total_self(const struct profile *p)
{
    wide ns = 0;
    for (uint32_t f = 0; f < p->names.n; f++)
        ns += p->functions[f].self_ns;
    return ns;
}

static void add_row(struct table *t, const struct profiled *run, uint32_t f, wide all_ns)
{
    const struct profile_totals *of = &run->profile.functions[f];
    table_text(t, profile_name(&run->profile, f));
    profiled_calls(run, t, of->calls);
    profiled_calls(run, t, of->prim_calls);
    table_number(t, of->self_ns);
    table_number(t, of->cum_ns);
    table_number(t, wide_ratio(of->self_ns, all_ns, 10000));
    table_number(t, wide_ratio(of->cum_ns, all_ns, 10000));
    if (!per)
        return;
    if (of->calls == 0 && !run->profile.has_calls)
        table_empty(t);
    else
        table_number(t, wide_ratio(of->calls, per, 10000));
    table_number(t, wide_ratio(of->self_ns, per, 1));
}

/* Callers of which nothing but their calls is known are no rows. */
static void fill(struct table *t, const struct profiled *run, const bool *targets)
{
    wide all_ns = total_self(&run->profile);
    for (uint32_t f = 0; f < run->profile.names.n; f++)
        if (run->profile.known[f] && (!targets || targets[f]))
            add_row(t, run, f, all_ns);
}

int main(int argc, char **argv)
{
    struct profiled run = {0};
    struct output out;
    struct table table;
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    if (table_open(&table, columns, per ? COLUMNS_PER : COLUMNS_PLAIN, "self_us", &e) < 0 ||
        output_open(&out, opts_common.output, &e) < 0)
        die_err(&e);
    int status = profiled_run(&run, argc - first, argv + first, &e);
    if (status < 0)
        die_err(&e);
    bool *targets = func ? profiled_find(&run, slice_str(func), &e) : NULL;
    if (func && !targets)
        die_err(&e);
    fill(&table, &run, targets);
    table.empty_note = profiled_nothing(&run);
    if (table_print(&table, &out, &e) < 0 || output_close(&out, &e) < 0)
        die_err(&e);
    table_free(&table);
    free(targets);
    profiled_free(&run);
    return status;
}
