/* pack - the records of a frame in about a third of their bytes (FORMAT.md, PACKED and NUMBERS)
 *
 * Field by field: the least value, and what each record has beyond it in as many bytes as the
 * largest needs. No bits are shuffled, so that packing and unpacking cost about a nanosecond a
 * record and field.
 */
#ifndef TRS_PACK_H
#define TRS_PACK_H

#include "base/buf.h"
#include "base/err.h"

enum {
    PACK_ROWS_MAX = 65536,
    PACK_MORE = 256 /* no frame is larger by more than this when it is packed */
};

/* Adds n rows of RECORDS, packed, to out; PACK_ROWS_MAX at most. */
void pack_records(struct buf *out, const uint8_t *rows, uint32_t n);

/* The n rows again; out has room for n * RECORD_BYTES. -1 if the payload is not of n rows. */
int unpack_records(struct slice payload, uint32_t n, uint8_t *out);

/* The same for the payload of a COLUMN of numbers; out has room for so many bytes. */
size_t pack_numbers_bytes(uint32_t n);
void pack_numbers(struct buf *out, const uint8_t *column, uint32_t n);
int unpack_numbers(struct slice payload, uint32_t n, uint8_t *out);

#endif
