#include "prof/folded.h"

#include "prof/line.h"

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

void folded_begin(struct folded *f)
{
    input_read_ahead(&f->in);
    line_begin(&f->in);
    progress_begin(&f->progress, f->in.name, f->in.size);
}

int folded_open(struct folded *f, const char *path, unsigned numbers, struct err *e)
{
    *f = (struct folded){.numbers = numbers};
    if (input_open(&f->in, path, e) < 0)
        return -1;
    folded_begin(f);
    return 0;
}

/* Numbers -------------------------------------------------------------------------------------- */

/* Decimal text taken apart. */
struct decimal {
    struct slice whole, fraction; /* the fraction without zeros at its end */
};

static struct slice trim_end(struct slice s)
{
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

static size_t count_digits(const uint8_t *p, size_t n)
{
    size_t i = 0;
    while (i < n && is_digit(p[i]))
        i++;
    return i;
}

static bool decimal_read(struct slice s, struct decimal *d)
{
    size_t n = count_digits(s.p, s.n);
    d->whole = slice_of(s.p, n);
    d->fraction = slice_of(s.p + n, 0);
    if (n == 0 || n == s.n)
        return n > 0;
    if (s.p[n] != '.' || count_digits(s.p + n + 1, s.n - n - 1) != s.n - n - 1)
        return false;
    d->fraction = slice_of(s.p + n + 1, s.n - n - 1);
    while (d->fraction.n && d->fraction.p[d->fraction.n - 1] == '0')
        d->fraction.n--;
    return true;
}

/* Takes the number behind the last blank off the line; what is left keeps the blank. */
static bool take_number(struct slice *line, struct decimal *d)
{
    struct slice s = trim_end(*line);
    size_t at = s.n;
    while (at && !is_blank(s.p[at - 1]))
        at--;
    if (at == 0 || !decimal_read(slice_of(s.p + at, s.n - at), d))
        return false;
    line->n = at;
    return true;
}

/* The number in units of 10^-decimals, rounded half up; false if it does not fit. */
static bool decimal_value(const struct decimal *d, unsigned decimals, uint64_t *out)
{
    uint64_t v = 0;
    for (size_t i = 0; i < d->whole.n + decimals; i++) {
        size_t k = i - d->whole.n;
        uint8_t c = i < d->whole.n      ? d->whole.p[i]
                    : k < d->fraction.n ? d->fraction.p[k]
                                        : (uint8_t)'0';
        if (__builtin_mul_overflow(v, 10u, &v) ||
            __builtin_add_overflow(v, (uint64_t)(c - '0'), &v))
            return false;
    }
    bool up = d->fraction.n > decimals && d->fraction.p[decimals] >= '5';
    return !__builtin_add_overflow(v, (uint64_t)up, out);
}

/* The unit in which all digits of the number can be told. */
static void refine(struct folded *f, const struct decimal *d)
{
    size_t n = d->fraction.n;
    f->rounded += n > FOLDED_DECIMALS;
    n = n < FOLDED_DECIMALS ? n : FOLDED_DECIMALS;
    if (n > f->decimals)
        f->decimals = (unsigned)n;
}

/* Lines ---------------------------------------------------------------------------------------- */

static int wrong(struct folded *f, const char *what, struct err *e)
{
    f->wrong = what;
    return err_set(e, ST_FAILED, "%s: line %llu: %s", f->in.name, (unsigned long long)f->line,
                   what);
}

static int split_line(struct folded *f, struct slice line, struct err *e)
{
    struct decimal numbers[FOLDED_NUMBERS], extra;
    for (unsigned i = f->numbers; i-- > 0;) {
        if (!take_number(&line, &numbers[i]))
            return wrong(
                f, f->numbers == 1 ? "no number behind a stack" : "no two numbers behind a stack",
                e);
        refine(f, &numbers[i]);
    }
    for (unsigned i = 0; i < f->numbers; i++)
        if (!decimal_value(&numbers[i], f->decimals, &f->values[i]))
            return wrong(f, "a number that is too large", e);
    line.n--; /* the blank before the number */
    f->stack = trim_end(line);
    f->pairs += take_number(&line, &extra);
    f->stacks++;
    return 1;
}

int folded_next(struct folded *f, struct err *e)
{
    struct slice line;
    int got;
    f->wrong = NULL;
    while ((got = line_next(&f->in, &f->progress, f->line + 1, &line, e)) > 0) {
        f->line++;
        line = trim_end(line);
        if (line.n)
            return split_line(f, line, e);
    }
    return got;
}

int folded_close(struct folded *f, struct err *e)
{
    progress_end(&f->progress);
    return input_close(&f->in, e);
}
