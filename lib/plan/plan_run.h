/* plan_run - how a run goes on: pending, running, then done or error; and back to pending
 *
 * They change the plan in memory; plan_file.h puts it on disk.
 */
#ifndef TRS_PLAN_RUN_H
#define TRS_PLAN_RUN_H

#include "plan/plan.h"

/* The run that is next: of those that are pending the first of the lowest phase. NULL if there is
 * none. */
json_t *plan_next(const struct plan *p);

/* A pending run is running from now on. git is the revision of the code, or NULL. */
int run_start(json_t *run, const char *git, struct err *e);

/* A running run is done, or in error, from now on. results is an object, or NULL, and taken over in
 * any case. */
int run_end(json_t *run, enum run_status as, json_t *results, struct err *e);

/* A run is pending again, and what it said of its start, end and results goes. False if it was
 * pending. */
bool run_reset(json_t *run);

/* Seconds from start to end, or -1 where the run does not say, or says no time. */
int64_t run_seconds(const json_t *run);

#endif
