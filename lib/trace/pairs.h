/* pairs - B and E events become X
 *
 * An E closes the innermost open B of the same process and thread with the same name (of any name
 * if the E has none), in the order of the file, if it is not earlier than the B. What stays
 * unmatched is kept as it is and counted.
 */
#ifndef TRS_PAIRS_H
#define TRS_PAIRS_H

#include "trace/source.h"

struct pairs {
    struct strtab threads; /* (pid, tid) */
    struct pairs_thread *stacks;
    size_t cap;
    uint64_t unmatched;
    size_t open; /* B events on all stacks */
};

void pairs_begin(struct pairs *p, struct source *s, const struct event *ev);
void pairs_end(struct pairs *p, struct source *s, const struct event *ev);

/* Hands what is still open to the source as B events, and frees all. */
void pairs_finish(struct pairs *p, struct source *s);

#endif
