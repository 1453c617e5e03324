/* backward - the calls of a profile that are recursion: what is left of the graph goes round in no
 * circle, and still leads to every function
 *
 * Whoever calls itself, or what it was called by on the way that was found first, from the
 * functions that nobody calls on, the calls with most time first.
 */
#ifndef TRS_BACKWARD_H
#define TRS_BACKWARD_H

#include "prof/profile.h"

/* By edge, to be freed. After profile_settle. */
bool *backward_edges(const struct profile *p);

#endif
