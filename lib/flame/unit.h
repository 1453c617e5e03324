/* unit - what the values of a flame graph are, and how they are shown
 *
 *   ns, us, ms, s       times: 1.235 ms in the unit that suits
 *   bytes               1.50 KiB
 *   any other word      1,234 samples
 */
#ifndef TRS_FLAME_UNIT_H
#define TRS_FLAME_UNIT_H

#include "table/wide.h"

struct unit {
    const char *word;
    unsigned decimals; /* values are in units of 10^-decimals of it; 0 to 9 */
};

/* Appends a value, which is not negative and below 2^64, as it is shown, unescaped. */
void unit_add(struct buf *out, const struct unit *unit, wide value);

/* Appends now - before with its sign. */
void unit_add_change(struct buf *out, const struct unit *unit, uint64_t before, uint64_t now);

/* Appends a share in percent, with two decimals: 12.34 %. */
void unit_add_share(struct buf *out, wide part, wide whole);

/* Appends (now - before) / whole in percent, with its sign. */
void unit_add_share_change(struct buf *out, uint64_t before, uint64_t now, uint64_t whole);

/* Appends a whole number with commas. */
void unit_add_count(struct buf *out, uint64_t n);

#endif
