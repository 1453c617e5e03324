/* span - a window of its own onto a file that another input reads
 *
 * For threads that read a part of a plain file ahead. Offsets are those of the input. The window
 * has a fixed size: what is held in it may be SPAN_HOLD bytes, no more.
 */
#ifndef TRS_SPAN_H
#define TRS_SPAN_H

#include "io/input.h"

enum { SPAN_HOLD = 64 * 1024 };

struct span {
    const uint8_t *p;   /* next unused byte; the reader's to move */
    const uint8_t *end; /* one past the bytes at hand */

    /* private */
    int fd;
    uint64_t file_off; /* of the input's first byte */
    uint64_t end_off;  /* of `end` */
    uint8_t *base;     /* SPAN_HOLD + INPUT_BLOCK bytes */
};

/* Memory for a window onto a file for which input_is_file is true. */
void span_init(struct span *s, const struct input *in);

/* Empties the window and goes to an offset. */
void span_seek(struct span *s, uint64_t off);

/* Reads more bytes behind end, up to offset `limit` if that lies behind it, else a few; p and end
 * may move. False if there are none, if they cannot be read, or if more than SPAN_HOLD are held. */
bool span_more(struct span *s, uint64_t limit);

static inline uint64_t span_offset(const struct span *s, const uint8_t *at)
{
    return s->end_off - (uint64_t)(s->end - at);
}

void span_free(struct span *s);

#endif
