/* index_place - where the index of a trace lies
 *
 * Beside the trace, with `.trace.idx` behind its whole name, if the folder is ours and can be
 * written; else in a folder for indexes, where its name has a hash of the trace's full path in it.
 */
#ifndef TRS_INDEX_PLACE_H
#define TRS_INDEX_PLACE_H

#include "base/err.h"

#include <stdint.h>
#include <sys/stat.h>

#define INDEX_SUFFIX ".trace.idx"

enum { INDEX_PLACES = 3 };

struct index_places {
    char *paths[INDEX_PLACES]; /* where to look, in this order; owned */
    int n;
    char *write; /* the one to write, borrowed from paths; NULL if there is none */
};

/* For a trace and --index-dir, or NULL. The folder that is named there comes first, for reading
 * and writing; that of $TRS_INDEX_DIR, else $XDG_CACHE_HOME/trs (~/.cache/trs), comes last. */
void index_places(struct index_places *p, const char *trace, const char *dir);
void index_places_free(struct index_places *p);

/* Makes the folder of p->write, for us alone, if it is one for indexes and not there yet. */
int index_place_ready(const struct index_places *p, struct err *e);

/* The folder for indexes: dir if it is given, or that of the environment. To be freed; NULL if
 * there is none. */
char *index_folder(const char *dir);

/* The trace of an index: the file beside it that has its name without the suffix, else `named`,
 * which its head names. To be freed; NULL if both are gone. */
char *index_trace(const char *index, const char *named);

/* Opens an index in a folder (or AT_FDCWD), as open does; -1 for a link. To look at an index this
 * way is not to use it. */
int index_look(int folder, const char *name);

/* Notes that the index that is open as fd is used, if it was not for the last hour: on many systems
 * reading alone leaves no sign of that. */
void index_use(int fd);

/* When it was used last or written, in ns since 1970. */
int64_t index_used_ns(const struct stat *st);

#endif
