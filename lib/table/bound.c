#include "table/bound.h"

static const struct {
    const char *name;
    int power;
} units[] = {{"ns", -9}, {"us", -6}, {"ms", -3}, {"s", 0}};

enum { UNITS = sizeof units / sizeof *units };

bool bound_is_operator(uint8_t c)
{
    return c == '<' || c == '>' || c == '=' || c == '!';
}

bool bound_operator(struct slice text, enum bound_operator *op)
{
    static const char known[][3] = {"<", "<=", ">", ">=", "==", "!="};
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        if (slice_is(text, known[i])) {
            *op = (enum bound_operator)i;
            return true;
        }
    return false;
}

bool bound_holds(enum bound_operator op, int order)
{
    switch (op) {
    case BOUND_LT:
        return order < 0;
    case BOUND_LE:
        return order <= 0;
    case BOUND_GT:
        return order > 0;
    case BOUND_GE:
        return order >= 0;
    case BOUND_EQ:
        return order == 0;
    case BOUND_NE:
        return order != 0;
    }
    return false;
}

static bool ends_in(struct slice s, const char *end)
{
    size_t n = strlen(end);
    return s.n >= n && memcmp(s.p + s.n - n, end, n) == 0;
}

int bound_unit_of(struct slice column)
{
    for (unsigned i = 0; i < UNITS; i++) {
        size_t n = strlen(units[i].name);
        if (ends_in(column, units[i].name) && column.n > n && column.p[column.n - n - 1] == '_')
            return units[i].power;
    }
    return BOUND_NO_UNIT;
}

bool bound_read(struct bound *b, struct slice s)
{
    b->unit = BOUND_NO_UNIT;
    for (unsigned i = 0; i < UNITS && b->unit == BOUND_NO_UNIT; i++)
        if (ends_in(s, units[i].name)) {
            b->unit = units[i].power;
            s.n -= strlen(units[i].name);
        }
    while (b->unit != BOUND_NO_UNIT && s.n && s.p[s.n - 1] == ' ')
        s.n--;
    return decimal_read(&b->number, s);
}

int bound_order(const struct decimal *number, int unit, const struct bound *b)
{
    struct decimal in_unit = b->number; /* whose digits stay where they are */
    if (b->unit != BOUND_NO_UNIT)
        decimal_shift(&in_unit, b->unit - unit);
    return decimal_compare(number, &in_unit);
}

void bound_free(struct bound *b)
{
    decimal_free(&b->number);
}

size_t bound_quoted(struct slice s, struct buf *out)
{
    for (size_t i = 1; i < s.n; i++) {
        if (s.p[i] == '"' && (i + 1 == s.n || s.p[i + 1] != '"'))
            return i + 1;
        i += s.p[i] == '"';
        buf_addc(out, (char)s.p[i]);
    }
    return 0;
}
