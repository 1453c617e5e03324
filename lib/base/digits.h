/* digits - decimal digits, eight at a time
 *
 * For the numbers of matched events, of which there are some ten million in a large trace. A word
 * holds eight digits, the first in its lowest byte; three multiplications make them a number (D.
 * Lemire, "Quickly parsing eight digits", 2018).
 */
#ifndef TRS_DIGITS_H
#define TRS_DIGITS_H

#include "base/bytes.h"

enum { DIGITS_ROOM = 16, DIGITS_MAX = 16 };

static inline bool digits_valid(uint64_t w)
{
    const uint64_t high = 0xF0F0F0F0F0F0F0F0u;
    return ((w & high) | ((w + 0x0606060606060606u) & high) >> 4) == 0x3333333333333333u;
}

static inline uint64_t digits_word(uint64_t w)
{
    w = (w & 0x0F0F0F0F0F0F0F0Fu) * (10 << 8 | 1) >> 8;
    w = (w & 0x00FF00FF00FF00FFu) * (100 << 16 | 1) >> 16;
    return (w & 0x0000FFFF0000FFFFu) * ((uint64_t)10000 << 32 | 1) >> 32;
}

/* The n digits at p, 1 to DIGITS_MAX, of which DIGITS_ROOM bytes are readable, as a number. False
 * if one is no digit. */
static inline bool digits_read(const uint8_t *p, size_t n, uint64_t *out)
{
    const uint64_t zeros = 0x3030303030303030u;
    size_t first = n > 8 ? n - 8 : n; /* in the first word, behind leading zeros */
    uint64_t w = get_u64(p);
    if (first < 8)
        w = w << (64 - 8 * first) | zeros >> 8 * first;
    if (!digits_valid(w))
        return false;
    *out = digits_word(w);
    if (n <= 8)
        return true;
    w = get_u64(p + first);
    *out = *out * 100000000 + digits_word(w);
    return digits_valid(w);
}

/* Text like 3545056000999.300, of which DIGITS_ROOM + 8 bytes are readable: a number with three
 * digits behind the point or none, times 1000. False for anything else, which may be a number
 * all the same. */
static inline bool digits_thousandths(struct slice s, int64_t *out)
{
    uint64_t whole, part = 0;
    size_t n = s.n;
    if (n > 4 && s.p[n - 4] == '.') {
        n -= 4;
        for (size_t i = n + 1; i < n + 4; i++) {
            unsigned digit = (unsigned)s.p[i] - '0';
            if (digit > 9)
                return false;
            part = part * 10 + digit;
        }
    }
    if (n == 0 || n > DIGITS_MAX || !digits_read(s.p, n, &whole) || whole > INT64_MAX / 1000 - 1)
        return false;
    *out = (int64_t)(whole * 1000 + part);
    return true;
}

#endif
