/* scale_axis - the axes of a picture in logarithms, as lines for gnuplot
 *
 * Private to lib/table.
 */
#ifndef TRS_SCALE_AXIS_H
#define TRS_SCALE_AXIS_H

#include "table/scale.h"

/* Appends text that is fit to be shown as a string of gnuplot, in which nothing has a meaning. */
void scale_axis_quote(struct buf *out, struct slice text);

/* The sizes, with a tick at each. */
void scale_axis_x(struct buf *out, const struct scale *s);

/* Figures from e^low to e^high, as times if the name of the metric says that they are. */
void scale_axis_y(struct buf *out, double low, double high, struct slice metric);

#endif
