#include "flame/layout.h"

#include "base/mem.h"
#include "table/wide.h"

#include <stdlib.h>

/* What becomes of a node: index of its frame, or why it has none. */
static const uint32_t place_reasons = UINT32_MAX - LAYOUT_REASONS;

struct maker {
    const struct tree *t;
    struct layout *l;
    uint64_t least;  /* value of the narrowest frame */
    uint32_t *place; /* of each node */
    size_t cap;
};

static bool is_drawn(uint32_t place)
{
    return place < place_reasons;
}

static uint32_t place_reason(enum layout_reason why)
{
    return place_reasons + why;
}

/* Choosing ------------------------------------------------------------------------------------- */

static uint64_t least_value(const struct tree *t, unsigned tenths)
{
    wide whole = tree_width(t, 0), pixels = 10 * LAYOUT_WIDTH;
    return (uint64_t)((whole * tenths + pixels - 1) / pixels);
}

static void add_frame(struct maker *m, uint32_t node, uint32_t parent, uint32_t row)
{
    struct layout *l = m->l;
    l->frames = mem_grow(l->frames, &m->cap, (size_t)l->n + 1, sizeof *l->frames);
    l->frames[l->n] = (struct frame){.node = node, .parent = parent, .row = row};
    m->place[node] = l->n++;
    if (row >= l->rows)
        l->rows = row + 1;
}

static void leave_out(struct maker *m, uint32_t node, enum layout_reason why)
{
    const struct tree *t = m->t;
    uint32_t parent = t->nodes[node].parent;
    bool lowest = why == LAYOUT_GONE ? tree_width(t, parent) > 0 : is_drawn(m->place[parent]);
    m->place[node] = place_reason(why);
    m->l->left_out[why].frames++;
    if (lowest)
        m->l->left_out[why].value += t->total[why == LAYOUT_GONE ? 0 : t->numbers - 1][node];
}

static void place_node(struct maker *m, uint32_t node)
{
    uint32_t parent = m->place[m->t->nodes[node].parent];
    uint64_t width = tree_width(m->t, node);
    if (width == 0)
        leave_out(m, node, LAYOUT_GONE);
    else if (!is_drawn(parent))
        leave_out(m, node, (enum layout_reason)(parent - place_reasons));
    else if (m->l->frames[parent].row + 1 == LAYOUT_ROWS)
        leave_out(m, node, LAYOUT_DEEP);
    else if (width < m->least)
        leave_out(m, node, LAYOUT_NARROW);
    else
        add_frame(m, node, parent, m->l->frames[parent].row + 1);
}

/* False if there are too many frames of that width. */
static bool choose(struct maker *m, unsigned tenths)
{
    struct layout *l = m->l;
    l->n = l->rows = 0;
    l->tenths = tenths;
    memset(l->left_out, 0, sizeof l->left_out);
    m->least = least_value(m->t, tenths);
    add_frame(m, 0, 0, 0);
    for (uint32_t node = 1; node < m->t->n && l->n <= LAYOUT_FRAMES_MAX; node++)
        place_node(m, node);
    return l->n <= LAYOUT_FRAMES_MAX;
}

/* Order ---------------------------------------------------------------------------------------- */

/* A frame while its row is sorted; parent is the final index. */
struct sorted {
    struct slice name;
    struct frame frame;
    uint32_t was;
};

static int by_parent_and_name(const void *x, const void *y)
{
    const struct sorted *a = x, *b = y;
    if (a->frame.parent != b->frame.parent)
        return a->frame.parent < b->frame.parent ? -1 : 1;
    return slice_cmp(a->name, b->name);
}

/* Where each row begins, counted from how many frames it has. */
static uint32_t *row_starts(const struct layout *l)
{
    uint32_t *starts = mem_zalloc(l->rows + 1, sizeof *starts);
    for (uint32_t i = 0; i < l->n; i++)
        starts[l->frames[i].row + 1]++;
    for (unsigned row = 0; row < l->rows; row++)
        starts[row + 1] += starts[row];
    return starts;
}

/* All frames with their names, by rows; within a row in any order. */
static struct sorted *by_rows(const struct maker *m, const uint32_t *starts)
{
    const struct layout *l = m->l;
    struct sorted *all = mem_alloc(l->n * sizeof *all);
    uint32_t *next = mem_dup(starts, (l->rows + 1) * sizeof *next);
    for (uint32_t i = 0; i < l->n; i++) {
        const struct frame *f = &l->frames[i];
        all[next[f->row]++] = (struct sorted){tree_name(m->t, f->node), *f, i};
    }
    free(next);
    return all;
}

/* Row by row, as the order of a row hangs on that of the row below it. */
static void sort_rows(struct maker *m)
{
    struct layout *l = m->l;
    uint32_t *starts = row_starts(l), *now = mem_alloc(l->n * sizeof *now);
    struct sorted *all = by_rows(m, starts);
    for (unsigned row = 0; row < l->rows; row++) {
        uint32_t first = starts[row], end = starts[row + 1];
        for (uint32_t i = first; row && i < end; i++)
            all[i].frame.parent = now[all[i].frame.parent];
        qsort(all + first, end - first, sizeof *all, by_parent_and_name);
        for (uint32_t i = first; i < end; i++) {
            now[all[i].was] = i;
            m->place[all[i].frame.node] = i;
            l->frames[i] = all[i].frame;
        }
    }
    free(starts);
    free(now);
    free(all);
}

/* Places --------------------------------------------------------------------------------------- */

static void set_starts(struct layout *l, const struct tree *t)
{
    for (uint32_t i = 1; i < l->n; i++) {
        struct frame *f = &l->frames[i], *left = f - 1;
        bool first = left->row != f->row || left->parent != f->parent;
        f->start = first ? l->frames[f->parent].start : left->start + tree_width(t, left->node);
    }
}

static void set_selfs(const struct maker *m)
{
    struct frame *frames = m->l->frames;
    for (uint32_t i = 0; i < m->l->n; i++)
        frames[i].self = m->t->nodes[frames[i].node].self[m->t->numbers - 1];
}

void layout_make(struct layout *l, const struct tree *t)
{
    struct maker m = {.t = t, .l = l};
    *l = (struct layout){0};
    m.place = mem_alloc(t->n * sizeof *m.place);
    for (unsigned tenths = 1; !choose(&m, tenths);)
        tenths *= 2;
    sort_rows(&m);
    set_starts(l, t);
    set_selfs(&m);
    free(m.place);
}

void layout_free(struct layout *l)
{
    free(l->frames);
    *l = (struct layout){0};
}
