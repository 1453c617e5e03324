/* speedscope - profiles of speedscope's own JSON format as stacks with weights
 *
 *   {"shared":{"frames":[{"name":…,"file":…,"line":…}]},
 *    "profiles":[{"type":"evented","unit":"seconds","events":[{"type":"O","frame":0,"at":0}, …]},
 *                {"type":"sampled","unit":"none","samples":[[0,1], …],"weights":[1, …]}]}
 *
 * Source: src/lib/file-format-spec.ts of jlfwong/speedscope. Keys come in any order, `profiles` and
 * all in them before `shared` too. Each profile becomes a part with its name as metadata `profile`.
 *
 * A frame is called `file:line(name)` where it has all three, else by its name. Times are exact to
 * the ns; the unit `bytes` makes weights bytes, `none` and unknown ones samples.
 *
 * Lost are: a close of what is not open, an event that is earlier than the one before it, a sample
 * without its weight, a stack with a frame that `shared` does not have. A close of a frame that is
 * not the innermost closes those within it, which are lost; what is open at the end stays so until
 * endValue, and is said.
 */
#ifndef TRS_SPEEDSCOPE_H
#define TRS_SPEEDSCOPE_H

#include "prof/intake.h"

/* A JSON object that does not begin with the keys of a trace. */
bool speedscope_is(const struct input *in);
int speedscope_read(struct intake *s, struct err *e);

#endif
