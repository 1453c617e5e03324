/* index_check - an index held against itself, to its last byte
 *
 * A load checks what it uses of an index. This reads all of it: every record is what its extent,
 * its track and the counts say, and no byte lies between the pieces.
 */
#ifndef TRS_INDEX_CHECK_H
#define TRS_INDEX_CHECK_H

#include "format/index.h"

/* An index as index_open left it. -1 with what is wrong. */
int index_check(struct index *ix, struct err *e);

#endif
