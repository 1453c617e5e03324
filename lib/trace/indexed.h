/* indexed - a trace and its index, for who asks about the index
 *
 * A load wants a valid index or none. Here one that is not valid is kept too, with the reason.
 */
#ifndef TRS_INDEXED_H
#define TRS_INDEXED_H

#include "trace/indexes.h"

struct indexed {
    struct input in; /* the trace, */
    bool open;       /* if it could be opened, */
    char *trace;     /* and its path; NULL if the trace of an index is gone */
    struct index ix;
    bool valid;     /* of this trace as it is now, by all but its records, */
    struct err why; /* else why not */
};

/* By the path of a trace, or of an index itself, which its bytes tell. -1 if that cannot be read,
 * or if there is no index whose head and tail can. */
int indexed_open(struct indexed *x, const char *file, const char *dir, struct err *e);

/* Reads all of it: index_check, and where the index has a hash of the whole trace, that. */
int indexed_check(struct indexed *x, struct err *e);

void indexed_close(struct indexed *x);

#endif
