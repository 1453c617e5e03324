/* plan_given - parts of a plan as a command line gives them, KEY=VALUE
 *
 * What cannot be is ST_USAGE. The results belong to the caller.
 */
#ifndef TRS_PLAN_GIVEN_H
#define TRS_PLAN_GIVEN_H

#include "plan/plan.h"

/* Results of a run: values that are numbers as JSON writes them, and fit, become numbers, others
 * text, with U+FFFD for bytes that are no UTF-8. NULL with e filled. */
json_t *given_results(int n, char **pairs, struct err *e);

/* The results of a run that failed; text may be NULL. */
json_t *given_error(const char *text);

/* A new run, pending: its fields id (which has to be there) label phase size command description.
 * NULL with e filled. */
json_t *given_run(int n, char **pairs, struct err *e);

#endif
