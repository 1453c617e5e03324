/* buf - bytes that grow
 *
 * A struct buf that is all zero is empty and ready. buf_free makes it so again.
 */
#ifndef TRS_BUF_H
#define TRS_BUF_H

#include "base/bytes.h"

struct buf {
    uint8_t *p;
    size_t n;   /* bytes in use */
    size_t cap; /* bytes there is room for */
};

/* Makes room for `more` bytes behind the ones in use and returns where they start; n stays. */
uint8_t *buf_room(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_pad8(struct buf *b); /* zeros up to a multiple of 8 bytes */
void buf_free(struct buf *b);

static inline struct slice buf_slice(const struct buf *b)
{
    return slice_of(b->p, b->n);
}

#endif
