/* activities - the GPU activity of a part, each with what launched it */
#ifndef TRS_ACTIVITIES_H
#define TRS_ACTIVITIES_H

#include "link/forward.h"
#include "link/launches.h"
#include "link/notes.h"
#include "link/ops.h"

/* What all activity of one call has in common. */
struct context {
    struct link link; /* but for the layer and LINK_TRACELENS */
    int64_t start_ns; /* of the call */
    uint32_t instance;
    uint32_t module; /* of the walk's modules, the innermost; 0 for none */
};

struct activity {
    uint32_t kind, number; /* in struct hold */
    int64_t start_ns;
    uint64_t dur_ns;
    uint32_t context; /* number in contexts; 0: no call */
    uint32_t op;      /* label */
    uint32_t layer;   /* LAYER_NONE, or the number */
    bool tracelens;
};

struct activities {
    struct activity *at;
    size_t n;
    struct context *contexts; /* [0] is what has no call */
    size_t ncontexts;

    /* private */
    size_t cap, contexts_cap;
};

/* All of the part, whose walk was opened, in the order of kinds and numbers. ninstances counts
 * instances over all parts; their numbers begin at 1. */
void activities_open(struct activities *a, struct walk *w, const struct lanes *lanes,
                     const struct ops *ops, uint32_t part, uint32_t *ninstances);
void activities_close(struct activities *a);

#endif
