/* profile - a profile out of a stream: functions, who calls whom, stacks
 *
 * The callbacks of a sink, and what is there at its end. Names are told by their bytes over all
 * streams and parts: the same function in two of them is one, and its totals add up.
 *
 * Totals of functions come from KIND_FUNCTION, edges from KIND_CALL. From stacks they follow: self
 * time of the innermost frame, cumulative time of each function once for a stack that it is in, and
 * an edge for each two neighbours, once a stack; calls are not known then, and are 0.
 *
 * Takes 48 bytes a function, up to 120 an edge, 32 a stack and the names.
 */
#ifndef TRS_PROFILE_H
#define TRS_PROFILE_H

#include "format/stream.h"

struct profile_totals {
    uint64_t calls, prim_calls;
    uint64_t self_ns, cum_ns; /* at most 2^64 - 1 */
};

struct profile {
    struct strtab names;              /* function i is string i + 1 */
    struct profile_totals *functions; /* by function */
    bool *known;                      /* false: it is only named by an edge or stack */
    struct profile_edge {
        uint32_t caller, callee; /* functions */
        struct profile_totals totals;
    } * edges; /* by callee, then caller, after profile_settle */
    size_t nedges;
    struct profile_node {
        uint32_t parent, function; /* parent: a node plus 1, 0 for none */
        uint64_t self_ns;          /* weight of the stacks that end here, */
        bool ends;                 /* if any do, be it without weight */
    } * nodes;                     /* the tree of stacks, parents before children */
    size_t nnodes;
    bool has_calls;  /* totals with numbers of calls came */
    bool has_stacks; /* stacks came */

    /* private */
    size_t functions_cap, known_cap, edges_cap, nodes_cap;
    size_t edges_merged; /* so many are left of those that came so far */
    struct strtab node_keys;
    uint32_t *of_name, *of_stack; /* functions plus 1 and nodes plus 1 by ids of the stream */
    size_t of_name_cap, of_stack_cap;
    uint32_t stacks; /* of the stream, that are nodes */
};

/* For a sink with .kinds = KINDS_PROFILE and .columns = true. */
int profile_records(struct profile *p, const struct stream *s, const struct batch *b,
                    struct err *e);
void profile_forget(struct profile *p); /* before ids lose their meaning, and at a stream's end */

/* When all streams are read: totals out of stacks, and edges, each once and in order; or in any
 * order and as often as they came, which takes less time. */
void profile_settle(struct profile *p);
void profile_settle_totals(struct profile *p);

/* The edges of one callee: a slice of p->edges, after profile_settle. */
const struct profile_edge *profile_callers(const struct profile *p, uint32_t callee, size_t *n);

/* Sums that would be larger than 2^64 - 1 are that. */
static inline uint64_t profile_sum(uint64_t a, uint64_t b)
{
    uint64_t c;
    return __builtin_add_overflow(a, b, &c) ? UINT64_MAX : c;
}

void profile_add(struct profile_totals *t, const struct profile_totals *more);

static inline struct slice profile_name(const struct profile *p, uint32_t function)
{
    return strtab_get(&p->names, function + 1);
}

void profile_free(struct profile *p);

#endif
