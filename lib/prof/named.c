#include "prof/named.h"

/* Bare names ----------------------------------------------------------------------------------- */

static struct slice between(struct slice s, size_t from, size_t to)
{
    return slice_of(s.p + from, to - from);
}

static bool begins(struct slice s, const char *with)
{
    size_t n = strlen(with);
    return s.n >= n && memcmp(s.p, with, n) == 0;
}

static size_t find(struct slice s, size_t from, uint8_t c)
{
    const uint8_t *at = from < s.n ? memchr(s.p + from, c, s.n - from) : NULL;
    return at ? (size_t)(at - s.p) : s.n;
}

/* Where the `(` of `file:line(name)` is, 0 if there is none. Names may hold other ones. */
static size_t opening(struct slice s)
{
    if (s.n < 4 || s.p[s.n - 1] != ')')
        return 0;
    for (size_t at = find(s, 0, '('); at < s.n; at = find(s, at + 1, '(')) {
        size_t digits = at;
        while (digits > 0 && s.p[digits - 1] >= '0' && s.p[digits - 1] <= '9')
            digits--;
        if (digits > 0 && digits < at && s.p[digits - 1] == ':')
            return at;
    }
    return 0;
}

bool named_has_place(struct slice s)
{
    return opening(s) > 0;
}

static struct slice bare_builtin(struct slice s)
{
    static const char *const before[] = {"{built-in method ", "{built-in function ", "{method '"};
    for (unsigned i = 0; i < 3; i++) {
        size_t from = strlen(before[i]);
        if (begins(s, before[i]))
            return between(s, from, i == 2 ? find(s, from, '\'') : s.n - 1);
    }
    return s;
}

struct slice named_bare(struct slice s)
{
    size_t open = opening(s);
    if (open)
        return between(s, open + 1, s.n - 1);
    if (s.n > 1 && s.p[0] == '{' && s.p[s.n - 1] == '}')
        return bare_builtin(s);
    for (size_t at = find(s, 1, '('); at < s.n; at = find(s, at + 1, '('))
        if (s.p[at - 1] == ' ' && s.p[s.n - 1] == ')' && at > 1)
            return between(s, 0, at - 1);
    return s;
}

/* Which are meant ------------------------------------------------------------------------------ */

/* The set of characters after `[`, which ends at *p; a `[` without `]` is a character. */
static bool in_set(struct slice pattern, size_t *p, uint8_t c)
{
    size_t at = *p, end;
    bool negated = at < pattern.n && (pattern.p[at] == '!' || pattern.p[at] == '^'), in = false;
    at += negated;
    end = find(pattern, at + 1, ']');
    if (end == pattern.n)
        return c == '[';
    for (; at < end; at++) {
        uint8_t low = pattern.p[at], high = low;
        if (at + 2 < end && pattern.p[at + 1] == '-') {
            high = pattern.p[at + 2];
            at += 2;
        }
        in |= low <= c && c <= high;
    }
    *p = end + 1;
    return in != negated;
}

bool named_glob(struct slice pattern, struct slice text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, from = 0; /* what follows the last * is tried at from */
    for (;;) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = ++p;
            from = t;
            continue;
        }
        if (t == text.n)
            return p == pattern.n;
        uint8_t c = text.p[t], want = p < pattern.n ? pattern.p[p++] : 0;
        if (want == '[' ? in_set(pattern, &p, c) : want && (want == '?' || want == c)) {
            t++;
            continue;
        }
        if (star == SIZE_MAX)
            return false;
        p = star;
        t = ++from;
    }
}

/* The whole, or what is left behind this character. */
static bool is_end(struct slice s, struct slice end, uint8_t behind)
{
    if (s.n < end.n || (end.n && memcmp(s.p + s.n - end.n, end.p, end.n) != 0))
        return false;
    return s.n == end.n || s.p[s.n - end.n - 1] == behind;
}

bool named_means(struct slice function, struct slice asked)
{
    bool place = named_has_place(asked);
    return slice_eq(function, asked) || (place && is_end(function, asked, '/')) ||
           (!place && is_end(named_bare(function), asked, '.'));
}

bool named_fits(struct slice function, struct slice asked)
{
    return named_glob(asked, function) || named_glob(asked, named_bare(function));
}

static uint32_t mark(const struct profile *p, struct slice asked, bool *marks,
                     bool (*wanted)(struct slice function, struct slice asked))
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->names.n; i++) {
        marks[i] = wanted(profile_name(p, i), asked);
        n += marks[i];
    }
    return n;
}

uint32_t named_find(const struct profile *p, struct slice asked, bool *marks)
{
    uint32_t n = asked.n ? mark(p, asked, marks, named_means) : 0;
    return n ? n : mark(p, asked, marks, named_fits);
}

/* Which are near ------------------------------------------------------------------------------- */

enum {
    NEAR_MAX = 64, /* of longer names the first so many bytes are compared */
    PART_MIN = 3   /* what is shorter is a part of too many */
};

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

/* How many bytes have to be added, left out or changed. */
static unsigned distance(struct slice a, struct slice b)
{
    unsigned row[NEAR_MAX + 1];
    size_t m = a.n < NEAR_MAX ? a.n : NEAR_MAX, n = b.n < NEAR_MAX ? b.n : NEAR_MAX;
    for (unsigned j = 0; j <= n; j++)
        row[j] = j;
    for (unsigned i = 1; i <= m; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            unsigned best = diagonal + (lower(a.p[i - 1]) != lower(b.p[j - 1]));
            diagonal = row[j];
            best = row[j] + 1 < best ? row[j] + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
        }
    }
    return row[n];
}

static bool holds(struct slice s, struct slice part)
{
    return part.n && s.n >= part.n && memmem(s.p, s.n, part.p, part.n);
}

/* What is behind the last dot: of builtins.len and Class.method. */
static struct slice without_class(struct slice bare)
{
    const uint8_t *dot = bare.n ? memrchr(bare.p, '.', bare.n - 1) : NULL;
    return dot ? between(bare, (size_t)(dot + 1 - bare.p), bare.n) : bare;
}

/* A part of a long name is nearer than another name of a few bytes. */
static unsigned farness(struct slice bare, struct slice asked)
{
    size_t longer = bare.n > asked.n ? bare.n - asked.n : asked.n - bare.n;
    if (bare.n >= PART_MIN && asked.n >= PART_MIN && (holds(bare, asked) || holds(asked, bare)))
        return 1 + (unsigned)(longer < NEAR_MAX ? longer : NEAR_MAX) / 4;
    unsigned far = distance(bare, asked);
    return far <= 1 + asked.n / 4 ? far : UINT32_MAX;
}

uint32_t named_nearest(const struct profile *p, struct slice asked,
                       uint32_t functions[NAMED_NEAREST])
{
    unsigned far[NAMED_NEAREST];
    uint32_t n = 0;
    struct slice bare = without_class(named_bare(asked));
    for (uint32_t i = 0; i < p->names.n; i++) {
        unsigned f = farness(without_class(named_bare(profile_name(p, i))), bare);
        uint32_t at = n;
        while (at > 0 && f < far[at - 1])
            at--;
        if (f == UINT32_MAX || at == NAMED_NEAREST)
            continue;
        n += n < NAMED_NEAREST;
        for (uint32_t k = n - 1; k > at; k--) {
            functions[k] = functions[k - 1];
            far[k] = far[k - 1];
        }
        functions[at] = i;
        far[at] = f;
    }
    return n;
}
