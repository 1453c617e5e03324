/* group - records counted and added up by keys
 *
 * The three callbacks of a sink, and the groups at the end:
 *
 *     records  ->  cells      by the ids that records carry: one look-up a record
 *     forget   ->  pending    cells of the stream, by what the ids stand for, and part
 *     end      ->  groups     of all streams, by the texts of the keys
 *
 * Ids become texts only when they are about to lose their meaning: labels may follow the records
 * that they hold for, and a part's rank may come last. Takes 4 to 6 bytes a record that is
 * grouped (values.h), and about 250 and the texts of its keys for each group.
 *
 * With `unite` the durations of a group are those of launching instances: how long any activity of
 * the instance ran, within the group. That is known at the end of a stream (spans.h).
 */
#ifndef TRS_GROUP_H
#define TRS_GROUP_H

#include "table/links.h"
#include "table/spans.h"

/* Groups by the bytes of their keys; group i has key i + 1 of the table. */
struct group_map {
    struct strtab keys;
    struct values *values;
    size_t cap;
    struct spans *spans; /* with unite */
    size_t spans_cap;
    uint64_t *calls; /* of profiles */
    size_t calls_cap;
};

struct rules;

struct grouping {
    struct keys keys; /* what is grouped by */
    bool linked_only; /* only GPU activity that TraceLens would link too */
    bool unite;       /* the two, and keys of links, need streams with columns */

    /* Says of a track whether its records count; asked once for each track. */
    bool (*wants)(void *ctx, const struct stream *s, const struct track *t);
    void *ctx;

    struct rules *rules; /* what labels records of profiles by their names */

    struct group_map groups; /* the result, after the last stream */
    uint64_t *records;       /* with unite: of group i, what its values are made from */

    /* private */
    struct group_cells {
        struct group_cell *at;
        uint32_t n;
        size_t cap;
        struct spans *spans; /* of cell i at i, with unite */
        size_t spans_cap;
        uint32_t *slots; /* open addressing: index of a cell plus 1, 0 for free */
        size_t nslots;   /* a power of two */
    } cells;
    struct group_map pending;
    struct links links;
    uint8_t *verdicts; /* of track i at i: what wants() said */
    size_t verdicts_cap, records_cap;
    struct buf stack;
};

/* Adds the records of a batch whose track is wanted; those of a profile all, and their calls, which
 * are 1 for a stack. */
void group_records(struct grouping *g, const struct stream *s, const struct batch *b);

/* Before ids lose their meaning, and at the end of a stream. */
void group_forget(struct grouping *g, const struct stream *s);
void group_end(struct grouping *g, const struct stream *s);

/* The texts of group i of g->groups, in the order of the keys; borrowed until the next call. */
void group_texts(struct grouping *g, uint32_t i, struct slice texts[KEYS]);

void group_free(struct grouping *g);

#endif
