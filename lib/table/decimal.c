#include "table/decimal.h"

enum { EXPONENT_DIGITS = 9, WIDE_DIGITS = 36, DOUBLE_DIGITS = 17 };

static size_t count_digits(struct slice s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
        n++;
    return n;
}

static void pass(struct slice *s, size_t n)
{
    *s = slice_of(s->p + n, s->n - n);
}

static bool take_sign(struct slice *s)
{
    bool negative = s->n && s->p[0] == '-';
    if (s->n && (s->p[0] == '-' || s->p[0] == '+'))
        pass(s, 1);
    return negative;
}

/* What is left is nothing, or an exponent. */
static bool take_exponent(struct slice s, int64_t *exponent)
{
    *exponent = 0;
    if (s.n == 0)
        return true;
    if (s.p[0] != 'e' && s.p[0] != 'E')
        return false;
    pass(&s, 1);
    bool negative = take_sign(&s);
    if (s.n == 0 || s.n > EXPONENT_DIGITS || count_digits(s) != s.n)
        return false;
    for (size_t i = 0; i < s.n; i++)
        *exponent = *exponent * 10 + (s.p[i] - '0');
    *exponent = negative ? -*exponent : *exponent;
    return true;
}

static void strip_zeros(struct decimal *d)
{
    size_t zeros = 0;
    struct buf *b = &d->digits;
    while (zeros < b->n && b->p[zeros] == '0')
        zeros++;
    if (zeros) {
        memmove(b->p, b->p + zeros, b->n - zeros);
        b->n -= zeros;
        d->exponent -= (int64_t)zeros;
    }
    while (b->n && b->p[b->n - 1] == '0')
        b->n--;
}

bool decimal_read(struct decimal *d, struct slice s)
{
    d->digits.n = 0;
    d->negative = take_sign(&s);
    size_t whole = count_digits(s), fraction = 0;
    buf_add(&d->digits, s.p, whole);
    pass(&s, whole);
    if (s.n && s.p[0] == '.') {
        pass(&s, 1);
        fraction = count_digits(s);
        buf_add(&d->digits, s.p, fraction);
        pass(&s, fraction);
    }
    if (whole + fraction == 0 || !take_exponent(s, &d->exponent))
        return false;
    d->decimals = (int64_t)fraction - d->exponent;
    d->exponent += (int64_t)whole;
    strip_zeros(d);
    return true;
}

void decimal_shift(struct decimal *d, int n)
{
    d->exponent += n;
}

int decimal_sign(const struct decimal *d)
{
    return d->digits.n == 0 ? 0 : d->negative ? -1 : 1;
}

/* Of numbers that are not 0, without their signs. */
static int compare_sizes(const struct decimal *a, const struct decimal *b)
{
    if (a->exponent != b->exponent)
        return a->exponent < b->exponent ? -1 : 1;
    size_t n = a->digits.n < b->digits.n ? a->digits.n : b->digits.n;
    int order = memcmp(a->digits.p, b->digits.p, n);
    if (order == 0 && a->digits.n != b->digits.n)
        order = a->digits.n < b->digits.n ? -1 : 1;
    return order;
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
    int of_a = decimal_sign(a), of_b = decimal_sign(b);
    if (of_a != of_b)
        return of_a < of_b ? -1 : 1;
    return of_a == 0 ? 0 : of_a * compare_sizes(a, b);
}

bool decimal_wide(const struct decimal *d, unsigned decimals, wide *out)
{
    int64_t places = d->exponent + (int64_t)decimals; /* that the whole number has */
    *out = 0;
    if (d->digits.n == 0)
        return true;
    if (places > WIDE_DIGITS || places < (int64_t)d->digits.n)
        return false;
    for (int64_t i = 0; i < places; i++)
        *out = *out * 10 + (i < (int64_t)d->digits.n ? d->digits.p[i] - '0' : 0);
    *out = d->negative ? -*out : *out;
    return true;
}

double decimal_mantissa(const struct decimal *d)
{
    size_t n = d->digits.n < DOUBLE_DIGITS ? d->digits.n : DOUBLE_DIGITS;
    uint64_t v = 0, one = 1;
    for (size_t i = 0; i < n; i++, one *= 10)
        v = v * 10 + (uint64_t)(d->digits.p[i] - '0');
    return (double)v / (double)one * (d->negative ? -1 : 1);
}

void decimal_free(struct decimal *d)
{
    buf_free(&d->digits);
    *d = (struct decimal){0};
}
