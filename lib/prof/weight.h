/* weight - what times in the records of a profile are
 *
 * The metadata `weight` of a part says it: ns (also where it is not there), bytes, or samples.
 * 1,000 ns stand for a byte or a sample.
 */
#ifndef TRS_WEIGHT_H
#define TRS_WEIGHT_H

#include "format/stream.h"

enum weight { WEIGHT_NONE, WEIGHT_NS, WEIGHT_SAMPLES, WEIGHT_BYTES };

/* At the end of a stream: what those of its parts are that have records of a profile. *w is what
 * they were so far, WEIGHT_NONE at first. -1 if they are of several kinds, which are no sum. */
int weight_end(enum weight *w, const struct stream *s, struct err *e);

/* "samples"; of WEIGHT_NONE "ns". */
const char *weight_unit(enum weight w);

#endif
