/* emit - a profile as records: functions, calls between them, weighted stacks
 *
 *     emit_open(&out, &w, 0, "cprofile");
 *     emit_function(&out, name, &totals);
 *     emit_call(&out, caller, callee, &totals);
 *     emit_stack(&out, frames, n, weight_ns);
 *     ... writer_end(&w, &t, &e) with rows by emit_tally
 *
 * A function is called as pstats prints it: `file:line(name)`, a builtin by its name. Profiles with
 * totals have functions and calls, those of samples and events have stacks; both may stand in one
 * stream, in different parts.
 */
#ifndef TRS_EMIT_H
#define TRS_EMIT_H

#include "format/writer.h"

struct emit_totals {
    uint64_t calls, prim_calls; /* prim_calls: those that are no recursion */
    uint64_t self_ns, cum_ns;
};

struct emit {
    struct writer *w;
    uint64_t functions, calls, stacks; /* emitted */

    /* private */
    uint32_t part, track;
    unsigned epoch;  /* of the writer, in which the track and the roots are good */
    uint32_t *roots; /* by name: the stack of this function alone; 0: none yet */
    size_t roots_cap;
};

/* Begins a part; format and, if it is not NULL, weight ("ns", "samples", "bytes") become its
 * metadata. */
void emit_open(struct emit *o, struct writer *w, uint32_t part, const char *format,
               const char *weight);

void emit_function(struct emit *o, struct slice name, const struct emit_totals *t);

/* Calls of callee by caller. */
void emit_call(struct emit *o, struct slice caller, struct slice callee,
               const struct emit_totals *t);

/* The same by ids, for who meets the same functions again and again, and each pair of them once.
 * Ids are good as long as w->epoch does not change; the caller calls writer_begin before he asks
 * for those of a function or a call. */
struct emit_id {
    uint32_t name, frame; /* frame: a stack of this function alone */
};
struct emit_id emit_id(struct emit *o, struct slice name);
void emit_function_of(struct emit *o, struct emit_id function, const struct emit_totals *t);
void emit_call_of(struct emit *o, struct emit_id caller, struct emit_id callee,
                  const struct emit_totals *t);

/* A stack, outermost frame first; n > 0. */
void emit_stack(struct emit *o, const struct slice *frames, size_t n, uint64_t weight_ns);

/* The same frame by frame, for stacks that have much in common: ids of frames within each other,
 * 0 for the outermost. They are good between two calls of writer_begin between which w->epoch does
 * not change; the caller calls it once before the frames of a stack. */
uint32_t emit_frame(struct emit *o, uint32_t parent, struct slice name);
void emit_stack_of(struct emit *o, uint32_t stack, struct slice innermost, uint64_t weight_ns);

/* The rows of END for this part, at most 3; returns how many. */
uint32_t emit_tally(const struct emit *o, struct tally rows[3]);

void emit_close(struct emit *o);

#endif
