/* The definition: one byte at a time. */
#include "simd/scan.h"

static const uint8_t *string(const uint8_t *p, const uint8_t *end)
{
    while (p < end && *p != '"' && *p != '\\')
        p++;
    return p;
}

static bool stands_around_values(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ',' || c == ':' || c == '[' ||
           c == ']' || c == '{' || c == '}';
}

static const uint8_t *nested(struct scan_nest *n, const uint8_t *p, const uint8_t *end)
{
    for (; p < end; p++) {
        uint8_t c = *p;
        bool around = stands_around_values(c), escaped = n->escape, before = n->before_value;
        n->escape = c == '\\' && !escaped;
        n->before_value = around;
        if (n->in_string) {
            n->in_string = c != '"' || escaped;
            n->after_quote = !n->in_string;
            continue;
        }
        bool quote = c == '"' && !escaped;
        if ((n->after_quote && !around) || (quote && !before)) {
            n->bad = p;
            return NULL;
        }
        n->after_quote = false;
        n->in_string = quote;
        if (c == '{' || c == '[')
            n->depth++;
        else if ((c == '}' || c == ']') && --n->depth == 0)
            return p + 1;
    }
    return NULL;
}

static const uint8_t *number(const uint8_t *p)
{
    size_t n = 0;
    while (n < SCAN_LITERAL && p[n] >= '-' && p[n] <= '9')
        n++;
    return n > 0 && n < SCAN_LITERAL ? p + n : NULL;
}

const uint8_t scan_escape = '\\';

static const uint8_t *hole(enum scan_hole hole, const uint8_t *p, const uint8_t *end)
{
    struct scan_nest n = {0};
    switch (hole) {
    case SCAN_NUMBER:
        return number(p);
    case SCAN_STRING:
        p = string(p, end);
        return p == end ? NULL : *p == '"' ? p : &scan_escape;
    case SCAN_NESTED:
        return *p == '{' || *p == '[' ? nested(&n, p, end) : NULL;
    default:
        return p;
    }
}

static bool alike(const struct scan_piece *piece, const uint8_t *p)
{
    for (uint32_t i = 0; i < piece->n; i++) {
        bool any = piece->digits && piece->digits[i];
        if (any ? p[i] < '0' || p[i] > '9' : p[i] != piece->text[i])
            return false;
    }
    return true;
}

static const uint8_t *match(struct scan_piece *piece, const uint8_t *p, const uint8_t *end,
                            struct slice *holes)
{
    for (;; piece++, holes++) {
        if ((size_t)(end - p) < (size_t)piece->n + SCAN_LITERAL || !alike(piece, p))
            return NULL;
        p += piece->n;
        const uint8_t *after = hole(piece->hole, p, end);
        if (!after || after == &scan_escape || piece->hole == SCAN_END)
            return after;
        *holes = slice_of(p, (size_t)(after - p));
        p = after;
    }
}

const struct scan_ops scan_scalar = {"scalar", string, nested, match};
