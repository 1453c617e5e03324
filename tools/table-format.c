/* table-format - a table that was printed, printed in another format
 *   in: a table, tsv or csv with a header     out: the same table
 *   group-by-op gpu.trs | table-format --format md                                           */
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/opts.h"
#include "table/sheet.h"
#include "table/table.h"

#include <ctype.h>
#include <stdlib.h>

static const char *text;

static const struct opt options[] = {{0, "text", OPT_TEXT, &text, "COLUMNS",
                                      "comma list of columns that are text, whatever is in them"},
                                     {0}};

static const struct tool tool = {"table-format",
                                 "[OPTION]... [FILE]",
                                 "Print a table in another format.",
                                 {options, table_options}};

enum { DIGITS_MAX = 15, DECIMALS_MAX = 4, ALL_DIGITS_MAX = 18, NO_NUMBER = -1 };

/* The types by their decimals; a table has none with one. */
static const enum table_type types[] = {TABLE_COUNT, TABLE_PCT, TABLE_PCT, TABLE_TIME,
                                        TABLE_FRACTION};
static const int shown[] = {0, 2, 2, 3, 4};

/* A table in memory: what a column is, only its last row says. */
struct rows {
    struct buf bytes;
    size_t *ends; /* of each cell in bytes */
    size_t n, cap;
    int *decimals;  /* of each column: the most that were met, or NO_NUMBER */
    int *whole;     /* and the most digits before the point */
    size_t columns; /* how many */
};

static size_t digits(struct slice s, size_t from)
{
    size_t at = from;
    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
        at++;
    return at - from;
}

/* The decimals of a number as tables print them, or NO_NUMBER: 007 and 1e3 are text. *before is how
 * many digits stand before the point. */
static int decimals_of(struct slice s, int *before)
{
    size_t start = s.n > 0 && s.p[0] == '-' ? 1 : 0;
    size_t whole = digits(s, start), point = start + whole;
    if (whole == 0 || whole > DIGITS_MAX || (whole > 1 && s.p[start] == '0'))
        return NO_NUMBER;
    *before = (int)whole;
    if (point == s.n)
        return 0;
    size_t n = digits(s, point + 1);
    return s.p[point] == '.' && n > 0 && n <= DECIMALS_MAX && point + 1 + n == s.n ? (int)n
                                                                                   : NO_NUMBER;
}

static void keep(struct rows *r, size_t column, struct slice cell)
{
    if (r->n == r->cap)
        r->ends = mem_grow(r->ends, &r->cap, r->n + 1, sizeof *r->ends);
    buf_add(&r->bytes, cell.p, cell.n);
    r->ends[r->n++] = r->bytes.n;
    if (cell.n == 0 || r->decimals[column] == NO_NUMBER)
        return;
    int whole = 0, n = decimals_of(cell, &whole);
    if (n == NO_NUMBER || n > r->decimals[column])
        r->decimals[column] = n;
    if (whole > r->whole[column])
        r->whole[column] = whole;
}

/* True if its cells are numbers which, with as many decimals as the column has, fit 64 bits. */
static bool of_numbers(const struct rows *r, size_t column)
{
    int decimals = r->decimals[column];
    return decimals != NO_NUMBER && r->whole[column] + shown[decimals] <= ALL_DIGITS_MAX;
}

/* Formats print names of columns as they are, so they have to be words. */
static void check_header(const struct sheet *s)
{
    for (uint32_t id = 1; id <= s->columns.n; id++) {
        struct slice name = strtab_get(&s->columns, id);
        for (size_t i = 0; i < name.n; i++)
            if (!isalnum(name.p[i]) && name.p[i] != '_' && name.p[i] != '.')
                die(ST_FAILED, "the name of column %u is not of letters, digits, _ and .", id);
        if (name.n == 0)
            die(ST_FAILED, "column %u has no name", id);
    }
}

static void take_header(struct rows *r, const struct sheet *s)
{
    struct strtab named = {0};
    check_header(s);
    r->columns = s->columns.n;
    r->decimals = mem_zalloc(r->columns, sizeof *r->decimals);
    r->whole = mem_zalloc(r->columns, sizeof *r->whole);
    if (text)
        opts_list("--text", text, &named);
    for (uint32_t id = 1; id <= named.n; id++) {
        struct slice name = strtab_get(&named, id);
        uint32_t column = strtab_find(&s->columns, name);
        if (column == 0)
            die(ST_USAGE, "--text: no column '%.*s'", (int)name.n, (const char *)name.p);
        r->decimals[column - 1] = NO_NUMBER;
    }
    strtab_free(&named);
}

/* Borrows the names, which are NUL-terminated copies. */
static struct table_column *columns_of(const struct rows *r, const struct sheet *s)
{
    struct table_column *columns = mem_zalloc(r->columns, sizeof *columns);
    for (uint32_t i = 0; i < r->columns; i++) {
        struct slice name = strtab_get(&s->columns, i + 1);
        columns[i].name = mem_dup(name.p, name.n);
        columns[i].type = of_numbers(r, i) ? types[r->decimals[i]] : TABLE_TEXT;
    }
    return columns;
}

static void add_cell(struct table *t, const struct rows *r, size_t column, struct slice cell)
{
    int64_t value = 0;
    if (t->columns[column].type == TABLE_TEXT)
        table_text(t, cell);
    else if (cell.n == 0)
        table_empty(t);
    else {
        (void)num_scaled(cell, shown[r->decimals[column]], &value); /* of_numbers: it fits */
        table_number(t, value);
    }
}

static void fill(struct table *t, const struct rows *r)
{
    size_t at = 0;
    for (size_t i = 0; i < r->n; i++) {
        add_cell(t, r, i % r->columns, slice_of(r->bytes.p + at, r->ends[i] - at));
        at = r->ends[i];
    }
}

static int read_rows(struct rows *r, struct sheet *s, const char *path, struct err *e)
{
    int got;
    if (sheet_open(s, path, e) < 0)
        return -1;
    take_header(r, s);
    while ((got = sheet_next(s, e)) > 0)
        for (size_t i = 0; i < s->ncells; i++)
            keep(r, i, s->cells[i]);
    return got;
}

int main(int argc, char **argv)
{
    struct rows rows = {0};
    struct sheet sheet;
    struct table table;
    struct output out;
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    if (argc - first > 1)
        die(ST_USAGE, "one table at a time");
    if (read_rows(&rows, &sheet, first < argc ? argv[first] : NULL, &e) < 0)
        die_err(&e);
    struct table_column *columns = columns_of(&rows, &sheet);
    if (table_open(&table, columns, (unsigned)rows.columns, NULL, &e) < 0)
        die_err(&e);
    fill(&table, &rows);
    table.empty_note = "no rows";
    if (sheet_close(&sheet, &e) < 0 || output_open(&out, opts_common.output, &e) < 0 ||
        table_print(&table, &out, &e) < 0 || output_close(&out, &e) < 0)
        die_err(&e);
    table_free(&table);
    return ST_WHOLE;
}
