/* table - rows and columns as TOOLS.md "Tables" wants them
 *
 * A tool declares its columns, appends cells row by row, and prints. Sorting, --top, the formats
 * and what each of them escapes live here:
 *
 *   static const struct table_column columns[] = {{"name", TABLE_TEXT, true},
 *                                                 {"total_us", TABLE_TIME, false}};
 *   if (table_open(&t, columns, 2, "total_us", &e) < 0)  // wrong --sort or --format
 *       die_err(&e);
 *   table_text(&t, name);
 *   table_number(&t, total_ns);
 *   table_print(&t, &out, &e);
 *   table_free(&t);
 *
 * Numbers are whole numbers of a small unit, never doubles; the type says where the point stands.
 * Where that differs from row to row they are decimal text.
 */
#ifndef TRS_TABLE_H
#define TRS_TABLE_H

#include "base/opts.h"
#include "io/output.h"
#include "table/wide.h"

enum table_type {
    TABLE_TEXT,     /* bytes */
    TABLE_COUNT,    /* a whole number */
    TABLE_TIME,     /* ns, shown as µs with three decimals */
    TABLE_PCT,      /* hundredths of a percent, shown with two decimals */
    TABLE_FRACTION, /* ten-thousandths, shown with four decimals */
    TABLE_DECIMAL   /* a number of JSON, shown as it is written; added with table_text */
};

struct table_column {
    const char *name; /* snake_case, the unit at the end */
    enum table_type type;
    bool key; /* ties are broken by the key columns in their order */
};

enum table_format { FORMAT_TABLE, FORMAT_TSV, FORMAT_CSV, FORMAT_JSON, FORMAT_MD };

/* The options of every program that prints a table, for struct tool. */
struct table_opts {
    const char *format, *sort; /* NULL where not given */
    uint64_t top;              /* 0: all rows */
    bool no_header;
};
extern struct table_opts table_opts;
extern const struct opt table_options[];

union table_cell {
    wide number;
    struct {
        size_t off, n;
    } text; /* in the table's bytes */
};

struct table {
    const struct table_column *columns; /* borrowed */
    unsigned ncolumns;
    enum table_format format;
    const char *empty_note; /* what is said on standard error if there are no rows; may be set */

    /* private */
    int sort; /* column, or -1 for the order of arrival */
    union table_cell *cells;
    size_t ncells, cap;
    struct buf bytes;
};

/* Prepares an empty table. The column that rows are sorted by is --sort, else `sort`, else (NULL)
 * they keep their order; the format is --format, else FORMAT_TABLE where a terminal will show it
 * (no -o and standard output is one), else FORMAT_TSV. An unknown column or format is ST_USAGE. */
int table_open(struct table *t, const struct table_column *columns, unsigned ncolumns,
               const char *sort, struct err *e);

/* The next cell of the row at hand, by the type of its column; an empty one for any type. */
void table_text(struct table *t, struct slice text); /* copied */
void table_number(struct table *t, wide number);
void table_empty(struct table *t);

size_t table_rows(const struct table *t);

/* The rows that are printed, in their order: n numbers of rows as they arrived, from 0; to be
 * freed. */
size_t *table_shown(const struct table *t, size_t *n);

/* Writes header and rows: numbers descending, text ascending by bytes, empty cells last, ties by
 * the key columns ascending, then by arrival. Formats, where they do not follow from TOOLS.md:
 *   table  text left, numbers right; on a terminal long text is cut with `…` to fit its width
 *   tsv    escaped as text_add_tsv does
 *   csv    RFC 4180 with its CRLF; control characters other than \t \r \n as \xHH, U+FFFD for
 *          invalid bytes, `'` before a leading = + - @ in text columns
 *   json   one object a line; empty cells are null, times decimals
 *   md     as tsv, and a backslash before what Markdown or HTML would take for markup */
int table_print(const struct table *t, struct output *out, struct err *e);

void table_free(struct table *t);

#endif
