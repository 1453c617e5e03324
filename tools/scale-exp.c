/* scale-exp - how figures grow with a size: linear, quadratic, or between
 *   in: tables of the same columns, each taken at a size     out: a table of exponents
 *   scale-exp --key func --min-total 1s 7=week.tsv 30=month.tsv                              */
#include "base/err.h"
#include "base/mem.h"
#include "base/opts.h"
#include "base/text.h"
#include "table/cond.h"
#include "table/scale_plot.h"
#include "table/scale_read.h"
#include "table/table.h"

#include <stdlib.h>

static const char *key, *metric_list, *min_total_text, *plot_path, *fail_text;
static bool worst_alone;

static const struct opt options[] = {
    {0, "key", OPT_TEXT, &key, "COLUMN", "rows are the same by this (default: the first column)"},
    {0, "metric", OPT_TEXT, &metric_list, "LIST", "these columns (default: all numbers, not pct)"},
    {0, "min-total", OPT_TEXT, &min_total_text, "X", "worst offenders have more in total"},
    {0, "worst", OPT_FLAG, &worst_alone, NULL, "print the worst offenders alone"},
    {0, "plot", OPT_TEXT, &plot_path, "FILE.svg", "draw points and lines there"},
    {0, "fail", OPT_TEXT, &fail_text, "EXPR", "exit 4 if this holds for a row"},
    {0}};

static const struct tool tool = {"scale-exp",
                                 "[OPTION]... SIZE=FILE SIZE=FILE...",
                                 "Print how the figures of tables grow with a size.",
                                 {options, table_options}};

enum { KEY, METRIC, POINTS, EXPONENT, R2, MIN_PAIR, MAX_PAIR, VERDICT, TOTAL, COLUMNS };
enum { NUMBER_MAX = 48, SHOWN = 100, SAID_MAX = 10 };

struct asked {
    struct strtab metrics;
    struct bound min_total;
    struct cond fail;
};

static struct table_column columns[COLUMNS] = {
    {NULL, TABLE_TEXT, true},           {"metric", TABLE_TEXT, true},
    {"points", TABLE_DECIMAL, false},   {"exponent", TABLE_DECIMAL, false},
    {"r2", TABLE_DECIMAL, false},       {"min_pair", TABLE_DECIMAL, false},
    {"max_pair", TABLE_DECIMAL, false}, {"verdict", TABLE_TEXT, false},
    {"total", TABLE_DECIMAL, false}};

/* Rows as text --------------------------------------------------------------------------------- */

static struct slice number_of(const struct scale_row *row, int column, struct buf *bytes)
{
    const struct scale_line *l = &row->line;
    const double of[COLUMNS] = {
        [EXPONENT] = l->exponent, [R2] = l->r2, [MIN_PAIR] = l->min_pair, [MAX_PAIR] = l->max_pair};
    size_t begin = bytes->n;
    if (column == POINTS)
        wide_add(bytes, row->points, 0);
    else if (row->verdict != SCALE_UNDEFINED)
        wide_add(bytes, scale_rounded(of[column]), 4);
    return slice_of(bytes->p + begin, bytes->n - begin);
}

/* The row as it is printed; the text of numbers is in `bytes`. */
static void make_cells(const struct scale *s, const struct scale_row *row, struct buf *bytes,
                       struct cond_cell cells[COLUMNS])
{
    bytes->n = 0;
    (void)buf_room(bytes, (size_t)NUMBER_MAX * COLUMNS); /* it must not move */
    for (int i = 0; i < COLUMNS; i++) {
        cells[i].unit = BOUND_NO_UNIT;
        if (i >= POINTS && i <= MAX_PAIR)
            cells[i].text = number_of(row, i, bytes);
    }
    cells[KEY].text = strtab_get(&s->keys, row->key);
    cells[METRIC].text = strtab_get(&s->metrics, row->metric);
    cells[VERDICT].text = slice_str(scale_verdict_name(row->verdict));
    cells[TOTAL] = (struct cond_cell){row->total, bound_unit_of(cells[METRIC].text)};
}

static void add_row(struct table *t, const struct cond_cell cells[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++)
        if (columns[i].type == TABLE_DECIMAL && cells[i].text.n == 0)
            table_empty(t);
        else
            table_text(t, cells[i].text);
}

/* `key metric`, fit to be shown, in *name. */
static const char *name_row(const struct scale *s, const struct scale_row *row, struct buf *name)
{
    name->n = 0;
    text_add_short(name, strtab_get(&s->keys, row->key), SHOWN);
    buf_addc(name, ' ');
    text_add_short(name, strtab_get(&s->metrics, row->metric), SHOWN);
    buf_addc(name, '\0');
    return (const char *)name->p;
}

/* What is said of them ------------------------------------------------------------------------- */

static const char *const reasons[] = {[SCALE_MISSING] = "missing",
                                      [SCALE_NO_NUMBER] = "no number",
                                      [SCALE_ZERO] = "zero",
                                      [SCALE_NEGATIVE] = "below zero"};

/* One note of all of them; with -v a line for each. */
static void say_undefined(const struct scale *s, struct buf *name)
{
    size_t count[SCALE_USABLE] = {0}, all = 0, first = 0;
    struct buf why = {0};
    for (size_t i = 0; i < s->nrows; i++) {
        const struct scale_row *row = &s->rows[i];
        if (row->verdict != SCALE_UNDEFINED)
            continue;
        first = all++ ? first : i;
        count[row->why]++;
        msg_detail("%s: %s at %s", name_row(s, row, name), reasons[row->why],
                   scale_size_text(s, row->at));
    }
    for (unsigned i = 0; i < SCALE_USABLE; i++)
        if (count[i])
            buf_addf(&why, "%s%zu %s", why.n ? ", " : "", count[i], reasons[i]);
    buf_addc(&why, '\0');
    if (all)
        msg_note("undefined: %zu of %zu rows (%s); the first: %s, %s at %s", all, s->nrows,
                 (const char *)why.p, name_row(s, &s->rows[first], name),
                 reasons[s->rows[first].why], scale_size_text(s, s->rows[first].at));
    buf_free(&why);
}

/* A bound with a unit is about times alone. */
static bool is_worst(const struct asked *asked, const struct scale *s, const struct scale_row *row)
{
    int unit = bound_unit_of(strtab_get(&s->metrics, row->metric));
    struct decimal total = {0};
    bool is = row->verdict == SCALE_QUADRATIC &&
              (asked->min_total.unit == BOUND_NO_UNIT || unit != BOUND_NO_UNIT) &&
              decimal_read(&total, row->total) && bound_order(&total, unit, &asked->min_total) > 0;
    decimal_free(&total);
    return is;
}

static void say_worst(const struct asked *asked, const struct scale *s, struct buf *name)
{
    const struct scale_row *largest = NULL;
    size_t n = 0;
    for (const struct scale_row *row = s->rows; row < s->rows + s->nrows; row++)
        if (is_worst(asked, s, row)) {
            n++;
            largest = !largest || scale_order(row, largest) > 0 ? row : largest;
        }
    if (n)
        msg_note("%zu worst offender%s; the largest: %s, exponent %.4f, total %.*s", n,
                 n == 1 ? "" : "s", name_row(s, largest, name), largest->line.exponent,
                 (int)largest->total.n, (const char *)largest->total.p);
}

static void say_failed(const struct scale_row *row, const struct cond_cell cells[COLUMNS],
                       const char *name)
{
    struct slice p = cells[EXPONENT].text, total = row->total;
    if (row->verdict == SCALE_UNDEFINED)
        msg_error("%.300s: %s: undefined", fail_text, name);
    else
        msg_error("%.300s: %s: exponent %.*s, %s, total %.*s", fail_text, name, (int)p.n,
                  (const char *)p.p, scale_verdict_name(row->verdict), (int)total.n,
                  (const char *)total.p);
}

/* Each row of which the condition holds, the first few by name. Returns the status. */
static int judge(struct asked *asked, const struct scale *s, struct buf *name, struct buf *bytes)
{
    struct cond_cell cells[COLUMNS];
    size_t n = 0;
    for (const struct scale_row *row = s->rows; fail_text && row < s->rows + s->nrows; row++) {
        make_cells(s, row, bytes, cells);
        if (!cond_holds(&asked->fail, cells) || n++ >= SAID_MAX)
            continue;
        say_failed(row, cells, name_row(s, row, name));
    }
    if (n > SAID_MAX)
        msg_error("%.300s: and %zu more", fail_text, n - SAID_MAX);
    return n ? ST_CHECK : ST_WHOLE;
}

/* Steps ---------------------------------------------------------------------------------------- */

/* All that can be said of the command line before a file is opened. */
static void read_options(struct asked *asked)
{
    struct err e;
    bool shared = !opts_common.output || strcmp(opts_common.output, "-") == 0;
    *asked = (struct asked){.min_total.unit = BOUND_NO_UNIT};
    if (metric_list)
        opts_list("metric", metric_list, &asked->metrics);
    if (min_total_text && !bound_read(&asked->min_total, slice_str(min_total_text)))
        die(ST_USAGE, "option '--min-total' needs a number, perhaps with ns, us, ms or s, not '%s'",
            min_total_text);
    if (fail_text && cond_read(&asked->fail, fail_text, &e) < 0)
        die_err(&e);
    if (plot_path && strcmp(plot_path, "-") == 0 && shared)
        die(ST_USAGE, "--plot -: the table goes to standard output");
}

/* The columns of the output have to be told apart. */
static void name_key(const char *name)
{
    for (int i = METRIC; i < COLUMNS; i++)
        if (strcmp(name, columns[i].name) == 0)
            die(ST_USAGE, "the key is called '%s', as a column of the result is", name);
    columns[KEY].name = name;
}

/* All that is left to be said of the command line once the columns of the result are known. */
static void open_result(const char *key_name, struct table *t, struct cond *c)
{
    static const char *words[SCALE_UNDEFINED + 2];
    struct cond_column of[COLUMNS] = {0};
    struct err e;
    name_key(key_name);
    for (int i = 0; i < COLUMNS; i++) {
        of[i].name = columns[i].name;
        of[i].type = columns[i].type == TABLE_TEXT ? COND_TEXT : COND_NUMBER;
    }
    for (int i = 0; i <= SCALE_UNDEFINED; i++)
        words[i] = scale_verdict_name((enum scale_verdict)i);
    of[VERDICT].words = words;
    of[TOTAL].type = COND_TIME;
    if ((fail_text && cond_bind(c, of, COLUMNS, &e) < 0) ||
        table_open(t, columns, COLUMNS, NULL, &e) < 0)
        die_err(&e);
}

/* Rows go into the table in their order; where row i of it comes from is in (*from)[i]. */
static void fill(struct table *t, const struct asked *asked, const struct scale *s,
                 struct buf *bytes, size_t **from)
{
    struct cond_cell cells[COLUMNS];
    *from = mem_alloc(s->nrows * sizeof **from);
    t->empty_note = worst_alone && s->nrows ? "no worst offenders" : t->empty_note;
    for (size_t i = 0; i < s->nrows; i++) {
        if (worst_alone && !is_worst(asked, s, &s->rows[i]))
            continue;
        (*from)[table_rows(t)] = i;
        make_cells(s, &s->rows[i], bytes, cells);
        add_row(t, cells);
    }
}

static void draw(const struct table *t, const struct scale *s, const size_t *from, struct buf *svg)
{
    struct err e;
    size_t n, *shown = table_shown(t, &n);
    for (size_t i = 0; i < n; i++)
        shown[i] = from[shown[i]];
    if (scale_plot(s, shown, n, svg, &e) < 0)
        die_err(&e);
    free(shown);
}

static void print(const struct table *t, struct output *out, struct output *plot,
                  const struct buf *svg)
{
    struct err e;
    if (table_print(t, out, &e) < 0 || output_close(out, &e) < 0)
        die_err(&e);
    if (plot_path && (output_write(plot, svg->p, svg->n, &e) < 0 || output_close(plot, &e) < 0))
        die_err(&e);
}

struct run {
    struct asked asked;
    struct scale scale;
    struct scale_tables tables;
    struct table table;
    struct output out, plot;
    struct buf bytes, name, svg;
    size_t *from;
};

static void read_tables(struct run *r, int n, char **operands)
{
    struct err e;
    if (scale_operands(&r->tables, &r->scale, n, operands, &e) < 0)
        die_err(&e);
    if (key)
        open_result(key, &r->table, &r->asked.fail);
    if (scale_headers(&r->tables, key, &r->asked.metrics, &e) < 0)
        die_err(&e);
    if (!key)
        open_result((const char *)r->tables.key.p, &r->table, &r->asked.fail);
    if (output_open(&r->out, opts_common.output, &e) < 0 ||
        (plot_path && output_open(&r->plot, plot_path, &e) < 0) || scale_read(&r->tables, &e) < 0)
        die_err(&e);
    scale_fit(&r->scale);
}

static void run_free(struct run *r)
{
    table_free(&r->table);
    scale_tables_free(&r->tables);
    scale_free(&r->scale);
    strtab_free(&r->asked.metrics);
    bound_free(&r->asked.min_total);
    cond_free(&r->asked.fail);
    buf_free(&r->bytes);
    buf_free(&r->name);
    buf_free(&r->svg);
    free(r->from);
}

int main(int argc, char **argv)
{
    static struct run r;
    int first = opts_parse(&tool, argc, argv);
    read_options(&r.asked);
    read_tables(&r, argc - first, argv + first);
    fill(&r.table, &r.asked, &r.scale, &r.bytes, &r.from);
    if (plot_path)
        draw(&r.table, &r.scale, r.from, &r.svg);
    print(&r.table, &r.out, &r.plot, &r.svg);
    say_undefined(&r.scale, &r.name);
    say_worst(&r.asked, &r.scale, &r.name);
    int status = judge(&r.asked, &r.scale, &r.name, &r.bytes);
    run_free(&r);
    return status;
}
