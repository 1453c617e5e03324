/* kernel-classify - label the name of each GPU activity with its operation
 *   in: records     out: the same records, a label for each GPU name
 *   trace-parse big.json | kernel-classify | group-by-op                                     */
#include "base/err.h"
#include "base/mem.h"
#include "base/opts.h"
#include "format/filter.h"
#include "format/stream.h"
#include "table/table.h"
#include "trace/rules.h"

#include <stdio.h>
#include <stdlib.h>

static const char *rules_file;
static bool explain, list;

static const struct opt options[] = {
    {0, "rules", OPT_TEXT, &rules_file, "FILE", "rules that come before the built-in ones"},
    {0, "explain", OPT_FLAG, &explain, NULL,
     "print a table: which rule labelled each name, and its time"},
    {0, "list-rules", OPT_FLAG, &list, NULL, "print the rules in the order in which they apply"},
    {0}};

static const struct tool tool = {"kernel-classify",
                                 "[OPTION]... [FILE]",
                                 "Label GPU activity with operation, category and library.",
                                 {options, table_options}};

static const char *const keys[] = {"op", "category", "library", NULL};

/* The step: what a name is. */
static void label(void *ctx, struct slice name, struct slice *op, struct slice *category,
                  struct slice *library)
{
    rules_label(ctx, name, op, category, library);
}

static int classify(struct rules *rules, const char *path, struct err *e)
{
    const struct filter filter = {.ctx = rules, .keys = keys, .label = label};
    struct output out;
    if (writer_output(&out, opts_common.output, e) < 0)
        return -1;
    int status = filter_run(&filter, path, &out, e);
    if (status < 0) {
        output_drop(&out);
        return -1;
    }
    return output_close(&out, e) < 0 ? -1 : status;
}

/* --list-rules --------------------------------------------------------------------------------- */

static void add_place(struct table *t, const struct rule *rule)
{
    char place[300];
    if (rule)
        (void)snprintf(place, sizeof place, "%s:%u", rule->file, rule->line);
    table_text(t, rule ? slice_str(place) : slice_str("(none)"));
}

static int print_table(struct table *t, struct err *e)
{
    struct output out;
    if (output_open(&out, opts_common.output, e) < 0)
        return -1;
    int rc = table_print(t, &out, e);
    if (rc < 0)
        output_drop(&out);
    else
        rc = output_close(&out, e);
    table_free(t);
    return rc;
}

static int list_rules(const struct rules *rules, struct err *e)
{
    static const struct table_column columns[] = {{"rule", TABLE_TEXT, true},
                                                  {"op", TABLE_TEXT, false},
                                                  {"category", TABLE_TEXT, false},
                                                  {"library", TABLE_TEXT, false},
                                                  {"pattern", TABLE_TEXT, false}};
    struct table t;
    if (table_open(&t, columns, 5, NULL, e) < 0)
        return -1;
    for (size_t i = 0; i < rules_count(rules); i++) {
        const struct rule *rule = rules_at(rules, i);
        add_place(&t, rule);
        table_text(&t, rule->op);
        table_text(&t, rule->category);
        table_text(&t, rule->library);
        table_text(&t, rule->pattern);
    }
    return print_table(&t, e);
}

/* --explain ------------------------------------------------------------------------------------ */

struct explained {
    struct strtab names;
    uint64_t *counts;
    wide *totals_ns; /* count and time of name i at i */
    size_t cap;
};

static int count_names(void *ctx, struct stream *s, const struct batch *b, struct err *e)
{
    struct explained *x = ctx;
    (void)e;
    for (uint32_t i = 0; i < b->n; i++) {
        struct record r = record_get(b->rows + (size_t)i * RECORD_BYTES);
        uint32_t id = strtab_intern(&x->names, stream_name(s, b->kind, r.name));
        if (id >= x->cap) {
            size_t cap = (size_t)id * 2 + 64;
            x->counts = mem_resize(x->counts, cap * sizeof *x->counts);
            x->totals_ns = mem_resize(x->totals_ns, cap * sizeof *x->totals_ns);
            memset(x->counts + x->cap, 0, (cap - x->cap) * sizeof *x->counts);
            memset(x->totals_ns + x->cap, 0, (cap - x->cap) * sizeof *x->totals_ns);
            x->cap = cap;
        }
        x->counts[id]++;
        x->totals_ns[id] += r.dur_ns;
    }
    return 0;
}

static void add_name(struct table *t, struct rules *rules, const struct explained *x, uint32_t id,
                     wide all_ns)
{
    struct slice name = strtab_get(&x->names, id), op, category, library;
    label(rules, name, &op, &category, &library);
    table_text(t, name.n ? name : slice_str("(unnamed)"));
    table_text(t, op);
    table_text(t, category);
    table_text(t, library);
    add_place(t, rules_match(rules, name));
    table_number(t, (wide)x->counts[id]);
    table_number(t, x->totals_ns[id]);
    table_number(t, wide_ratio(x->totals_ns[id], all_ns, 10000));
}

static int explain_table(struct rules *rules, const struct explained *x, struct err *e)
{
    static const struct table_column columns[] = {
        {"name", TABLE_TEXT, true},      {"op", TABLE_TEXT, false},
        {"category", TABLE_TEXT, false}, {"library", TABLE_TEXT, false},
        {"rule", TABLE_TEXT, false},     {"count", TABLE_COUNT, false},
        {"total_us", TABLE_TIME, false}, {"pct", TABLE_PCT, false}};
    struct table t;
    wide all_ns = 0;
    if (table_open(&t, columns, 8, "total_us", e) < 0)
        return -1;
    for (uint32_t id = 1; id <= x->names.n; id++)
        all_ns += x->totals_ns[id];
    for (uint32_t id = 1; id <= x->names.n; id++)
        add_name(&t, rules, x, id, all_ns);
    return print_table(&t, e);
}

static int explain_names(struct rules *rules, const char *path, struct err *e)
{
    struct explained x = {0};
    char *operands[] = {(char *)(uintptr_t)path};
    const struct sink sink = {.ctx = &x, .kinds = KINDS_GPU, .records = count_names};
    int status = sink_run(&sink, path != NULL, operands, e);
    if (status >= 0 && explain_table(rules, &x, e) < 0)
        status = -1;
    strtab_free(&x.names);
    free(x.counts);
    free(x.totals_ns);
    return status;
}

int main(int argc, char **argv)
{
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    if (argc - first > 1)
        die(ST_USAGE, "one file at a time, not %d", argc - first);
    const char *path = first < argc ? argv[first] : NULL;
    struct rules *rules = rules_new();
    if (rules_file && rules_add_file(rules, rules_file, &e) < 0)
        die_err(&e);
    rules_add_builtin(rules);
    int status = list      ? list_rules(rules, &e)
                 : explain ? explain_names(rules, path, &e)
                           : classify(rules, path, &e);
    if (status < 0)
        die_err(&e);
    rules_free(rules);
    return status;
}
