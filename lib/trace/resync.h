/* resync - finding the next event after one that cannot be read
 *
 * An event begins at a `{` that follows a comma or `[`, and it reads well and has what makes it an
 * event (a "ph" in Chrome traces). The
 * array ends at a `]` after which the trace's object goes on or ends, if no event follows it.
 *
 * Every try to read an event costs what it reads, and a hostile file can make each one long. So
 * tries are paid from a credit that grows with the bytes passed: recovery stays linear in the
 * size of the file.
 */
#ifndef TRS_RESYNC_H
#define TRS_RESYNC_H

#include "trace/event.h"
#include "trace/pull.h"

struct resync {
    bool (*reads)(struct json_cursor *c); /* the object at c is an event, and is passed */
    uint64_t credit;                      /* bytes that may still be read in vain */
};

enum { RESYNC_CREDIT = 64 * 1024 * 1024 };

/* The most that the next event may take; what was read in vain is charged to the credit. */
size_t resync_limit(const struct resync *r);
void resync_charge(struct resync *r, size_t bytes);
void resync_earn(struct resync *r, size_t bytes); /* read well, or passed */

/* in.p stands at an event that does not fit the window. True if another event begins in the
 * window: then this one is torn, and not large. in.p stays. */
bool resync_probe(struct resync *r, struct source *s);

/* in.p stands at an event that could not be read. PULL_OK: in.p stands at the next event or at
 * the end of the array. PULL_END: there is none. */
enum pull resync(struct resync *r, struct source *s, struct err *e);

#endif
