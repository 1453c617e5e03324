/* partners - the calls that launched GPU activity, and the flows from one to the other
 *
 * A call belongs to activity of its part with the same correlation, or, where the activity has
 * none, with the same external id (lib/link/LINKING.md, R1 to R3); flows of category ac2g have the
 * correlation as their id.
 */
#ifndef TRS_PARTNERS_H
#define TRS_PARTNERS_H

#include "base/ids.h"
#include "format/stream.h"

/* All zero: there is no activity. */
struct partners {
    /* private */
    struct partners_part {
        struct ids correlations, external_ids;
    } * parts;
    size_t nparts;
};

/* An activity whose partners are wanted. The batch has columns. */
void partners_add(struct partners *p, const struct stream *s, const struct batch *b, uint32_t row,
                  const struct record *r);
void partners_settle(struct partners *p); /* after the last of them */

/* True if the record is a partner. */
bool partners_has(const struct partners *p, const struct stream *s, const struct batch *b,
                  uint32_t row, const struct record *r);

void partners_free(struct partners *p);

#endif
