/* lines - tables of two columns, key and value, for programs that say what something is
 *
 *   table_open(&t, line_columns, 2, NULL, &e);
 *   line_number(&t, "span_us", span_ns, 3);
 */
#ifndef TRS_LINES_H
#define TRS_LINES_H

#include "table/table.h"

extern const struct table_column line_columns[2];

void line_text(struct table *t, const char *key, struct slice value);
void line_number(struct table *t, const char *key, wide value, unsigned decimals);

/* A key of two parts, as in events.kernel. */
void line_of(struct table *t, const char *key, struct slice of, wide value, unsigned decimals);

#endif
