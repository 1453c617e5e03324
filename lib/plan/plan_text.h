/* plan_text - values of a plan as text */
#ifndef TRS_PLAN_TEXT_H
#define TRS_PLAN_TEXT_H

#include "plan/plan.h"

/* Appends a value as JSON, members and elements on lines of their own, two columns further in each
 * level. Numbers get the fewest digits that stand for them. */
void plan_add_json(struct buf *out, const json_t *value);

/* Appends a value for people and the shell: text as it is, the words of an array quoted where the
 * shell would not take them as they are, all else as JSON on one line. */
void plan_add_raw(struct buf *out, const json_t *value);

#endif
