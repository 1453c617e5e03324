/* fold_gpu - GPU activity under the stacks that launched it
 *
 * A leaf is an activity, by its name; around it stand the frames of the stack of its link, and
 * `(unlinked)` where no launch is known. Records become nodes as they come: nothing is held for
 * each of them. What it takes grows with the distinct stacks: 60 bytes a node of the tree, and
 * 40 for each frame of the stream's own stacks.
 *
 *   fold_gpu_start, fold_gpu_records for each batch, fold_gpu_end; for each stream
 */
#ifndef TRS_FOLD_GPU_H
#define TRS_FOLD_GPU_H

#include "table/fold.h"

struct fold_gpu {
    enum fold_weight weight;
    enum fold_root root;
    bool annotations;          /* with a frame for that of the launch */
    const struct strtab *cats; /* of these categories; of all if it is empty */
    struct stacks *stacks;     /* of all streams */
    uint64_t events;           /* that were folded */

    /* private */
    struct stacks ranked; /* of the stream at hand: its ranks are known at its end */
    uint32_t *parts;      /* of part i: where its stacks begin in it, 0 for nowhere yet */
    size_t parts_cap;
    struct fold_names names;
    uint32_t unlinked; /* a frame */
    struct fold_place {
        uint32_t epoch; /* of the stream plus 1 */
        uint32_t root;  /* where stacks of this track begin */
        bool wanted;
    } * places; /* of track i */
    size_t places_cap;
    struct strtab known; /* a root and a stack of the stream: id i is node at i */
    uint32_t *nodes;
    size_t nodes_cap;
    unsigned epoch; /* of the stream, for which they hold */
    uint32_t *path; /* while a stack becomes a node */
    size_t path_cap;
};

/* Before the records of a stream. ST_USAGE where its stacks are not known. */
int fold_gpu_start(struct fold_gpu *g, const struct stream *s, struct err *e);

/* A batch of GPU activity, with its columns. */
void fold_gpu_records(struct fold_gpu *g, const struct stream *s, const struct batch *b);

void fold_gpu_end(struct fold_gpu *g, const struct stream *s);
void fold_gpu_free(struct fold_gpu *g);

#endif
