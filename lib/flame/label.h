/* label - a name made to fit its frame
 *
 * flame.js does the same again when a frame changes its width; t/62-flame.t compares the two.
 */
#ifndef TRS_FLAME_LABEL_H
#define TRS_FLAME_LABEL_H

#include "base/buf.h"

enum { LABEL_COLUMNS_MIN = 4 }; /* below them there is no label */

/* Appends, as markup, what of the name fits the columns: all of it; else, of a Python file, without
 * the folders before it; else cut at a character, with ".." behind. */
void label_add(struct buf *out, struct slice name, size_t columns);

#endif
