#include "link/activities.h"

#include "base/mem.h"
#include "link/layers.h"

#include <stdlib.h>

/* What is looked at for one part. */
struct look {
    struct activities *a;
    struct trees *t;
    const struct ops *ops;
    struct launches launches;
    struct notes notes;
    struct forward forward;
    struct note_view *views; /* of tree i, if viewed[i] */
    bool *viewed;
    struct strtab instances; /* tree and event as bytes; the first has the number before + 1 */
    uint32_t before;
};

/* Contexts ------------------------------------------------------------------------------------- */

static struct noted noted_at(struct look *k, const struct launch *l)
{
    struct note_view *view = &k->views[l->tree];
    const struct tree *tree = &k->t->at[l->tree];
    if (!k->viewed[l->tree])
        *view = notes_view(&k->notes, tree->pid, tree->tid);
    k->viewed[l->tree] = true;
    return notes_at(&k->notes, view, l->start_ns);
}

static uint32_t instance_of(struct look *k, uint32_t tree, uint32_t event)
{
    uint32_t key[2] = {tree, event};
    return k->before + strtab_intern(&k->instances, slice_of(key, sizeof key));
}

/* A module of the trees as a name without prefix, of the writer. */
static uint32_t module_name(const struct look *k, uint32_t module)
{
    return module ? k->t->modules.at[module - 1].name : 0;
}

static void add_forward(struct look *k, struct context *c, uint32_t tree, uint32_t backward)
{
    if (backward == NEST_NONE)
        return;
    struct forward_op op = forward_find(&k->forward, k->t, tree, backward);
    if (op.event == NEST_NONE)
        return;
    const struct node *node = trees_node(k->t, op.tree, op.event);
    c->link.forward_op = node->name;
    c->link.forward_module = module_name(k, node->module);
    if (c->module == 0)
        c->module = node->module;
}

static struct context context_of(struct look *k, const struct launch *l)
{
    struct node node = *trees_node(k->t, l->tree, l->event);
    struct noted noted = noted_at(k, l);
    struct context c = {.start_ns = l->start_ns, .module = node.module};
    uint32_t instance = node.op == NEST_NONE ? node.event : node.op;
    c.instance = instance_of(k, l->tree, instance);
    c.link = (struct link){.flags = LINK_LAUNCHED,
                           .launch = node.name,
                           .cpu_op = trees_record(k->t, l->tree, instance).name,
                           .annotation = noted.annotation,
                           .stack = node.stack,
                           .phase = noted.phase,
                           .step = noted.step};
    add_forward(k, &c, l->tree, node.backward);
    c.link.module = module_name(k, c.module);
    return c;
}

static uint32_t take_context(struct look *k, struct launch *l)
{
    struct activities *a = k->a;
    if (!l || l->event == NEST_NONE)
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
        struct record r = hold_record(k->t->hold, f->kind, f->first + i);
        struct launch *l = launches_find(&k->launches, k->t->hold, f, i, &r);
        struct activity activity = {.id = activity_id(f->kind, f->first + i),
                                    .start_ns = r.start_ns,
                                    .dur_ns = (uint64_t)r.dur_ns,
                                    .context = take_context(k, l),
                                    .op = k->ops->at[r.name].op,
                                    .layer = LAYER_NONE};
        activity.tracelens = l && launch_is_tracelens(l, activity.id);
        a->at[a->n++] = activity;
    }
}

void activities_open(struct activities *a, struct trees *t, const struct ops *ops, uint32_t part,
                     uint32_t *ninstances)
{
    struct look k = {.a = a, .t = t, .ops = ops, .before = *ninstances};
    *a = (struct activities){.ncontexts = 1};
    a->contexts = mem_grow(NULL, &a->contexts_cap, 1, sizeof *a->contexts);
    a->contexts[0] = (struct context){.instance = 0};
    launches_open(&k.launches, t, part);
    notes_open(&k.notes, t->hold, part);
    forward_open(&k.forward, t, part);
    k.views = mem_alloc(t->n * sizeof *k.views);
    k.viewed = mem_zalloc(t->n, sizeof *k.viewed);
    for (unsigned kind = KIND_KERNEL; kind <= KIND_MEMSET; kind++) {
        size_t n;
        const struct held_frame *f = hold_frames(t->hold, part, kind, &n);
        for (size_t i = 0; i < n; i++)
            add_frame(&k, &f[i]);
    }
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
