/* index_make - writing an index while records go out
 *
 *   m = index_make(place, fd, "big.json", reader, &e);
 *   writer.tee = index_make_tee, writer.tee_ctx = m;
 *   ...                                     the trace is read
 *   index_make_seal(m, &contents);
 *   ...                                     the result is complete
 *   index_make_publish(m, &e);              the file appears, whole
 *
 * What goes wrong is kept until then: an index is never worth a result.
 */
#ifndef TRS_INDEX_MAKE_H
#define TRS_INDEX_MAKE_H

#include "format/index.h"

struct index_maker;

/* What the reader of the trace knows in the end. Words of rows and damages are ids of the stream.
 */
struct index_contents {
    struct totals totals; /* rows of other parts than `part` are left out */
    uint32_t part;
    const struct index_damage *damages;
    uint32_t ndamages;
    bool structural;
    const char *rank; /* what the trace says of it, empty for nothing */
};

/* Begins an index at a path for the trace that is open as fd, before any of it is read that an
 * index is to speak of. The writer's tables must be empty (writer_restart). NULL with e filled. */
struct index_maker *index_make(const char *path, int fd, const char *trace, uint64_t reader,
                               struct err *e);

/* For writer.tee; ctx is the maker. */
void index_make_tee(void *ctx, const struct frame *f);

/* All is known: what follows in the stream does not belong to the index. */
void index_make_seal(struct index_maker *m, const struct index_contents *c);

/* Looks at the trace once more and gives the index its name. Frees the maker. -1 if there is none:
 * the trace changed, the disk is full, the stream started a table anew. */
int index_make_publish(struct index_maker *m, struct err *e);

void index_make_drop(struct index_maker *m); /* NULL is fine */

#endif
