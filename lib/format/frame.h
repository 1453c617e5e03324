/* frame - heads of frames and their checksums (FORMAT.md) */
#ifndef TRS_FRAME_H
#define TRS_FRAME_H

#include "base/err.h"
#include "format/record.h"

struct frame {
    unsigned type;  /* enum frame_type, or one of a later version */
    unsigned sub;   /* role, kind or column */
    unsigned flags; /* enum frame_flag */
    uint32_t part;
    uint32_t rows;
    uint32_t length;        /* bytes of payload */
    uint64_t check;         /* of the payload */
    const uint8_t *payload; /* borrowed */
};

/* The 16 bytes that a stream begins with. */
void header_put(uint8_t *p);
int header_check(const uint8_t *p, struct err *e);

/* Writes the head for a frame whose payload is f->payload; computes both checks. */
void frame_put(uint8_t *head, const struct frame *f);

/* Reads a head; the payload pointer is left alone. -1 if its check or its length is wrong. */
int frame_get(const uint8_t *head, struct frame *f, struct err *e);

/* Checks payload checksum, that rows fit the length, by type, and the status of CONTENTS and END;
 * after this every row may be read. For types that this version does not know, the checksum alone.
 */
int frame_verify(const struct frame *f, struct err *e);

/* Walks the rows of a STRINGS or KEYS frame that was verified: string i. *at is 0 before the
 * first and is moved on. */
struct slice frame_string(const struct frame *f, uint32_t i, size_t *at);

/* Walks the rows of a META frame that was verified. */
void frame_meta(const struct frame *f, size_t *at, struct slice *key, struct slice *value);

/* Values of a COLUMN frame that was verified. */
bool frame_number(const struct frame *f, uint32_t row, uint64_t *value);
struct slice frame_text(const struct frame *f, uint32_t row);

#endif
