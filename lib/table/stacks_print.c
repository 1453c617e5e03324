/* The lines of stacks, and their order. Lines are never held in memory: where stacks are deep they
 * are many times larger than the tree. */
#include "table/stacks.h"

#include "base/mem.h"

#include <stdlib.h>

/* Order of two lines ---------------------------------------------------------------------------
 *
 * is that of the first frames in which they differ, and of what follows these: `;`, or a space and
 * the weight. */

struct place {
    struct slice name;
    const wide *weight; /* NULL where more frames follow */
};

static struct slice name_of(const struct stacks *s, uint32_t node)
{
    return strtab_get(&s->names, s->nodes[node].name);
}

static void add_tail(struct buf *b, const struct place *p)
{
    buf_addc(b, p->weight ? ' ' : ';');
    if (p->weight)
        wide_add(b, *p->weight, 0);
}

/* The name of a begins that of b: what follows it decides. */
static int compare_tails(const struct place *a, const struct place *b)
{
    struct buf after_a = {0}, after_b = {0};
    add_tail(&after_a, a);
    buf_add(&after_b, b->name.p + a->name.n, b->name.n - a->name.n);
    add_tail(&after_b, b);
    int order = slice_cmp(buf_slice(&after_a), buf_slice(&after_b));
    buf_free(&after_a);
    buf_free(&after_b);
    return order;
}

static int compare(const struct place *a, const struct place *b)
{
    size_t n = a->name.n < b->name.n ? a->name.n : b->name.n;
    int order = memcmp(a->name.p, b->name.p, n);
    if (order)
        return order;
    return n == a->name.n ? compare_tails(a, b) : -compare_tails(b, a);
}

/* Root first -----------------------------------------------------------------------------------
 *
 * The lines of a node's child are two things among those of its brothers: its own line, and the
 * block of all that go on from it. Others may stand between the two: `a 12`, `a b 3`, `a;c 4`. */

struct piece {
    uint32_t node;
    bool own;
};

static int by_piece(const void *x, const void *y, void *ctx)
{
    const struct stacks *s = ctx;
    const struct piece *a = x, *b = y;
    const struct stacks_node *na = &s->nodes[a->node], *nb = &s->nodes[b->node];
    if (na->name == nb->name)
        return (int)b->own - (int)a->own;
    return compare(&(struct place){name_of(s, a->node), a->own ? &na->weight : NULL},
                   &(struct place){name_of(s, b->node), b->own ? &nb->weight : NULL});
}

/* first[i + 1]: where the pieces of node i begin if each child has two. */
static size_t *make_room(const struct stacks *s)
{
    size_t *first = mem_zalloc((size_t)s->n + 2, sizeof *first);
    for (uint32_t node = 1; node < s->n; node++)
        first[s->nodes[node].parent + 2] += 2;
    for (uint32_t node = 0; node < s->n; node++)
        first[node + 2] += first[node + 1];
    return first;
}

/* The pieces of node i stand at first[i] to first[i + 1] - 1 then, in order. */
static struct piece *sort_pieces(const struct stacks *s, size_t *first)
{
    struct piece *pieces = mem_alloc((size_t)s->n * 2 * sizeof *pieces);
    for (uint32_t node = 1; node < s->n; node++) {
        size_t *at = &first[s->nodes[node].parent + 1];
        pieces[(*at)++] = (struct piece){node, true};
        pieces[(*at)++] = (struct piece){node, false};
    }
    for (uint32_t node = 0; node < s->n; node++)
        qsort_r(pieces + first[node], first[node + 1] - first[node], sizeof *pieces, by_piece,
                (void *)(uintptr_t)s);
    return pieces;
}

/* Puts the nodes that have a line into lines; returns how many. */
static uint32_t from_root(const struct stacks *s, uint32_t *lines)
{
    size_t *first = make_room(s);
    struct piece *pieces = sort_pieces(s, first);
    size_t *next = mem_dup(first, (size_t)s->n * sizeof *first);
    uint32_t n = 0, node = STACKS_ROOT;
    for (;;) {
        if (next[node] < first[node + 1]) {
            struct piece piece = pieces[next[node]++];
            if (!piece.own)
                node = piece.node;
            else if (s->nodes[piece.node].weight)
                lines[n++] = piece.node;
        } else if (node != STACKS_ROOT) {
            node = s->nodes[node].parent;
        } else {
            break;
        }
    }
    free(first);
    free(pieces);
    free(next);
    return n;
}

/* Leaf first ----------------------------------------------------------------------------------- */

static int by_leaf(const void *x, const void *y, void *ctx)
{
    const struct stacks *s = ctx;
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    const wide *weight_a = &s->nodes[a].weight, *weight_b = &s->nodes[b].weight;
    while (s->nodes[a].name == s->nodes[b].name && s->nodes[a].parent && s->nodes[b].parent) {
        a = s->nodes[a].parent;
        b = s->nodes[b].parent;
    }
    return compare(&(struct place){name_of(s, a), s->nodes[a].parent ? NULL : weight_a},
                   &(struct place){name_of(s, b), s->nodes[b].parent ? NULL : weight_b});
}

static uint32_t from_leaf(const struct stacks *s, uint32_t *lines)
{
    uint32_t n = 0;
    for (uint32_t node = 1; node < s->n; node++)
        if (s->nodes[node].weight)
            lines[n++] = node;
    qsort_r(lines, n, sizeof *lines, by_leaf, (void *)(uintptr_t)s);
    return n;
}

/* Lines ---------------------------------------------------------------------------------------- */

struct path {
    uint32_t *nodes; /* from the leaf on */
    size_t n, cap;
};

static void climb(const struct stacks *s, uint32_t node, struct path *path)
{
    path->n = 0;
    for (; node != STACKS_ROOT; node = s->nodes[node].parent) {
        path->nodes = mem_grow(path->nodes, &path->cap, path->n + 1, sizeof *path->nodes);
        path->nodes[path->n++] = node;
    }
}

static int print_line(const struct stacks *s, const struct path *path, bool reverse,
                      struct output *out, struct err *e)
{
    struct buf tail = {0};
    int rc = 0;
    for (size_t i = 0; i < path->n && rc == 0; i++) {
        struct slice name = name_of(s, path->nodes[reverse ? i : path->n - 1 - i]);
        if (output_write(out, name.p, name.n, e) < 0 ||
            (i + 1 < path->n && output_write(out, ";", 1, e) < 0))
            rc = -1;
    }
    add_tail(&tail, &(struct place){.weight = &s->nodes[path->nodes[0]].weight});
    buf_addc(&tail, '\n');
    if (rc == 0)
        rc = output_write(out, tail.p, tail.n, e);
    buf_free(&tail);
    return rc;
}

int64_t stacks_print(const struct stacks *s, bool reverse, struct output *out, struct err *e)
{
    uint32_t *lines = mem_alloc((size_t)s->n * sizeof *lines);
    uint32_t n = reverse ? from_leaf(s, lines) : from_root(s, lines);
    struct path path = {0};
    int rc = 0;
    for (uint32_t i = 0; i < n && rc == 0; i++) {
        climb(s, lines[i], &path);
        rc = print_line(s, &path, reverse, out, e);
    }
    free(path.nodes);
    free(lines);
    return rc < 0 ? -1 : (int64_t)n;
}
