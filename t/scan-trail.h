/* scan-trail - all that a variant of the scanner finds in some bytes, as one number
 *
 * A search that ends, at a bracket or a fault, starts anew behind it, so that all bytes are read.
 * Equal trails: the same places, and the same state at the end.
 */
#ifndef SCAN_TRAIL_H
#define SCAN_TRAIL_H

#include "simd/scan.h"

/* How the bytes come: those before `first` at once, then `step` at a time. */
struct pieces {
    size_t first, step;
};

enum { ALL = 1 << 30 };
static const struct pieces whole = {ALL, ALL};

/* The states that bytes can leave behind: the byte before was ... */
static const struct scan_nest trail_states[] = {
    {.before_value = true},
    {0},
    {.escape = true},
    {.after_quote = true},
    {.in_string = true},
    {.in_string = true, .escape = true},
    {.in_string = true, .before_value = true},
};
enum { TRAIL_STATES = sizeof trail_states / sizeof *trail_states };

static inline void trail_add(uint64_t *trail, uint64_t value)
{
    *trail = (*trail ^ value) * 0x9E3779B97F4A7C15;
    *trail ^= *trail >> 29;
}

/* The end of the piece that begins at `at`. */
static inline size_t piece_end(struct pieces by, size_t at, size_t n)
{
    size_t end = by.first;
    if (at >= end)
        end += (at - end) / by.step * by.step + by.step;
    return end < n ? end : n;
}

static inline uint64_t trail_state(const struct scan_nest *s)
{
    return s->depth << 4 | (uint64_t)s->in_string << 3 | (uint64_t)s->escape << 2 |
           (uint64_t)s->after_quote << 1 | s->before_value;
}

static inline uint64_t trail_nested(const struct scan_ops *ops, struct scan_nest s,
                                    const uint8_t *p, size_t n, struct pieces by)
{
    uint64_t trail = 0;
    for (size_t at = 0; at < n;) {
        size_t end = piece_end(by, at, n);
        const uint8_t *close = ops->nested(&s, p + at, p + end);
        at = end;
        if (close || s.bad) {
            at = (size_t)((close ? close : s.bad + 1) - p);
            trail_add(&trail, at << 1 | !close);
            s = (struct scan_nest){.depth = 1, .before_value = true};
        }
    }
    ops->nested(&s, p + n, p + n); /* no bytes change nothing */
    trail_add(&trail, trail_state(&s));
    return trail;
}

static inline uint64_t trail_string(const struct scan_ops *ops, const uint8_t *p, size_t n,
                                    struct pieces by)
{
    uint64_t trail = 0;
    for (size_t at = 0; at < n;) {
        size_t end = piece_end(by, at, n);
        at = (size_t)(ops->string(p + at, p + end) - p);
        if (at < end)
            trail_add(&trail, at++);
    }
    return trail;
}

#endif
