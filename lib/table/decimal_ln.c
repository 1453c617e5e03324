#include "table/decimal.h"

#include <math.h>

double decimal_ln(const struct decimal *d)
{
    return log(decimal_mantissa(d)) + (double)d->exponent * M_LN10;
}
