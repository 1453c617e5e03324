#include "table/wide.h"

wide wide_ratio(wide part, wide whole, uint32_t scale)
{
    if (whole == 0)
        return 0;
    return (2 * (part * scale) + whole) / (2 * whole);
}

void wide_add(struct buf *out, wide v, unsigned decimals)
{
    __extension__ unsigned __int128 left = v < 0 ? -(unsigned __int128)v : (unsigned __int128)v;
    char text[48], *end = text + sizeof text, *p = end;
    for (unsigned digits = 0; digits <= decimals || left; digits++, left /= 10) {
        if (digits == decimals && decimals)
            *--p = '.';
        *--p = (char)('0' + (int)(left % 10));
    }
    if (v < 0)
        *--p = '-';
    buf_add(out, p, (size_t)(end - p));
}
