/* scale - how figures grow with a size: the exponent of each row of tables that were taken at it
 *
 *   struct scale s = {0};
 *   scale_size(&s, slice_str("7"));                   // sizes, then metrics, then points
 *   m = scale_metric(&s, slice_str("calls"));
 *   scale_point(&s, scale_key(&s, func), 0, m, slice_str("1000"));
 *   scale_fit(&s);
 *   ... s.rows[i] ...
 *
 * The exponent p of m ~ size^p is the slope of ln m on ln size (DEFINITIONS.md 8): of two points
 * through both, of more by least squares. All of it is done in logarithms, so that numbers of any
 * size are welcome; totals are decimals, exactly.
 */
#ifndef TRS_SCALE_H
#define TRS_SCALE_H

#include "base/strtab.h"
#include "table/bound.h"
#include "table/scale_line.h"

/* What a cell is to a fit. Any but USABLE leaves its row without an exponent. */
enum scale_state { SCALE_MISSING, SCALE_NO_NUMBER, SCALE_ZERO, SCALE_NEGATIVE, SCALE_USABLE };

enum scale_verdict {
    SCALE_LINEAR,      /* p < 1.1 */
    SCALE_N_LOG_N,     /* p <= 1.3 */
    SCALE_WATCH,       /* p <= 1.5 */
    SCALE_SUPERLINEAR, /* p <= 1.8 */
    SCALE_QUADRATIC,   /* p > 1.8 */
    SCALE_UNDEFINED
};

struct scale_row {
    uint32_t key, metric; /* ids */
    uint32_t points;      /* usable ones */
    enum scale_verdict verdict;
    struct scale_line line; /* if it is not SCALE_UNDEFINED; else */
    enum scale_state why;   /* what is wrong first, */
    uint32_t at;            /* and at which size, from 0 */
    struct slice total;     /* the sum of its numbers as decimal text; none if it has no number */
};

struct scale_size {
    struct buf text; /* as it was given, with a NUL behind it */
    double ln;
};

struct scale {
    struct scale_size *sizes;
    uint32_t nsizes;
    struct strtab keys, metrics;
    struct scale_row *rows; /* after scale_fit: exponent descending in the four decimals that are
                             * shown, undefined ones last, ties by key, then metric */
    size_t nrows;

    /* private */
    size_t sizes_cap, points_cap;
    struct scale_point *points; /* of key k, size s, metric m at (k * nsizes + s) * metrics + m */
    struct buf texts, totals;
    uint32_t *decimals; /* of each metric, the most that a cell has */
    bool *dropped;
    struct decimal number;
};

/* The next size; false if it is no decimal number above 0. */
bool scale_size(struct scale *s, struct slice text);

/* A size as it was given. */
static inline const char *scale_size_text(const struct scale *s, uint32_t size)
{
    return (const char *)s->sizes[size].text.p;
}

/* True if two sizes differ, as far as their logarithms tell. */
bool scale_sizes_differ(const struct scale *s);

/* Metrics are numbered from 0; all of them come before the first point. */
uint32_t scale_metric(struct scale *s, struct slice name);

/* The key's number, from 0; *known is false if it is new. Its cells are SCALE_MISSING at first. */
uint32_t scale_key(struct scale *s, struct slice name, bool *known);

/* A cell of a row. */
enum scale_state scale_point(struct scale *s, uint32_t key, uint32_t size, uint32_t metric,
                             struct slice text);

/* Its cells come to no rows. */
void scale_drop(struct scale *s, uint32_t metric);

/* Makes the rows. */
void scale_fit(struct scale *s);

/* The logarithm of the row's cell at a size, from 0, if the row is defined. */
double scale_ln(const struct scale *s, const struct scale_row *row, uint32_t size);

/* Below, at or above 0 as the total of a is less than, equal to or more than that of b; both have
 * one. */
int scale_order(const struct scale_row *a, const struct scale_row *b);

/* What is printed of an exponent or R²: ten-thousandths, rounded. */
wide scale_rounded(double x);

const char *scale_verdict_name(enum scale_verdict v);

void scale_free(struct scale *s);

#endif
