/* nest - events of one thread, nested by time (DEFINITIONS of the project, "Host tree")
 *
 * Order: by start, longer first, then as they stand in the file. The parent of an event is the last
 * opened one that is still open at its start; an event is open from its start up to, not
 * including, its end. Events that cross are no trouble: nothing is cut or dropped.
 *
 * Self time of an event is the time during which it is the innermost open one. Over a thread, self
 * times sum exactly to the time that is covered by events.
 */
#ifndef TRS_NEST_H
#define TRS_NEST_H

#include <stddef.h>
#include <stdint.h>

struct nest_event {
    int64_t start_ns, end_ns; /* start <= end */
    uint64_t self_ns;         /* made by nest_sort: time as the innermost open event */
    uint32_t parent;          /* made: index of the parent, or NEST_NONE */
    uint32_t tag;             /* the caller's */
};

#define NEST_NONE UINT32_MAX

/* Sorts n < 2^32 - 1 events, which stand in the order of the file, and finds parents and self
 * times. A parent stands before its children. Takes 4 bytes an event, and 32 for each that has to
 * move, but never for more than half of them. */
void nest_sort(struct nest_event *events, size_t n);

#endif
