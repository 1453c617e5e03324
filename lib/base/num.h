/* num - numbers as text, exactly
 *
 * Times and ids in traces are decimal text. They become integers without passing through a
 * double, which loses nanoseconds at epoch size (DEFINITIONS.md 1).
 */
#ifndef TRS_NUM_H
#define TRS_NUM_H

#include "base/bytes.h"

enum num_result {
    NUM_OK = 1,
    NUM_BAD = 0,   /* not a number */
    NUM_RANGE = -1 /* a number, but it does not fit */
};

/* Decimal text times 10^scale as an integer: sign, digits, fraction, exponent; digits beyond the
 * unit are cut towards zero. With scale 3, µs text becomes ns. */
enum num_result num_scaled(struct slice text, int scale, int64_t *out);

/* Digits alone, up to 2^64-1. False for anything else. */
bool num_u64(struct slice text, uint64_t *out);

/* Bytes: digits, and K, M, G or T behind them for powers of 1024. False for anything else, and for
 * what does not fit. */
bool num_size(struct slice text, uint64_t *bytes);

/* A length of time: decimal text as above, a minus in front allowed, and ns, us, ms or s behind it;
 * without a unit it is in us. In ns, what is finer is cut. False for anything else, and for what
 * does not fit. */
bool num_duration(struct slice text, int64_t *ns);

/* How long ago: digits and one of h, d, w behind them. In ns; false as above. */
bool num_age(struct slice text, int64_t *ns);

/* An id: decimal, or hexadecimal after 0x. NUM_BAD for text that is no number; NUM_RANGE for a
 * number that is none of 0 .. 2^64-1. A negative whole number is NUM_BAD: traces write -1 for
 * "none". */
enum num_result num_id(struct slice text, uint64_t *out);

#endif
