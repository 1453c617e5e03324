/* requires - whether what a plan requires is so, here and now */
#ifndef TRS_REQUIRES_H
#define TRS_REQUIRES_H

#include "plan/plan.h"

/* Calls broken, with one line of text, for each variable of the environment that is not as the plan
 * wants it and each file that is not there or cannot be read. Returns how often. */
size_t requires_check(const struct plan *p, void (*broken)(void *ctx, const char *what), void *ctx);

#endif
