/* demangle - names of C++ as the compiler mangles them (_Z...), as source code again
 *
 * The work is done by libiberty, as c++filt does it, in a process of its own: a name of a few
 * hundred bytes can ask for more time, memory or stack than there is. What takes a second or gives
 * more than DEMANGLE_OUT_MAX bytes stays as it is.
 */
#ifndef TRS_DEMANGLE_H
#define TRS_DEMANGLE_H

#include "base/buf.h"
#include "base/err.h"

#include <sys/types.h>

enum {
    DEMANGLE_MAX = 32 * 1024, /* longer names stay */
    DEMANGLE_OUT_MAX = 256 * 1024,
    DEMANGLE_DEATHS_MAX = 8 /* names that the process did not survive; then all stay */
};

struct demangler {
    /* private */
    pid_t pid;
    int fd;
    unsigned deaths;
    bool given_up;
    struct err broken; /* status 0: all is well */
    struct buf out;
};

int demangle_open(struct demangler *d, struct err *e);

/* Borrowed: the name itself, or until the next call. */
struct slice demangle_name(struct demangler *d, struct slice name);

/* -1 if names stayed because the system failed. */
int demangle_check(const struct demangler *d, struct err *e);

void demangle_close(struct demangler *d);

#endif
