#include "link/launches.h"

#include "base/mem.h"

#include <ctype.h>
#include <stdlib.h>

/* A table by number ---------------------------------------------------------------------------- */

static size_t slot_of(const struct launch_table *t, uint64_t number)
{
    return (size_t)(number * 0x9E3779B97F4A7C15u >> 32) & (t->nslots - 1);
}

static struct launch *table_find(const struct launch_table *t, uint64_t number)
{
    if (t->n == 0)
        return NULL;
    for (size_t i = slot_of(t, number); t->slots[i]; i = (i + 1) & (t->nslots - 1))
        if (t->at[t->slots[i] - 1].number == number)
            return &t->at[t->slots[i] - 1];
    return NULL;
}

static void fill_slot(struct launch_table *t, size_t at)
{
    size_t i = slot_of(t, t->at[at].number);
    while (t->slots[i])
        i = (i + 1) & (t->nslots - 1);
    t->slots[i] = (uint32_t)at + 1;
}

static void grow_slots(struct launch_table *t)
{
    t->nslots = t->nslots ? t->nslots * 2 : 256;
    free(t->slots);
    t->slots = mem_zalloc(t->nslots, sizeof *t->slots);
    for (size_t at = 0; at < t->n; at++)
        fill_slot(t, at);
}

static void table_add(struct launch_table *t, uint64_t number)
{
    if (table_find(t, number))
        return;
    if (t->n * 2 >= t->nslots)
        grow_slots(t);
    t->at = mem_grow(t->at, &t->cap, t->n + 1, sizeof *t->at);
    t->at[t->n] = (struct launch){.number = number, .event = NEST_NONE};
    fill_slot(t, t->n++);
}

static void table_free(struct launch_table *t)
{
    free(t->at);
    free(t->slots);
}

/* What numbers there are ----------------------------------------------------------------------- */

/* The table that a record belongs to, and its number there. */
static struct launch_table *number_of(struct launches *l, const struct hold *hold,
                                      const struct held_frame *f, uint32_t row,
                                      const struct record *r, uint64_t *number)
{
    *number = r->correlation;
    if (hold_track(hold, r->track).flags & TRACK_CORRELATION)
        return &l->correlated;
    return held_number(f, COLUMN_EXTERNAL_ID, row, number) && *number ? &l->external : NULL;
}

struct launch *launches_find(struct launches *l, const struct hold *hold,
                             const struct held_frame *f, uint32_t row, const struct record *r)
{
    uint64_t number;
    const struct launch_table *t = number_of(l, hold, f, row, r, &number);
    return t ? table_find(t, number) : NULL;
}

static void add_activity(struct launches *l, const struct hold *hold, const struct held_frame *f)
{
    for (uint32_t i = 0; i < f->n; i++) {
        uint64_t number;
        struct record r = hold_record(hold, f->kind, f->first + i);
        struct launch_table *t = number_of(l, hold, f, i, &r, &number);
        if (t)
            table_add(t, number);
    }
}

/* Calls ---------------------------------------------------------------------------------------- */

/* `graphlaunch` in any case. */
static bool launches_graph(struct slice name)
{
    static const char word[] = "graphlaunch";
    for (size_t i = 0; i + sizeof word - 1 <= name.n; i++) {
        size_t k = 0;
        while (k < sizeof word - 1 && tolower(name.p[i + k]) == word[k])
            k++;
        if (k == sizeof word - 1)
            return true;
    }
    return false;
}

static void take_call(struct launch *at, const struct launch *call)
{
    at->graph |= call->graph;
    if (at->event != NEST_NONE && (at->start_ns < call->start_ns ||
                                   (at->start_ns == call->start_ns && at->call <= call->call)))
        return;
    at->tree = call->tree;
    at->event = call->event;
    at->start_ns = call->start_ns;
    at->call = call->call;
}

/* The frame of runtime calls that a record stands in. */
static const struct held_frame *frame_of(const struct held_frame *f, size_t n, uint32_t number)
{
    size_t low = 0;
    while (n - low > 1) {
        size_t mid = low + (n - low) / 2;
        if (f[mid].first <= number)
            low = mid;
        else
            n = mid;
    }
    return &f[low];
}

static void take_event(struct launches *l, struct trees *t, uint32_t tree, uint32_t event,
                       const struct held_frame *frames, size_t nframes)
{
    struct launch *at;
    uint64_t id;
    uint32_t number = tag_number(t->at[tree].events[event].tag);
    struct record r = trees_record(t, tree, event);
    struct launch call = {.tree = tree, .event = event, .start_ns = r.start_ns, .call = number};
    if (hold_track(t->hold, r.track).flags & TRACK_CORRELATION &&
        (at = table_find(&l->correlated, r.correlation))) {
        call.graph = launches_graph(hold_name(t->hold, ROLE_HOST, r.name));
        take_call(at, &call);
    }
    if (l->external.n == 0)
        return;
    const struct held_frame *f = frame_of(frames, nframes, number);
    if (held_number(f, COLUMN_EXTERNAL_ID, (uint32_t)(number - f->first), &id) &&
        (at = table_find(&l->external, id)))
        take_call(at, &call);
}

static void add_calls(struct launches *l, struct trees *t, uint32_t part)
{
    size_t nframes;
    const struct held_frame *frames = hold_frames(t->hold, part, KIND_RUNTIME, &nframes);
    for (uint32_t tree = 0; tree < t->n; tree++)
        for (uint32_t i = 0; i < t->at[tree].n; i++)
            if (tag_kind(t->at[tree].events[i].tag) == KIND_RUNTIME)
                take_event(l, t, tree, i, frames, nframes);
}

/* Flows ---------------------------------------------------------------------------------------- */

static void add_flows(struct launches *l, const struct hold *hold, const struct held_frame *f)
{
    for (uint32_t i = 0; i < f->n; i++) {
        struct record r = hold_record(hold, KIND_FLOW, f->first + i);
        struct launch *at = table_find(&l->correlated, r.correlation);
        if (!at)
            continue;
        struct track t = hold_track(hold, r.track);
        struct slice ph = hold_name(hold, ROLE_WORD, t.ph);
        if (!(t.flags & TRACK_CORRELATION) || !slice_is(hold_name(hold, ROLE_WORD, t.cat), "ac2g"))
            continue;
        at->flow_starts |= slice_is(ph, "s");
        if (slice_is(ph, "f")) {
            at->flow_ends = true;
            at->to_pid = t.pid;
            at->to_tid = t.tid;
        }
    }
}

static void find_ends(struct launches *l, const struct hold *hold, const struct held_frame *f)
{
    for (uint32_t i = 0; i < f->n; i++) {
        struct record r = hold_record(hold, f->kind, f->first + i);
        struct track t = hold_track(hold, r.track);
        struct launch *at =
            t.flags & TRACK_CORRELATION ? table_find(&l->correlated, r.correlation) : NULL;
        if (at && at->flow_ends && at->to_pid == t.pid && at->to_tid == t.tid)
            at->to = activity_id(f->kind, f->first + i);
    }
}

/* All of it ------------------------------------------------------------------------------------ */

static void each_frame(struct launches *l, const struct hold *hold, uint32_t part, unsigned kind,
                       void (*step)(struct launches *l, const struct hold *hold,
                                    const struct held_frame *f))
{
    size_t n;
    const struct held_frame *f = hold_frames(hold, part, kind, &n);
    for (size_t i = 0; i < n; i++)
        step(l, hold, &f[i]);
}

void launches_open(struct launches *l, struct trees *t, uint32_t part)
{
    *l = (struct launches){.correlated = {.n = 0}};
    for (unsigned kind = KIND_KERNEL; kind <= KIND_MEMSET; kind++)
        each_frame(l, t->hold, part, kind, add_activity);
    add_calls(l, t, part);
    each_frame(l, t->hold, part, KIND_FLOW, add_flows);
    for (unsigned kind = KIND_KERNEL; kind <= KIND_MEMSET; kind++)
        each_frame(l, t->hold, part, kind, find_ends);
}

void launches_close(struct launches *l)
{
    table_free(&l->correlated);
    table_free(&l->external);
}
