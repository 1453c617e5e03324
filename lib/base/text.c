#include "base/text.h"

#include <stdio.h>

static bool tail(uint8_t c)
{
    return (c & 0xC0) == 0x80;
}

size_t utf8_len(const uint8_t *p, size_t n)
{
    uint8_t c = p[0];
    if (c < 0x80)
        return 1;
    if (c < 0xC2 || c > 0xF4 || n < 2 || !tail(p[1]))
        return 0;
    if (c < 0xE0)
        return 2;
    if ((c == 0xE0 && p[1] < 0xA0) || (c == 0xED && p[1] > 0x9F) || (c == 0xF0 && p[1] < 0x90) ||
        (c == 0xF4 && p[1] > 0x8F))
        return 0;
    if (n < 3 || !tail(p[2]))
        return 0;
    if (c < 0xF0)
        return 3;
    return n >= 4 && tail(p[3]) ? 4 : 0;
}

static uint32_t decode(const uint8_t *p, size_t len)
{
    switch (len) {
    case 1:
        return p[0];
    case 2:
        return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
    case 3:
        return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    default:
        return (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
    }
}

bool utf8_control(const uint8_t *p, size_t len)
{
    uint32_t c = decode(p, len);
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x61C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

void utf8_add(struct buf *out, uint32_t c)
{
    uint8_t u[4];
    size_t n;
    if (c < 0x80) {
        u[0] = (uint8_t)c;
        n = 1;
    } else if (c < 0x800) {
        u[0] = (uint8_t)(0xC0 | c >> 6);
        n = 2;
    } else if (c < 0x10000) {
        u[0] = (uint8_t)(0xE0 | c >> 12);
        n = 3;
    } else {
        u[0] = (uint8_t)(0xF0 | c >> 18);
        n = 4;
    }
    for (size_t i = 1; i < n; i++)
        u[i] = (uint8_t)(0x80 | (c >> 6 * (n - 1 - i) & 0x3F));
    buf_add(out, u, n);
}

/* One step over s at i: the length of the next character, and whether it may be shown as it is. */
static size_t step(struct slice s, size_t i, bool *shown)
{
    size_t len = utf8_len(s.p + i, s.n - i);
    *shown = len && !utf8_control(s.p + i, len);
    return len ? len : 1;
}

static void add_hex(struct buf *out, const char *prefix, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_addf(out, "%s%02x", prefix, p[i]);
}

/* The escape that TSV and JSON share, or NULL. */
static const char *short_escape(uint8_t c)
{
    switch (c) {
    case '\t':
        return "\\t";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\\':
        return "\\\\";
    default:
        return NULL;
    }
}

/* How many bytes from i on are shown as they are and take no more than a look each. */
static size_t plain(struct slice s, size_t i)
{
    size_t end = i;
    while (end < s.n && s.p[end] >= ' ' && s.p[end] < 0x7F && s.p[end] != '\\')
        end++;
    return end - i;
}

void text_add_tsv(struct buf *out, struct slice s)
{
    for (size_t i = 0, len; i < s.n; i += len) {
        bool shown;
        if ((len = plain(s, i)) > 0) {
            buf_add(out, s.p + i, len);
            continue;
        }
        len = step(s, i, &shown);
        const char *escape = short_escape(s.p[i]);
        if (escape)
            buf_adds(out, escape);
        else if (shown)
            buf_add(out, s.p + i, len);
        else
            add_hex(out, "\\x", s.p + i, len);
    }
}

static uint8_t folded_byte(uint8_t c)
{
    return c == ';' ? ':' : c == '\t' || c == '\n' || c == '\r' ? ' ' : c;
}

static size_t count_digits(const uint8_t *p, size_t n)
{
    size_t i = 0;
    while (i < n && p[i] >= '0' && p[i] <= '9')
        i++;
    return i;
}

/* A number as flamegraph.pl or inferno reads a weight: +12, 12.5, 12. */
static bool is_weight(const uint8_t *p, size_t n)
{
    size_t sign = n > 0 && p[0] == '+', digits = count_digits(p + sign, n - sign);
    p += sign + digits;
    n -= sign + digits;
    return digits > 0 && (n == 0 || (p[0] == '.' && count_digits(p + 1, n - 1) == n - 1));
}

void text_add_folded(struct buf *out, struct slice s)
{
    size_t from = out->n, blanks = 0;
    for (size_t i = 0, len; i < s.n; i += len) {
        bool shown;
        uint8_t c = folded_byte(s.p[i]);
        len = step(s, i, &shown);
        blanks += c == ' ';
        if (c != s.p[i])
            buf_addc(out, (char)c);
        else if (shown)
            buf_add(out, s.p + i, len);
        else
            add_hex(out, "\\x", s.p + i, len);
    }
    if (blanks == out->n - from) {
        out->n = from;
        buf_adds(out, "(unnamed)");
        return;
    }
    uint8_t *frame = out->p + from, *space = memrchr(frame, ' ', out->n - from);
    if (space && is_weight(space + 1, out->n - (size_t)(space + 1 - out->p)))
        *space = '_';
}

size_t text_escape_into(char *out, size_t cap, const char *text, size_t n)
{
    struct slice s = slice_of(text, n);
    size_t used = 0;
    for (size_t i = 0, len; i < s.n; i += len) {
        bool shown;
        len = step(s, i, &shown);
        if (used + 4 * len >= cap)
            break;
        if (shown) {
            memcpy(out + used, s.p + i, len);
            used += len;
            continue;
        }
        for (size_t k = 0; k < len; k++)
            used += (size_t)snprintf(out + used, cap - used, "\\x%02x", s.p[i + k]);
    }
    return used;
}

/* U+FFFE and U+FFFF: no control characters, but XML 1.0 does not take them either. */
static bool is_noncharacter(const uint8_t *p, size_t len)
{
    return len == 3 && p[0] == 0xEF && p[1] == 0xBF && p[2] >= 0xBE;
}

static const char *reference(uint8_t c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static void add_plain(struct buf *out, struct slice s, bool markup)
{
    for (size_t i = 0, len; i < s.n; i += len) {
        bool shown;
        len = step(s, i, &shown);
        const uint8_t *p = s.p + i;
        const char *escape = markup ? reference(*p) : NULL;
        if (escape)
            buf_adds(out, escape);
        else if (shown && !is_noncharacter(p, len))
            buf_add(out, p, len);
        else
            add_hex(out, "\\x", p, len);
    }
}

void text_add_plain(struct buf *out, struct slice s)
{
    add_plain(out, s, false);
}

void text_add_markup(struct buf *out, struct slice s)
{
    add_plain(out, s, true);
}

/* A surrogate in its three-byte form. Not a high one before more bytes that are no UTF-8: their
 * escapes would read back as a pair. */
static bool is_lone_surrogate(const uint8_t *p, size_t n)
{
    if (n < 3 || p[0] != 0xED || (p[1] & 0xE0) != 0xA0 || !tail(p[2]))
        return false;
    return p[1] >= 0xB0 || n == 3 || utf8_len(p + 3, n - 3) > 0;
}

/* Bytes at p that are no UTF-8; returns how many were used. */
static size_t add_json_invalid(struct buf *out, const uint8_t *p, size_t n, enum text_invalid how)
{
    if (how == TEXT_SURROGATES && is_lone_surrogate(p, n)) {
        buf_addf(out, "\\u%04x", (unsigned)decode(p, 3));
        return 3;
    }
    if (how == TEXT_REPLACE)
        buf_adds(out, "\xEF\xBF\xBD");
    else
        add_hex(out, "\\udc", p, 1);
    return 1;
}

void text_add_json(struct buf *out, struct slice s, enum text_invalid how)
{
    buf_addc(out, '"');
    for (size_t i = 0, len; i < s.n; i += len) {
        bool shown;
        len = step(s, i, &shown);
        const uint8_t *p = s.p + i;
        const char *escape = *p == '"' ? "\\\"" : short_escape(*p);
        if (escape)
            buf_adds(out, escape);
        else if (shown)
            buf_add(out, p, len);
        else if (utf8_len(p, s.n - i)) /* a control character: all are below U+10000 */
            buf_addf(out, "\\u%04x", (unsigned)decode(p, len));
        else
            len = add_json_invalid(out, p, s.n - i, how);
    }
    buf_addc(out, '"');
}

void text_add_valid(struct buf *out, struct slice s)
{
    for (size_t i = 0; i < s.n;) {
        size_t len = utf8_len(s.p + i, s.n - i);
        if (len)
            buf_add(out, s.p + i, len);
        else
            buf_adds(out, "\xEF\xBF\xBD");
        i += len ? len : 1;
    }
}

/* Wide and zero-width ranges, coarse on purpose: a table that is one column off is no wrong
 * number (Unicode's EastAsianWidth.txt, W and F; combining marks of the common blocks). */
static size_t code_width(uint32_t c)
{
    if ((c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200D) || (c >= 0xFE00 && c <= 0xFE0F))
        return 0;
    bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
                (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1F64F) ||
                (c >= 0x1F900 && c <= 0x1F9FF) || (c >= 0x20000 && c <= 0x3FFFD);
    return wide ? 2 : 1;
}

size_t text_width(struct slice s)
{
    size_t width = 0;
    for (size_t i = 0, len; i < s.n; i += len) {
        len = utf8_len(s.p + i, s.n - i);
        width += len ? code_width(decode(s.p + i, len)) : 1;
        len += !len;
    }
    return width;
}

struct slice text_fit(struct slice s, size_t columns)
{
    size_t at = 0, used = 0;
    while (at < s.n) {
        size_t len = utf8_len(s.p + at, s.n - at);
        used += text_width(slice_of(s.p + at, len));
        if (used > columns)
            break;
        at += len;
    }
    return slice_of(s.p, at);
}

/* The longest end of s, which is UTF-8, that takes no more than so many columns. */
static struct slice fit_end(struct slice s, size_t columns)
{
    size_t at = s.n, used = 0;
    while (at > 0) {
        size_t before = at - 1;
        while (before > 0 && tail(s.p[before]))
            before--;
        used += text_width(slice_of(s.p + before, at - before));
        if (used > columns)
            break;
        at = before;
    }
    return slice_of(s.p + at, s.n - at);
}

void text_add_short(struct buf *out, struct slice s, size_t columns)
{
    struct buf plain = {0};
    text_add_plain(&plain, s);
    struct slice all = buf_slice(&plain);
    if (text_width(all) <= columns) {
        buf_add(out, all.p, all.n);
    } else {
        struct slice begin = text_fit(all, columns / 2);
        struct slice end = fit_end(all, columns - 1 - columns / 2);
        buf_add(out, begin.p, begin.n);
        buf_adds(out, "…");
        buf_add(out, end.p, end.n);
    }
    buf_free(&plain);
}
