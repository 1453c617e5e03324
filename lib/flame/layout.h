/* layout - which frames of a tree are drawn, and where
 *
 *   row 2   |  b  |c |
 *   row 1   |   a    |    d    |       a frame stands on its parent, children from the left,
 *   row 0   |       all        |       sorted by the bytes of their names
 *
 * A frame is as wide as its value. Those narrower than `tenths` tenths of a pixel, those above
 * LAYOUT_ROWS and those without a value are left out, with what stands on them; how many and how
 * much is told. They take no room: what is drawn stands together at the left of its parent.
 * The same tree gives the same layout, in whatever order its lines came.
 */
#ifndef TRS_FLAME_LAYOUT_H
#define TRS_FLAME_LAYOUT_H

#include "flame/tree.h"

enum {
    LAYOUT_WIDTH = 1180,      /* pixels of the root that narrow frames are measured by */
    LAYOUT_ROWS = 512,        /* rows that are drawn */
    LAYOUT_FRAMES_MAX = 50000 /* with more than these, `tenths` doubles until they are fewer; of
                                 100,000 a browser needs seconds to load and to zoom */
};

/* Why a node is not drawn. */
enum layout_reason { LAYOUT_NARROW, LAYOUT_DEEP, LAYOUT_GONE, LAYOUT_REASONS };

struct layout {
    struct frame {
        uint32_t node;
        uint32_t parent; /* index of a frame; of the root: itself */
        uint32_t row;
        uint64_t start; /* how far from the left, in units of value */
        uint64_t self;  /* what no child has, drawn or not */
    } * frames;         /* row by row from the root, each from the left */
    uint32_t n;
    unsigned rows;
    unsigned tenths; /* of a pixel: the least width, 1 or more */
    struct {
        uint64_t frames; /* how many */
        uint64_t value;  /* of the lowest of them: width, for LAYOUT_GONE the value before */
    } left_out[LAYOUT_REASONS];
};

/* The tree has its totals, and a width above zero. */
void layout_make(struct layout *l, const struct tree *t);
void layout_free(struct layout *l);

#endif
