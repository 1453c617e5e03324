#include "table/fold_gpu.h"

#include "base/mem.h"

#include <stdlib.h>

static struct stacks *tree_of(struct fold_gpu *g)
{
    return g->root == FOLD_ROOT_RANK ? &g->ranked : g->stacks;
}

int fold_gpu_start(struct fold_gpu *g, const struct stream *s, struct err *e)
{
    if (!stream_has_key(s, slice_str("stack")))
        return err_set(e, ST_USAGE, "--leaf gpu needs trace-link before it");
    if (g->root == FOLD_ROOT_RANK)
        stacks_open(&g->ranked);
    g->names.stacks = tree_of(g);
    g->unlinked = stacks_name(tree_of(g), slice_str("(unlinked)"));
    return 0;
}

/* Where stacks begin --------------------------------------------------------------------------- */

static uint32_t root_of_part(struct fold_gpu *g, uint32_t part)
{
    if (g->root != FOLD_ROOT_RANK)
        return STACKS_ROOT;
    if (part >= g->parts_cap)
        g->parts = mem_grow_zeroed(g->parts, &g->parts_cap, (size_t)part + 1, sizeof *g->parts);
    if (g->parts[part] == 0) {
        char number[16];
        int n = snprintf(number, sizeof number, "%lu", (unsigned long)part);
        g->parts[part] = fold_root_node(&g->ranked, g->root, slice_of(number, (size_t)n));
    }
    return g->parts[part];
}

static uint32_t root_of_track(struct fold_gpu *g, const struct stream *s, const struct track *t)
{
    uint32_t word = g->root == FOLD_ROOT_PID ? t->pid : t->tid;
    if (g->root != FOLD_ROOT_PID && g->root != FOLD_ROOT_TID)
        return STACKS_ROOT;
    return fold_root_node(g->stacks, g->root, word ? stream_word(s, word) : slice_str("(none)"));
}

static const struct fold_place *place_of(struct fold_gpu *g, const struct stream *s, uint32_t track)
{
    if (track >= g->places_cap)
        g->places =
            mem_grow_zeroed(g->places, &g->places_cap, (size_t)track + 1, sizeof *g->places);
    struct fold_place *place = &g->places[track];
    const struct track *t = &s->tracks[track - 1];
    if (place->epoch != s->epoch_tracks + 1)
        *place = (struct fold_place){s->epoch_tracks + 1, 0, stream_has_interval(s, t, g->cats)};
    if (place->wanted && place->root == STACKS_ROOT)
        place->root = root_of_track(g, s, t);
    return place;
}

/* Stacks --------------------------------------------------------------------------------------- */

static uint32_t *find(const struct fold_gpu *g, uint32_t root, uint32_t stack)
{
    uint8_t key[8];
    put_u32(key, root);
    put_u32(key + 4, stack);
    uint32_t id = strtab_find(&g->known, slice_of(key, sizeof key));
    return id ? &g->nodes[id] : NULL;
}

static void keep(struct fold_gpu *g, uint32_t root, uint32_t stack, uint32_t node)
{
    uint8_t key[8];
    put_u32(key, root);
    put_u32(key + 4, stack);
    uint32_t id = strtab_intern(&g->known, slice_of(key, sizeof key));
    g->nodes = mem_grow(g->nodes, &g->nodes_cap, (size_t)id + 1, sizeof *g->nodes);
    g->nodes[id] = node;
}

/* Up to the first frame whose node is known, and down again. */
static uint32_t node_of(struct fold_gpu *g, const struct stream *s, uint32_t root, uint32_t stack)
{
    const uint32_t *known = NULL;
    size_t n = 0;
    for (; stack && !(known = find(g, root, stack)); stack = s->stacks[stack - 1].parent) {
        g->path = mem_grow(g->path, &g->path_cap, n + 1, sizeof *g->path);
        g->path[n++] = stack;
    }
    uint32_t node = known ? *known : root;
    while (n > 0) {
        uint32_t name = s->stacks[g->path[--n] - 1].name;
        node = stacks_push(tree_of(g), node, fold_name(&g->names, s, ROLE_HOST, name));
        keep(g, root, g->path[n], node);
    }
    return node;
}

static uint32_t base_of(struct fold_gpu *g, const struct stream *s, uint32_t root,
                        const struct link *link)
{
    struct stacks *tree = tree_of(g);
    if (g->annotations && link && link->annotation)
        root = stacks_push(tree, root, fold_name(&g->names, s, ROLE_HOST, link->annotation));
    if (!link || !(link->flags & LINK_LAUNCHED))
        return stacks_push(tree, root, g->unlinked);
    return node_of(g, s, root, link->stack);
}

static uint64_t weight_of(const struct fold_gpu *g, const struct batch *b, uint32_t row)
{
    const struct frame *bytes = &b->columns[COLUMN_BYTES];
    uint64_t n = 0;
    if (g->weight == FOLD_DUR)
        return (uint64_t)record_get(b->rows + (size_t)row * RECORD_BYTES).dur_ns;
    if (g->weight == FOLD_COUNT)
        return 1;
    return bytes->rows && frame_number(bytes, row, &n) ? n : 0;
}

void fold_gpu_records(struct fold_gpu *g, const struct stream *s, const struct batch *b)
{
    struct stacks *tree = tree_of(g);
    uint32_t part = root_of_part(g, b->part);
    if (g->epoch != s->epoch_stacks)
        strtab_free(&g->known); /* clearing takes as long as the table was ever large */
    g->epoch = s->epoch_stacks;
    for (uint32_t i = 0; i < b->n; i++) {
        struct record r = record_get(b->rows + (size_t)i * RECORD_BYTES);
        const struct fold_place *place = place_of(g, s, r.track);
        if (!place->wanted)
            continue;
        uint32_t root = place->root != STACKS_ROOT ? place->root : part;
        uint32_t node = base_of(g, s, root, stream_link(s, b, i));
        node = stacks_push(tree, node, fold_name(&g->names, s, ROLE_GPU, r.name));
        tree->nodes[node].weight += weight_of(g, b, i);
        g->events++;
    }
}

/* ---------------------------------------------------------------------------------------------- */

static void add_ranked(struct fold_gpu *g, const struct stream *s)
{
    uint32_t *at = mem_zalloc(g->ranked.n, sizeof *at);
    char rank[256];
    for (uint32_t part = 0; part < g->parts_cap; part++)
        if (g->parts[part])
            at[g->parts[part]] = fold_root_node(
                g->stacks, g->root, slice_of(rank, parts_rank(&s->parts, part, rank, sizeof rank)));
    stacks_add(g->stacks, &g->ranked, at);
    stacks_free(&g->ranked);
    free(at);
}

void fold_gpu_end(struct fold_gpu *g, const struct stream *s)
{
    if (g->root == FOLD_ROOT_RANK)
        add_ranked(g, s);
    fold_names_forget(&g->names);
    free(g->parts);
    free(g->places);
    free(g->nodes);
    strtab_free(&g->known);
    g->parts = g->nodes = NULL;
    g->places = NULL;
    g->parts_cap = g->places_cap = g->nodes_cap = 0;
    g->epoch = 0;
}

void fold_gpu_free(struct fold_gpu *g)
{
    stacks_free(&g->ranked);
    free(g->path);
}
