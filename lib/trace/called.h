/* called - names that processes and threads have in a trace: its metadata events process_name and
 * thread_name, whose args `trace-parse --args` keeps
 */
#ifndef TRS_CALLED_H
#define TRS_CALLED_H

#include "format/stream.h"

/* All zero: no names. */
struct called {
    /* private */
    struct parts names; /* by part, and pid or pid and tid */
};

/* A batch with columns, of any kind. Of several names the last counts. */
void called_look(struct called *c, const struct stream *s, const struct batch *b);

/* The name of a process, or of one of its threads; empty if it has none. Borrowed. pid and tid as
 * the words of the stream, empty where there is none. */
struct slice called_process(const struct called *c, uint32_t part, struct slice pid);
struct slice called_thread(const struct called *c, uint32_t part, struct slice pid,
                           struct slice tid);

void called_free(struct called *c);

#endif
