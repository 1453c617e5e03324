/* hold - all records of a stream, kept, with ids of the writer that they will go to
 *
 * What launched a kernel may stand behind it in a stream, and what nests around that anywhere. So
 * who links reads all before he writes anything. The names and tracks of the writer must not start
 * anew meanwhile (no writer_begin).
 *
 * Takes 32 bytes a record, and what its columns take; they are kept as they came.
 */
#ifndef TRS_HOLD_H
#define TRS_HOLD_H

#include "format/copy.h"

struct held_frame {
    uint32_t part, kind, n; /* n > 0 */
    uint64_t first;         /* its first record is number `first` of the kind */
    struct held_column {
        uint8_t *payload;
        uint32_t length;
    } columns[COLUMNS];
};

struct hold {
    struct copy copy;
    struct held_frame *frames; /* after hold_sort: by part, then kind, then as they came */
    size_t n;

    /* private */
    size_t cap;
    struct hold_kind {
        uint8_t *rows;
        size_t n, cap; /* bytes */
    } kinds[KINDS];
};

/* Number of the record of a kind; the most that a kind may have. */
#define HOLD_MAX ((uint64_t)1 << 30)

/* w gets the names and tracks. */
void hold_open(struct hold *h, struct writer *w);

/* Keeps a batch, with its columns but those that a filter before us linked. Returns the number of
 * its first record among those of the kind. -1 where they are more than HOLD_MAX. */
int hold_records(struct hold *h, const struct stream *s, const struct batch *b, uint64_t *first,
                 struct err *e);

/* When all are there. */
void hold_sort(struct hold *h);

/* The frames of a part and kind, n of them; NULL if there are none. */
const struct held_frame *hold_frames(const struct hold *h, uint32_t part, unsigned kind, size_t *n);

/* Of n such frames the index of the one that the record with this number stands in. */
size_t held_find(const struct held_frame *f, size_t n, uint64_t number);

/* A record by its number, and the value of a number column; false if it has none. */
static inline const uint8_t *hold_row(const struct hold *h, unsigned kind, uint64_t number)
{
    return h->kinds[kind].rows + number * RECORD_BYTES;
}

static inline struct record hold_record(const struct hold *h, unsigned kind, uint64_t number)
{
    return record_get(hold_row(h, kind, number));
}

bool held_number(const struct held_frame *f, unsigned column, uint32_t row, uint64_t *value);

/* Tracks and names by the writer's ids; borrowed. */
struct track hold_track(const struct hold *h, uint32_t track);
struct slice hold_name(const struct hold *h, enum role role, uint32_t name);

/* The counts of what is held, counted anew (what the sender of a stream says in its end mark is not
 * to be announced for him), and of what that says was lost, in words of the writer; after
 * hold_sort. Records of kinds of later versions, which are not held, are skipped. The caller frees
 * the rows. */
struct totals hold_totals(const struct hold *h, const struct stream *s);

void hold_close(struct hold *h);

#endif
