/* picture - a flame graph, and what is said of it
 *
 * The texts of svg.c and page.c, as markup. With two numbers a line a picture is a difference: its
 * widths are those after, and everything is said of both.
 */
#ifndef TRS_FLAME_PICTURE_H
#define TRS_FLAME_PICTURE_H

#include "flame/layout.h"
#include "flame/unit.h"

struct picture {
    const char *title;
    struct unit unit;
    const struct tree *tree;     /* with its totals */
    const struct layout *layout; /* NULL: there is nothing to draw */
    uint64_t stacks;             /* lines that were read */
};

static inline bool picture_is_difference(const struct picture *p)
{
    return p->tree->numbers == 2;
}

/* Of a node: the value before; the value after, or the only one. */
static inline uint64_t picture_before(const struct picture *p, uint32_t node)
{
    return p->tree->total[0][node];
}

static inline uint64_t picture_now(const struct picture *p, uint32_t node)
{
    return tree_width(p->tree, node);
}

/* The name of a node as it is shown: (unnamed) for an empty one. Not escaped. */
struct slice picture_name(const struct picture *p, uint32_t node);

/* Append a value; a change with its sign. */
void picture_add_value(struct buf *out, const struct picture *p, uint64_t value);
void picture_add_change(struct buf *out, const struct picture *p, uint64_t before, uint64_t now);

/* Append the sum of all: 1.500 ms in 12 stacks. */
void picture_add_summary(struct buf *out, const struct picture *p);

/* Append name and figures of frame i, one a line, the name first. */
void picture_add_frame(struct buf *out, const struct picture *p, uint32_t i);

/* Append which frames are not drawn, or nothing. */
void picture_add_left_out(struct buf *out, const struct picture *p);

#endif
