#include "prof/emit.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdlib.h>

void emit_open(struct emit *o, struct writer *w, uint32_t part, const char *format,
               const char *weight)
{
    struct buf json = {0};
    *o = (struct emit){.w = w, .part = part};
    writer_part(w, part);
    buf_addf(&json, "\"%s\"", format);
    writer_meta(w, part, slice_str("format"), buf_slice(&json));
    json.n = 0;
    if (weight) {
        buf_addf(&json, "\"%s\"", weight);
        writer_meta(w, part, slice_str("weight"), buf_slice(&json));
    }
    buf_free(&json);
}

static uint32_t named(struct emit *o, struct slice name)
{
    return writer_string(o->w, ROLE_HOST, name);
}

static uint32_t frame_within(struct emit *o, uint32_t parent, uint32_t name)
{
    struct stack_frame f = {parent, name, KIND_FUNCTION};
    return writer_stack(o->w, &f);
}

uint32_t emit_frame(struct emit *o, uint32_t parent, struct slice name)
{
    return frame_within(o, parent, named(o, name));
}

/* What was remembered of ids is of use no more. */
static void renew(struct emit *o)
{
    static const struct track track = {.flags = TRACK_NO_START};
    if (o->track && o->epoch == o->w->epoch)
        return;
    if (o->roots_cap)
        memset(o->roots, 0, o->roots_cap * sizeof *o->roots);
    o->track = writer_track(o->w, &track);
    o->epoch = o->w->epoch;
}

/* A record without a start; more time than an int64 holds becomes the most that one does. */
static void put(struct emit *o, enum kind kind, uint32_t name, uint64_t dur_ns)
{
    renew(o);
    struct record r = {.dur_ns = dur_ns > INT64_MAX ? INT64_MAX : (int64_t)dur_ns,
                       .name = name,
                       .track = o->track};
    writer_record(o->w, kind, &r);
}

static void put_totals(struct emit *o, enum kind kind, uint32_t name, const struct emit_totals *t)
{
    put(o, kind, name, t->self_ns);
    writer_number(o->w, kind, COLUMN_CALLS, t->calls);
    writer_number(o->w, kind, COLUMN_PRIM_CALLS, t->prim_calls);
    writer_number(o->w, kind, COLUMN_CUM_NS, t->cum_ns);
}

void emit_function_of(struct emit *o, struct emit_id function, const struct emit_totals *t)
{
    put_totals(o, KIND_FUNCTION, function.name, t);
    o->functions++;
}

void emit_function(struct emit *o, struct slice name, const struct emit_totals *t)
{
    writer_begin(o->w);
    emit_function_of(o, (struct emit_id){.name = named(o, name)}, t);
}

void emit_call(struct emit *o, struct slice caller, struct slice callee,
               const struct emit_totals *t)
{
    writer_begin(o->w);
    uint32_t name = named(o, callee);
    uint32_t stack = frame_within(o, frame_within(o, 0, named(o, caller)), name);
    put_totals(o, KIND_CALL, name, t);
    writer_number(o->w, KIND_CALL, COLUMN_STACK, stack);
    o->calls++;
}

struct emit_id emit_id(struct emit *o, struct slice name)
{
    uint32_t id = named(o, name);
    struct stack_frame f = {0, id, KIND_FUNCTION};
    renew(o);
    o->roots = mem_grow_zeroed(o->roots, &o->roots_cap, (size_t)id + 1, sizeof *o->roots);
    if (o->roots[id] == 0)
        o->roots[id] = writer_stack_new(o->w, &f);
    return (struct emit_id){id, o->roots[id]};
}

void emit_call_of(struct emit *o, struct emit_id caller, struct emit_id callee,
                  const struct emit_totals *t)
{
    struct stack_frame f = {caller.frame, callee.name, KIND_FUNCTION};
    uint32_t stack = writer_stack_new(o->w, &f);
    put_totals(o, KIND_CALL, callee.name, t);
    writer_number(o->w, KIND_CALL, COLUMN_STACK, stack);
    o->calls++;
}

void emit_stack_of(struct emit *o, uint32_t stack, struct slice innermost, uint64_t weight_ns)
{
    put(o, KIND_STACK, named(o, innermost), weight_ns);
    writer_number(o->w, KIND_STACK, COLUMN_STACK, stack);
    o->stacks++;
}

void emit_stack(struct emit *o, const struct slice *frames, size_t n, uint64_t weight_ns)
{
    uint32_t stack = 0;
    writer_begin(o->w);
    for (size_t i = 0; i < n; i++)
        stack = emit_frame(o, stack, frames[i]);
    emit_stack_of(o, stack, frames[n - 1], weight_ns);
}

uint32_t emit_tally(const struct emit *o, struct tally rows[3])
{
    const uint64_t counts[3] = {o->functions, o->calls, o->stacks};
    uint32_t n = 0;
    for (uint32_t i = 0; i < 3; i++)
        if (counts[i] > 0)
            rows[n++] =
                (struct tally){.part = o->part, .kind = KIND_FUNCTION + i, .events = counts[i]};
    return n;
}

void emit_close(struct emit *o)
{
    free(o->roots);
    o->roots = NULL;
    o->roots_cap = 0;
}
