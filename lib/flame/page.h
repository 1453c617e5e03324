/* page - a flame graph in a page of HTML, with a table under it
 *
 * The table has the frames with the largest self values, frames of the same name added up: 20 of
 * them, or of a difference those after.
 */
#ifndef TRS_FLAME_PAGE_H
#define TRS_FLAME_PAGE_H

#include "flame/svg.h"

enum { PAGE_TOP = 20 };

int page_write(const struct picture *p, struct output *out, struct err *e);

#endif
