/* pull - one piece of JSON after the other out of a sliding window
 *
 * A piece (a key, a value, a whole event) is read by a function over the bytes that are at hand.
 * If they end first, more are fetched and the function starts again at the same place; what it
 * filled in before does not count. So the functions know nothing of blocks and pipes.
 */
#ifndef TRS_PULL_H
#define TRS_PULL_H

#include "trace/source.h"

enum pull {
    PULL_ERROR = -1, /* reading failed: e is filled */
    PULL_END,        /* the bytes end inside the piece */
    PULL_OK,         /* the piece was read and passed */
    PULL_BAD,        /* no JSON; the window stays before the piece */
    PULL_LONG        /* the piece does not fit the window; likewise */
};

/* Where and why a PULL_BAD, PULL_END or PULL_LONG came. */
struct pull_fault {
    size_t at;    /* bytes from in.p */
    size_t tried; /* bytes that were read in vain */
    const char *why;
};

typedef bool pull_piece(struct json_cursor *c, void *ctx);

/* Runs piece at s->in.p, with at most max bytes. */
enum pull pull(struct source *s, pull_piece *piece, void *ctx, size_t max, struct pull_fault *fault,
               struct err *e);

/* Passes spaces (and commas, if so). PULL_OK with a byte at hand, PULL_END, PULL_ERROR. */
enum pull pull_space(struct source *s, bool commas, struct err *e);

/* Passes a value of any size without holding it. */
enum pull pull_skip(struct source *s, struct pull_fault *fault, struct err *e);

/* The next key of an object that is being walked piece by piece; *first is true before the first
 * member and is kept here. Decoded into key. PULL_OK, and *done if the object is closed. */
enum pull pull_key(struct source *s, bool *first, struct buf *key, bool *done,
                   struct pull_fault *fault, struct err *e);

#endif
