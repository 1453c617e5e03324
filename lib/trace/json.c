#include "trace/json.h"

#include "base/text.h"
#include "simd/scan.h"

const bool json_ends_word[256] = {
    [' '] = 1, ['\t'] = 1, ['\n'] = 1, ['\r'] = 1, ['"'] = 1, [','] = 1,
    [':'] = 1, ['['] = 1,  [']'] = 1,  ['{'] = 1,  ['}'] = 1};

static bool container(struct json_cursor *c)
{
    struct scan_nest n = {0};
    const uint8_t *close = scan.nested(&n, c->p, c->end);
    if (close) {
        c->p = close;
        return true;
    }
    if (!n.bad)
        return json_cut(c);
    c->p = n.bad;
    return json_bad(c, "a quote inside a string, not escaped");
}

bool json_skip(struct json_cursor *c)
{
    struct json_string ignored;
    switch (*c->p) {
    case '"':
        return json_string(c, &ignored);
    case '{':
    case '[':
        return container(c);
    default:
        return json_word(c, &ignored);
    }
}

static int hex4(const uint8_t *p)
{
    int v = 0;
    for (int i = 0; i < 4; i++) {
        int c = p[i] | 0x20;
        int h = p[i] >= '0' && p[i] <= '9' ? p[i] - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (h < 0)
            return -1;
        v = v << 4 | h;
    }
    return v;
}

/* \uXXXX at p, perhaps with its other half behind it; returns the bytes used, 0 if it is none. */
static size_t decode_u(const uint8_t *p, const uint8_t *end, struct buf *out)
{
    int high = end - p >= 6 ? hex4(p + 2) : -1;
    if (high < 0)
        return 0;
    if (high >= 0xD800 && high < 0xDC00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u') {
        int low = hex4(p + 8);
        if (low >= 0xDC00 && low < 0xE000) {
            utf8_add(out, 0x10000u + ((uint32_t)(high - 0xD800) << 10) + (uint32_t)(low - 0xDC00));
            return 12;
        }
    }
    utf8_add(out, (uint32_t)high);
    return 6;
}

/* The escape at p; returns the bytes used. */
static size_t decode_escape(const uint8_t *p, const uint8_t *end, struct buf *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *at = end - p >= 2 && p[1] ? strchr(from, p[1]) : NULL;
    if (at) {
        buf_addc(out, to[at - from]);
        return 2;
    }
    size_t used = end - p >= 2 && p[1] == 'u' ? decode_u(p, end, out) : 0;
    if (used)
        return used;
    buf_addc(out, '\\'); /* a lone backslash, as in C:\Users */
    return 1;
}

void json_decode(struct slice raw, struct buf *out)
{
    const uint8_t *p = raw.p, *end = raw.p + raw.n;
    while (p < end) {
        const uint8_t *q = memchr(p, '\\', (size_t)(end - p));
        if (!q)
            q = end;
        buf_add(out, p, (size_t)(q - p));
        p = q < end ? q + decode_escape(q, end, out) : end;
    }
}

struct slice json_bytes(struct json_string s, struct buf *scratch)
{
    if (!s.escaped)
        return s.raw;
    scratch->n = 0;
    json_decode(s.raw, scratch);
    return buf_slice(scratch);
}

/* true, false, null, or a number as JSON spells them. */
static bool is_json_word(struct slice w)
{
    size_t i = 0, digits;
    if (slice_is(w, "true") || slice_is(w, "false") || slice_is(w, "null"))
        return true;
    i += i < w.n && w.p[i] == '-';
    for (digits = i; i < w.n && w.p[i] >= '0' && w.p[i] <= '9'; i++)
        ;
    if (i == digits || (w.p[digits] == '0' && i > digits + 1))
        return false;
    if (i < w.n && w.p[i] == '.') {
        for (digits = ++i; i < w.n && w.p[i] >= '0' && w.p[i] <= '9'; i++)
            ;
        if (i == digits)
            return false;
    }
    if (i < w.n && (w.p[i] | 0x20) == 'e') {
        i++;
        i += i < w.n && (w.p[i] == '-' || w.p[i] == '+');
        for (digits = i; i < w.n && w.p[i] >= '0' && w.p[i] <= '9'; i++)
            ;
        if (i == digits)
            return false;
    }
    return i == w.n;
}

static void copy_string(struct json_string s, struct buf *out)
{
    struct buf scratch = {0};
    text_add_json(out, json_bytes(s, &scratch), TEXT_SURROGATES);
    buf_free(&scratch);
}

/* The value at p: a scalar whole, of a container the opening bracket, which goes on the stack. */
static bool copy_value(struct json_cursor *c, struct buf *out, struct buf *stack)
{
    struct json_value v;
    if (!json_value(c, &v))
        return false;
    switch (v.type) {
    case JSON_STRING:
        copy_string(v.text, out);
        break;
    case JSON_WORD:
        if (is_json_word(v.text.raw))
            buf_add(out, v.text.raw.p, v.text.raw.n);
        else
            text_add_json(out, v.text.raw, TEXT_SURROGATES);
        break;
    default:
        buf_addc(out, (char)*c->p);
        buf_addc(stack, v.type == JSON_OBJECT ? '}' : ']');
        return json_enter(c);
    }
    return true;
}

/* Goes to the next value, closing what ends before it. False at the end or on a fault. */
static bool copy_between(struct json_cursor *c, struct buf *out, struct buf *stack)
{
    struct json_string key;
    while (stack->n > 0) {
        uint8_t close = stack->p[stack->n - 1];
        bool first = c->first;
        if (close == '}' ? json_member(c, &key) : json_element(c)) {
            if (!first)
                buf_adds(out, ", ");
            if (close == '}') {
                copy_string(key, out);
                buf_adds(out, ": ");
            }
            return true;
        }
        if (c->fault)
            return false;
        buf_addc(out, (char)close);
        stack->n--;
    }
    return false;
}

bool json_copy(struct json_cursor *c, struct buf *out)
{
    struct buf stack = {0};
    bool ok = json_space(c);
    while (ok && copy_value(c, out, &stack) && copy_between(c, out, &stack))
        ;
    buf_free(&stack);
    return ok && !c->fault;
}
