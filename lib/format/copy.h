/* copy - ids of one stream as ids of another
 *
 * Names, words, tracks, stacks and links of a stream that is read are interned in a writer when
 * they are used first; each is looked up once. Where either side starts a table anew, what was
 * known is forgotten.
 */
#ifndef TRS_COPY_H
#define TRS_COPY_H

#include "format/stream.h"
#include "format/writer.h"

/* An id of the reader that is noted to be sent, but has none of the writer yet. */
#define COPY_NOTED UINT32_MAX

struct copy {
    struct writer *w;
    bool labelled; /* GPU names with the same bytes but two ids stay two: each has its own label */
    struct copy_ids {
        uint32_t *ids; /* of the writer, by those of the reader; 0 or COPY_NOTED: none yet */
        size_t cap;
    } names[2], tracks, stacks, links; /* names by role: gpu, host */

    /* private */
    uint32_t *chain; /* room for copy_stack */
    size_t chain_cap;
    unsigned epoch_writer, epoch_names, epoch_tracks, epoch_links;
};

void copy_begin(struct copy *c, struct writer *w);

/* Before the records of a batch: room for all ids that they may use. After writer_begin. */
void copy_keep_up(struct copy *c, const struct stream *s);

/* The writer's id for one of the reader's; 0 stays 0. */
uint32_t copy_name_new(struct copy *c, const struct stream *s, enum role role, uint32_t id);
uint32_t copy_track_new(struct copy *c, const struct stream *s, uint32_t id);
uint32_t copy_stack(struct copy *c, const struct stream *s, uint32_t id);
uint32_t copy_link(struct copy *c, const struct stream *s, uint32_t id);
uint32_t copy_word(struct copy *c, const struct stream *s, uint32_t id);

static inline bool copy_known(uint32_t id)
{
    return id != 0 && id != COPY_NOTED;
}

static inline uint32_t copy_name(struct copy *c, const struct stream *s, enum role role,
                                 uint32_t id)
{
    uint32_t known = c->names[role].ids[id];
    return id == 0 || copy_known(known) ? known : copy_name_new(c, s, role, id);
}

static inline uint32_t copy_track(struct copy *c, const struct stream *s, uint32_t id)
{
    uint32_t known = c->tracks.ids[id];
    return copy_known(known) ? known : copy_track_new(c, s, id);
}

void copy_end(struct copy *c);

#endif
