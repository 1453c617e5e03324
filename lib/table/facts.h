/* facts - what traces say of themselves, for trace-info
 *
 * Gathered from the metadata of the parts at the end of each stream; each fact holds the distinct
 * values of all parts in their order. The platform of a part (DEFINITIONS.md 1) is amd if
 * roctracer_version is set, a device has warpSize 64, the format is rocprofv3 or runtime events are
 * called hip*; else nvidia by runtime events cuda* or cu[A-Z]* or the name of a device; else mtia
 * by a category mtia_*; else unknown. A part with records of a profile has no platform, but a kind
 * of weight.
 */
#ifndef TRS_FACTS_H
#define TRS_FACTS_H

#include "format/stream.h"

enum fact {
    FACT_PLATFORM,
    FACT_GPU, /* names of the devices in deviceProperties, used or not */
    FACT_RANKS,
    FACT_FORMAT,   /* chrome, rocprofv3, cprofile, callgrind, ... */
    FACT_WEIGHT,   /* ns, samples or bytes: what times of a profile are */
    FACT_BASE,     /* baseTimeNanoseconds */
    FACT_VERSIONS, /* from here on: metadata as it stands, keys in facts_key */
    FACTS = FACT_VERSIONS + 9
};

struct facts {
    struct strtab values[FACTS];

    /* private: what the stream at hand told of its parts, by part */
    struct facts_part {
        bool there, hip, cuda, mtia, profile;
    } * parts;
    size_t cap;
};

/* The name of a fact as trace-info prints it. */
const char *facts_key(unsigned fact);

/* Runtime events (KIND_RUNTIME): their names tell the platform. */
void facts_runtime(struct facts *f, const struct stream *s, const struct batch *b);

void facts_end(struct facts *f, const struct stream *s);

void facts_free(struct facts *f);

#endif
