/* folded_read - folded stacks as records, as py-spy, perf and the collapsers of FlameGraph write
 * them
 *
 * A line without a number, or with one that is too large, is lost; what follows is read. Numbers
 * are samples, and a tenth of one stays a tenth (see `weight` in FORMAT.md).
 */
#ifndef TRS_FOLDED_READ_H
#define TRS_FOLDED_READ_H

#include "prof/intake.h"

enum { FOLDED_FRAMES_MAX = 1 << 20 }; /* of one stack */

/* Half of the first lines at hand, or more, are stacks with a number. */
bool folded_is(const struct input *in);
int folded_read(struct intake *s, struct err *e);

#endif
