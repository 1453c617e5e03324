#include "table/scale.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

enum { DECIMALS_MAX = 18, TIME_DECIMALS = 3, MICROSECONDS = -6 };

struct scale_point {
    enum scale_state state;
    double ln;
    size_t off, n; /* of its text, if it is a number */
};

/* Points --------------------------------------------------------------------------------------- */

bool scale_size(struct scale *s, struct slice text)
{
    struct scale_size size = {0};
    if (!decimal_read(&s->number, text) || decimal_sign(&s->number) <= 0)
        return false;
    buf_add(&size.text, text.p, text.n);
    buf_addc(&size.text, '\0');
    size.ln = decimal_ln(&s->number);
    s->sizes = mem_grow(s->sizes, &s->sizes_cap, s->nsizes + 1, sizeof *s->sizes);
    s->sizes[s->nsizes++] = size;
    return true;
}

bool scale_sizes_differ(const struct scale *s)
{
    for (uint32_t i = 1; i < s->nsizes; i++)
        if (s->sizes[i].ln != s->sizes[0].ln)
            return true;
    return false;
}

uint32_t scale_metric(struct scale *s, struct slice name)
{
    uint32_t id = strtab_intern(&s->metrics, name);
    s->decimals = mem_resize(s->decimals, id * sizeof *s->decimals);
    s->dropped = mem_resize(s->dropped, id * sizeof *s->dropped);
    s->decimals[id - 1] = 0;
    s->dropped[id - 1] = false;
    return id - 1;
}

void scale_drop(struct scale *s, uint32_t metric)
{
    s->dropped[metric] = true;
}

uint32_t scale_key(struct scale *s, struct slice name, bool *known)
{
    uint32_t before = s->keys.n, id = strtab_intern(&s->keys, name);
    size_t each = (size_t)s->nsizes * s->metrics.n;
    *known = s->keys.n == before;
    if (!*known)
        s->points = mem_grow_zeroed(s->points, &s->points_cap, s->keys.n * each, sizeof *s->points);
    return id - 1;
}

static struct scale_point *point_of(const struct scale *s, uint32_t key, uint32_t size,
                                    uint32_t metric)
{
    return &s->points[((size_t)key * s->nsizes + size) * s->metrics.n + metric];
}

/* How many decimals totals need. Cells with more than one can want do not count. */
static void count_decimals(struct scale *s, uint32_t metric)
{
    int64_t n = s->number.decimals;
    if (n > s->decimals[metric] && n <= DECIMALS_MAX)
        s->decimals[metric] = (uint32_t)n;
}

enum scale_state scale_point(struct scale *s, uint32_t key, uint32_t size, uint32_t metric,
                             struct slice text)
{
    struct scale_point *p = point_of(s, key, size, metric);
    *p = (struct scale_point){.state = SCALE_NO_NUMBER, .off = s->texts.n};
    if (!decimal_read(&s->number, text))
        return p->state;
    int sign = decimal_sign(&s->number);
    p->state = sign > 0 ? SCALE_USABLE : sign < 0 ? SCALE_NEGATIVE : SCALE_ZERO;
    p->ln = sign > 0 ? decimal_ln(&s->number) : 0;
    p->n = text.n;
    buf_add(&s->texts, text.p, text.n);
    count_decimals(s, metric);
    return p->state;
}

double scale_ln(const struct scale *s, const struct scale_row *row, uint32_t size)
{
    return point_of(s, row->key - 1, size, row->metric - 1)->ln;
}

/* Totals --------------------------------------------------------------------------------------- */

static bool read_number(struct scale *s, const struct scale_point *p)
{
    return p->n && decimal_read(&s->number, slice_of(s->texts.p + p->off, p->n));
}

/* The sum in units of 10^-decimals; false if it does not fit. */
static bool add_exactly(struct scale *s, const struct scale_row *row, unsigned decimals, wide *sum)
{
    const wide limit = (wide)1e18 * (wide)1e19;
    *sum = 0;
    for (uint32_t i = 0; i < s->nsizes; i++) {
        wide v;
        if (!read_number(s, point_of(s, row->key - 1, i, row->metric - 1)))
            continue;
        if (!decimal_wide(&s->number, decimals, &v) || *sum > limit || *sum < -limit)
            return false;
        *sum += v;
    }
    return true;
}

/* As text with an exponent: sum times 10^power, where sum is 0 or of any sign. */
static void add_scientific(struct buf *out, double sum, int64_t power)
{
    if (sum == 0) {
        buf_adds(out, "0");
    } else {
        int shift = (int)floor(log10(fabs(sum)));
        buf_addf(out, "%.8fe%lld", sum / pow(10, shift), (long long)(power + shift));
    }
}

/* What is too large or too fine for a whole number has nine digits. */
static void add_roughly(struct scale *s, const struct scale_row *row, struct buf *out)
{
    double sum = 0;
    int64_t power = INT64_MIN;
    for (int adding = 0; adding < 2; adding++)
        for (uint32_t i = 0; i < s->nsizes; i++)
            if (read_number(s, point_of(s, row->key - 1, i, row->metric - 1)) &&
                decimal_sign(&s->number)) {
                int64_t its = s->number.exponent;
                if (adding)
                    sum += decimal_mantissa(&s->number) * pow(10, (double)(its - power));
                else if (its > power)
                    power = its;
            }
    add_scientific(out, sum, power);
}

/* Without the last digits, rounded half up. */
static wide cut(wide v, unsigned digits)
{
    wide one = 1;
    while (digits--)
        one *= 10;
    wide up = v + one / 2;
    return up / one - (up < 0 && up % one != 0);
}

static void add_total(struct scale *s, const struct scale_row *row, struct buf *out)
{
    bool time = bound_unit_of(strtab_get(&s->metrics, row->metric)) == MICROSECONDS;
    unsigned decimals = s->decimals[row->metric - 1];
    wide sum;
    if (time && decimals < TIME_DECIMALS)
        decimals = TIME_DECIMALS;
    if (!add_exactly(s, row, decimals, &sum)) {
        add_roughly(s, row, out);
        return;
    }
    unsigned shown = time ? TIME_DECIMALS : decimals;
    wide_add(out, cut(sum, decimals - shown), shown);
}

/* Rows ----------------------------------------------------------------------------------------- */

int scale_order(const struct scale_row *a, const struct scale_row *b)
{
    struct decimal x = {0}, y = {0};
    (void)decimal_read(&x, a->total);
    (void)decimal_read(&y, b->total);
    int order = decimal_compare(&x, &y);
    decimal_free(&x);
    decimal_free(&y);
    return order;
}

wide scale_rounded(double x)
{
    return (wide)floor(x * 10000 + 0.5);
}

const char *scale_verdict_name(enum scale_verdict v)
{
    static const char *const names[] = {
        [SCALE_LINEAR] = "linear",       [SCALE_N_LOG_N] = "n-log-n",
        [SCALE_WATCH] = "watch",         [SCALE_SUPERLINEAR] = "superlinear",
        [SCALE_QUADRATIC] = "quadratic", [SCALE_UNDEFINED] = "undefined"};
    return names[v];
}

/* An exponent that is a bound comes out of logarithms a few 1e-16 beside it. */
static enum scale_verdict judge(double p)
{
    const double noise = 1e-9;
    if (p < 1.1 - noise)
        return SCALE_LINEAR;
    return p <= 1.3 + noise   ? SCALE_N_LOG_N
           : p <= 1.5 + noise ? SCALE_WATCH
           : p <= 1.8 + noise ? SCALE_SUPERLINEAR
                              : SCALE_QUADRATIC;
}

/* x and y have room for a number at each size. */
static void fill_row(struct scale *s, struct scale_row *row, double *x, double *y)
{
    for (uint32_t i = 0; i < s->nsizes; i++) {
        const struct scale_point *p = point_of(s, row->key - 1, i, row->metric - 1);
        x[i] = s->sizes[i].ln;
        y[i] = p->ln;
        if (p->state != SCALE_USABLE && row->points == i) {
            row->why = p->state;
            row->at = i;
        }
        row->points += p->state == SCALE_USABLE;
    }
    row->verdict = SCALE_UNDEFINED;
    if (row->points == s->nsizes) {
        scale_line_fit(&row->line, x, y, s->nsizes);
        row->verdict = judge(row->line.exponent);
    }
}

static int by_exponent(const void *a, const void *b, void *ctx)
{
    const struct scale *s = ctx;
    const struct scale_row *x = a, *y = b;
    bool no_x = x->verdict == SCALE_UNDEFINED, no_y = y->verdict == SCALE_UNDEFINED;
    if (no_x || no_y) {
        if (no_x != no_y)
            return no_x - no_y;
    } else {
        wide p = scale_rounded(x->line.exponent), q = scale_rounded(y->line.exponent);
        if (p != q)
            return p < q ? 1 : -1;
    }
    int c = slice_cmp(strtab_get(&s->keys, x->key), strtab_get(&s->keys, y->key));
    return c ? c
             : slice_cmp(strtab_get(&s->metrics, x->metric), strtab_get(&s->metrics, y->metric));
}

/* Totals move while more of them are added: they are slices of all at the end. */
static void add_totals(struct scale *s)
{
    size_t *ends = mem_alloc((s->nrows + 1) * sizeof *ends);
    for (size_t i = 0; i < s->nrows; i++) {
        const struct scale_row *row = &s->rows[i];
        bool any = false;
        for (uint32_t size = 0; size < s->nsizes; size++)
            any |= point_of(s, row->key - 1, size, row->metric - 1)->n > 0;
        if (any)
            add_total(s, row, &s->totals);
        ends[i] = s->totals.n;
    }
    for (size_t i = 0; i < s->nrows; i++) {
        size_t begin = i ? ends[i - 1] : 0;
        s->rows[i].total = slice_of(s->totals.p + begin, ends[i] - begin);
    }
    free(ends);
}

void scale_fit(struct scale *s)
{
    double *x = mem_alloc(s->nsizes * sizeof *x), *y = mem_alloc(s->nsizes * sizeof *y);
    s->rows = mem_zalloc((size_t)s->keys.n * s->metrics.n, sizeof *s->rows);
    for (uint32_t k = 1; k <= s->keys.n; k++)
        for (uint32_t m = 1; m <= s->metrics.n; m++) {
            struct scale_row *row = &s->rows[s->nrows];
            if (s->dropped[m - 1])
                continue;
            *row = (struct scale_row){.key = k, .metric = m};
            fill_row(s, row, x, y);
            s->nrows++;
        }
    qsort_r(s->rows, s->nrows, sizeof *s->rows, by_exponent, s);
    add_totals(s);
    free(x);
    free(y);
}

void scale_free(struct scale *s)
{
    for (uint32_t i = 0; i < s->nsizes; i++)
        buf_free(&s->sizes[i].text);
    free(s->sizes);
    strtab_free(&s->keys);
    strtab_free(&s->metrics);
    free(s->rows);
    free(s->points);
    buf_free(&s->texts);
    buf_free(&s->totals);
    free(s->decimals);
    free(s->dropped);
    decimal_free(&s->number);
    *s = (struct scale){0};
}
