/* rows - events read before it is their turn
 *
 * A stretch of events becomes rows, with names and contexts in tables of its own and without a look
 * at what came before. So stretches can be read by several threads; when the turn of one comes,
 * its rows are written, and the numbers of its tables become those of the stream. The stream is
 * the same as if each event had gone to source_event in its turn.
 *
 * Only whole, well-formed events that become records become rows. What is lost, torn, very long, or
 * the begin or end of an interval has to wait for its turn.
 */
#ifndef TRS_ROWS_H
#define TRS_ROWS_H

#include "trace/context.h"
#include "trace/shape.h"

enum {
    ROWS_EVENT_MAX = 64 * 1024, /* bytes of an event */
    ROWS_WAITING = 32
};

struct rows {
    const struct selection *select;

    /* Of the rows at hand: */
    struct row {
        int64_t start_ns, dur_ns;
        uint64_t correlation;
        uint32_t name, context;
    } * list;
    size_t n;
    struct buf columns;    /* values in the order of the rows that have them: 8 bytes each, of args
                            * the length and then the bytes */
    uint64_t unselected;   /* events that were read and left out */
    uint64_t events_bytes; /* of all events that were read, without what stands between them */

    /* private */
    size_t cap;
    uint64_t gap, gap_mask; /* what stood before the last event, and its bracket, */
    size_t gap_n;           /* so many bytes without the bracket */
    struct shapes shapes;
    struct event_scratch scratch;
    uint64_t credit; /* bytes that may still be read in vain */
    struct buf key;
    struct strtab names[2]; /* of ROLE_GPU and ROLE_HOST */
    struct rows_waiting {
        struct slice name;
        size_t row;
        uint32_t hash;
        enum role role;
    } waiting[ROWS_WAITING]; /* names without a number yet */
    unsigned nwaiting;
    struct strtab contexts; /* keys */
    struct rows_context {
        struct context own, stream; /* of its own selection; of the stream, once it was needed */
        bool sent;
    } * context_rows;
    size_t context_cap;
    uint32_t *sent[2]; /* the numbers of names in the stream, 0 for not sent yet */
    size_t sent_cap[2];
    unsigned epoch; /* of the stream, in which these are valid */
    uint32_t part;
};

enum rows_stop {
    ROWS_LIMIT, /* the next event begins at `limit` or behind it; never if limit is NULL */
    ROWS_MORE,  /* the bytes end, perhaps inside an event */
    ROWS_FULL,  /* too many contexts, see rows_clear */
    ROWS_TURN,  /* an event that has to wait for its turn; it ends at `after` */
    ROWS_BAD    /* something else */
};

void rows_init(struct rows *r, const struct selection *select);

/* Reads events from c on, and the commas and spaces between them. c stops before the event that is
 * named by the result. */
enum rows_stop rows_read(struct rows *r, struct json_cursor *c, const uint8_t *limit,
                         const uint8_t **after);

/* A place among the rows, to write them from one to the next. */
struct rows_mark {
    size_t row, column;
    uint64_t unselected, events_bytes;
};
struct rows_mark rows_mark(const struct rows *r);

/* Writes the rows between two marks. */
void rows_write(struct rows *r, struct rows_mark from, struct rows_mark to, struct source *s);

/* Forgets the rows; keeps what was learned, as long as it is not too much. */
void rows_clear(struct rows *r);
void rows_free(struct rows *r);

#endif
