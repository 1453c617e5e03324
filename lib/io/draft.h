/* draft - a file that has no name until it is whole
 *
 * While it is written it is an unlinked file in the folder of its target, which the system forgets
 * when the program ends in any way, SIGKILL included. Where the file system has no such files it is
 * TARGET.tmp meanwhile, locked: one that a killed program left is found unlocked and replaced.
 */
#ifndef TRS_DRAFT_H
#define TRS_DRAFT_H

#include "base/err.h"

#include <sys/stat.h>

struct draft {
    int fd; /* to be written with pwrite */

    /* private */
    char *target, *folder, *temp; /* temp NULL: it has no name */
};

/* Begins a file that only its owner can read. -1: the folder cannot be written, or another program
 * is writing the same file where that shows. */
int draft_open(struct draft *d, const char *target, struct err *e);

/* Gives it its name, in place of what was there; mode are its permissions from then on. Closes and
 * frees in any case. */
int draft_publish(struct draft *d, mode_t mode, struct err *e);

/* The same for a file that is no cache: the target is at any moment the old file or the new one,
 * and the new one is on the disk first. Takes over permissions and, where that is allowed, owner
 * and group of `old`. Its last step goes through TARGET.tmp, so the caller sees to it, with a lock,
 * that nobody else replaces the same file; one that a killed program left there goes. */
int draft_replace(struct draft *d, const struct stat *old, struct err *e);

/* The same where nothing is yet: 1 if there is something by now, which stays. */
int draft_create(struct draft *d, mode_t mode, struct err *e);

/* Forgets it. */
void draft_drop(struct draft *d);

#endif
