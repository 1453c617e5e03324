/* part_layers - the layers of a part: by its modules, else by the repetition of its operations
 * (DEFINITIONS of the project, "Layer"; LINKING.md, L1 and L2) */
#ifndef TRS_PART_LAYERS_H
#define TRS_PART_LAYERS_H

#include "link/activities.h"

struct part_layers {
    uint32_t layers;  /* 0: none that can be believed */
    uint64_t covered; /* activities that have one, believed or not, */
    uint64_t of;      /* of so many: the confidence */
};

/* Fills the layers of all activities. heavy as of ops_heavy. */
struct part_layers part_layers_find(struct activities *a, struct modules *modules,
                                    const bool *heavy);

#endif
