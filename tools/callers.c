/* callers - who calls a function, what it calls, or the chains that lead to it
 *   in: records     out: a table
 *   prof-parse sim.prof | callers deepcopy                                                   */
#include "base/err.h"
#include "base/mem.h"
#include "base/opts.h"
#include "prof/chains.h"
#include "table/profiled.h"

#include <stdlib.h>

static bool callees, paths;
static uint64_t per;

static const struct opt options[] = {
    {0, "callees", OPT_FLAG, &callees, NULL, "what it calls, not who calls it"},
    {0, "paths", OPT_FLAG, &paths, NULL, "the chains of calls that lead to it, with their shares"},
    {0, "per", OPT_COUNT, &per, "N", "add calls and time divided by N"},
    {0}};

static const struct tool tool = {"callers",
                                 "[OPTION]... FUNC [FILE]...",
                                 "Print who calls a function of a profile.",
                                 {options, table_options}};

enum { COLUMNS_EDGE = 6, COLUMNS_PATH = 5, COLUMNS_PER = 2, COLUMNS_MAX = 8 };

static const struct table_column edge_columns[] = {
    {"caller", TABLE_TEXT, true},         {"calls", TABLE_COUNT, false},
    {"prim_calls", TABLE_COUNT, false},   {"self_us", TABLE_TIME, false},
    {"cum_us", TABLE_TIME, false},        {"calls_pct", TABLE_PCT, false},
    {"calls_per", TABLE_FRACTION, false}, {"self_us_per", TABLE_TIME, false}};
static const struct table_column path_columns[] = {
    {"path", TABLE_TEXT, true},       {"calls", TABLE_COUNT, false},
    {"calls_pct", TABLE_PCT, false},  {"cum_us", TABLE_TIME, false},
    {"cum_pct", TABLE_PCT, false},    {"calls_per", TABLE_FRACTION, false},
    {"cum_us_per", TABLE_TIME, false}};

struct run {
    struct profiled in;
    struct slice asked;
    bool *targets; /* by function: it is meant */
    struct buf note;
};

static void open_table(struct table *t, struct table_column columns[COLUMNS_MAX], const char *sort)
{
    struct err e;
    unsigned n = paths ? COLUMNS_PATH : COLUMNS_EDGE;
    n += per ? COLUMNS_PER : 0;
    memcpy(columns, paths ? path_columns : edge_columns, n * sizeof *columns);
    if (callees)
        columns[0].name = "callee";
    if (table_open(t, columns, n, sort, &e) < 0)
        die_err(&e);
}

/* calls and time for each of N, calls where they are known */
static void add_per(struct table *t, const struct run *run, wide calls, wide ns)
{
    if (!per)
        return;
    if (calls || run->in.profile.has_calls)
        table_number(t, wide_ratio(calls, per, 10000));
    else
        table_empty(t);
    table_number(t, wide_ratio(ns, per, 1));
}

/* Callers and callees -------------------------------------------------------------------------- */

/* All calls of the targets, or all that they make. */
static wide total_calls(const struct run *run)
{
    const struct profile *p = &run->in.profile;
    wide calls = 0;
    for (size_t i = 0; callees && i < p->nedges; i++)
        calls += run->targets[p->edges[i].caller] ? p->edges[i].totals.calls : 0;
    for (uint32_t f = 0; !callees && f < p->names.n; f++)
        calls += run->targets[f] ? p->functions[f].calls : 0;
    return calls;
}

static void add_row(struct table *t, const struct run *run, uint32_t function,
                    const struct profile_totals *of, wide calls)
{
    table_text(t, profile_name(&run->in.profile, function));
    profiled_calls(&run->in, t, of->calls);
    profiled_calls(&run->in, t, of->prim_calls);
    table_number(t, of->self_ns);
    table_number(t, of->cum_ns);
    if (calls > 0)
        table_number(t, wide_ratio(of->calls, calls, 10000));
    else
        table_empty(t);
    add_per(t, run, of->calls, of->self_ns);
}

/* A row for each function at the other end of edges, however many edges it has. */
static void fill_edges(struct table *t, struct run *run)
{
    const struct profile *p = &run->in.profile;
    struct profile_totals *sums = mem_zalloc(p->names.n, sizeof *sums);
    bool *there = mem_zalloc(p->names.n, sizeof *there);
    wide calls = total_calls(run);
    for (size_t i = 0; i < p->nedges; i++) {
        const struct profile_edge *edge = &p->edges[i];
        uint32_t here = callees ? edge->caller : edge->callee,
                 other = callees ? edge->callee : edge->caller;
        if (!run->targets[here])
            continue;
        there[other] = true;
        profile_add(&sums[other], &edge->totals);
    }
    for (uint32_t f = 0; f < p->names.n; f++)
        if (there[f])
            add_row(t, run, f, &sums[f], calls);
    free(sums);
    free(there);
}

static void note_empty(struct table *t, struct run *run)
{
    char calls[60] = "";
    if (run->in.profile.has_calls && !callees)
        (void)snprintf(calls, sizeof calls, ", which has %llu calls",
                       (unsigned long long)total_calls(run));
    buf_adds(&run->note, callees ? "nothing is called by '" : "nobody calls '");
    buf_add(&run->note, run->asked.p, run->asked.n < 200 ? run->asked.n : 200);
    buf_addf(&run->note, "'%s", calls);
    buf_addc(&run->note, '\0');
    t->empty_note = (const char *)run->note.p;
}

/* Chains --------------------------------------------------------------------------------------- */

static wide share_of(uint64_t all, uint64_t share)
{
    return ((wide)all * share + CHAINS_ONE / 2) / CHAINS_ONE;
}

static void add_chain(struct table *t, const struct run *run, const struct chains *c,
                      struct slice path, const uint64_t shares[CHAINS_BY])
{
    wide calls = share_of(c->calls, shares[BY_CALLS]), ns = share_of(c->cum_ns, shares[BY_TIME]);
    table_text(t, path);
    if (run->in.profile.has_calls) {
        table_number(t, calls);
        table_number(t, share_of(10000, shares[BY_CALLS]));
    } else {
        table_empty(t);
        table_empty(t);
    }
    table_number(t, ns);
    table_number(t, share_of(10000, shares[BY_TIME]));
    add_per(t, run, calls, ns);
}

static void fill_chains(struct table *t, struct run *run)
{
    struct chains c;
    bool exact = !run->in.profile.has_calls;
    (exact ? chains_of_stacks : chains_of_edges)(&c, &run->in.profile, run->targets);
    for (size_t i = 0; i < c.nrows; i++)
        add_chain(t, run, &c, slice_of(c.text.p + c.rows[i].off, c.rows[i].n), c.rows[i].shares);
    if (c.other[BY_CALLS] || c.other[BY_TIME])
        add_chain(t, run, &c, slice_str("(other)"), c.other);
    msg_note("shares of chains are %s", exact ? "exact: they are those of stacks"
                                              : "an approximation: they are worked out from calls "
                                                "between pairs of functions");
    chains_free(&c);
}

static void print(struct run *run, struct output *out)
{
    struct err e;
    struct table t;
    struct table_column columns[COLUMNS_MAX];
    const char *time = paths ? "cum_pct" : "cum_us", *calls = paths ? "calls_pct" : "calls";
    open_table(&t, columns, run->in.profile.has_calls ? calls : time);
    note_empty(&t, run);
    if (paths)
        fill_chains(&t, run);
    else
        fill_edges(&t, run);
    if (table_print(&t, out, &e) < 0 || output_close(out, &e) < 0)
        die_err(&e);
    table_free(&t);
}

int main(int argc, char **argv)
{
    struct run run = {0};
    struct output out;
    struct table unread;
    struct table_column columns[COLUMNS_MAX];
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    if (first == argc)
        die(ST_USAGE, "which function? usage: callers %s", tool.synopsis);
    if (callees && paths)
        die(ST_USAGE, "--paths is about callers, not with --callees");
    run.asked = slice_str(argv[first++]);
    open_table(&unread, columns,
               NULL); /* before anything is read: whether it can be printed at all */
    table_free(&unread);
    if (output_open(&out, opts_common.output, &e) < 0)
        die_err(&e);
    run.in.any_order = !paths;
    int status = profiled_run(&run.in, argc - first, argv + first, &e);
    if (status < 0)
        die_err(&e);
    if ((run.targets = profiled_find(&run.in, run.asked, &e)) == NULL)
        die_err(&e);
    print(&run, &out);
    free(run.targets);
    buf_free(&run.note);
    profiled_free(&run.in);
    return status;
}
