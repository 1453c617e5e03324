/* plan_rows - the runs of a plan as rows of a table
 *
 * In the order of phases, and of the file within one.
 */
#ifndef TRS_PLAN_ROWS_H
#define TRS_PLAN_ROWS_H

#include "plan/plan.h"
#include "table/table.h"

enum { PLAN_COLUMNS = 10 };
extern const struct table_column plan_columns[PLAN_COLUMNS];

/* Adds them to a table of these columns, and how many there are of each status to counts. */
void plan_rows(struct table *t, const struct plan *p, size_t counts[RUN_STATUSES]);

#endif
