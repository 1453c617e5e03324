#include "table/scale_axis.h"

#include "base/text.h"

#include <math.h>

enum { NAME_COLUMNS = 30, TICKS_MAX = 40 };

/* Between single quotes gnuplot reads nothing but '' for one of them. */
void scale_axis_quote(struct buf *out, struct slice text)
{
    buf_addc(out, '\'');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\'')
            buf_addc(out, '\'');
        buf_addc(out, (char)text.p[i]);
    }
    buf_addc(out, '\'');
}

static void add_name(struct buf *out, struct slice name)
{
    struct buf shown = {0};
    text_add_short(&shown, name, NAME_COLUMNS);
    scale_axis_quote(out, buf_slice(&shown));
    buf_free(&shown);
}

/* 1500, 20k, 1.5M */
static void add_count(struct buf *out, double v)
{
    static const char *const suffix[] = {"", "k", "M", "G", "T"};
    unsigned i = 0;
    if (v < 1e15)
        for (; i < 4 && v >= (i ? 1e3 : 1e4); i++)
            v /= 1e3;
    buf_addf(out, "%.4g%s", v, suffix[i]);
}

static void add_time(struct buf *out, double seconds)
{
    if (seconds >= 1)
        add_count(out, seconds);
    else
        buf_addf(out, "%.4g", seconds * (seconds >= 1e-3 ? 1e3 : seconds >= 1e-6 ? 1e6 : 1e9));
    buf_adds(out, seconds >= 1 ? " s" : seconds >= 1e-3 ? " ms" : seconds >= 1e-6 ? " µs" : " ns");
}

static void add_tick(struct buf *out, double v, int unit)
{
    buf_adds(out, "'");
    if (unit == BOUND_NO_UNIT)
        add_count(out, v);
    else
        add_time(out, v * pow(10, unit) * (1 + 1e-12)); /* 1e6 times 1e-6 may be below 1 */
    buf_addf(out, "' %.17g", v);
}

/* Ticks at steps that a reader knows: powers of ten, else 1 2 5, else the steps of a ruler. */
static unsigned find_ticks(double low, double high, double ticks[TICKS_MAX])
{
    static const double steps[] = {1, 2, 5};
    double decades = (high - low) / M_LN10;
    int every = decades > 8 ? (int)ceil(decades / 8) : 1;
    unsigned n = 0;
    if (decades < 0.7) {
        double from = exp(low), to = exp(high), step = pow(10, floor(log10((to - from) / 3)));
        step *= (to - from) / step > 10 ? 5 : (to - from) / step > 5 ? 2 : 1;
        for (double v = ceil(from / step) * step; v <= to && n < TICKS_MAX; v += step)
            ticks[n++] = v;
        return n;
    }
    for (int k = (int)floor(low / M_LN10); k <= high / M_LN10; k++)
        for (unsigned i = 0; i < (decades < 3 ? 3 : 1) && n < TICKS_MAX; i++) {
            double v = steps[i] * pow(10, k);
            if (k % every == 0 && log(v) >= low && log(v) <= high)
                ticks[n++] = v;
        }
    return n;
}

void scale_axis_y(struct buf *out, double low, double high, struct slice metric)
{
    double ticks[TICKS_MAX], room = fmax(0.06 * (high - low), 0.2);
    low -= room;
    high += room;
    unsigned n = find_ticks(low, high, ticks);
    buf_addf(out, "set yrange [%.17g:%.17g]\nset ytics (", exp(low), exp(high));
    for (unsigned i = 0; i < n; i++) {
        buf_adds(out, i ? ", " : "");
        add_tick(out, ticks[i], bound_unit_of(metric));
    }
    buf_adds(out, ")\nset ylabel ");
    add_name(out, metric);
    buf_addc(out, '\n');
}

/* A tick at each size, with its name where that does not cover another. */
void scale_axis_x(struct buf *out, const struct scale *s)
{
    double low = INFINITY, high = -INFINITY;
    for (uint32_t i = 0; i < s->nsizes; i++) {
        low = fmin(low, s->sizes[i].ln);
        high = fmax(high, s->sizes[i].ln);
    }
    double room = 0.06 * (high - low);
    buf_addf(out, "set xrange [%.17g:%.17g]\nset xtics (", exp(low - room), exp(high + room));
    for (uint32_t i = 0; i < s->nsizes; i++) {
        bool named = true;
        for (uint32_t j = 0; j < i; j++)
            named &= fabs(s->sizes[i].ln - s->sizes[j].ln) > room;
        buf_adds(out, i ? ", " : "");
        if (named)
            add_name(out, slice_str(scale_size_text(s, i)));
        else
            buf_adds(out, "''");
        buf_addf(out, " %.17g", exp(s->sizes[i].ln));
    }
    buf_adds(out, ")\nset xlabel 'size' offset 0,0.4\n");
}
