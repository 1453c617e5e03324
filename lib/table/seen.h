/* seen - the categories of streams and how many events each has
 *
 * From the counts of the end mark, so records of a kind that nobody read are in it too.
 */
#ifndef TRS_SEEN_H
#define TRS_SEEN_H

#include "format/stream.h"

struct seen {
    struct strtab cats; /* in order of first sight; `(none)` for events without one */
    uint64_t *events;   /* of category id at id - 1 */
    size_t cap;
};

/* At the end of a stream. */
void seen_add(struct seen *seen, const struct stream *s);

/* Appends `; categories seen: cpu_op 12, python_function 4` or `; no events`, and a NUL. Of many
 * categories the first ones. */
void seen_say(const struct seen *seen, struct buf *note);

void seen_free(struct seen *seen);

#endif
