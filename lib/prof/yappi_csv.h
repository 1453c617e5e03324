/* yappi_csv - figures of YAPPI as comma-separated values
 *
 *   name,ncall,tsub,ttot,tavg
 *   /app/model.py:12 step,177/1,0.001204,0.25,0.0014
 *
 * As scripts write it from the fields of YFuncStat (yappi has no writer of its own): RFC 4180, with
 * a header, columns in any order, others ignored. ncall is calls, or `calls/primitive calls`; times
 * are seconds. A name `file:line function`, YAPPI's full_name, becomes `file:line(function)`.
 *
 * A row with less fields, or a number that is none, is lost. There are no callers in such a file.
 */
#ifndef TRS_YAPPI_CSV_H
#define TRS_YAPPI_CSV_H

#include "prof/intake.h"

/* The first line has the columns name and ncall. */
bool yappi_csv_is(const struct input *in);
int yappi_csv_read(struct intake *s, struct err *e);

#endif
