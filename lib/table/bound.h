/* bound - what a number in a table is held against: an operator, and a number that may have a unit
 *
 *   total_us < 5000      mean_us >= 1.5ms
 *
 * Units are those of time. What a column counts in, the end of its name says: _ns, _us, _ms or _s.
 */
#ifndef TRS_BOUND_H
#define TRS_BOUND_H

#include "table/decimal.h"

enum bound_operator { BOUND_LT, BOUND_LE, BOUND_GT, BOUND_GE, BOUND_EQ, BOUND_NE };

/* < <= > >= == != alone; false for anything else. */
bool bound_operator(struct slice text, enum bound_operator *op);

/* True if op holds of two things whose order is below, at or above 0. */
bool bound_holds(enum bound_operator op, int order);

/* True of the bytes that operators are made of. */
bool bound_is_operator(uint8_t c);

/* A unit as a power of ten of a second: us is -6. */
enum { BOUND_NO_UNIT = 99 };

int bound_unit_of(struct slice column);

/* All zero is 0 without being read; it is read again and again. */
struct bound {
    struct decimal number;
    int unit;
};

/* Decimal text, and ns, us, ms or s behind it if need be; false for anything else. */
bool bound_read(struct bound *b, struct slice text);

/* How a number of a column that counts in `unit` compares with the bound: below, at or above 0. A
 * bound without a unit is in the column's own; where the bound has one, the column must. */
int bound_order(const struct decimal *number, int unit, const struct bound *b);

void bound_free(struct bound *b);

/* The text between quotes at the start of s, with "" in it for one, is appended to out. Returns how
 * long it is with its quotes, or 0 if nothing closes it. */
size_t bound_quoted(struct slice s, struct buf *out);

#endif
