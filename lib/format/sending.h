/* sending - between writer.c and writer_names.c; private */
#ifndef TRS_SENDING_H
#define TRS_SENDING_H

#include "format/writer.h"

/* A frame whose checks are still to be made. */
void sending_frame(struct writer *w, struct frame f);

/* What the frames that follow may point to. */
void sending_names(struct writer *w);

#endif
