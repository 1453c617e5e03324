/* unit-scale - lib/table: exponents, exact totals, conditions, bounds
 *
 *   unit-scale                       tests
 *   unit-scale SIZE=FILE...          key, metric, exponent, R² and the pairs' with 9 digits, total
 */
#include "tap.h"

#include "base/text.h"
#include "table/cond.h"
#include "table/scale_read.h"

#include <math.h>
#include <stdlib.h>

/* Numbers ---------------------------------------------------------------------------------------
 */

static void is_ln(const char *text, double want)
{
    struct decimal d = {0};
    double got = decimal_read(&d, slice_str(text)) ? decimal_ln(&d) : NAN;
    ok(fabs(got - want) <= 1e-13 * fmax(1, fabs(want)), "ln %s is %.17g, got %.17g", text, want,
       got);
    decimal_free(&d);
}

static void is_whole(const char *text, unsigned decimals, const char *want)
{
    struct decimal d = {0};
    struct buf got = {0};
    wide v;
    if (decimal_read(&d, slice_str(text)) && decimal_wide(&d, decimals, &v))
        wide_add(&got, v, 0);
    else
        buf_adds(&got, "none");
    ok(slice_is(buf_slice(&got), want), "%s in units of 10^-%u is %s, got %.*s", text, decimals,
       want, (int)got.n, (const char *)got.p);
    decimal_free(&d);
    buf_free(&got);
}

static void test_numbers(void)
{
    is_ln("1", 0);
    is_ln("1.0000", 0);
    is_ln("2.718281828459045", 1);
    is_ln("18000", log(18000));
    is_ln("0.00001", log(0.00001));
    is_ln("1e300", 300 * log(10));
    is_ln("1e-999", -999 * log(10));
    is_ln("123456789012345678901234567890", log(1.2345678901234568) + 29 * log(10));
    is_whole("12.5", 1, "125");
    is_whole("12.5", 3, "12500");
    is_whole("12.5", 0, "none");
    is_whole("-0.001", 3, "-1");
    is_whole("0e99", 0, "0");
    is_whole("1e35", 0, "100000000000000000000000000000000000");
    is_whole("1e36", 0, "none");
    is_whole("1e35", 1, "none");
    is_whole("123456789012345678901234567890.123456", 6, "123456789012345678901234567890123456");
}

/* Units -----------------------------------------------------------------------------------------
 */

static void test_units(void)
{
    static const struct {
        const char *name;
        int unit;
    } columns[] = {{"self_us", -6}, {"v_ns", -9},  {"v_ms", -3},   {"total_s", 0}, {"_us", -6},
                   {"us", 99},      {"calls", 99}, {"status", 99}, {"", 99},       {"bus", 99}};
    for (unsigned i = 0; i < sizeof columns / sizeof *columns; i++)
        ok(bound_unit_of(slice_str(columns[i].name)) == columns[i].unit, "unit of '%s'",
           columns[i].name);
    struct bound b = {0};
    struct decimal d = {0};
    ok(bound_read(&b, slice_str("1.5 ms")) && b.unit == -3, "1.5 ms");
    ok(decimal_read(&d, slice_str("1500")) && bound_order(&d, -6, &b) == 0, "are 1500 us");
    ok(bound_order(&d, -9, &b) < 0 && bound_order(&d, 0, &b) > 0, "and not ns or s");
    ok(bound_read(&b, slice_str("1500")) && bound_order(&d, -9, &b) == 0,
       "without a unit it is theirs");
    ok(!bound_read(&b, slice_str("ms")) && !bound_read(&b, slice_str("1m")) &&
           !bound_read(&b, slice_str("")) && !bound_read(&b, slice_str("1 ")) &&
           !bound_read(&b, slice_str("1sms")),
       "what is no number");
    bound_free(&b);
    decimal_free(&d);
}

/* Conditions ------------------------------------------------------------------------------------
 */

static const struct cond_column columns[] = {
    {"name", COND_TEXT, NULL}, {"n", COND_NUMBER, NULL}, {"none", COND_NUMBER, NULL},
    {"t", COND_TIME, NULL},    {"u", COND_TIME, NULL},   {"a b", COND_NUMBER, NULL}};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* What comes of it on one row: 1, 0, or -1 where it is no condition. */
static int holds(const char *text)
{
    struct cond_cell cells[COLUMNS] = {
        {slice_str("x \"y\""), BOUND_NO_UNIT}, {slice_str("5"), BOUND_NO_UNIT},
        {slice_str(""), BOUND_NO_UNIT},        {slice_str("2500"), -6},
        {slice_str("2500"), BOUND_NO_UNIT},    {slice_str("0.1"), BOUND_NO_UNIT}};
    struct cond c;
    struct err e;
    int result = -1;
    if (cond_read(&c, text, &e) == 0 && cond_bind(&c, columns, COLUMNS, &e) == 0)
        result = cond_holds(&c, cells);
    cond_free(&c);
    return result;
}

static void test_conditions(void)
{
    static const struct {
        const char *text;
        int want;
    } cases[] = {{"n==5", 1},
                 {"n == 5.0", 1},
                 {"n!=5", 0},
                 {"n<5", 0},
                 {"n<=5", 1},
                 {"n>4.999", 1},
                 {"n>=5.0000000000000000000000001", 0},
                 {" ( n == 5 ) ", 1},
                 {"!n==5", 0},
                 {"!!n==5", 1},
                 {"!(n==5)", 0},
                 {"n==5&&n==6", 0},
                 {"n==5||n==6", 1},
                 {"n==6||n==6", 0},
                 {"n==5||n==6&&n==7", 1},
                 {"(n==5||n==6)&&n==7", 0},
                 {"n==6&&n==7||n==5", 1},
                 {"!n==6&&n==5", 1},
                 {"!(n==6||n==5)||n==5", 1},
                 {"\"n\"==\"5\"", 1},
                 {"\"a b\"==0.10", 1},
                 {"name==\"x \"\"y\"\"\"", 1},
                 {"name!=\"x \"\"y\"\"\"", 0},
                 {"name==x", 0},
                 {"name!=x", 1},
                 {"none==0", 0},
                 {"none!=0", 0},
                 {"none<0||none>=0", 0},
                 {"!none==0", 1},
                 {"t==2.5ms", 1},
                 {"t>2s", 0},
                 {"t<2501", 1},
                 {"t==\"2500 us\"", 1},
                 {"t!=2.5ms", 0},
                 {"u==2.5ms", 0},
                 {"u!=2.5ms", 0},
                 {"u==2500", 1},
                 {"", -1},
                 {"n", -1},
                 {"n==", -1},
                 {"==5", -1},
                 {"n=5", -1},
                 {"n<>5", -1},
                 {"n==5 5", -1},
                 {"(n==5", -1},
                 {"n==5)", -1},
                 {"n==5&n==5", -1},
                 {"n==5&&", -1},
                 {"||n==5", -1},
                 {"n==5|||n==5", -1},
                 {"!", -1},
                 {"()", -1},
                 {"n==\"5", -1},
                 {"n==x", -1},
                 {"n==5ms", -1},
                 {"nosuch==5", -1},
                 {"name<x", -1},
                 {"name>=x", -1},
                 {"t==ms", -1},
                 {"n==5 && nosuch==5", -1},
                 {"\"\"==5", -1}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        int got = holds(cases[i].text);
        ok(got == cases[i].want, "%s: %d, got %d", cases[i].text, cases[i].want, got);
    }
}

static void test_deep(void)
{
    struct buf text = {0};
    for (unsigned depth = 100; depth <= 100000; depth = depth == 100 ? 101 : depth * 31) {
        text.n = 0;
        for (unsigned i = 0; i < depth; i++)
            buf_addc(&text, i % 2 ? '!' : '(');
        buf_adds(&text, "n==5");
        for (unsigned i = 0; i < depth; i += 2)
            buf_addc(&text, ')');
        buf_addc(&text, '\0');
        ok((holds((const char *)text.p) >= 0) == (depth == 100), "%u levels", depth);
    }
    text.n = 0;
    for (unsigned i = 0; i < 10000; i++)
        buf_adds(&text, "n==6||");
    buf_adds(&text, "n==5");
    buf_addc(&text, '\0');
    ok(holds((const char *)text.p) == 1, "10,001 in a row");
    buf_free(&text);
}

/* Names made short ------------------------------------------------------------------------------
 */

static void is_short(const char *name, size_t columns_max, const char *want)
{
    struct buf got = {0};
    text_add_short(&got, slice_str(name), columns_max);
    buf_addc(&got, '\0');
    is_text((const char *)got.p, want, want);
    buf_free(&got);
}

static void test_short(void)
{
    is_short("", 5, "");
    is_short("abcde", 5, "abcde");
    is_short("abcdef", 5, "ab…ef");
    is_short("abcdefg", 6, "abc…fg");
    is_short("日本語の名前", 9, "日本…名前");
    is_short("日本語の名前", 8, "日本…前");
    is_short("a\nb\xff", 20, "a\\x0ab\\xff");
}

/* The exponents of tables ------------------------------------------------------------------------
 */

static int print_fits(int n, char **operands)
{
    struct scale s = {0};
    struct scale_tables t;
    struct strtab none = {0};
    struct err e;
    if (scale_operands(&t, &s, n, operands, &e) < 0 || scale_headers(&t, NULL, &none, &e) < 0 ||
        scale_read(&t, &e) < 0)
        die_err(&e);
    scale_fit(&s);
    for (const struct scale_row *row = s.rows; row < s.rows + s.nrows; row++) {
        struct slice key = strtab_get(&s.keys, row->key),
                     metric = strtab_get(&s.metrics, row->metric);
        printf("%.*s\t%.*s\t", (int)key.n, (const char *)key.p, (int)metric.n,
               (const char *)metric.p);
        if (row->verdict == SCALE_UNDEFINED)
            printf("\t\t\t\t");
        else
            printf("%.9f\t%.9f\t%.9f\t%.9f\t", row->line.exponent, row->line.r2, row->line.min_pair,
                   row->line.max_pair);
        printf("%s\t%.*s\n", scale_verdict_name(row->verdict), (int)row->total.n,
               row->total.n ? (const char *)row->total.p : "");
    }
    scale_tables_free(&t);
    scale_free(&s);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return print_fits(argc - 1, argv + 1);
    test_numbers();
    test_units();
    test_conditions();
    test_deep();
    test_short();
    return done_testing();
}
