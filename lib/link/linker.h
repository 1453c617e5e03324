/* linker - the records of a stream, each GPU activity with what launched it
 *
 *     records  ->  linker_records    keeps them
 *     forget   ->  linker_forget
 *     end      ->  linker_link       part by part: launches, notes, walk, layers
 *
 * and then hold, ops and the two arrays are what is to be written.
 */
#ifndef TRS_LINKER_H
#define TRS_LINKER_H

#include "link/ops.h"
#include "link/part_layers.h"

struct linker {
    struct hold hold;
    struct ops ops;
    uint32_t nparts;            /* of the stream, those without records too */
    struct part_layers *layers; /* of each of them */

    /* Of activity `number` of a kind: id of its link in the writer, and number of its instance; 0
     * for none. NULL where there is no activity of the kind. */
    uint32_t *links[KIND_MEMSET + 1], *instances[KIND_MEMSET + 1];

    /* private */
    struct lanes lanes;
    uint32_t ninstances;
};

/* Everything is kept, and named, in the tables of w (hold.h). */
void linker_open(struct linker *l, struct writer *w);

int linker_records(struct linker *l, const struct stream *s, const struct batch *b, struct err *e);
void linker_forget(struct linker *l, const struct stream *s);
void linker_link(struct linker *l, const struct stream *s);

/* Frees what is not needed to write. */
void linker_close(struct linker *l);

#endif
