/* health - what is odd about the records of a trace, for the warnings of trace-info
 *
 * To tell overlaps and links exactly, it keeps 24 bytes for each GPU activity (start, end,
 * correlation) and 8 for each runtime event (correlation) until the end of its stream.
 */
#ifndef TRS_HEALTH_H
#define TRS_HEALTH_H

#include "format/stream.h"
#include "table/interval.h"

/* A duration above this is called absurd: profiles last seconds or minutes, overflown counters
 * give centuries. */
#define HEALTH_ABSURD_NS (INT64_C(3600) * 1000 * 1000 * 1000)

struct health {
    uint64_t python, phases; /* python events; annotations that name a phase (DEFINITIONS.md 5) */
    uint64_t unnamed;        /* intervals without a name */
    uint64_t absurd;         /* intervals longer than HEALTH_ABSURD_NS */
    int64_t longest_ns;
    uint64_t devices;  /* distinct devices of GPU activity, those of each part apart */
    uint64_t unlinked; /* GPU activity whose correlation no runtime event of its part has */
    uint64_t overlaps; /* GPU activity that starts before an earlier one of its stream ends */
    wide span_ns;      /* last end - first start of all events but metadata, part by part */

    /* private, of the stream at hand */
    struct health_part *parts;
    size_t nparts, parts_cap;
    struct strtab names, device_names; /* of GPU streams and devices, with their part */
    struct health_stream *streams;     /* of stream name i at i - 1 */
    size_t streams_cap;
    uint32_t *stream_of; /* of track i at i; 0 where not known yet */
    size_t tracks_cap;
    uint32_t tracks_part; /* the part that stream_of holds for */
};

/* The callbacks of a sink of all kinds. */
void health_records(struct health *h, const struct stream *s, const struct batch *b);
void health_forget(struct health *h);
void health_end(struct health *h);

void health_free(struct health *h);

#endif
