/* decimal - decimal text as a number that is compared exactly, however many digits it has */
#ifndef TRS_DECIMAL_H
#define TRS_DECIMAL_H

#include "base/buf.h"

/* 0.DIGITS times 10^exponent. All zero is 0; it is used again and again. */
struct decimal {
    bool negative;
    int64_t exponent;
    struct buf digits; /* without zeros at either end; none for 0 */
};

/* Sign, digits, fraction, exponent; false for anything else. */
bool decimal_read(struct decimal *d, struct slice text);

/* Times 10^n. */
void decimal_shift(struct decimal *d, int n);

/* Below, at or above 0 as a is less than, equal to or more than b. */
int decimal_compare(const struct decimal *a, const struct decimal *b);

void decimal_free(struct decimal *d);

#endif
