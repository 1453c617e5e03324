/* copy - ids of one stream as ids of another
 *
 * Names, words, tracks, stacks and links of a stream that is read are interned in a writer when
 * they are used first; each is looked up once. Where either side starts a table anew, what was
 * known is forgotten.
 */
#ifndef TRS_COPY_H
#define TRS_COPY_H

#include "format/labels.h"
#include "format/stream.h"
#include "format/writer.h"

/* An id of the reader that is noted to be sent, but has none of the writer yet. */
#define COPY_NOTED UINT32_MAX

struct copy {
    struct writer *w;
    struct copy_ids {
        uint32_t *ids; /* of the writer, by those of the reader; 0 or COPY_NOTED: none yet */
        size_t cap;
    } names[2], tracks, stacks, links; /* names by role: gpu, host */

    /* Set by the caller after copy_begin, if wanted. */
    struct labels *labels; /* GPU names keep their labels, and stay apart where these differ */
    bool apart; /* or GPU names stay apart in any case, and labels are the caller's business */
    struct slice (*rename)(void *ctx, enum role role, struct slice name); /* until the next call */
    void *ctx;
    uint64_t instances; /* is added to the numbers of instances */

    uint64_t instances_next; /* above all numbers of instances so far; 0: there was none */
    bool instances_wrong;    /* one did not fit */

    /* private */
    uint32_t *chain; /* room for copy_stack */
    size_t chain_cap;
    unsigned epoch_writer, epoch_names, epoch_tracks, epoch_links;
};

void copy_begin(struct copy *c, struct writer *w);

/* Before the records of a batch: room for all ids that they may use. After writer_begin. */
void copy_keep_up(struct copy *c, const struct stream *s);

/* Records with all their columns. Before each row: a writer's table that is full starts anew. */
void copy_renew(struct copy *c, const struct stream *s);
static inline void copy_ready(struct copy *c, const struct stream *s)
{
    if (c->w->full)
        copy_renew(c, s);
}
void copy_record(struct copy *c, const struct stream *s, const struct batch *b, uint32_t row,
                 struct record r);

/* Before the reader forgets (sink.forget), and at its end: labels that came late. */
void copy_settle(struct copy *c, const struct stream *s);

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
