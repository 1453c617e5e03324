/* scan_masks - searches over 64 bytes at a time, by masks in which bit i stands for byte i
 *
 * What the instruction sets share; what each brings is struct masks_ops. All is inline, so that it
 * is compiled for the instruction set that uses it. After simdjson (Langdale and Lemire,
 * "Parsing gigabytes of JSON per second", 2019) for quotes and escapes.
 *
 * Private to lib/simd.
 */
#ifndef TRS_SCAN_MASKS_H
#define TRS_SCAN_MASKS_H

#include "simd/scan.h"

#define MASKS_INLINE static inline __attribute__((always_inline))

struct masks {
    uint64_t quote, backslash;
    uint64_t around;      /* spaces and , : [ ] { } */
    uint64_t open, close; /* [ { and ] } */
};

/* What an instruction set brings. */
struct masks_ops {
    struct masks (*of)(const uint8_t *p);  /* of the 64 bytes at p */
    uint64_t (*prefix_xor)(uint64_t bits); /* bit i: the number of set bits up to i is odd */
    uint64_t (*count)(uint64_t bits);

    /* Of the 32 bytes at p: those that are not the text's; those of them that are no digits where
     * any may stand; those that are not from '-' to '9'. */
    uint32_t (*unequal)(const uint8_t *p, const uint8_t *text);
    uint32_t (*unlike)(const uint8_t *p, const uint8_t *text, const uint8_t *digits);
    uint32_t (*no_number)(const uint8_t *p);

    const uint8_t *(*string)(const uint8_t *p, const uint8_t *end);
    const uint8_t *(*nested)(struct scan_nest *n, const uint8_t *p, const uint8_t *end);
};

/* struct scan_nest while blocks go by. Words: carried as bools they cost a fifth of the speed. */
struct masks_nest {
    uint64_t depth;
    uint64_t in_string;                         /* all bits or none */
    uint64_t escape, after_quote, before_value; /* bit 0 */
};

/* Bits of bytes that a backslash takes with it; bit 0 of first if the block before ended in one. */
MASKS_INLINE uint64_t masks_escaped(uint64_t backslash, uint64_t first)
{
    uint64_t escaped = first;
    for (uint64_t left = backslash & ~escaped; left;) {
        unsigned at = (unsigned)__builtin_ctzll(left);
        escaped |= (uint64_t)2 << at;
        left &= ~((uint64_t)3 << at);
    }
    return escaped;
}

/* Counts brackets up to the one that brings depth to 0: its place, or 64 if there is none. */
MASKS_INLINE unsigned masks_depth(const struct masks_ops *ops, struct masks_nest *s, uint64_t open,
                                  uint64_t close)
{
    uint64_t closed = 0;
    for (; close; close &= close - 1) {
        uint64_t below = (close & (~close + 1)) - 1;
        if (s->depth + ops->count(open & below) == ++closed)
            return (unsigned)__builtin_ctzll(close);
    }
    s->depth += ops->count(open) - closed;
    return 64;
}

/* One block of which n bytes count, 1 to 64; the others are 0. Where the search ends: behind a
 * bracket or at a fault, which is *bad then; NULL if it goes on. */
MASKS_INLINE const uint8_t *masks_block(const struct masks_ops *ops, struct masks_nest *s,
                                        const uint8_t **bad, const uint8_t *p, struct masks m,
                                        unsigned n)
{
    uint64_t valid = n == 64 ? ~(uint64_t)0 : ((uint64_t)1 << n) - 1;
    uint64_t escaped = masks_escaped(m.backslash, s->escape);
    uint64_t quotes = m.quote & ~escaped;
    uint64_t inside = ops->prefix_xor(quotes) ^ s->in_string;
    uint64_t opening = quotes & inside, closing = quotes & ~inside;
    uint64_t faults = (opening & ~(m.around << 1 | s->before_value)) |
                      ((closing << 1 | s->after_quote) & ~m.around & valid);
    unsigned at = masks_depth(ops, s, m.open & ~inside, m.close & ~inside);
    if (faults && (unsigned)__builtin_ctzll(faults) < at)
        return *bad = p + __builtin_ctzll(faults);
    if (at < 64)
        return p + at + 1;
    s->escape = (m.backslash & ~escaped) >> (n - 1) & 1;
    s->in_string = 0 - (inside >> (n - 1) & 1);
    s->after_quote = closing >> (n - 1) & 1;
    s->before_value = m.around >> (n - 1) & 1;
    return NULL;
}

/* scan_ops.nested */
MASKS_INLINE const uint8_t *masks_nested(const struct masks_ops *ops, struct scan_nest *n,
                                         const uint8_t *p, const uint8_t *end)
{
    struct masks_nest s = {n->depth, 0 - (uint64_t)n->in_string, n->escape, n->after_quote,
                           n->before_value};
    const uint8_t *stop = NULL;
    for (; !stop && end - p >= 64; p += 64)
        stop = masks_block(ops, &s, &n->bad, p, ops->of(p), 64);
    if (!stop && p < end) {
        uint8_t rest[64] = {0};
        memcpy(rest, p, (size_t)(end - p));
        stop = masks_block(ops, &s, &n->bad, p, ops->of(rest), (unsigned)(end - p));
    }
    if (stop)
        return n->bad ? NULL : stop;
    *n =
        (struct scan_nest){s.depth, s.in_string & 1, s.escape, s.after_quote, s.before_value, NULL};
    return NULL;
}

/* A literal is compared 32 bytes at a time; of the last ones only those that count. */
MASKS_INLINE bool masks_same(const struct masks_ops *ops, const uint8_t *p, const uint8_t *text,
                             uint32_t n)
{
    for (;; p += 32, text += 32, n -= 32) {
        uint32_t other = ops->unequal(p, text);
        if (n <= 32)
            return n == 0 || (other << (32 - n)) == 0;
        if (other)
            return false;
    }
}

/* The same where digits may differ. */
MASKS_INLINE bool masks_alike(const struct masks_ops *ops, const uint8_t *p,
                              const struct scan_piece *piece)
{
    uint32_t i = 0, n = piece->n;
    for (; n - i > 32; i += 32)
        if (ops->unlike(p + i, piece->text + i, piece->digits + i))
            return false;
    uint32_t other = ops->unlike(p + i, piece->text + i, piece->digits + i);
    return n == i || (other << (32 - (n - i))) == 0;
}

/* The end of a number. Most have as many digits as the one before in the same hole: so its width is
 * tried first, and the processor goes on behind it without having to wait for the comparison, as
 * it would for a count of digits. */
MASKS_INLINE const uint8_t *masks_number(const struct masks_ops *ops, const uint8_t *p,
                                         uint8_t *width)
{
    uint32_t out = ops->no_number(p);
    if ((out & (((uint32_t)2 << *width) - 1)) == (uint32_t)1 << *width)
        return p + *width;
    if (out == 0 || out & 1)
        return NULL;
    *width = (uint8_t)__builtin_ctz(out);
    return p + *width;
}

MASKS_INLINE const uint8_t *masks_hole(const struct masks_ops *ops, struct scan_piece *piece,
                                       const uint8_t *p, const uint8_t *end)
{
    struct scan_nest n = {0};
    switch (piece->hole) {
    case SCAN_NUMBER:
        return masks_number(ops, p, &piece->width);
    case SCAN_STRING:
        p = ops->string(p, end);
        return p == end ? NULL : *p == '"' ? p : &scan_escape;
    case SCAN_NESTED:
        return *p == '{' || *p == '[' ? ops->nested(&n, p, end) : NULL;
    default:
        return p;
    }
}

/* scan_ops.match */
MASKS_INLINE const uint8_t *masks_match(const struct masks_ops *ops, struct scan_piece *piece,
                                        const uint8_t *p, const uint8_t *end, struct slice *holes)
{
    for (;; piece++, holes++) {
        if ((size_t)(end - p) < (size_t)piece->n + SCAN_LITERAL ||
            !(piece->digits ? masks_alike(ops, p, piece)
                            : masks_same(ops, p, piece->text, piece->n)))
            return NULL;
        p += piece->n;
        const uint8_t *after = masks_hole(ops, piece, p, end);
        if (!after || after == &scan_escape || piece->hole == SCAN_END)
            return after;
        *holes = slice_of(p, (size_t)(after - p));
        p = after;
    }
}

#endif
