#include "link/walk.h"

#include "base/mem.h"

#include <stdlib.h>

void walk_open(struct walk *w, const struct hold *hold, uint32_t part)
{
    *w = (struct walk){.hold = hold, .w = hold->copy.w};
    w->ops = hold_frames(hold, part, KIND_CPU_OP, &w->nops);
}

/* Columns of operators ------------------------------------------------------------------------- */

/* The frame that an operator stands in: mostly that of the one before. */
static const struct held_frame *frame_of(struct walk *w, uint32_t op)
{
    const struct held_frame *last = &w->ops[w->last];
    if (op < last->first || op - last->first >= last->n)
        w->last = held_find(w->ops, w->nops, op);
    return &w->ops[w->last];
}

bool walk_number(struct walk *w, uint32_t op, unsigned column, uint64_t *value)
{
    const struct held_frame *f = frame_of(w, op);
    return held_number(f, column, (uint32_t)(op - f->first), value);
}

bool walk_backward(struct walk *w, uint32_t op, uint64_t *sequence, uint64_t *fwd_thread)
{
    return walk_number(w, op, COLUMN_FWD_THREAD, fwd_thread) && *fwd_thread > 0 &&
           walk_number(w, op, COLUMN_SEQUENCE, sequence);
}

/* Nodes ---------------------------------------------------------------------------------------- */

static uint32_t module_of(struct walk *w, uint32_t frame, uint32_t around)
{
    struct slice name = hold_name(w->hold, ROLE_HOST, frame), prefix = slice_str(MODULE_PREFIX);
    if (name.n < prefix.n || memcmp(name.p, prefix.p, prefix.n) != 0)
        return around;
    /* A copy: the table that it stands in may move. */
    struct slice rest = slice_of(mem_dup(name.p + prefix.n, name.n - prefix.n), name.n - prefix.n);
    uint32_t id = modules_add(&w->modules, around, writer_string(w->w, ROLE_HOST, rest), rest);
    free((void *)(uintptr_t)rest.p);
    return id;
}

static struct node node_of(struct walk *w, const struct walk_open *o, const struct node *around)
{
    uint64_t sequence, fwd_thread;
    struct stack_frame frame = {around->stack, o->name, lane_kind(o->kind)};
    struct node node = *around;
    node.name = o->name;
    node.stack = writer_stack(w->w, &frame);
    if (o->kind == LANE_PYTHON)
        node.module = module_of(w, o->name, around->module);
    if (o->kind != LANE_CPU_OP)
        return node;
    node.op = o->number + 1;
    if (walk_backward(w, o->number, &sequence, &fwd_thread))
        node.backward = node.op;
    return node;
}

uint32_t walk_node(struct walk *w)
{
    static const struct node outside = {.name = 0};
    for (; w->known < w->n; w->known++) {
        struct node node = node_of(w, &w->open[w->known],
                                   w->known ? &w->nodes[w->open[w->known - 1].node] : &outside);
        w->nodes = mem_grow(w->nodes, &w->nodes_cap, w->nnodes + 1, sizeof *w->nodes);
        w->nodes[w->nnodes] = node;
        w->open[w->known].node = (uint32_t)w->nnodes++;
    }
    return w->open[w->n - 1].node;
}

/* The walk ------------------------------------------------------------------------------------- */

/* The next event of each kind; `left` of them are still to come. */
struct heads {
    struct lane_event at[LANE_KINDS];
    const uint32_t *next[LANE_KINDS];
    size_t left[LANE_KINDS];
};

static void advance(struct heads *h, const struct hold *hold, enum lane_kind kind)
{
    if (h->left[kind] > 0)
        h->at[kind] = lane_event(hold, kind, *h->next[kind]);
}

/* The kind whose event opens next, LANE_KINDS if there is none. */
static enum lane_kind first_of(const struct heads *h)
{
    enum lane_kind best = LANE_KINDS;
    for (enum lane_kind kind = LANE_PYTHON; kind < LANE_KINDS; kind++) {
        const struct lane_event *a = &h->at[kind], *b = &h->at[best % LANE_KINDS];
        if (h->left[kind] > 0 && (best == LANE_KINDS || a->start_ns < b->start_ns ||
                                  (a->start_ns == b->start_ns && a->end_ns > b->end_ns)))
            best = kind;
    }
    return best;
}

static void push(struct walk *w, enum lane_kind kind, const struct lane_event *e)
{
    while (w->n > 0 && w->open[w->n - 1].end_ns <= e->start_ns)
        w->n--;
    if (w->known > w->n)
        w->known = w->n;
    if (w->n == w->cap)
        w->open = mem_grow(w->open, &w->cap, w->n + 1, sizeof *w->open);
    w->open[w->n++] = (struct walk_open){e->end_ns, e->number, e->name, 0, kind};
}

void walk_lane(struct walk *w, const struct lane *lane, walk_take *take, void *ctx)
{
    struct heads h;
    enum lane_kind kind;
    for (kind = LANE_PYTHON; kind < LANE_KINDS; kind++) {
        h.next[kind] = lane->kinds[kind].numbers;
        h.left[kind] = lane->kinds[kind].n;
        advance(&h, w->hold, kind);
    }
    w->n = w->known = 0;
    while ((kind = first_of(&h)) < LANE_KINDS) {
        push(w, kind, &h.at[kind]);
        take(ctx, w, kind, &h.at[kind]);
        h.next[kind]++;
        h.left[kind]--;
        advance(&h, w->hold, kind);
    }
}

void walk_close(struct walk *w)
{
    free(w->nodes);
    free(w->open);
    modules_free(&w->modules);
}
