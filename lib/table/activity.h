/* activity - the GPU activity of streams as a whole
 *
 * busy = |U(all)| and span = last end - first start (DEFINITIONS.md 2) of each part by itself,
 * since every part has a clock of its own; over parts and streams they add up. Takes 16 bytes for
 * each interval in which the GPU is busy without a gap.
 */
#ifndef TRS_ACTIVITY_H
#define TRS_ACTIVITY_H

#include "format/stream.h"
#include "table/interval.h"

struct activity {
    uint64_t count;
    wide total_ns;         /* sum of durations */
    wide other_ns;         /* of those whose op is Other, or that have no label */
    bool labelled;         /* one of the streams had labels; else other_ns is 0 */
    wide busy_ns, span_ns; /* of the streams that have ended */

    /* private */
    struct activity_part {
        uint32_t part;
        struct interval_set set;
    } * parts;
    size_t nparts, parts_cap;
    wide *name_ns; /* of GPU name i at i, since ids had their meaning */
    size_t names_cap;
};

/* The callbacks of a sink; batches of other kinds than GPU activity are passed over. */
void activity_records(struct activity *a, const struct stream *s, const struct batch *b);
void activity_forget(struct activity *a, const struct stream *s);
void activity_end(struct activity *a, const struct stream *s);

void activity_free(struct activity *a);

#endif
