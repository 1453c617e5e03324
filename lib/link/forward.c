#include "link/forward.h"

#include "base/mem.h"

#include <stdlib.h>

/* Operators by sequence number ----------------------------------------------------------------- */

static void add_op(struct forward *f, struct trees *t, uint32_t tree, uint32_t event)
{
    uint64_t sequence, fwd_thread;
    const struct nest_event *e = &t->at[tree].events[event];
    if (tag_kind(e->tag) != KIND_CPU_OP ||
        !trees_number(t, tree, event, COLUMN_SEQUENCE, &sequence) ||
        (trees_number(t, tree, event, COLUMN_FWD_THREAD, &fwd_thread) && fwd_thread > 0))
        return;
    f->ops = mem_grow(f->ops, &f->cap, f->n + 1, sizeof *f->ops);
    f->ops[f->n++] =
        (struct forward_entry){sequence, e->start_ns, e->end_ns, tag_number(e->tag), {tree, event}};
}

/* By sequence number, and in the order in which events open. */
static int in_order(const void *a, const void *b)
{
    const struct forward_entry *x = a, *y = b;
    if (x->sequence != y->sequence)
        return x->sequence < y->sequence ? -1 : 1;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    if (x->end_ns != y->end_ns)
        return x->end_ns > y->end_ns ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

static struct forward_op by_sequence(const struct forward *f, uint64_t sequence, int64_t before_ns)
{
    size_t low = 0, high = f->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct forward_entry *at = &f->ops[mid];
        if (at->sequence < sequence || (at->sequence == sequence && at->start_ns < before_ns))
            low = mid + 1;
        else
            high = mid;
    }
    if (low == 0 || f->ops[low - 1].sequence != sequence)
        return (struct forward_op){0, NEST_NONE};
    return f->ops[low - 1].op;
}

/* Flows ---------------------------------------------------------------------------------------- */

/* One end of a flow. */
struct flow_end {
    uint64_t id;
    int64_t start_ns;
    uint32_t pid, tid;
    uint32_t number; /* in struct hold: of several ends with one id the last counts */
    bool begins;
};

struct flow_ends {
    struct flow_end *at;
    size_t n, cap;
};

static void take_flow(struct flow_ends *v, const struct hold *hold, uint64_t number)
{
    struct record r = hold_record(hold, KIND_FLOW, number);
    struct track t = hold_track(hold, r.track);
    struct slice ph = hold_name(hold, ROLE_WORD, t.ph);
    bool begins = slice_is(ph, "s");
    if ((!begins && !slice_is(ph, "f")) || !(t.flags & TRACK_CORRELATION) ||
        !slice_is(hold_name(hold, ROLE_WORD, t.cat), "fwdbwd"))
        return;
    v->at = mem_grow(v->at, &v->cap, v->n + 1, sizeof *v->at);
    v->at[v->n++] =
        (struct flow_end){r.correlation, r.start_ns, t.pid, t.tid, (uint32_t)number, begins};
}

static int by_id(const void *a, const void *b)
{
    const struct flow_end *x = a, *y = b;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    if (x->begins != y->begins)
        return x->begins ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

static struct flow_ends flow_ends(const struct hold *hold, uint32_t part)
{
    size_t n;
    struct flow_ends v = {NULL, 0, 0};
    const struct held_frame *frames = hold_frames(hold, part, KIND_FLOW, &n);
    for (size_t i = 0; i < n; i++)
        for (uint32_t row = 0; row < frames[i].n; row++)
            take_flow(&v, hold, frames[i].first + row);
    if (v.n > 1)
        qsort(v.at, v.n, sizeof *v.at, by_id);
    return v;
}

/* The events of the thread that start where the flow ends: [first, *end). */
static size_t starting_at(const struct tree *tree, int64_t start_ns, size_t *end)
{
    size_t low = 0, high = tree->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (tree->events[mid].start_ns < start_ns)
            low = mid + 1;
        else
            high = mid;
    }
    for (*end = low; *end < tree->n && tree->events[*end].start_ns == start_ns; ++*end)
        ;
    return low;
}

/* The innermost operator that a flow begins at. */
static struct forward_op begin_of(const struct trees *t, const struct flow_end *s)
{
    struct forward_op op = {0, NEST_NONE};
    const struct tree *tree = trees_find(t, s->pid, s->tid);
    size_t end = 0, first = tree ? starting_at(tree, s->start_ns, &end) : 0;
    for (size_t i = first; i < end; i++)
        if (tag_kind(tree->events[i].tag) == KIND_CPU_OP)
            op = (struct forward_op){(uint32_t)(tree - t->at), (uint32_t)i};
    return op;
}

static void note_flow(struct forward *f, const uint64_t key[2], struct forward_op op)
{
    uint32_t id = strtab_intern(&f->flows, slice_of(key, 2 * sizeof *key));
    f->of_flow = mem_grow(f->of_flow, &f->flows_cap, id, sizeof *f->of_flow);
    f->of_flow[id - 1] = op;
}

static void join(struct forward *f, struct trees *t, const struct flow_end *s,
                 const struct flow_end *to)
{
    struct forward_op op = begin_of(t, s);
    const struct tree *tree = trees_find(t, to->pid, to->tid);
    size_t end = 0, first = tree ? starting_at(tree, to->start_ns, &end) : 0;
    for (size_t i = first; op.event != NEST_NONE && i < end; i++) {
        uint64_t key[2];
        if (trees_backward(t, (uint32_t)(tree - t->at), (uint32_t)i, &key[0], &key[1]))
            note_flow(f, key, op);
    }
}

/* Ends are by id, beginnings first: the last of each count. */
static void join_flows(struct forward *f, struct trees *t, const struct flow_ends *v)
{
    for (size_t i = 0, next; i < v->n; i = next) {
        const struct flow_end *s = NULL, *to = NULL;
        for (next = i; next < v->n && v->at[next].id == v->at[i].id; next++)
            *(v->at[next].begins ? &s : &to) = &v->at[next];
        if (s && to)
            join(f, t, s, to);
    }
}

/* All of it ------------------------------------------------------------------------------------ */

static bool has_backward(const struct trees *t, uint32_t part)
{
    size_t n;
    const struct held_frame *f = hold_frames(t->hold, part, KIND_CPU_OP, &n);
    for (size_t i = 0; i < n; i++)
        if (f[i].columns[COLUMN_FWD_THREAD].payload)
            return true;
    return false;
}

void forward_open(struct forward *f, struct trees *t, uint32_t part)
{
    *f = (struct forward){.ops = NULL};
    if (!has_backward(t, part))
        return;
    for (uint32_t tree = 0; tree < t->n; tree++)
        for (uint32_t i = 0; i < t->at[tree].n; i++)
            add_op(f, t, tree, i);
    if (f->n > 1)
        qsort(f->ops, f->n, sizeof *f->ops, in_order);
    struct flow_ends ends = flow_ends(t->hold, part);
    join_flows(f, t, &ends);
    free(ends.at);
}

struct forward_op forward_find(const struct forward *f, struct trees *t, uint32_t tree,
                               uint32_t event)
{
    uint64_t key[2];
    if (!trees_backward(t, tree, event, &key[0], &key[1]))
        return (struct forward_op){0, NEST_NONE};
    uint32_t id = strtab_find(&f->flows, slice_of(key, sizeof key));
    return id ? f->of_flow[id - 1] : by_sequence(f, key[0], t->at[tree].events[event].start_ns);
}

void forward_close(struct forward *f)
{
    free(f->ops);
    free(f->of_flow);
    strtab_free(&f->flows);
}
