#include "flame/tree.h"

#include "base/mem.h"

#include <stdlib.h>

void tree_init(struct tree *t, unsigned numbers)
{
    *t = (struct tree){.numbers = numbers, .n = 1};
    t->nodes = mem_grow(NULL, &t->cap, 1, sizeof *t->nodes);
    t->nodes[0] = (struct tree_node){0};
}

/* Children ------------------------------------------------------------------------------------- */

static size_t first_slot(const struct tree *t, uint32_t parent, uint32_t name)
{
    uint64_t h = ((uint64_t)parent << 32 | name) * 0x9E3779B97F4A7C15u;
    return (size_t)(h ^ h >> 32) & (t->nslots - 1);
}

static void grow_slots(struct tree *t)
{
    size_t n = t->nslots ? t->nslots * 2 : 1024;
    free(t->slots);
    t->slots = mem_zalloc(n, sizeof *t->slots);
    t->nslots = n;
    for (uint32_t node = 1; node < t->n; node++) {
        size_t i = first_slot(t, t->nodes[node].parent, t->nodes[node].name);
        while (t->slots[i])
            i = (i + 1) & (n - 1);
        t->slots[i] = node;
    }
}

static uint32_t add_node(struct tree *t, uint32_t parent, uint32_t name)
{
    t->nodes = mem_grow(t->nodes, &t->cap, (size_t)t->n + 1, sizeof *t->nodes);
    t->nodes[t->n] = (struct tree_node){.name = name, .parent = parent};
    return t->n++;
}

static uint32_t child(struct tree *t, uint32_t parent, uint32_t name)
{
    if ((size_t)t->n * 2 >= t->nslots)
        grow_slots(t);
    size_t i = first_slot(t, parent, name);
    for (; t->slots[i]; i = (i + 1) & (t->nslots - 1)) {
        const struct tree_node *node = &t->nodes[t->slots[i]];
        if (node->parent == parent && node->name == name)
            return t->slots[i];
    }
    return t->slots[i] = add_node(t, parent, name);
}

/* Paths ---------------------------------------------------------------------------------------- */

static size_t common_prefix(struct slice a, struct slice b)
{
    size_t n = a.n < b.n ? a.n : b.n, i = 0;
    while (i + 8 <= n && get_u64(a.p + i) == get_u64(b.p + i))
        i += 8;
    while (i < n && a.p[i] == b.p[i])
        i++;
    return i;
}

/* Goes back on the last path to where the stack leaves it. Sorted lines have most frames in common
 * with the one before them. Returns what is left of the stack. */
static struct slice follow_last(struct tree *t, struct slice stack)
{
    size_t common = common_prefix(buf_slice(&t->last), stack);
    for (; t->depth; t->depth--) {
        size_t end = t->path[t->depth - 1].end;
        if (end <= common && (end == stack.n || stack.p[end] == ';'))
            return end == stack.n ? slice_of(NULL, 0)
                                  : slice_of(stack.p + end + 1, stack.n - end - 1);
    }
    return stack;
}

/* The node of the last frame. */
static int find_node(struct tree *t, struct slice stack, uint32_t *out)
{
    struct slice rest = follow_last(t, stack), frame;
    uint32_t node = t->depth ? t->path[t->depth - 1].node : 0;
    while (folded_frame(&rest, &frame)) {
        if (t->n == UINT32_MAX)
            return -1;
        node = child(t, node, strtab_intern(&t->names, frame));
        t->path = mem_grow(t->path, &t->path_cap, t->depth + 1, sizeof *t->path);
        t->path[t->depth++] = (struct tree_step){(size_t)(frame.p + frame.n - stack.p), node};
    }
    t->last.n = 0;
    buf_add(&t->last, stack.p, stack.n);
    *out = node;
    return 0;
}

/* Values --------------------------------------------------------------------------------------- */

/* Makes the unit of all values smaller. No value is larger than its sum. */
static bool scale(struct tree *t, unsigned decimals)
{
    uint64_t by = 1;
    for (; t->decimals < decimals; t->decimals++)
        by *= 10;
    for (unsigned v = 0; v < t->numbers; v++)
        if (__builtin_mul_overflow(t->sum[v], by, &t->sum[v]))
            return false;
    for (uint32_t i = 0; i < t->n; i++)
        for (unsigned v = 0; v < t->numbers; v++)
            t->nodes[i].self[v] *= by;
    return true;
}

static bool add_sums(struct tree *t, const struct folded *f)
{
    if (f->decimals > t->decimals && !scale(t, f->decimals))
        return false;
    for (unsigned v = 0; v < t->numbers; v++)
        if (__builtin_add_overflow(t->sum[v], f->values[v], &t->sum[v]))
            return false;
    return true;
}

int tree_add(struct tree *t, const struct folded *f, struct err *e)
{
    uint32_t node;
    uint64_t any = 0;
    if (!add_sums(t, f))
        return err_set(e, ST_FAILED, "%s: line %llu: the sum of the numbers is too large",
                       f->in.name, (unsigned long long)f->line);
    for (unsigned v = 0; v < t->numbers; v++)
        any |= f->values[v];
    if (!any)
        return 0;
    if (find_node(t, f->stack, &node) < 0)
        return err_set(e, ST_FAILED, "%s: line %llu: too many different frames", f->in.name,
                       (unsigned long long)f->line);
    for (unsigned v = 0; v < t->numbers; v++)
        t->nodes[node].self[v] += f->values[v];
    return 0;
}

void tree_sum(struct tree *t)
{
    for (unsigned v = 0; v < t->numbers; v++) {
        uint64_t *total = t->total[v] = mem_alloc(t->n * sizeof *total);
        for (uint32_t i = 0; i < t->n; i++)
            total[i] = t->nodes[i].self[v];
        for (uint32_t i = t->n - 1; i > 0; i--)
            total[t->nodes[i].parent] += total[i];
    }
}

void tree_free(struct tree *t)
{
    for (unsigned v = 0; v < t->numbers; v++)
        free(t->total[v]);
    strtab_free(&t->names);
    buf_free(&t->last);
    free(t->nodes);
    free(t->slots);
    free(t->path);
    *t = (struct tree){0};
}
