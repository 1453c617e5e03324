/* scale_plot - a picture of how figures grow: points and lines in logarithms, drawn by gnuplot */
#ifndef TRS_SCALE_PLOT_H
#define TRS_SCALE_PLOT_H

#include "base/err.h"
#include "table/scale.h"

enum { SCALE_PLOT_PANELS = 4, SCALE_PLOT_LINES = 8, SCALE_PLOT_NAME = 60 };

/* Appends an SVG of the given rows, n numbers of s->rows in the order of its legends: a panel for
 * each of the first metrics, in each the rows with the largest totals. Rows that are undefined, or
 * whose figures a double does not hold, are left out; where no row is left the picture says so. -1:
 * gnuplot is not there, or fails. */
int scale_plot(const struct scale *s, const size_t *rows, size_t n, struct buf *svg, struct err *e);

#endif
