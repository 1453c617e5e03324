/* plan_file - a plan on disk, which several programs change
 *
 * Who changes a plan locks its file, reads it, and puts a new file in its place, which is whole
 * before it has the name. So who only reads needs no lock, and whoever is killed leaves the old
 * plan or the new one. There is no file for the lock.
 *
 *   if (plan_open(&f, path, &e) < 0)
 *       die_err(&e);
 *   ... change f.plan ...
 *   if (plan_save(&f, &e) < 0)
 *       die_err(&e);
 */
#ifndef TRS_PLAN_FILE_H
#define TRS_PLAN_FILE_H

#include "plan/plan.h"

#include <sys/stat.h>

struct plan_file {
    struct plan plan;

    /* private */
    const char *name; /* for messages, borrowed */
    char *path;       /* of the file itself, where links lead to one */
    int fd;           /* locked */
    struct stat st;
};

/* Reads a plan. */
int plan_read(struct plan *p, const char *path, struct err *e);

/* Reads one that is to be changed; waits until nobody else does that. */
int plan_open(struct plan_file *f, const char *path, struct err *e);

/* The same, but 1 and nothing to close if there is no file. */
int plan_open_if(struct plan_file *f, const char *path, struct err *e);

/* Writes the plan and closes in any case. After -1 the file is what it was. */
int plan_save(struct plan_file *f, struct err *e);

/* Gives up what was changed. */
void plan_close(struct plan_file *f);

/* Writes a plan where no file is: 1 if there is one by now. */
int plan_create(const struct plan *p, const char *path, struct err *e);

#endif
