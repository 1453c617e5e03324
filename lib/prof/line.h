/* line - text, line by line out of a window */
#ifndef TRS_LINE_H
#define TRS_LINE_H

#include "base/progress.h"
#include "io/input.h"

/* The next line without its newline, borrowed until the next: 1, or 0 at the end, or -1. Where the
 * bytes are cut off, as in->damage then says, a torn last line is left out. number is that of the
 * line, from 1, for messages. */
int line_next(struct input *in, struct progress *progress, uint64_t number, struct slice *line,
              struct err *e);

/* Passes a BOM. */
void line_begin(struct input *in);

#endif
