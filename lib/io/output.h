/* output - bytes out, to standard output or into a file that appears whole or not at all
 *
 * A file is written beside its target under a temporary name (O_EXCL) and renamed at the end. If
 * the program ends in any other way, a signal included, the temporary file is removed. A path that
 * ends in .zst is compressed.
 */
#ifndef TRS_OUTPUT_H
#define TRS_OUTPUT_H

#include "base/bytes.h"
#include "base/err.h"

#include <sys/types.h>

enum { OUTPUT_BLOCK = 64 * 1024 };

struct ZSTD_CCtx_s;

struct output {
    const char *name; /* for messages */
    bool reader_gone; /* EPIPE: nobody reads on; later writes do nothing and succeed */

    /* private */
    int fd;
    char *target, *temp; /* NULL when it is no file that appears atomically */
    uint8_t block[OUTPUT_BLOCK];
    size_t n;
    struct ZSTD_CCtx_s *zstd;
    bool failed;
};

/* path NULL or "-": standard output. A path that exists and is no regular file (/dev/null, a
 * FIFO) is written to directly. */
int output_open(struct output *o, const char *path, struct err *e);

int output_write(struct output *o, const void *p, size_t n, struct err *e);
int output_flush(struct output *o, struct err *e); /* hand on what is buffered */

/* Flushes, closes and renames: here a full disk shows up. After -1 there is no file. */
int output_close(struct output *o, struct err *e);

/* Forgets the output, removes the temporary file. */
void output_drop(struct output *o);

/* Looks whether the reader of a pipe has gone, without writing; sets reader_gone. */
bool output_look(struct output *o);

bool output_is_terminal(const struct output *o);

/* An unlinked temporary file in $TMPDIR or /tmp, open for reading and writing, or -1. */
int temp_file(struct err *e);

#endif
