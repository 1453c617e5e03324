/* json - JSON as profilers write it, piece by piece
 *
 * A cursor walks over bytes that are at hand; nothing is built. It is lenient where GUARANTEES.md
 * says that nothing is lost: control characters and invalid UTF-8 in strings, bad escapes, bare
 * words such as NaN, a trailing comma. Whatever else is wrong stops the cursor with a fault.
 *
 *   struct json_cursor c = json_at(p, end);
 *   struct json_string key;
 *   for (json_enter(&c); json_member(&c, &key);)
 *       if (...) use json_value(&c); else json_skip(&c);
 *   if (c.fault) ...
 *
 * Recursion never happens: nested values are passed over by counting brackets.
 */
#ifndef TRS_JSON_H
#define TRS_JSON_H

#include "base/buf.h"
#include "simd/scan.h"

enum json_fault {
    JSON_OK,
    JSON_CUT, /* the bytes ended first: get more and start the value again */
    JSON_BAD  /* no JSON, not even lenient; p is where */
};

struct json_cursor {
    const uint8_t *p, *end;
    enum json_fault fault; /* after one, every call returns false */
    const char *why;       /* with JSON_BAD */
    bool first;            /* private: no member or element of this container was passed yet */
};

/* Text between quotes as it stands in the file. */
struct json_string {
    struct slice raw;
    bool escaped; /* holds backslashes: json_decode turns it into bytes */
};

enum json_type { JSON_STRING, JSON_WORD, JSON_OBJECT, JSON_ARRAY };

/* A scalar, or where a container begins. */
struct json_value {
    enum json_type type;
    struct json_string text; /* of a string without its quotes; of a word (number, true, NaN, …) */
};

static inline struct json_cursor json_at(const uint8_t *p, const uint8_t *end)
{
    return (struct json_cursor){.p = p, .end = end};
}

/* Each stops the cursor and returns false. */
static inline bool json_cut(struct json_cursor *c)
{
    c->fault = JSON_CUT;
    return false;
}

static inline bool json_bad(struct json_cursor *c, const char *why)
{
    c->fault = JSON_BAD;
    c->why = why;
    return false;
}

/* The functions from here to json_value run for every key and value of a trace and are inline for
 * that. They walk with a pointer of their own and store it once: a byte that is read may alias the
 * cursor, so the compiler would store c->p at every step. */

static inline bool json_is_space(uint8_t b)
{
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
}

/* Behind commas and spaces, of which any may stand between events. */
static inline const uint8_t *json_gap(const uint8_t *p, const uint8_t *end)
{
    while (p < end && (json_is_space(*p) || *p == ','))
        p++;
    return p;
}

/* Passes spaces. False, with JSON_CUT, if the bytes end. */
static inline bool json_space(struct json_cursor *c)
{
    const uint8_t *p = c->p, *end = c->end;
    while (p < end && *p <= ' ' && json_is_space(*p))
        p++;
    c->p = p;
    return p < end || json_cut(c);
}

/* Steps into the object or array at p. */
static inline bool json_enter(struct json_cursor *c)
{
    c->p++;
    c->first = true;
    return true;
}

/* The first `"` or `\` from p on. Most keys and many values end within 8 bytes: those are looked
 * at as one word (bytes equal to a value become zero; the lowest zero byte is found exactly). */
static inline const uint8_t *json_string_end(const uint8_t *p, const uint8_t *end)
{
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    if (end - p >= 8) {
        uint64_t w = get_u64(p), quote = w ^ ones * '"', slash = w ^ ones * '\\';
        uint64_t hit = (((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & highs;
        if (hit)
            return p + (__builtin_ctzll(hit) >> 3);
        p += 8;
    }
    return scan.string(p, end);
}

/* The string at p, which is a quote; it is passed. */
static inline bool json_string(struct json_cursor *c, struct json_string *s)
{
    const uint8_t *p = c->p + 1, *begin = p, *end = c->end;
    bool escaped = false;
    for (;;) {
        p = json_string_end(p, end);
        if (p == end)
            return json_cut(c);
        if (*p == '"')
            break;
        escaped = true;
        if (end - p < 2)
            return json_cut(c);
        p += 2;
    }
    s->escaped = escaped;
    s->raw = slice_of(begin, (size_t)(p - begin));
    c->p = p + 1;
    return true;
}

/* The comma between values and the closing bracket, of which it passes either. True if a member
 * or an element follows. */
static inline bool json_next(struct json_cursor *c, uint8_t close)
{
    if (c->fault || !json_space(c))
        return false;
    bool comma = *c->p == ',';
    if (comma && c->first)
        return json_bad(c, "a comma before the first value");
    if (comma) {
        c->p++;
        if (!json_space(c))
            return false;
    }
    if (*c->p == close) {
        c->p++;
        c->first = false; /* it was a value of the container around it */
        return false;
    }
    if (!comma && !c->first)
        return json_bad(c, "no comma between values");
    c->first = false;
    return true;
}

/* The next member: p stands before its value, which the caller must pass. False at the closing
 * bracket, which is passed, or on a fault. */
static inline bool json_member(struct json_cursor *c, struct json_string *key)
{
    if (!json_next(c, '}'))
        return false;
    if (*c->p != '"')
        return json_bad(c, "no key where one should stand");
    if (!json_string(c, key) || !json_space(c))
        return false;
    if (*c->p != ':')
        return json_bad(c, "no colon after a key");
    c->p++;
    return json_space(c);
}

/* The next element, likewise. */
static inline bool json_element(struct json_cursor *c)
{
    return json_next(c, ']');
}

/* True for what ends a bare word; anything else may stand in one. */
extern const bool json_ends_word[256];

static inline bool json_word(struct json_cursor *c, struct json_string *s)
{
    const uint8_t *begin = c->p, *end = c->end, *p = begin;
    while (p < end && !json_ends_word[*p])
        p++;
    c->p = p;
    if (p == end)
        return json_cut(c);
    s->raw = slice_of(begin, (size_t)(p - begin));
    s->escaped = false;
    return p > begin || json_bad(c, "no value where one should stand");
}

/* Reads a scalar and passes it; at a container it stays before the bracket. */
static inline bool json_value(struct json_cursor *c, struct json_value *v)
{
    switch (*c->p) {
    case '"':
        v->type = JSON_STRING;
        return json_string(c, &v->text);
    case '{':
        v->type = JSON_OBJECT;
        return true;
    case '[':
        v->type = JSON_ARRAY;
        return true;
    default:
        v->type = JSON_WORD;
        return json_word(c, &v->text);
    }
}

/* Passes any value. */
bool json_skip(struct json_cursor *c);

/* The bytes that a string means, appended to out: \uXXXX as UTF-8, a lone surrogate in its
 * three-byte form, a bad escape as it stands. */
void json_decode(struct slice raw, struct buf *out);

/* The same without a copy where there are no escapes: the slice points into raw or into scratch,
 * which is overwritten. */
struct slice json_bytes(struct json_string s, struct buf *scratch);

/* Appends the value at c, which is passed, as JSON that any parser takes: strings decoded and
 * escaped anew (see TEXT_SURROGATES), bare words that are no JSON as strings, no spaces but
 * after , and :. False on a fault. */
bool json_copy(struct json_cursor *c, struct buf *out);

#endif
