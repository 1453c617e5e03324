/* decimal - decimal text as a number that is compared exactly, however many digits it has */
#ifndef TRS_DECIMAL_H
#define TRS_DECIMAL_H

#include "table/wide.h"

/* 0.DIGITS times 10^exponent. All zero is 0; it is used again and again. */
struct decimal {
    bool negative;
    int64_t exponent;
    struct buf digits; /* without zeros at either end; none for 0 */
    int64_t decimals;  /* digits that were written behind the point, as the exponent shifts it */
};

/* Sign, digits, fraction, exponent; false for anything else. */
bool decimal_read(struct decimal *d, struct slice text);

/* Times 10^n. */
void decimal_shift(struct decimal *d, int n);

/* Below, at or above 0 as a is less than, equal to or more than b. */
int decimal_compare(const struct decimal *a, const struct decimal *b);

/* Below, at or above 0 as it is. */
int decimal_sign(const struct decimal *d);

/* As a whole number of 10^-decimals; false if it has finer digits or reaches 10^36. */
bool decimal_wide(const struct decimal *d, unsigned decimals, wide *out);

/* The natural logarithm of a number above 0, of any size. */
double decimal_ln(const struct decimal *d);

/* The first 17 digits, as 0.DIGITS with its sign; times 10^exponent it is the number, nearly. */
double decimal_mantissa(const struct decimal *d);

void decimal_free(struct decimal *d);

#endif
