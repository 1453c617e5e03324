#include "table/wide.h"

wide wide_ratio(wide part, wide whole, uint32_t scale)
{
    if (whole == 0)
        return 0;
    return (2 * (part * scale) + whole) / (2 * whole);
}

/* Digits of 64 bits at a time: dividing 128 bits takes a call of libgcc for each. */
void wide_add(struct buf *out, wide v, unsigned decimals)
{
    const uint64_t billions = 1000000000000000000u; /* 10^18 */
    __extension__ unsigned __int128 left = v < 0 ? -(unsigned __int128)v : (unsigned __int128)v;
    char text[64], *end = text + sizeof text, *p = end;
    unsigned digits = 0;
    bool more;
    do {
        more = left >= billions;
        uint64_t low = more ? (uint64_t)(left % billions) : (uint64_t)left;
        left = more ? left / billions : 0;
        for (unsigned stop = digits + 18; more ? digits < stop : digits <= decimals || low;
             digits++) {
            if (digits == decimals && decimals)
                *--p = '.';
            *--p = (char)('0' + low % 10);
            low /= 10;
        }
    } while (more);
    if (v < 0)
        *--p = '-';
    buf_add(out, p, (size_t)(end - p));
}
