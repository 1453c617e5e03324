/* wide - integers that sums and shares of durations do not overflow
 *
 * Durations reach 2^63 ns in damaged traces; a sum of many such, or 10000 times one of them, needs
 * more than 64 bits. Nothing here is ever a double.
 */
#ifndef TRS_WIDE_H
#define TRS_WIDE_H

#include "base/buf.h"

__extension__ typedef __int128 wide;

/* scale * part / whole, rounded half up; 0 if whole is 0. part and whole are not negative, and
 * scale * part stays below 2^126. With scale 10000 a share in hundredths of a percent; with scale
 * 1 and a count as whole a mean. */
wide wide_ratio(wide part, wide whole, uint32_t scale);

/* Appends v / 10^decimals as text with exactly that many decimals. */
void wide_add(struct buf *out, wide v, unsigned decimals);

#endif
