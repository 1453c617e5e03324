#include "link/forward.h"

#include "base/mem.h"

#include <stdlib.h>

/* Operators ------------------------------------------------------------------------------------ */

void forward_open(struct forward *f, const struct hold *hold, uint32_t part)
{
    size_t n;
    const struct held_frame *frames = hold_frames(hold, part, KIND_CPU_OP, &n);
    *f = (struct forward){.ops = NULL};
    for (size_t i = 0; i < n; i++)
        f->any |= frames[i].columns[COLUMN_FWD_THREAD].payload != NULL;
}

void forward_take(struct forward *f, struct walk *w, uint32_t lane, const struct lane_event *e)
{
    if (!f->any)
        return;
    struct forward_op op = {.start_ns = e->start_ns,
                            .end_ns = e->end_ns,
                            .number = e->number,
                            .lane = lane,
                            .node = walk_node(w)};
    op.numbered = walk_number(w, e->number, COLUMN_SEQUENCE, &op.sequence);
    op.backward = walk_backward(w, e->number, &op.sequence, &op.fwd_thread);
    f->ops = mem_grow(f->ops, &f->cap, f->n + 1, sizeof *f->ops);
    f->ops[f->n++] = op;
}

/* By sequence number, and in the order in which events open. */
static int in_order(const struct forward_op *x, const struct forward_op *y)
{
    if (x->sequence != y->sequence)
        return x->sequence < y->sequence ? -1 : 1;
    if (x->start_ns != y->start_ns)
        return x->start_ns < y->start_ns ? -1 : 1;
    if (x->end_ns != y->end_ns)
        return x->end_ns > y->end_ns ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static int by_number(const void *a, const void *b, void *ctx)
{
    const struct forward_op *ops = ctx;
    uint32_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return in_order(&ops[x], &ops[y]);
}

static void sort_forward(struct forward *f)
{
    f->by_number = mem_alloc(f->n * sizeof *f->by_number);
    for (size_t i = 0; i < f->n; i++)
        if (f->ops[i].numbered && !f->ops[i].backward)
            f->by_number[f->nby_number++] = (uint32_t)i;
    if (f->nby_number > 1)
        qsort_r(f->by_number, f->nby_number, sizeof *f->by_number, by_number, f->ops);
}

static const struct forward_op *by_sequence(const struct forward *f, uint64_t sequence,
                                            int64_t before_ns)
{
    size_t low = 0, high = f->nby_number;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct forward_op *at = &f->ops[f->by_number[mid]];
        if (at->sequence < sequence || (at->sequence == sequence && at->start_ns < before_ns))
            low = mid + 1;
        else
            high = mid;
    }
    const struct forward_op *at = low ? &f->ops[f->by_number[low - 1]] : NULL;
    return at && at->sequence == sequence ? at : NULL;
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

/* Where the operators of each thread stand in f->ops. */
struct places {
    struct strtab threads; /* pid and tid of lane i as string i + 1 */
    size_t *first;         /* of lane i, and where the next begins */
};

static struct places places_of(const struct forward *f, const struct lane *lanes, size_t nlanes)
{
    struct places p = {.first = mem_zalloc(nlanes + 1, sizeof *p.first)};
    for (size_t i = 0; i < nlanes; i++) {
        uint32_t key[2] = {lanes[i].pid, lanes[i].tid};
        strtab_intern(&p.threads, slice_of(key, sizeof key));
    }
    for (size_t i = 0; i < f->n; i++)
        p.first[f->ops[i].lane + 1] = i + 1;
    for (size_t i = 1; i <= nlanes; i++)
        p.first[i] = p.first[i] > p.first[i - 1] ? p.first[i] : p.first[i - 1];
    return p;
}

/* The operators that start where a flow ends: from the one returned up to *end. */
static size_t starting_at(const struct forward *f, const struct places *p,
                          const struct flow_end *at, size_t *end)
{
    uint32_t key[2] = {at->pid, at->tid},
             lane = strtab_find(&p->threads, slice_of(key, sizeof key));
    size_t low = lane ? p->first[lane - 1] : 0, high = lane ? p->first[lane] : 0, last = high;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (f->ops[mid].start_ns < at->start_ns)
            low = mid + 1;
        else
            high = mid;
    }
    for (*end = low; *end < last && f->ops[*end].start_ns == at->start_ns; ++*end)
        ;
    return low;
}

static void note_flow(struct forward *f, const struct forward_op *backward, size_t op)
{
    uint64_t key[2] = {backward->sequence, backward->fwd_thread};
    uint32_t id = strtab_intern(&f->flows, slice_of(key, sizeof key));
    f->of_flow = mem_grow(f->of_flow, &f->flows_cap, id, sizeof *f->of_flow);
    f->of_flow[id - 1] = (uint32_t)op;
}

/* From the innermost operator that it begins at to all backward ones that it ends at. */
static void join(struct forward *f, const struct places *p, const struct flow_end *s,
                 const struct flow_end *to)
{
    size_t end, none = starting_at(f, p, s, &end), op = end - 1;
    if (none == end)
        return;
    for (size_t i = starting_at(f, p, to, &end); i < end; i++)
        if (f->ops[i].backward)
            note_flow(f, &f->ops[i], op);
}

/* Ends are by id, beginnings first: the last of each count. */
static void join_flows(struct forward *f, const struct places *p, const struct flow_ends *v)
{
    for (size_t i = 0, next; i < v->n; i = next) {
        const struct flow_end *s = NULL, *to = NULL;
        for (next = i; next < v->n && v->at[next].id == v->at[i].id; next++)
            *(v->at[next].begins ? &s : &to) = &v->at[next];
        if (s && to)
            join(f, p, s, to);
    }
}

/* All of it ------------------------------------------------------------------------------------ */

void forward_settle(struct forward *f, const struct hold *hold, uint32_t part,
                    const struct lane *lanes, size_t nlanes)
{
    if (!f->any)
        return;
    sort_forward(f);
    struct places places = places_of(f, lanes, nlanes);
    struct flow_ends ends = flow_ends(hold, part);
    join_flows(f, &places, &ends);
    free(ends.at);
    free(places.first);
    strtab_free(&places.threads);
}

const struct forward_op *forward_find(const struct forward *f, struct walk *w, uint32_t backward)
{
    uint64_t key[2];
    if (!walk_backward(w, backward, &key[0], &key[1]))
        return NULL;
    uint32_t id = strtab_find(&f->flows, slice_of(key, sizeof key));
    return id ? &f->ops[f->of_flow[id - 1]]
              : by_sequence(f, key[0], lane_event(w->hold, LANE_CPU_OP, backward).start_ns);
}

void forward_close(struct forward *f)
{
    free(f->ops);
    free(f->by_number);
    free(f->of_flow);
    strtab_free(&f->flows);
}
