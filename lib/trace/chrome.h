/* chrome - Chrome trace JSON: an object with traceEvents, or a bare array of events
 *
 * Written by PyTorch's Kineto for GPUs of NVIDIA, AMD and others, by py-spy, viztracer, Chrome.
 * Everything but traceEvents is kept as metadata. An object with "rocprofiler-sdk-tool" goes on
 * to rocprof.h.
 */
#ifndef TRS_CHROME_H
#define TRS_CHROME_H

#include "trace/source.h"

/* Reads the whole of s->in. Losses and damage are noted in s. -1 with e filled: reading failed, or
 * this is no trace. */
int chrome_read(struct source *s, struct err *e);

#endif
