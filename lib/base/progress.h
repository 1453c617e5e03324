/* progress - a line on the terminal while long work runs
 *
 * Written to standard error only if that is a terminal and -q was not given; at most ten times a
 * second, not before the work has taken half a second, and erased at the end.
 */
#ifndef TRS_PROGRESS_H
#define TRS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *what;    /* the file */
    uint64_t total;      /* bytes, 0 if not known */
    double begun, shown; /* seconds */
    bool on;
};

void progress_begin(struct progress *p, const char *what, uint64_t total);
void progress_at(struct progress *p, uint64_t done);
void progress_end(struct progress *p);

#endif
