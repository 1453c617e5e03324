/* callers - who calls a function, what it calls, or the chains that lead to it
 *   in: records     out: a table
 *   prof-parse sim.prof | callers deepcopy                                                   */
#include "base/err.h"
#include "base/mem.h"
#include "base/opts.h"
#include "prof/chains.h"
#include "prof/named.h"
#include "table/profiled.h"

#include <stdlib.h>

static bool callees, paths;

static const struct opt options[] = {
    {0, "callees", OPT_FLAG, &callees, NULL, "what it calls, not who calls it"},
    {0, "paths", OPT_FLAG, &paths, NULL, "the chains of calls that lead to it, with their shares"},
    {0}};

static const struct tool tool = {"callers",
                                 "[OPTION]... FUNC [FILE]...",
                                 "Print who calls a function of a profile.",
                                 {options, table_options}};

static const struct table_column caller_columns[] = {
    {"caller", TABLE_TEXT, true},       {"calls", TABLE_COUNT, false},
    {"prim_calls", TABLE_COUNT, false}, {"self_us", TABLE_TIME, false},
    {"cum_us", TABLE_TIME, false},      {"calls_pct", TABLE_PCT, false}};
static const struct table_column callee_columns[] = {
    {"callee", TABLE_TEXT, true},       {"calls", TABLE_COUNT, false},
    {"prim_calls", TABLE_COUNT, false}, {"self_us", TABLE_TIME, false},
    {"cum_us", TABLE_TIME, false},      {"calls_pct", TABLE_PCT, false}};
static const struct table_column path_columns[] = {{"path", TABLE_TEXT, true},
                                                   {"calls", TABLE_COUNT, false},
                                                   {"calls_pct", TABLE_PCT, false},
                                                   {"cum_us", TABLE_TIME, false},
                                                   {"cum_pct", TABLE_PCT, false}};

struct run {
    struct profiled in;
    struct slice asked;
    bool *targets; /* by function: it is meant */
    uint32_t ntargets;
    struct buf note;
};

static void open_table(struct table *t, const char *sort)
{
    struct err e;
    const struct table_column *columns = paths     ? path_columns
                                         : callees ? callee_columns
                                                   : caller_columns;
    if (table_open(t, columns, paths ? 5 : 6, sort, &e) < 0)
        die_err(&e);
}

/* The function ------------------------------------------------------------------------------- */

enum { SAID_MAX = 5, NAME_MAX_SAID = 100 };

static void say_name(struct buf *line, const struct profile *p, uint32_t function)
{
    struct slice name = profile_name(p, function);
    buf_add(line, name.p, name.n < NAME_MAX_SAID ? name.n : NAME_MAX_SAID);
}

static _Noreturn void die_absent(const struct run *run)
{
    const struct profile *p = &run->in.profile;
    uint32_t near[NAMED_NEAREST], n = named_nearest(p, run->asked, near);
    struct buf line = {0};
    for (uint32_t i = 0; i < n; i++) {
        buf_adds(&line, i ? ", " : "; nearest: ");
        say_name(&line, p, near[i]);
    }
    buf_addc(&line, '\0');
    die(ST_FAILED, "no function '%.*s' in the profile%s",
        run->asked.n < 200 ? (int)run->asked.n : 200, (const char *)run->asked.p,
        (const char *)line.p);
}

static void say_targets(const struct run *run)
{
    const struct profile *p = &run->in.profile;
    struct buf line = {0};
    uint32_t said = 0;
    for (uint32_t f = 0; f < p->names.n && said < SAID_MAX; f++) {
        if (!run->targets[f])
            continue;
        buf_adds(&line, said++ ? ", " : "");
        say_name(&line, p, f);
    }
    buf_adds(&line, run->ntargets > SAID_MAX ? ", ..." : "");
    buf_addc(&line, '\0');
    msg_note("%lu functions match: %s", (unsigned long)run->ntargets, (const char *)line.p);
    buf_free(&line);
}

static void find_targets(struct run *run)
{
    const struct profile *p = &run->in.profile;
    if (!profiled_any(&run->in))
        die(ST_FAILED, "%s", profiled_nothing(&run->in));
    run->targets = mem_zalloc(p->names.n, sizeof *run->targets);
    run->ntargets = named_find(p, run->asked, run->targets);
    if (run->ntargets == 0)
        die_absent(run);
    if (run->ntargets > 1)
        say_targets(run);
}

/* Callers and callees -------------------------------------------------------------------------- */

static void add_totals(struct profile_totals *t, const struct profile_totals *more)
{
    uint64_t *to[] = {&t->calls, &t->prim_calls, &t->self_ns, &t->cum_ns};
    const uint64_t from[] = {more->calls, more->prim_calls, more->self_ns, more->cum_ns};
    for (unsigned i = 0; i < 4; i++)
        if (__builtin_add_overflow(*to[i], from[i], to[i]))
            *to[i] = UINT64_MAX;
}

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
        add_totals(&sums[other], &edge->totals);
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
    table_text(t, path);
    if (run->in.profile.has_calls) {
        table_number(t, share_of(c->calls, shares[BY_CALLS]));
        table_number(t, share_of(10000, shares[BY_CALLS]));
    } else {
        table_empty(t);
        table_empty(t);
    }
    table_number(t, share_of(c->cum_ns, shares[BY_TIME]));
    table_number(t, share_of(10000, shares[BY_TIME]));
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
    const char *time = paths ? "cum_pct" : "cum_us", *calls = paths ? "calls_pct" : "calls";
    open_table(&t, run->in.profile.has_calls ? calls : time);
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
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    if (first == argc)
        die(ST_USAGE, "which function? usage: callers %s", tool.synopsis);
    if (callees && paths)
        die(ST_USAGE, "--paths is about callers, not with --callees");
    run.asked = slice_str(argv[first++]);
    open_table(&unread, NULL); /* before anything is read: whether it can be printed at all */
    table_free(&unread);
    if (output_open(&out, opts_common.output, &e) < 0)
        die_err(&e);
    int status = profiled_run(&run.in, argc - first, argv + first, &e);
    if (status < 0)
        die_err(&e);
    find_targets(&run);
    print(&run, &out);
    free(run.targets);
    buf_free(&run.note);
    profiled_free(&run.in);
    return status;
}
