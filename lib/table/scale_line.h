/* scale_line - the straight line through logarithms of sizes and of figures */
#ifndef TRS_SCALE_LINE_H
#define TRS_SCALE_LINE_H

#include "base/bytes.h"

struct scale_line {
    double exponent, r2;       /* its slope; R² is 1 where all figures are the same */
    double min_pair, max_pair; /* the slopes through any two points of different sizes */
    double ln_at_one;          /* where it passes size 1 */
};

/* Of n points, two of which differ in x: through both if they are all, else by least squares. */
void scale_line_fit(struct scale_line *line, const double *x, const double *y, uint32_t n);

#endif
