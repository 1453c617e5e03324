/* plan - runs that are to be made, and how far they are
 *
 * A JSON object that people write and programs change:
 *
 *   {"name": TEXT, "profiler": TEXT,
 *    "requires": {"env": {NAME: TEXT or null}, "files": [PATH...]},
 *    "runs": [{"id": TEXT or number, "label": TEXT, "phase": INTEGER, "size": number or TEXT,
 *              "command": TEXT for the shell or [WORD...], "description": TEXT,
 *              "status": "pending", "running", "done" or "error",
 *              "start": TIME, "end": TIME, "git": TEXT, "results": {...}}...]}
 *
 * "runs" has to be there, and of a run its "id"; null is as good as not there. Other members are
 * kept, and so is the order of all. An id is 1 to 64 of A-Z a-z 0-9 . _ - (not . or - first: ids
 * name files), or a whole number, which is the same id as its text.
 *
 * A struct plan owns its values; they live until plan_free.
 */
#ifndef TRS_PLAN_H
#define TRS_PLAN_H

#include "base/buf.h"
#include "base/err.h"

#include <jansson.h>

enum { PLAN_BYTES_MAX = 64 << 20, RUN_ID_MAX = 64 };

struct plan {
    json_t *root, *runs;
};

/* Reads a plan and looks at all that is said above; name is for messages. */
int plan_parse(struct plan *p, struct slice text, const char *name, struct err *e);

/* A plan without runs. */
void plan_new(struct plan *p);
void plan_free(struct plan *p);

enum run_status { RUN_PENDING, RUN_RUNNING, RUN_DONE, RUN_ERROR, RUN_STATUSES };
extern const char *const run_statuses[RUN_STATUSES];

struct run_id {
    char text[RUN_ID_MAX + 1]; /* empty: it is no id */
};

/* What a run says of itself; text and member are NULL where it says nothing. */
struct run_id run_id(const json_t *run);
enum run_status run_status(const json_t *run);
json_int_t run_phase(const json_t *run); /* 0 where it says nothing */
const char *run_text(const json_t *run, const char *field);
json_t *run_member(const json_t *object, const char *field); /* of the plan itself, too */

/* True if the text can be an id. */
bool run_id_valid(const char *text);

/* The run of that id, or NULL. */
json_t *plan_find(const struct plan *p, const char *id);

/* For lib/plan alone: jansson takes memory that is there, or the end of the program; and whether a
 * root that was parsed is a plan. */
void plan_memory(void);
int plan_shape(const json_t *root, const char *name, struct err *e);

#endif
