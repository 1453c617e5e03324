/* labels - names of GPU activity that go into another stream with their labels
 *
 * The same text may be two names with two labels, so a name that is copied is told by its text and
 * its label together. Used by copy, for those who set copy.labels.
 */
#ifndef TRS_LABELS_H
#define TRS_LABELS_H

#include "format/stream.h"

/* All zero is ready. It outlives the streams that are read. */
struct labels {
    /* private */
    struct strtab keys; /* of label and name */
    struct labels_name {
        uint32_t id, users; /* of the writer, 0 for none; how many ids of readers it stands for */
    } * names;              /* by key */
    struct label *seen;     /* by id of the reader: what its label was; name is the key */
    struct label *pending;  /* of the writer, to be sent */
    size_t names_cap, seen_cap, npending, pending_cap;
    struct buf key;
    unsigned epoch_writer, epoch_labels;
    bool conflict;
};

/* The writer's id for a GPU name of the reader, which is called text there. */
uint32_t labels_name(struct labels *l, struct writer *w, const struct stream *s, uint32_t id,
                     struct slice text);

/* Sends the labels of new names. */
void labels_send(struct labels *l, struct writer *w);

/* Labels may come late, or anew. Before a reader's or a writer's ids of GPU names lose their
 * meaning, and at the end of a stream: those that have changed since the name was copied; ids are
 * the writer's by those of the reader, as in copy. */
void labels_settle(struct labels *l, struct writer *w, const struct stream *s, const uint32_t *ids,
                   size_t nids);

/* The next stream is another one. */
void labels_begin(struct labels *l);

/* -1 if a label came too late: two streams name something alike, and then one of them labels it. */
int labels_end(const struct labels *l, struct err *e);

void labels_free(struct labels *l);

#endif
