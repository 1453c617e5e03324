#include "base/num.h"

enum { EXPONENT_MAX = 100000 };

static bool digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Decimal text taken apart: digits with the point left out. */
struct decimal {
    bool negative;
    struct slice whole, fraction;
    long exponent;
};

static const uint8_t *digits_end(const uint8_t *p, const uint8_t *end)
{
    while (p < end && digit(*p))
        p++;
    return p;
}

static bool read_exponent(const uint8_t *p, const uint8_t *end, long *out)
{
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (p == end || digits_end(p, end) != end)
        return false;
    long e = 0;
    for (; p < end; p++)
        e = e < EXPONENT_MAX ? e * 10 + (*p - '0') : e;
    *out = negative ? -e : e;
    return true;
}

static bool decimal_read(struct slice s, struct decimal *d)
{
    const uint8_t *p = s.p, *end = s.p + s.n;
    *d = (struct decimal){.negative = p < end && *p == '-'};
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    const uint8_t *q = digits_end(p, end);
    d->whole = slice_of(p, (size_t)(q - p));
    if (q < end && *q == '.') {
        p = q + 1;
        q = digits_end(p, end);
        d->fraction = slice_of(p, (size_t)(q - p));
    }
    if (d->whole.n + d->fraction.n == 0)
        return false;
    if (q < end && (*q == 'e' || *q == 'E'))
        return read_exponent(q + 1, end, &d->exponent);
    return q == end;
}

/* The first `keep` digits of the decimal, zeros behind its last, as a number. */
static enum num_result leading_digits(const struct decimal *d, long keep, uint64_t *out)
{
    uint64_t v = 0;
    for (long i = 0; i < keep; i++) {
        size_t k = (size_t)i;
        uint8_t c = k < d->whole.n                   ? d->whole.p[k]
                    : k - d->whole.n < d->fraction.n ? d->fraction.p[k - d->whole.n]
                                                     : (uint8_t)'0';
        if (v == 0 && c == '0' && k >= d->whole.n + d->fraction.n)
            break; /* zero times ten to the whatever */
        if (__builtin_mul_overflow(v, 10u, &v) ||
            __builtin_add_overflow(v, (uint64_t)(c - '0'), &v))
            return NUM_RANGE;
    }
    *out = v;
    return NUM_OK;
}

/* Nearly every number in a trace: up to 18 digits with the zeros that scale adds, perhaps a point
 * and up to `scale` digits. */
static bool scaled_fast(struct slice s, int scale, int64_t *out)
{
    uint64_t v = 0;
    size_t i = 0;
    if (s.n > 19)
        return false;
    for (; i < s.n && digit(s.p[i]); i++)
        v = v * 10 + (uint64_t)(s.p[i] - '0');
    if (i == 0 || (int)i > 18 - scale)
        return false;
    int left = scale;
    if (i < s.n && s.p[i] == '.') {
        for (i++; i < s.n && left > 0 && digit(s.p[i]); i++, left--)
            v = v * 10 + (uint64_t)(s.p[i] - '0');
        if (left == scale)
            return false;
    }
    if (i != s.n)
        return false;
    for (; left > 0; left--)
        v *= 10;
    *out = (int64_t)v;
    return true;
}

enum num_result num_scaled(struct slice text, int scale, int64_t *out)
{
    if (scaled_fast(text, scale, out))
        return NUM_OK;
    struct decimal d;
    uint64_t v = 0;
    if (!decimal_read(text, &d))
        return NUM_BAD;
    if (text.n > (size_t)INT32_MAX)
        return NUM_RANGE;
    enum num_result r = leading_digits(&d, (long)d.whole.n + d.exponent + scale, &v);
    if (r != NUM_OK)
        return r;
    if (v > (uint64_t)INT64_MAX + d.negative)
        return NUM_RANGE;
    *out = d.negative ? (int64_t)(0 - v) : (int64_t)v;
    return NUM_OK;
}

bool num_u64(struct slice text, uint64_t *out)
{
    uint64_t v = 0;
    for (size_t i = 0; i < text.n; i++)
        if (!digit(text.p[i]) || __builtin_mul_overflow(v, 10u, &v) ||
            __builtin_add_overflow(v, (uint64_t)(text.p[i] - '0'), &v))
            return false;
    *out = v;
    return text.n > 0;
}

bool num_size(struct slice text, uint64_t *bytes)
{
    static const char units[] = "KMGT";
    const char *unit = text.n > 0 ? memchr(units, text.p[text.n - 1], sizeof units - 1) : NULL;
    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
    if (!num_u64(slice_of(text.p, text.n - (unit != NULL)), bytes) || *bytes > UINT64_MAX >> shift)
        return false;
    *bytes <<= shift;
    return true;
}

bool num_duration(struct slice text, int64_t *ns)
{
    static const struct {
        const char *name;
        int scale;
    } units[] = {{"ns", 0}, {"us", 3}, {"ms", 6}, {"s", 9}};
    for (unsigned i = 0; i < sizeof units / sizeof *units; i++) {
        size_t n = strlen(units[i].name);
        if (text.n > n && memcmp(text.p + text.n - n, units[i].name, n) == 0)
            return num_scaled(slice_of(text.p, text.n - n), units[i].scale, ns) == NUM_OK;
    }
    return num_scaled(text, 3, ns) == NUM_OK;
}

bool num_age(struct slice text, int64_t *ns)
{
    static const struct {
        char letter;
        int64_t ns;
    } units[] = {{'h', INT64_C(3600000000000)},
                 {'d', INT64_C(86400000000000)},
                 {'w', INT64_C(604800000000000)}};
    uint64_t n;
    for (unsigned i = 0; i < sizeof units / sizeof *units; i++)
        if (text.n > 0 && text.p[text.n - 1] == units[i].letter)
            return num_u64(slice_of(text.p, text.n - 1), &n) &&
                   !__builtin_mul_overflow(n, units[i].ns, ns);
    return false;
}

static int hex_digit(uint8_t c)
{
    if (digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum num_result hex_id(struct slice text, uint64_t *out)
{
    uint64_t v = 0;
    if (text.n == 0)
        return NUM_BAD;
    for (size_t i = 0; i < text.n; i++) {
        int h = hex_digit(text.p[i]);
        if (h < 0)
            return NUM_BAD;
        if (v >> 60)
            return NUM_RANGE;
        v = v << 4 | (uint64_t)h;
    }
    *out = v;
    return NUM_OK;
}

enum num_result num_id(struct slice text, uint64_t *out)
{
    if (text.n < 20 && num_u64(text, out))
        return NUM_OK;
    if (text.n > 2 && text.p[0] == '0' && (text.p[1] | 0x20) == 'x')
        return hex_id(slice_of(text.p + 2, text.n - 2), out);
    struct decimal d;
    if (!decimal_read(text, &d) || d.negative)
        return NUM_BAD;
    if (d.exponent < 0)
        return NUM_RANGE;
    for (size_t i = (size_t)d.exponent; i < d.fraction.n; i++)
        if (d.fraction.p[i] != '0')
            return NUM_RANGE;
    return leading_digits(&d, (long)d.whole.n + d.exponent, out);
}
