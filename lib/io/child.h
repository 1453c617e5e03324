/* child - another program that is given bytes and gives bytes back */
#ifndef TRS_CHILD_H
#define TRS_CHILD_H

#include "base/buf.h"
#include "base/err.h"

enum { CHILD_ABSENT = 127 };

/* Runs argv, which ends with NULL and is looked for in PATH, with `in` on its standard input, and
 * waits for its end, which sets SIGCHLD back to its default. What it writes is appended to out, and
 * to said what it writes on standard error. Returns its exit status, 128 and the signal if one
 * killed it, or CHILD_ABSENT if there is no such program. -1: it could not be run, or not be
 * reached. That it leaves some of `in` unread is no error. */
int child_run(const char *const *argv, struct slice in, struct buf *out, struct buf *said,
              struct err *e);

#endif
