#include "link/launches.h"

#include "base/mem.h"

#include <ctype.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* A table by number ---------------------------------------------------------------------------- */

/* Numbers count up, or have all that tells them apart in their high bits: all play a part. */
static size_t slot_of(const struct launch_table *t, uint64_t number, uint32_t process)
{
    const uint64_t key[2] = {number, process};
    return (size_t)XXH3_64bits(key, sizeof key) & (t->nslots - 1);
}

static struct launch *table_find(const struct launch_table *t, uint64_t number, uint32_t process)
{
    if (t->n == 0)
        return NULL;
    for (size_t i = slot_of(t, number, process); t->slots[i]; i = (i + 1) & (t->nslots - 1)) {
        struct launch *at = &t->at[t->slots[i] - 1];
        if (at->number == number && at->process == process)
            return at;
    }
    return NULL;
}

static void fill_slot(struct launch_table *t, size_t at)
{
    size_t i = slot_of(t, t->at[at].number, t->at[at].process);
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

static struct launch *table_add(struct launch_table *t, uint64_t number, uint32_t process)
{
    struct launch *known = table_find(t, number, process);
    if (known)
        return known;
    if (t->n * 2 >= t->nslots)
        grow_slots(t);
    t->at = mem_grow(t->at, &t->cap, t->n + 1, sizeof *t->at);
    t->at[t->n] = (struct launch){.number = number, .process = process, .node = LAUNCH_NONE};
    fill_slot(t, t->n);
    return &t->at[t->n++];
}

static void table_free(struct launch_table *t)
{
    free(t->at);
    free(t->slots);
}

/* What numbers there are ----------------------------------------------------------------------- */

/* The process whose number it is, a word; 0 where numbers are those of the part. */
static uint32_t process_of(const struct launches *l, const struct record *r)
{
    return l->by_process ? hold_track(l->hold, r->track).pid : 0;
}

/* The table that a record belongs to, and its number there; NULL if it has none. */
static struct launch_table *number_of(struct launches *l, const struct held_frame *f, uint32_t row,
                                      const struct record *r, uint64_t *number)
{
    *number = r->correlation;
    if (hold_track(l->hold, r->track).flags & TRACK_CORRELATION)
        return &l->correlated;
    return held_number(f, COLUMN_EXTERNAL_ID, row, number) && *number ? &l->external : NULL;
}

static void add_activity(struct launches *l, const struct held_frame *f)
{
    l->of = mem_grow(l->of, &l->cap, l->n + f->n, sizeof *l->of);
    for (uint32_t i = 0; i < f->n; i++) {
        uint64_t number;
        struct record r = hold_record(l->hold, f->kind, f->first + i);
        struct launch_table *t = number_of(l, f, i, &r, &number);
        uint32_t launch = t ? (uint32_t)(table_add(t, number, process_of(l, &r)) - t->at) : 0;
        l->of[l->n++] = (struct launch_of){t, launch};
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
    if (at->node != LAUNCH_NONE && (at->start_ns < call->start_ns ||
                                    (at->start_ns == call->start_ns && at->call <= call->call)))
        return;
    at->lane = call->lane;
    at->node = call->node;
    at->start_ns = call->start_ns;
    at->call = call->call;
}

static struct launch *by_correlation(const struct launches *l, const struct record *call)
{
    bool has = hold_track(l->hold, call->track).flags & TRACK_CORRELATION;
    return has ? table_find(&l->correlated, call->correlation, process_of(l, call)) : NULL;
}

static struct launch *by_external_id(const struct launches *l, uint32_t call,
                                     const struct record *r)
{
    uint64_t id;
    if (l->external.n == 0)
        return NULL;
    const struct held_frame *f = &l->calls[held_find(l->calls, l->ncalls, call)];
    bool has = held_number(f, COLUMN_EXTERNAL_ID, (uint32_t)(call - f->first), &id);
    return has ? table_find(&l->external, id, process_of(l, r)) : NULL;
}

void launches_take(struct launches *l, struct walk *w, uint32_t lane, const struct lane_event *e)
{
    struct record r = hold_record(l->hold, KIND_RUNTIME, e->number);
    struct launch *at = by_correlation(l, &r), *old = by_external_id(l, e->number, &r);
    if (!at && !old)
        return;
    struct launch call = {
        .lane = lane, .node = walk_node(w), .call = e->number, .start_ns = e->start_ns};
    if (old)
        take_call(old, &call);
    call.graph = launches_graph(hold_name(l->hold, ROLE_HOST, e->name));
    if (at)
        take_call(at, &call);
}

/* Flows ---------------------------------------------------------------------------------------- */

static void add_flows(struct launches *l, const struct held_frame *f)
{
    const struct hold *hold = l->hold;
    for (uint32_t i = 0; i < f->n; i++) {
        struct record r = hold_record(hold, KIND_FLOW, f->first + i);
        struct launch *at = table_find(&l->correlated, r.correlation, process_of(l, &r));
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

/* Each activity is the end of the flow with its number, until a later one is. */
static void find_ends(struct launches *l, const struct held_frame *f, size_t before)
{
    for (uint32_t i = 0; i < f->n; i++) {
        const struct launch_of *of = &l->of[before + i];
        if (of->table != &l->correlated || !l->correlated.at[of->launch].flow_ends)
            continue;
        struct launch *at = &l->correlated.at[of->launch];
        struct track t = hold_track(l->hold, hold_record(l->hold, f->kind, f->first + i).track);
        if (at->to_pid == t.pid && at->to_tid == t.tid)
            at->to = before + i + 1;
    }
}

/* All of it ------------------------------------------------------------------------------------ */

void launches_open(struct launches *l, const struct walk *w, uint32_t part)
{
    size_t n, before = 0;
    const struct hold *hold = w->hold;
    *l = (struct launches){.hold = hold, .by_process = w->by_process};
    l->calls = hold_frames(hold, part, KIND_RUNTIME, &l->ncalls);
    for (unsigned kind = KIND_KERNEL; kind <= KIND_MEMSET; kind++) {
        const struct held_frame *f = hold_frames(hold, part, kind, &n);
        for (size_t i = 0; i < n; i++)
            add_activity(l, &f[i]);
    }
    const struct held_frame *flows = hold_frames(hold, part, KIND_FLOW, &n);
    for (size_t i = 0; i < n; i++)
        add_flows(l, &flows[i]);
    for (unsigned kind = KIND_KERNEL; kind <= KIND_MEMSET; kind++) {
        const struct held_frame *f = hold_frames(hold, part, kind, &n);
        for (size_t i = 0; i < n; before += f[i++].n)
            find_ends(l, &f[i], before);
    }
}

void launches_close(struct launches *l)
{
    table_free(&l->correlated);
    table_free(&l->external);
    free(l->of);
}
