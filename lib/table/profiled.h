/* profiled - the profiles of streams, for programs that print tables of them
 *
 *   int status = profiled_run(&run, argc - first, argv + first, &e);
 *   if (!profiled_any(&run))
 *       ... profiled_nothing(&run) says why
 */
#ifndef TRS_PROFILED_H
#define TRS_PROFILED_H

#include "prof/profile.h"
#include "prof/weight.h"
#include "table/seen.h"
#include "table/table.h"

struct profiled {
    bool no_edges;  /* set before: who calls whom is not wanted, and not read */
    bool any_order; /* set before: edges may stand in any order and repeat */
    struct profile profile;
    struct seen seen;
    enum weight weight;
    struct buf note; /* private */
};

/* As sink_run. Weights of stacks that are no times are said; -1 if they are of several kinds. */
int profiled_run(struct profiled *run, int n, char **operands, struct err *e);

/* True if there is a function in them. */
bool profiled_any(const struct profiled *run);

/* The note that there is none; until profiled_free. */
const char *profiled_nothing(struct profiled *run);

/* Which functions are asked for, by named_find, to be freed; where there are several, a note names
 * them. NULL with ST_FAILED if there is none. */
bool *profiled_find(struct profiled *run, struct slice asked, struct err *e);

/* A number of calls as a cell, empty where it is not known. */
void profiled_calls(const struct profiled *run, struct table *t, uint64_t calls);

void profiled_free(struct profiled *run);

#endif
