/* modules - the chains of nn.Module frames around launches, as a tree, with the GPU time in each
 *
 *     id = modules_add(&m, modules_add(&m, 0, name, text), ...);   outermost first
 *     modules_count(&m, id, dur_ns);                               for each activity
 *     cls = modules_settle(&m, linked_ns);                         when all are counted
 *     n = modules_layer(&m, id);
 */
#ifndef TRS_MODULES_H
#define TRS_MODULES_H

#include "base/strtab.h"

#define MODULE_PREFIX "nn.Module: "

struct modules {
    struct module {
        uint32_t parent;         /* id, less than its own; 0: outermost */
        uint32_t name;           /* the caller's id of its name */
        uint32_t depth;          /* 0: outermost */
        uint32_t cls;            /* id in classes, 0 if its name has no number at the end */
        uint32_t number;         /* of the instance */
        uint32_t layer;          /* after modules_settle: LAYER_NONE or the number */
        uint64_t count, time_ns; /* of activities in it; after modules_settle also of those below */
    } * at;                      /* id i is at[i - 1] */
    uint32_t n;
    struct strtab classes;

    /* private */
    size_t cap;
    struct strtab seen; /* parent and name as bytes */
};

/* The frame `text`, called `name`, within `parent`. The same frame has one id. */
uint32_t modules_add(struct modules *m, uint32_t parent, uint32_t name, struct slice text);

/* An activity whose innermost frame is id (0: in none). */
void modules_count(struct modules *m, uint32_t id, uint64_t dur_ns);

/* Chooses the class whose instances are layers (layer_class.h) and numbers all frames; 0 if there
 * is none. linked_ns: the time of all activities with a launch. */
uint32_t modules_settle(struct modules *m, uint64_t linked_ns);

/* How many layers there are that have activities. */
uint32_t modules_layers(const struct modules *m);

static inline uint32_t modules_layer(const struct modules *m, uint32_t id)
{
    return id ? m->at[id - 1].layer : UINT32_MAX;
}

void modules_free(struct modules *m);

#endif
