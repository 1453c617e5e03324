/* ops - the classes of GPU names, by ids of the writer
 *
 * Those that kernel-classify gave, or where the stream has none those of the built-in rules.
 */
#ifndef TRS_OPS_H
#define TRS_OPS_H

#include "link/hold.h"

struct ops {
    struct label *at; /* of name id at id, in ids of the writer; name 0: it has none */
    bool given;       /* the stream came with them */

    /* private */
    size_t cap;
};

/* Takes the labels that the stream has for names that are held; before GPU names lose their ids,
 * and at its end. */
void ops_take(struct ops *o, const struct hold *hold, const struct stream *s);

/* When all names are there: makes room for all, and classes those of a stream without labels. */
void ops_settle(struct ops *o, const struct hold *hold);

/* For each op, by its id, whether it makes a layer (layers_heavy); the caller frees it. */
bool *ops_heavy(const struct ops *o, const struct hold *hold);

/* Sends the labels of all names. */
void ops_write(const struct ops *o, struct writer *w);

void ops_free(struct ops *o);

#endif
