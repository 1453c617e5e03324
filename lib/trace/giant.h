/* giant - an event that does not fit the window
 *
 * Args of hundreds of megabytes are no reason to hold them: the event is walked piece by piece
 * and only the members that have a meaning here are copied, into an object that event_read takes.
 */
#ifndef TRS_GIANT_H
#define TRS_GIANT_H

#include "trace/pull.h"

/* in.p stands at the `{` of an event, which is passed. With keep_args all args are copied.
 * PULL_LONG: what would have to be copied is too long itself; in.p is then inside the event. */
enum pull giant_read(struct source *s, bool keep_args, struct buf *out, struct pull_fault *fault,
                     struct err *e);

#endif
