#include "link/trees.h"

#include "base/mem.h"

#include <stdlib.h>

/* The trees ------------------------------------------------------------------------------------ */

static uint32_t word_of(const struct trees *t, const struct threads *threads, uint32_t word)
{
    return word ? writer_string(t->w, ROLE_WORD, strtab_get(&threads->words, word)) : 0;
}

void trees_open(struct trees *t, const struct hold *hold, struct threads *threads, uint32_t part)
{
    *t = (struct trees){.hold = hold, .w = hold->copy.w, .part = part};
    t->ops = hold_frames(hold, part, KIND_CPU_OP, &t->nops);
    t->at = mem_zalloc(threads->n, sizeof *t->at);
    for (uint32_t i = 0; i < threads->n; i++) {
        struct thread *thread = &threads->at[i];
        if (thread->part != part)
            continue;
        struct tree *tree = &t->at[t->n++];
        tree->pid = word_of(t, threads, thread->pid);
        tree->tid = word_of(t, threads, thread->tid);
        tree->events = thread_nest(thread, &tree->n);
        tree->nodes = mem_zalloc(tree->n, sizeof *tree->nodes);
        uint32_t key[2] = {tree->pid, tree->tid};
        strtab_intern(&t->threads, slice_of(key, sizeof key));
    }
}

const struct tree *trees_find(const struct trees *t, uint32_t pid, uint32_t tid)
{
    uint32_t key[2] = {pid, tid}, id = strtab_find(&t->threads, slice_of(key, sizeof key));
    return id ? &t->at[id - 1] : NULL;
}

/* Events --------------------------------------------------------------------------------------- */

static uint32_t tag_of(const struct trees *t, uint32_t tree, uint32_t event)
{
    return t->at[tree].events[event].tag;
}

struct record trees_record(const struct trees *t, uint32_t tree, uint32_t event)
{
    uint32_t tag = tag_of(t, tree, event);
    return hold_record(t->hold, tag_kind(tag), tag_number(tag));
}

/* The frame that a record stands in: mostly that of the record before. */
static const struct held_frame *frame_of(struct trees *t, uint32_t number)
{
    size_t low = 0, high = t->nops;
    const struct held_frame *last = &t->ops[t->last];
    if (number >= last->first && number - last->first < last->n)
        return last;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (t->ops[mid].first <= number)
            low = mid;
        else
            high = mid;
    }
    t->last = low;
    return &t->ops[low];
}

bool trees_number(struct trees *t, uint32_t tree, uint32_t event, unsigned column, uint64_t *value)
{
    uint32_t tag = tag_of(t, tree, event), number = tag_number(tag);
    if (tag_kind(tag) != KIND_CPU_OP)
        return false;
    const struct held_frame *f = frame_of(t, number);
    return held_number(f, column, (uint32_t)(number - f->first), value);
}

bool trees_backward(struct trees *t, uint32_t tree, uint32_t event, uint64_t *sequence,
                    uint64_t *fwd_thread)
{
    return trees_number(t, tree, event, COLUMN_FWD_THREAD, fwd_thread) && *fwd_thread > 0 &&
           trees_number(t, tree, event, COLUMN_SEQUENCE, sequence);
}

/* Nodes ---------------------------------------------------------------------------------------- */

static uint32_t module_of(struct trees *t, const struct node *node, uint32_t around)
{
    struct slice name = hold_name(t->hold, ROLE_HOST, node->name),
                 prefix = slice_str(MODULE_PREFIX);
    if (name.n < prefix.n || memcmp(name.p, prefix.p, prefix.n) != 0)
        return around;
    struct slice rest = slice_of(name.p + prefix.n, name.n - prefix.n);
    /* Interning may move what rest points to. */
    struct slice copy = slice_of(mem_dup(rest.p, rest.n), rest.n);
    uint32_t id = modules_add(&t->modules, around, writer_string(t->w, ROLE_HOST, copy), copy);
    free((void *)(uintptr_t)copy.p);
    return id;
}

static struct node node_of(struct trees *t, uint32_t tree, uint32_t event,
                           const struct node *around)
{
    enum kind kind = tag_kind(tag_of(t, tree, event));
    uint64_t sequence, fwd_thread;
    struct node node = *around;
    node.event = event;
    node.name = trees_record(t, tree, event).name;
    struct stack_frame frame = {around->stack, node.name, kind};
    node.stack = writer_stack(t->w, &frame);
    if (kind == KIND_PYTHON)
        node.module = module_of(t, &node, around->module);
    if (kind == KIND_CPU_OP)
        node.op = event;
    if (trees_backward(t, tree, event, &sequence, &fwd_thread))
        node.backward = event;
    return node;
}

/* Up to an event that has a node, and down again. */
const struct node *trees_node(struct trees *t, uint32_t tree, uint32_t event)
{
    static const struct node outside = {.op = NEST_NONE, .backward = NEST_NONE};
    struct tree *at = &t->at[tree];
    size_t n = 0;
    for (; event != NEST_NONE && at->nodes[event] == 0; event = at->events[event].parent) {
        t->chain = mem_grow(t->chain, &t->chain_cap, n + 1, sizeof *t->chain);
        t->chain[n++] = event;
    }
    const struct node *node = event == NEST_NONE ? &outside : &t->nodes[at->nodes[event] - 1];
    while (n-- > 0) {
        struct node made = node_of(t, tree, t->chain[n], node);
        t->nodes = mem_grow(t->nodes, &t->cap, t->nnodes + 1, sizeof *t->nodes);
        t->nodes[t->nnodes] = made;
        node = &t->nodes[t->nnodes++];
        at->nodes[t->chain[n]] = (uint32_t)t->nnodes;
    }
    return node;
}

void trees_close(struct trees *t)
{
    for (size_t i = 0; i < t->n; i++) {
        free(t->at[i].events);
        free(t->at[i].nodes);
    }
    free(t->at);
    free(t->nodes);
    free(t->chain);
    strtab_free(&t->threads);
    modules_free(&t->modules);
}
