/* events - the array of events of a Chrome trace
 *
 * In three ways, the fastest first: stretches that threads have read ahead (chunks.h), rows of the
 * bytes at hand (rows.h), and one element in its turn, which takes whatever the other two leave:
 * losses, torn and giant events, begin and end events. All three give the same records.
 */
#ifndef TRS_EVENTS_H
#define TRS_EVENTS_H

#include "trace/chunks.h"
#include "trace/pairs.h"
#include "trace/pull.h"
#include "trace/resync.h"

struct events {
    struct source *s;
    struct err *e; /* filled where PULL_ERROR is returned, but for a writer that has stopped */

    struct pairs pairs; /* pairs_finish is the caller's, after the last array */

    /* private */
    struct chunks *chunks; /* of the whole file, begun with its first array */
    bool begun;
    struct rows rows;
    unsigned vain, skip; /* elements at which no row could be read: in a row; left to skip */
    struct event_scratch scratch;
    struct resync resync;
    struct buf giant; /* what was kept of an event that does not fit the window */
};

void events_init(struct events *ev, struct source *s, struct err *e);

/* Reads from behind `[` to behind `]`. PULL_END: the bytes ended before it. PULL_ERROR. */
enum pull events_read(struct events *ev);

void events_free(struct events *ev);

#endif
