/* cond - a condition on the rows of a table, and whether it holds of one
 *
 *   exponent > 1.8 && total >= 1s
 *   verdict == quadratic && !(func == "<lambda>" || metric == calls)
 *
 * Comparisons COLUMN OPERATOR VALUE with < <= > >= == != are joined by && and || (&& first), with !
 * and parentheses. A column or a value is a word, or anything between double quotes, "" in them
 * for one. Numbers are compared as decimals, exactly; in columns of times they may have ns, us, ms
 * or s behind them. Text is the same or not, byte for byte. A comparison with an empty cell does
 * not hold, whatever the operator.
 *
 *   if (cond_read(&c, text, &e) < 0 || cond_bind(&c, columns, n, &e) < 0) ...
 *   if (cond_holds(&c, cells)) ...
 */
#ifndef TRS_COND_H
#define TRS_COND_H

#include "base/err.h"
#include "table/bound.h"

enum cond_type {
    COND_TEXT,
    COND_NUMBER,
    COND_TIME /* may be compared with a time; each cell says in which unit it is */
};

struct cond_column {
    const char *name;
    enum cond_type type;
    const char *const *words; /* all that a text can be, NULL behind them; NULL: any */
};

struct cond_cell {
    struct slice text;
    int unit; /* under COND_TIME, see bound.h; a comparison of BOUND_NO_UNIT with a time is false */
};

struct cond {
    const char *text; /* borrowed */

    /* private */
    struct cond_step *steps; /* operands before their operators */
    size_t nsteps, cap;
    bool *held; /* what came of steps that none has taken yet */
    struct decimal cell;
};

/* Reads the condition; what is wrong with it is ST_USAGE. */
int cond_read(struct cond *c, const char *text, struct err *e);

/* Finds its columns among these, once. One that is not there, or is held against what it cannot be
 * compared with or ever be, is ST_USAGE. */
int cond_bind(struct cond *c, const struct cond_column *columns, unsigned n, struct err *e);

/* cells stand as the columns do. A cell that should be a number and is none compares as an empty
 * one. */
bool cond_holds(struct cond *c, const struct cond_cell *cells);

void cond_free(struct cond *c);

#endif
