/* callgrind_costs - functions and calls of a callgrind file, added up; private to callgrind.c */
#ifndef TRS_CALLGRIND_COSTS_H
#define TRS_CALLGRIND_COSTS_H

#include "prof/emit.h"

__extension__ typedef unsigned __int128 callgrind_sum;

struct callgrind_costs {
    struct strtab names; /* of functions: ids */
    struct callgrind_function {
        callgrind_sum self, called; /* called: inclusive cost of calls of others */
        uint64_t calls, prim_calls;
        bool has_caller;
    } * functions;           /* by id */
    struct strtab edge_keys; /* caller and callee, as bytes */
    struct callgrind_edge {
        callgrind_sum inclusive;
        uint64_t calls;
    } * edges; /* by id */
    size_t functions_cap, edges_cap;
    callgrind_sum total; /* all self cost */
    uint64_t most;       /* set before: the largest sum of costs that a record can hold */
};

uint32_t callgrind_function(struct callgrind_costs *c, struct slice name);

/* False if a sum would be too large: nothing is added then. */
bool callgrind_self(struct callgrind_costs *c, uint32_t function, uint64_t cost);
bool callgrind_call(struct callgrind_costs *c, uint32_t caller, uint32_t callee, uint64_t calls,
                    uint64_t inclusive);

/* Writes it all, a cost being so many ns. */
void callgrind_emit(const struct callgrind_costs *c, struct emit *o, uint64_t ns);
void callgrind_free(struct callgrind_costs *c);

#endif
