/* print - between table.c, which keeps and sorts rows, and the files that print them
 *
 * Private to lib/table.
 */
#ifndef TRS_TABLE_PRINT_H
#define TRS_TABLE_PRINT_H

#include "table/table.h"

/* What an empty cell holds: -2^127, which no number reaches and no text. */
extern const union table_cell table_no_value;

bool table_is_empty(const union table_cell *cell);
struct slice table_bytes(const struct table *t, const union table_cell *cell); /* of a text cell */

/* The rows that are to be printed, in their order: n pointers to first cells, to be freed. */
const union table_cell **table_order(const struct table *t, size_t *n);

/* Appends a cell as TSV and the aligned table show it; an empty one as nothing. */
void table_add_plain(const struct table *t, unsigned column, const union table_cell *cell,
                     struct buf *line);

/* Columns on the screen, for FORMAT_TABLE: the width of each, for the n rows that are printed and
 * the header, and cut down to the terminal if there is one. To be freed. */
size_t *screen_widths(const struct table *t, const union table_cell *const *rows, size_t n,
                      const struct output *out);

/* Appends a line of names (row NULL) or of cells. */
void screen_line(const struct table *t, const size_t *widths, const union table_cell *row,
                 struct buf *line);

#endif
