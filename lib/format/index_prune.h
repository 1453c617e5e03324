/* index_prune - indexes that are not needed any more go
 *
 * Of one folder, not of those in it. Only what is an index of our own is touched: a regular file of
 * this user, no link, with the suffix and the first bytes of one; and TARGET.tmp that a killed
 * program left (io/draft.h), if nobody holds it.
 */
#ifndef TRS_INDEX_PRUNE_H
#define TRS_INDEX_PRUNE_H

#include "base/err.h"

#include <stdint.h>

struct index_prune {
    int64_t older_ns;   /* those not used for longer go; negative: none for its age */
    uint64_t max_bytes; /* then the longest unused, until no more are left; UINT64_MAX: none */
    bool orphans;       /* those whose trace is gone go too */
    bool dry_run;       /* nothing goes, but all is said */

    /* Called for each that went. */
    void (*removed)(void *ctx, const char *path, uint64_t bytes);
    void *ctx;

    /* What is left in the end. */
    uint64_t left, left_bytes;
};

/* *there tells whether there is such a folder; that it is not there is no error. -1 if it cannot be
 * read, or an index in it not be removed. */
int index_prune(struct index_prune *p, const char *folder, bool *there, struct err *e);

#endif
