#include "link/activities.h"

#include "base/mem.h"
#include "link/layers.h"

#include <stdlib.h>

/* What is looked at for one part. */
struct look {
    struct activities *a;
    struct walk *w;
    const struct hold *hold;
    const struct ops *ops;
    const struct lane *lanes;
    uint32_t lane; /* that is walked */
    struct launches launches;
    struct notes notes;
    struct forward forward;
    struct note_view *views; /* of lane i, if viewed[i] */
    bool *viewed;
    struct strtab instances; /* kind and number of events as bytes; the first is `before` + 1 */
    uint32_t before;
};

/* Contexts ------------------------------------------------------------------------------------- */

static struct noted noted_at(struct look *k, const struct launch *l)
{
    struct note_view *view = &k->views[l->lane];
    const struct lane *lane = &k->lanes[l->lane];
    if (!k->viewed[l->lane])
        *view = notes_view(&k->notes, lane->pid, lane->tid);
    k->viewed[l->lane] = true;
    return notes_at(&k->notes, view, l->start_ns);
}

static uint32_t instance_of(struct look *k, enum kind kind, uint32_t number)
{
    uint32_t key[2] = {kind, number};
    return k->before + strtab_intern(&k->instances, slice_of(key, sizeof key));
}

/* A module of the walk as a name without prefix, of the writer. */
static uint32_t module_name(const struct look *k, uint32_t module)
{
    return module ? k->w->modules.at[module - 1].name : 0;
}

static void add_forward(struct look *k, struct context *c, uint32_t backward)
{
    const struct forward_op *op = backward ? forward_find(&k->forward, k->w, backward - 1) : NULL;
    if (!op)
        return;
    const struct node *node = &k->w->nodes[op->node];
    c->link.forward_op = node->name;
    c->link.forward_module = module_name(k, node->module);
    if (c->module == 0)
        c->module = node->module;
}

static struct context context_of(struct look *k, const struct launch *l)
{
    const struct node *node = &k->w->nodes[l->node];
    struct noted noted = noted_at(k, l);
    struct context c = {.start_ns = l->start_ns, .module = node->module};
    c.link = (struct link){.flags = LINK_LAUNCHED,
                           .launch = node->name,
                           .cpu_op = node->name,
                           .annotation = noted.annotation,
                           .stack = node->stack,
                           .phase = noted.phase,
                           .step = noted.step};
    c.instance = node->op ? instance_of(k, KIND_CPU_OP, node->op - 1)
                          : instance_of(k, KIND_RUNTIME, l->call);
    if (node->op)
        c.link.cpu_op = hold_record(k->hold, KIND_CPU_OP, node->op - 1).name;
    add_forward(k, &c, node->backward);
    c.link.module = module_name(k, c.module);
    return c;
}

static uint32_t take_context(struct look *k, struct launch *l)
{
    struct activities *a = k->a;
    if (!l)
        return 0;
    if (l->context == 0) {
        struct context c = context_of(k, l);
        a->contexts = mem_grow(a->contexts, &a->contexts_cap, a->ncontexts + 1, sizeof c);
        a->contexts[a->ncontexts] = c;
        l->context = (uint32_t)a->ncontexts++;
    }
    return l->context;
}

/* Activities ----------------------------------------------------------------------------------- */

static void add_frame(struct look *k, const struct held_frame *f)
{
    struct activities *a = k->a;
    a->at = mem_grow(a->at, &a->cap, a->n + f->n, sizeof *a->at);
    for (uint32_t i = 0; i < f->n; i++) {
        struct record r = hold_record(k->hold, f->kind, f->first + i);
        struct launch *l = launches_get(&k->launches, a->n);
        a->at[a->n] = (struct activity){.kind = f->kind,
                                        .number = (uint32_t)(f->first + i),
                                        .start_ns = r.start_ns,
                                        .dur_ns = (uint64_t)r.dur_ns,
                                        .context = take_context(k, l),
                                        .op = k->ops->at[r.name].op,
                                        .layer = LAYER_NONE,
                                        .tracelens = l && launch_is_tracelens(l, a->n)};
        a->n++;
    }
}

static void add_activities(struct look *k, uint32_t part)
{
    for (unsigned kind = KIND_KERNEL; kind <= KIND_MEMSET; kind++) {
        size_t n;
        const struct held_frame *f = hold_frames(k->hold, part, kind, &n);
        for (size_t i = 0; i < n; i++)
            add_frame(k, &f[i]);
    }
}

/* Host events ---------------------------------------------------------------------------------- */

static void take_event(void *ctx, struct walk *w, enum lane_kind kind, const struct lane_event *e)
{
    struct look *k = ctx;
    if (kind == LANE_RUNTIME)
        launches_take(&k->launches, w, k->lane, e);
    if (kind == LANE_CPU_OP)
        forward_take(&k->forward, w, k->lane, e);
}

static void walk_lanes(struct look *k, uint32_t part, size_t nlanes)
{
    for (k->lane = 0; k->lane < nlanes; k->lane++)
        walk_lane(k->w, &k->lanes[k->lane], take_event, k);
    forward_settle(&k->forward, k->hold, part, k->lanes, nlanes);
}

void activities_open(struct activities *a, struct walk *w, const struct lanes *lanes,
                     const struct ops *ops, uint32_t part, uint32_t *ninstances)
{
    size_t nlanes;
    struct look k = {.a = a, .w = w, .hold = w->hold, .ops = ops, .before = *ninstances};
    *a = (struct activities){.ncontexts = 1};
    a->contexts = mem_grow(NULL, &a->contexts_cap, 1, sizeof *a->contexts);
    a->contexts[0] = (struct context){.instance = 0};
    k.lanes = lanes_of(lanes, part, &nlanes);
    k.views = mem_alloc(nlanes * sizeof *k.views);
    k.viewed = mem_zalloc(nlanes, sizeof *k.viewed);
    launches_open(&k.launches, w, part);
    notes_open(&k.notes, k.hold, part);
    forward_open(&k.forward, k.hold, part);
    walk_lanes(&k, part, nlanes);
    add_activities(&k, part);
    *ninstances += k.instances.n;
    strtab_free(&k.instances);
    free(k.views);
    free(k.viewed);
    forward_close(&k.forward);
    notes_close(&k.notes);
    launches_close(&k.launches);
}

void activities_close(struct activities *a)
{
    free(a->at);
    free(a->contexts);
}
