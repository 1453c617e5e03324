/* colour - what a frame is, told from its name, and the colour it gets
 *
 * The category gives the hue, a hash of the name the shade: a name has the same colour in every
 * picture. All fills are light enough for dark text (a contrast of 4.5 or more).
 */
#ifndef TRS_FLAME_COLOUR_H
#define TRS_FLAME_COLOUR_H

#include "base/bytes.h"

enum category {
    CAT_ALL, /* the root */
    CAT_PYTHON,
    CAT_MODULE,
    CAT_ANNOTATION,
    CAT_OPERATOR,
    CAT_RUNTIME,
    CAT_GPU_GEMM,
    CAT_GPU_ATTENTION,
    CAT_GPU_COMM,
    CAT_GPU_MEMORY,
    CAT_GPU_REDUCTION,
    CAT_GPU_ELEMENTWISE,
    CAT_GPU_OTHER,
    CAT_KERNEL, /* of the operating system */
    CAT_JIT,
    CAT_INLINED,
    CAT_CXX,
    CAT_NATIVE,
    CATEGORIES
};

/* What the frame is that stands on one of the category `below`: what a launch or an operator calls
 * and nobody knows is a GPU's kernel. */
enum category colour_category(struct slice name, enum category below);

const char *colour_category_name(enum category c);

/* As 0xRRGGBB. */
uint32_t colour_of(enum category c, struct slice name);
uint32_t colour_plain(enum category c); /* the middle shade, for the legend */

/* Red where `now` is larger, blue where it is smaller, the deeper the nearer the change comes to
 * the largest one. */
uint32_t colour_of_change(uint64_t before, uint64_t now, uint64_t largest);

#endif
