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

const struct scan_ops scan_scalar = {"scalar", string, nested};
