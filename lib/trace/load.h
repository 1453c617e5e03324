/* load - traces into the stream: read, or taken from their index
 *
 *   load_run(&l, &w, n, files, &e);       all records, and the end mark
 *   output_close(&out, &e);               the result is complete,
 *   load_finish(&l, &e);                  and the last index gets its name
 *
 * Where all files have an index, the stream begins with its table of contents, and GPU activity
 * comes first: a reader that has what it wants ends the work. Otherwise file after file is read, or
 * replayed, and indexes are written meanwhile.
 */
#ifndef TRS_LOAD_H
#define TRS_LOAD_H

#include "trace/indexes.h"

enum index_mode {
    INDEX_OFF,     /* neither used nor made */
    INDEX_AUTO,    /* used if valid; made after a whole read of a large file */
    INDEX_REQUIRE, /* an error if there is none; never made */
    INDEX_REBUILD  /* made anew */
};

enum { INDEX_AUTO_FROM = 8000000 }; /* bytes of a file that are worth an index */

struct load {
    const struct selection *select;
    unsigned threads; /* see source.h */
    enum index_mode index;
    const char *index_dir; /* --index-dir, or NULL */
    const char *rank;      /* --rank, or NULL: as the trace says */
    bool silent;           /* nothing is said of losses */

    /* private */
    struct index_maker *making, *made; /* of the file at hand; of the one before, not published */
    bool unmade;                       /* an index that was wanted did not come about: */
    struct err why;
};

/* Reads the files, or standard input if n is 0, into w, which is open, and ends it. Says what was
 * lost of each. Returns the status of the stream after --partial-ok and --strict, or -1; then
 * w is freed. */
int load_run(struct load *l, struct writer *w, int n, char **files, struct err *e);

/* What can wait until the result is out. -1 with the reason if an index that was wanted could not
 * be made. */
int load_finish(struct load *l, struct err *e);

/* Sees to it that a file has a valid index, and reads it for that alone if it has none, or if
 * how->index is INDEX_REBUILD. Says what was lost of the trace in any case. Of `how`, index,
 * threads, index_dir and silent count. Returns the status of the trace, or -1. */
int load_index(const struct load *how, const char *file, struct err *e);

#endif
