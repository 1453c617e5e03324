/* sheet - a table that a program printed, read row by row: tsv or csv with a header
 *
 *   if (sheet_open(&s, path, &e) < 0) ...
 *   while ((got = sheet_next(&s, &e)) > 0)
 *       ... s.cells[i] stands under the header s.columns, string i + 1
 *
 * Cells are what was meant: without the escapes of tsv, the quotes of csv and the apostrophe that
 * csv has before = + - @. A table that ends in the middle of a line was cut; so was one whose rows
 * are not as long as its header. Both are errors.
 */
#ifndef TRS_SHEET_H
#define TRS_SHEET_H

#include "base/strtab.h"
#include "io/input.h"

struct sheet {
    struct strtab columns;
    struct slice *cells; /* of the row at hand; borrowed until the next */
    size_t ncells;       /* as many as columns */
    uint64_t line;       /* where that row ends, from 1 */
    struct input in;

    /* private */
    bool csv;
    size_t cells_cap;
    struct buf bytes; /* of the cells */
    size_t *ends;     /* where each ends in it */
    size_t ends_cap;
};

/* path NULL or "-" is standard input. Reads the header; nothing at all is an error. */
int sheet_open(struct sheet *s, const char *path, struct err *e);

/* The next row: 1, or 0 at the end, or -1. */
int sheet_next(struct sheet *s, struct err *e);

/* Where in its rows a column stands, or SIZE_MAX. */
size_t sheet_column(const struct sheet *s, struct slice name);

/* Fills e with `who: no column ...`, names those that there are, and returns -1. */
int sheet_no_column(const struct sheet *s, const char *who, struct slice name, int status,
                    struct err *e);

int sheet_close(struct sheet *s, struct err *e);

#endif
