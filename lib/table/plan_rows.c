#include "table/plan_rows.h"

#include "base/mem.h"
#include "plan/plan_run.h"
#include "plan/plan_text.h"

#include <stdlib.h>

const struct table_column plan_columns[PLAN_COLUMNS] = {
    {"id", TABLE_TEXT, true},       {"label", TABLE_TEXT, false},  {"phase", TABLE_COUNT, false},
    {"size", TABLE_TEXT, false},    {"status", TABLE_TEXT, false}, {"start", TABLE_TEXT, false},
    {"end", TABLE_TEXT, false},     {"git", TABLE_TEXT, false},    {"seconds", TABLE_COUNT, false},
    {"command", TABLE_TEXT, false},
};

static void add_field(struct table *t, const json_t *run, const char *field)
{
    struct buf text = {0};
    const json_t *value = run_member(run, field);
    if (!value) {
        table_empty(t);
        return;
    }
    plan_add_raw(&text, value);
    table_text(t, buf_slice(&text));
    buf_free(&text);
}

static void add_run(struct table *t, const json_t *run)
{
    int64_t seconds = run_seconds(run);
    table_text(t, slice_str(run_id(run).text));
    add_field(t, run, "label");
    table_number(t, run_phase(run));
    add_field(t, run, "size");
    table_text(t, slice_str(run_statuses[run_status(run)]));
    add_field(t, run, "start");
    add_field(t, run, "end");
    add_field(t, run, "git");
    if (seconds < 0)
        table_empty(t);
    else
        table_number(t, seconds);
    add_field(t, run, "command");
}

struct place {
    json_int_t phase;
    size_t at;
};

static int by_phase(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->phase != y->phase)
        return x->phase < y->phase ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

void plan_rows(struct table *t, const struct plan *p, size_t counts[RUN_STATUSES])
{
    size_t n = json_array_size(p->runs), i;
    struct place *order = mem_alloc(n * sizeof *order);
    json_t *run;
    json_array_foreach(p->runs, i, run)
    {
        order[i] = (struct place){run_phase(run), i};
        counts[run_status(run)]++;
    }
    qsort(order, n, sizeof *order, by_phase);
    for (i = 0; i < n; i++)
        add_run(t, json_array_get(p->runs, order[i].at));
    free(order);
}
