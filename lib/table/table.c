#include "table/table.h"

#include "base/mem.h"
#include "table/decimal.h"
#include "table/print.h"

#include <stdlib.h>
#include <unistd.h>

struct table_opts table_opts;

const struct opt table_options[] = {
    {0, "format", OPT_TEXT, &table_opts.format, "FORMAT",
     "table, tsv, csv, json or md (default: table on a terminal, else tsv)"},
    {0, "sort", OPT_TEXT, &table_opts.sort, "COLUMN", "sort by this column"},
    {0, "top", OPT_COUNT, &table_opts.top, "N", "the first N rows alone"},
    {0, "no-header", OPT_FLAG, &table_opts.no_header, NULL, "no line of column names"},
    {0}};

static int find_format(struct table *t, struct err *e)
{
    static const char *const names[] = {"table", "tsv", "csv", "json", "md"};
    bool shown = isatty(STDOUT_FILENO) && (!opts_common.output || !strcmp(opts_common.output, "-"));
    t->format = shown ? FORMAT_TABLE : FORMAT_TSV;
    if (!table_opts.format)
        return 0;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(table_opts.format, names[i]) == 0) {
            t->format = (enum table_format)i;
            return 0;
        }
    return err_set(e, ST_USAGE, "unknown format '%s'; formats are table tsv csv json md",
                   table_opts.format);
}

static int find_sort(struct table *t, const char *sort, struct err *e)
{
    struct buf known = {0};
    t->sort = -1;
    if (table_opts.sort)
        sort = table_opts.sort;
    for (unsigned i = 0; sort && i < t->ncolumns; i++) {
        if (strcmp(sort, t->columns[i].name) == 0)
            t->sort = (int)i;
        buf_addc(&known, ' ');
        buf_adds(&known, t->columns[i].name);
    }
    buf_addc(&known, '\0');
    if (sort && t->sort < 0)
        err_set(e, ST_USAGE, "unknown column '%s'; columns are%s", sort, (char *)known.p);
    buf_free(&known);
    return sort && t->sort < 0 ? -1 : 0;
}

int table_open(struct table *t, const struct table_column *columns, unsigned ncolumns,
               const char *sort, struct err *e)
{
    *t = (struct table){.columns = columns, .ncolumns = ncolumns, .empty_note = "no rows"};
    return find_format(t, e) < 0 || find_sort(t, sort, e) < 0 ? -1 : 0;
}

static void add(struct table *t, union table_cell cell)
{
    t->cells = mem_grow(t->cells, &t->cap, t->ncells + 1, sizeof *t->cells);
    t->cells[t->ncells++] = cell;
}

void table_text(struct table *t, struct slice text)
{
    add(t, (union table_cell){.text = {t->bytes.n, text.n}});
    (void)buf_room(&t->bytes, text.n + 1); /* so that an empty text has an address too */
    buf_add(&t->bytes, text.p, text.n);
}

void table_number(struct table *t, wide number)
{
    add(t, (union table_cell){.number = number});
}

void table_empty(struct table *t)
{
    add(t, table_no_value);
}

size_t table_rows(const struct table *t)
{
    return t->ncells / t->ncolumns;
}

bool table_is_empty(const union table_cell *cell)
{
    return memcmp(cell, &table_no_value, sizeof *cell) == 0;
}

struct slice table_bytes(const struct table *t, const union table_cell *cell)
{
    return slice_of(t->bytes.p + cell->text.off, cell->text.n);
}

static int compare_decimals(struct slice a, struct slice b)
{
    struct decimal x = {0}, y = {0};
    (void)decimal_read(&x, a);
    (void)decimal_read(&y, b);
    int c = decimal_compare(&y, &x);
    decimal_free(&x);
    decimal_free(&y);
    return c;
}

/* Order of two cells of a column, empty ones last. */
static int compare(const struct table *t, unsigned column, const union table_cell *a,
                   const union table_cell *b)
{
    bool no_a = table_is_empty(a), no_b = table_is_empty(b);
    if (no_a || no_b)
        return no_a - no_b;
    if (t->columns[column].type == TABLE_TEXT)
        return slice_cmp(table_bytes(t, a), table_bytes(t, b));
    if (t->columns[column].type == TABLE_DECIMAL)
        return compare_decimals(table_bytes(t, a), table_bytes(t, b));
    return (a->number < b->number) - (a->number > b->number);
}

/* False: its cells are bytes. */
static bool is_number(const struct table *t, unsigned column)
{
    return t->columns[column].type != TABLE_TEXT && t->columns[column].type != TABLE_DECIMAL;
}

/* A row and what it is sorted by first, together: the cells of many rows are far apart. */
struct ranked {
    const union table_cell *row;
    wide number; /* of no use if that is bytes; table_no_value is less than all others */
};

static int by_rank(const void *a, const void *b, void *ctx)
{
    const struct ranked *x = a, *y = b;
    const struct table *t = ctx;
    unsigned sort = (unsigned)t->sort;
    int c = is_number(t, sort) ? (x->number < y->number) - (x->number > y->number)
                               : compare(t, sort, x->row + sort, y->row + sort);
    for (unsigned i = 0; c == 0 && i < t->ncolumns; i++)
        if (t->columns[i].key)
            c = compare(t, i, x->row + i, y->row + i);
    return c ? c : (x->row > y->row) - (x->row < y->row); /* first those that arrived first */
}

static void sort_rows(const struct table *t, const union table_cell **order, size_t n)
{
    struct ranked *ranked = mem_alloc(n * sizeof *ranked);
    for (size_t i = 0; i < n; i++)
        ranked[i] = (struct ranked){order[i], order[i][t->sort].number};
    qsort_r(ranked, n, sizeof *ranked, by_rank, (void *)(uintptr_t)t);
    for (size_t i = 0; i < n; i++)
        order[i] = ranked[i].row;
    free(ranked);
}

const union table_cell **table_order(const struct table *t, size_t *n)
{
    size_t rows = table_rows(t);
    const union table_cell **order = mem_alloc(rows * sizeof *order);
    for (size_t i = 0; i < rows; i++)
        order[i] = t->cells + i * t->ncolumns;
    if (t->sort >= 0 && rows > 1)
        sort_rows(t, order, rows);
    *n = table_opts.top && table_opts.top < rows ? table_opts.top : rows;
    return order;
}

size_t *table_shown(const struct table *t, size_t *n)
{
    const union table_cell **order = table_order(t, n);
    size_t *rows = mem_alloc(*n * sizeof *rows);
    for (size_t i = 0; i < *n; i++)
        rows[i] = (size_t)(order[i] - t->cells) / t->ncolumns;
    free(order);
    return rows;
}

void table_free(struct table *t)
{
    free(t->cells);
    buf_free(&t->bytes);
    *t = (struct table){0};
}
