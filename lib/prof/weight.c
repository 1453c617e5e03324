#include "prof/weight.h"

static enum weight weight_of(const struct stream *s, uint32_t part)
{
    struct slice json = parts_get(&s->parts, part, "weight");
    return json.n == 0 || slice_is(json, "\"ns\"") ? WEIGHT_NS
           : slice_is(json, "\"bytes\"")           ? WEIGHT_BYTES
                                                   : WEIGHT_SAMPLES;
}

int weight_end(enum weight *w, const struct stream *s, struct err *e)
{
    for (uint32_t i = 0; i < s->totals.nrows; i++) {
        const struct tally *row = &s->totals.rows[i];
        if (row->events == 0 || !kinds_have(KINDS_PROFILE, row->kind))
            continue;
        enum weight of = weight_of(s, row->part);
        if (*w != WEIGHT_NONE && of != *w)
            return err_set(e, ST_FAILED,
                           "%s: weights of several kinds, %s and %s, which add up to nothing; "
                           "trace-cut --rank N keeps one part of a stream",
                           s->reader.in.name, weight_unit(*w), weight_unit(of));
        *w = of;
    }
    return 0;
}

const char *weight_unit(enum weight w)
{
    return w == WEIGHT_BYTES ? "bytes" : w == WEIGHT_SAMPLES ? "samples" : "ns";
}
