/* spool - a stream that is read more than once
 *
 *   spool_open(&s, path, out, &e);
 *   spool_run(&s, &first_sink, &e);
 *   spool_run(&s, &second_sink, &e);
 *   spool_close(&s);
 *
 * A regular file is read where it is. What comes through a pipe goes into an unlinked temporary
 * file first, decompressed.
 */
#ifndef TRS_SPOOL_H
#define TRS_SPOOL_H

#include "format/stream.h"

#include <sys/stat.h>

struct spool {
    /* private */
    const char *path; /* NULL: standard input */
    int fd;           /* the temporary file, or -1 */
    struct stat first;
    bool begun;
};

/* path NULL or "-": standard input. Who writes records names their output, so that it ends as soon
 * as nobody reads there; others give NULL. */
int spool_open(struct spool *s, const char *path, struct output *out, struct err *e);

/* sink_run over it; the same bytes each time, or -1. */
int spool_run(struct spool *s, const struct sink *sink, struct err *e);

void spool_close(struct spool *s);

#endif
