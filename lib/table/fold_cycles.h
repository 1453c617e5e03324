/* fold_cycles - the edges of a profile that close a cycle: recursion, directly or through others */
#ifndef TRS_FOLD_CYCLES_H
#define TRS_FOLD_CYCLES_H

#include "prof/profile.h"

/* For each edge of a settled profile whether it leads back, on the way down from functions that
 * nobody calls. Without these there is no cycle, and every function is still reached. To be freed.
 */
bool *fold_cycles(const struct profile *p);

#endif
