/* indexes - the index of a trace: found, or made while the trace is read */
#ifndef TRS_INDEXES_H
#define TRS_INDEXES_H

#include "format/index_make.h"
#include "trace/source.h"

/* True if a file that was opened by this name can have an index: a regular one with bytes in it. */
bool indexes_can(const struct input *in, const char *name);

/* -1 if what has this name can have none, told before it is opened: a FIFO would wait. What is not
 * there passes. */
int indexes_may(const char *name, struct err *e);

/* Opens the index at a path if it is a valid one of an open trace. *there as index_open has it. */
int indexes_open(struct index *ix, const char *path, const struct input *in, bool *there,
                 struct err *e);

/* Opens the valid index of an open trace, wherever it may lie (index_place.h). -1 with the reason:
 * that of the last index that is there but not valid, else that there is none. */
int indexes_find(struct index *ix, const struct input *in, const char *dir, struct err *e);

/* Begins an index for an open trace; from now on what w writes goes into it. NULL if it cannot be
 * made. */
struct index_maker *indexes_begin(const struct input *in, const char *dir, struct writer *w,
                                  struct err *e);

/* The trace has been read whole: ends what indexes_begin began. */
void indexes_seal(struct index_maker *m, struct source *s);

#endif
