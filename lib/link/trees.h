/* trees - the host trees of a part, and what stands around an event (DEFINITIONS of the project,
 * "Host tree")
 *
 * Events are those of threads.h with tags of this file. What stands around one is told by a node,
 * made when it is asked for first, with those of all events around it.
 *
 * Takes 36 bytes a host event, and 40 for each that is around a launch.
 */
#ifndef TRS_TREES_H
#define TRS_TREES_H

#include "link/hold.h"
#include "link/modules.h"
#include "link/threads.h"

/* What host events are tagged with: their kind and their number in struct hold. */
static inline uint32_t tag_make(enum kind kind, uint64_t number)
{
    return (uint32_t)(kind - KIND_CPU_OP) << 30 | (uint32_t)number;
}

static inline enum kind tag_kind(uint32_t tag)
{
    return (enum kind)((tag >> 30) + KIND_CPU_OP);
}

static inline uint32_t tag_number(uint32_t tag)
{
    return tag & ((1u << 30) - 1);
}

struct tree {
    uint32_t pid, tid; /* words of the writer */
    struct nest_event *events;
    size_t n;

    /* private */
    uint32_t *nodes; /* of event i: number of its node plus 1, 0 for none yet */
};

/* An event and what is around it; events are of its tree, NEST_NONE for none. */
struct node {
    uint32_t event;
    uint32_t name;     /* host */
    uint32_t stack;    /* id of the writer's STACKS: the event as the innermost frame */
    uint32_t op;       /* the innermost operator, itself included */
    uint32_t backward; /* the innermost operator, itself included, that is a backward one */
    uint32_t module;   /* of the trees' modules, the innermost; 0 for none */
};

struct trees {
    const struct hold *hold;
    struct writer *w;
    struct tree *at;
    size_t n;
    struct modules modules;

    /* private */
    struct strtab threads; /* pid and tid of tree i as string i + 1 */
    uint32_t part;
    struct node *nodes;
    size_t nnodes, cap;
    const struct held_frame *ops; /* of the part's operators */
    size_t nops, last;
    uint32_t *chain;
    size_t chain_cap;
};

/* Takes the events of the part's threads. Stacks and names of modules go to the writer of hold. */
void trees_open(struct trees *t, const struct hold *hold, struct threads *threads, uint32_t part);

/* Valid until the next call. */
const struct node *trees_node(struct trees *t, uint32_t tree, uint32_t event);

/* The tree of a thread, by words of the writer; NULL if nothing ran there. */
const struct tree *trees_find(const struct trees *t, uint32_t pid, uint32_t tid);

/* The record behind an event, and a number column of an operator. */
struct record trees_record(const struct trees *t, uint32_t tree, uint32_t event);
bool trees_number(struct trees *t, uint32_t tree, uint32_t event, unsigned column, uint64_t *value);

/* True if an operator is a backward one: it has a sequence number and a thread that ran it
 * forward. */
bool trees_backward(struct trees *t, uint32_t tree, uint32_t event, uint64_t *sequence,
                    uint64_t *fwd_thread);

void trees_close(struct trees *t);

#endif
