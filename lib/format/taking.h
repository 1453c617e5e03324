/* taking - between stream.c and stream_names.c; private */
#ifndef TRS_TAKING_H
#define TRS_TAKING_H

#include "format/stream.h"

/* A message that says where the stream is wrong; -1. */
int taking_bad(const struct stream *s, struct err *e, const char *what);

#endif
