#include "table/scale_line.h"

#include <math.h>

static double mean(const double *v, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += v[i];
    return sum / n;
}

/* The sum of the products of what two columns differ from their means. */
static double spread(const double *a, const double *b, uint32_t n)
{
    double sum = 0, mean_a = mean(a, n), mean_b = mean(b, n);
    for (uint32_t i = 0; i < n; i++)
        sum += (a[i] - mean_a) * (b[i] - mean_b);
    return sum;
}

static void fit_pairs(struct scale_line *line, const double *x, const double *y, uint32_t n)
{
    line->min_pair = INFINITY;
    line->max_pair = -INFINITY;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = i + 1; j < n; j++) {
            if (x[i] == x[j])
                continue;
            double slope = (y[j] - y[i]) / (x[j] - x[i]);
            line->min_pair = fmin(line->min_pair, slope);
            line->max_pair = fmax(line->max_pair, slope);
        }
}

static bool all_same(const double *v, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        if (v[i] != v[0])
            return false;
    return true;
}

void scale_line_fit(struct scale_line *line, const double *x, const double *y, uint32_t n)
{
    fit_pairs(line, x, y, n);
    line->exponent = line->min_pair;
    line->r2 = 1;
    if (all_same(y, n)) {
        line->exponent = 0; /* where means would leave noise */
    } else if (n > 2) {
        double xy = spread(x, y, n);
        line->exponent = xy / spread(x, x, n);
        line->r2 = fmin(1, line->exponent * xy / spread(y, y, n));
    }
    line->ln_at_one = mean(y, n) - line->exponent * mean(x, n);
}
