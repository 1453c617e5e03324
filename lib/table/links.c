#include "table/links.h"

#include "base/mem.h"

#include <stdlib.h>

/* Sayings --------------------------------------------------------------------------------------
 *
 * A saying holds 4 bytes for each key of links: the id in the stream plus 1, 0 for activity whose
 * launch is not known, and for keys that nobody asked for. */

static void open_once(struct links *l, const struct keys *keys)
{
    if (l->open)
        return;
    l->open = true;
    for (unsigned i = 0; i < keys->n; i++)
        if (keys->list[i] >= KEY_CPU_OP)
            l->asked[keys->list[i] - KEY_CPU_OP] = true;
    if (l->asked[KEY_STACK - KEY_CPU_OP])
        stacks_open(&l->stacks);
}

static uint32_t id_of(const struct link *link, enum key key)
{
    switch (key) {
    case KEY_CPU_OP:
        return link->cpu_op;
    case KEY_MODULE:
        return link->module;
    case KEY_ANNOTATION:
        return link->annotation;
    case KEY_PHASE:
        return link->phase;
    case KEY_LAYER:
        return link->layer;
    case KEY_STEP:
        return link->step;
    case KEY_LAUNCH:
        return link->launch;
    default:
        return link->stack;
    }
}

static bool is_of_launch(enum key key)
{
    return key == KEY_CPU_OP || key == KEY_LAUNCH || key == KEY_STACK;
}

static uint32_t say(struct links *l, const struct link *link)
{
    uint8_t saying[LINK_KEYS * 4];
    for (unsigned i = 0; i < LINK_KEYS; i++) {
        enum key key = KEY_CPU_OP + i;
        bool known = l->asked[i] && (!is_of_launch(key) || link->flags & LINK_LAUNCHED);
        put_u32(saying + i * 4, known ? id_of(link, key) + 1 : 0);
    }
    return strtab_intern(&l->sayings, slice_of(saying, sizeof saying));
}

/* The place of an id, which is below n. */
static struct links_known *look_up(struct links_memo *m, uint32_t id, uint32_t n)
{
    if (id >= m->cap)
        m->at = mem_grow_zeroed(m->at, &m->cap, n, sizeof *m->at);
    return &m->at[id];
}

void links_ready(struct links *l, const struct keys *keys, const struct stream *s)
{
    open_once(l, keys);
    if (l->epoch != s->epoch_links)
        strtab_free(&l->sayings); /* clearing takes as long as the table was ever large */
    l->epoch = s->epoch_links;
}

uint32_t links_saying(struct links *l, const struct stream *s, const struct link *link)
{
    static const struct link none = {0};
    uint32_t id = link ? (uint32_t)(link - s->links) + 1 : 0;
    struct links_known *known = look_up(&l->of_link, id, s->nlinks + 1);
    if (known->epoch != l->epoch + 1)
        *known = (struct links_known){l->epoch + 1, say(l, link ? link : &none)};
    return known->id;
}

/* Texts ---------------------------------------------------------------------------------------- */

static uint32_t said(const struct links *l, enum key key, uint32_t saying)
{
    return get_u32(strtab_get(&l->sayings, saying).p + (size_t)(key - KEY_CPU_OP) * 4);
}

static const char *missing(enum key key)
{
    if (key == KEY_CPU_OP || key == KEY_LAUNCH)
        return "(unnamed)";
    return key == KEY_PHASE ? "unknown" : "(none)";
}

struct slice links_text(const struct links *l, const struct stream *s, enum key key,
                        uint32_t saying)
{
    bool word = key == KEY_PHASE || key == KEY_LAYER || key == KEY_STEP;
    if (saying == 0)
        return slice_str("(none)");
    uint32_t id = said(l, key, saying);
    if (id == 0)
        return slice_str("(unlinked)");
    return id == 1 ? slice_str(missing(key))
                   : strtab_get(&s->strings[word ? ROLE_WORD : ROLE_HOST], id - 1);
}

/* Stacks --------------------------------------------------------------------------------------- */

static uint32_t lone_node(struct links *l, const char *text)
{
    return stacks_push(&l->stacks, STACKS_ROOT, stacks_name(&l->stacks, slice_str(text)));
}

static uint32_t name_of(struct links *l, const struct stream *s, uint32_t name)
{
    struct links_known *known = look_up(&l->of_name, name, s->strings[ROLE_HOST].n + 1);
    if (known->epoch != s->epoch_stacks + 1)
        *known = (struct links_known){
            s->epoch_stacks + 1, stacks_name(&l->stacks, strtab_get(&s->strings[ROLE_HOST], name))};
    return known->id;
}

/* Up to the first frame whose node is known, and down again. */
static uint32_t node_of(struct links *l, const struct stream *s, uint32_t stack)
{
    uint32_t node = STACKS_ROOT;
    size_t n = 0;
    for (; stack; stack = s->stacks[stack - 1].parent) {
        const struct links_known *known = look_up(&l->of_stack, stack, s->nstacks + 1);
        if (known->epoch == s->epoch_stacks + 1) {
            node = known->id;
            break;
        }
        l->path = mem_grow(l->path, &l->path_cap, n + 1, sizeof *l->path);
        l->path[n++] = stack;
    }
    while (n > 0) {
        stack = l->path[--n];
        node = stacks_push(&l->stacks, node, name_of(l, s, s->stacks[stack - 1].name));
        l->of_stack.at[stack] = (struct links_known){s->epoch_stacks + 1, node};
    }
    return node;
}

uint32_t links_stack(struct links *l, const struct stream *s, uint32_t saying)
{
    uint32_t id = saying ? said(l, KEY_STACK, saying) : 1;
    if (id > 1)
        return node_of(l, s, id - 1);
    return lone_node(l, id == 1 ? "(none)" : "(unlinked)");
}

static struct slice frame_of(const struct links *l, uint32_t node)
{
    return strtab_get(&l->stacks.names, l->stacks.nodes[node].name);
}

void links_add_stack(const struct links *l, uint32_t node, struct buf *text)
{
    const struct stacks_node *nodes = l->stacks.nodes;
    size_t n = 0;
    for (uint32_t at = node; at != STACKS_ROOT; at = nodes[at].parent)
        n += frame_of(l, at).n + 1;
    uint8_t *p = buf_room(text, n) + n;
    text->n += n - 1;
    for (uint32_t at = node; at != STACKS_ROOT; at = nodes[at].parent) {
        struct slice frame = frame_of(l, at);
        *--p = ';';
        p -= frame.n;
        memcpy(p, frame.p, frame.n);
    }
}

/* ---------------------------------------------------------------------------------------------- */

void links_end(struct links *l)
{
    struct links_memo *memos[] = {&l->of_link, &l->of_stack, &l->of_name};
    for (size_t i = 0; i < sizeof memos / sizeof *memos; i++) {
        free(memos[i]->at);
        *memos[i] = (struct links_memo){0};
    }
    strtab_free(&l->sayings);
    l->epoch = 0;
}

void links_free(struct links *l)
{
    links_end(l);
    stacks_free(&l->stacks);
    free(l->path);
    *l = (struct links){0};
}
