/* unit-table - lib/table: rounding, percentiles, unions, sorting, and what each format escapes */
#include "tap.h"

#include "base/mem.h"
#include "table/interval.h"
#include "table/table.h"
#include "table/values.h"

#include <stdlib.h>
#include <unistd.h>

static uint64_t seed = 88172645463325252u;

/* xorshift64 (Marsaglia): the same numbers in every run. */
static uint64_t random_below(uint64_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % n;
}

/* Numbers ---------------------------------------------------------------------------------------
 */

static void is_wide(wide v, unsigned decimals, const char *want)
{
    struct buf text = {0};
    wide_add(&text, v, decimals);
    buf_addc(&text, '\0');
    is_text((const char *)text.p, want, want);
    buf_free(&text);
}

static void test_numbers(void)
{
    wide large = (wide)INT64_MAX * 1000000;
    is_wide(0, 3, "0.000");
    is_wide(7, 3, "0.007");
    is_wide(-7, 3, "-0.007");
    is_wide(1234567, 3, "1234.567");
    is_wide(42, 0, "42");
    is_wide(large, 0, "9223372036854775807000000");
    is_wide(large * 2, 3, "18446744073709551614000.000");
    const wide block = 1000000000000000000; /* digits are made of 18 at a time */
    is_wide(block - 1, 0, "999999999999999999");
    is_wide(block, 0, "1000000000000000000");
    is_wide(block, 18, "1.000000000000000000");
    is_wide(-block * block - 7, 0, "-1000000000000000000000000000000000007");
    is_wide(block * block, 18, "1000000000000000000.000000000000000000");
    ok(wide_ratio(1, 2, 1) == 1, "half rounds up");
    ok(wide_ratio(5, 2, 1) == 3, "two and a half rounds up");
    ok(wide_ratio(1, 3, 10000) == 3333, "a third of all is 33.33 %%");
    ok(wide_ratio(2, 3, 10000) == 6667, "two thirds are 66.67 %%");
    ok(wide_ratio(1, 80000, 10000) == 0, "an eighth of a hundredth rounds down");
    ok(wide_ratio(1, 20000, 10000) == 1, "half of a hundredth rounds up");
    ok(wide_ratio(5, 0, 10000) == 0, "a share of nothing is 0");
    ok(wide_ratio(large, large, 10000) == 10000, "all of a sum beyond 64 bits is 100 %%");
}

/* Values ----------------------------------------------------------------------------------------
 */

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Compares with sorting a copy. The values come in two parts that are joined. */
static void same_as_sorted(size_t n, uint64_t below, size_t every_long, const char *what)
{
    static const unsigned p[5] = {1, 50, 95, 99, 100};
    uint64_t *copy = mem_alloc(n * sizeof *copy), got[5];
    struct values a = {0}, b = {0};
    wide total = 0;
    for (size_t i = 0; i < n; i++) {
        copy[i] = random_below(below);
        if (every_long && i % every_long == 0)
            copy[i] += UINT64_C(1) << 40;
        total += copy[i];
        values_add(i % 3 ? &a : &b, copy[i]);
    }
    values_take(&a, &b);
    qsort(copy, n, sizeof *copy, by_number);
    struct values_sum sum = values_sum(&a);
    values_percentiles(&a, &sum, p, 5, got);
    bool same = sum.count == n && sum.total_ns == total && sum.min_ns == copy[0] &&
                sum.max_ns == copy[n - 1];
    for (unsigned i = 0; i < 5; i++)
        same = same && got[i] == copy[(n * p[i] + 99) / 100 - 1];
    ok(same, "%s: %zu values below %llu", what, n, (unsigned long long)below);
    values_free(&a);
    free(copy);
}

static void test_values(void)
{
    for (size_t n = 1; n <= 20; n++)
        same_as_sorted(n, 1000, 0, "few");
    for (size_t n = 100; n < 300000; n = n * 3 + 1) {
        same_as_sorted(n, 7, 0, "many of the same");
        same_as_sorted(n, 200000, 0, "kernels");
        same_as_sorted(n, UINT64_C(1) << 32, 0, "all of 32 bits");
        same_as_sorted(n, 200000, 50, "some beyond 32 bits");
        same_as_sorted(n, UINT64_C(1) << 32, 1, "all beyond 32 bits");
        same_as_sorted(n, 1, 0, "all zero");
    }
}

static void test_absurd_values(void)
{
    static const unsigned p[3] = {50, 95, 99};
    uint64_t got[3];
    struct values v = {0};
    for (int i = 0; i < 100; i++)
        values_add(&v, INT64_MAX);
    struct values_sum sum = values_sum(&v);
    ok(sum.total_ns == (wide)INT64_MAX * 100, "a sum beyond 64 bits is exact");
    values_percentiles(&v, &sum, p, 3, got);
    ok(got[0] == INT64_MAX && got[2] == INT64_MAX, "percentiles at the end of 63 bits");
    values_free(&v);
    sum = values_sum(&v);
    values_percentiles(&v, &sum, p, 3, got);
    ok(sum.count == 0 && sum.min_ns == 0 && got[0] == 0 && got[2] == 0, "no values");
    values_add(&v, UINT32_MAX);
    values_add(&v, (uint64_t)UINT32_MAX + 1);
    sum = values_sum(&v);
    values_percentiles(&v, &sum, p, 3, got);
    ok(got[0] == UINT32_MAX && got[1] == (uint64_t)UINT32_MAX + 1, "both sides of 2^32");
    values_free(&v);
}

/* Intervals -------------------------------------------------------------------------------------
 */

/* Compares with a field of marks, one for each ns. */
static void same_as_marks(size_t n, int64_t range, int64_t longest, bool in_order)
{
    bool *marks = mem_zalloc((size_t)(range + longest + 1), 1);
    struct interval_set s = {0};
    int64_t covered = 0, first = INT64_MAX, last = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t start =
            in_order ? (int64_t)i * range / (int64_t)n : (int64_t)random_below((uint64_t)range);
        int64_t dur = (int64_t)random_below((uint64_t)longest);
        memset(marks + start, 1, (size_t)dur);
        first = start < first ? start : first;
        last = start + dur > last ? start + dur : last;
        interval_add(&s, start - 500, dur); /* times may be negative */
        if (i % 1000 == 0)
            (void)interval_covered(&s); /* asking in between changes nothing */
    }
    for (int64_t i = 0; i < range + longest; i++)
        covered += marks[i];
    ok(interval_covered(&s) == covered && interval_span(&s) == last - first,
       "union of %zu intervals%s", n, in_order ? " in order" : "");
    interval_free(&s);
    free(marks);
}

static void test_intervals(void)
{
    struct interval_set s = {0};
    size_t n;
    ok(interval_covered(&s) == 0 && interval_span(&s) == 0, "nothing covers nothing");
    interval_add(&s, 10, 5);
    interval_add(&s, 20, 5);
    interval_add(&s, 15, 5);
    const struct interval *u = interval_union(&s, &n);
    ok(n == 1 && u[0].start_ns == 10 && u[0].end_ns == 25, "touching intervals are one");
    interval_add(&s, 40, 0);
    ok(interval_covered(&s) == 15 && interval_span(&s) == 30, "an empty one counts for the span");
    interval_free(&s);
    interval_add(&s, INT64_MIN, 1);
    interval_add(&s, INT64_MAX - 1, INT64_MAX);
    ok(interval_covered(&s) == 2 && interval_span(&s) == (wide)INT64_MAX - INT64_MIN,
       "ends beyond int64 are cut to its last value");
    interval_free(&s);
    for (size_t k = 1; k < 100000; k = k * 5 + 1) {
        same_as_marks(k, 200000, 10, false);
        same_as_marks(k, 200000, 10, true);
        same_as_marks(k, 5000000, 30, false);
    }
}

/* Tables ----------------------------------------------------------------------------------------
 */

static const struct table_column columns[] = {{"name", TABLE_TEXT, true},
                                              {"n", TABLE_COUNT, false},
                                              {"time_us", TABLE_TIME, false},
                                              {"pct", TABLE_PCT, false},
                                              {"share", TABLE_FRACTION, false}};

static void add_row(struct table *t, struct slice name, wide n)
{
    table_text(t, name);
    table_number(t, n);
    table_number(t, n * 1500);
    table_number(t, n * 100);
    table_number(t, n * 2500);
}

/* What table_print writes, as text with a NUL; to be freed. */
static char *printed(const struct table *t)
{
    static struct output out;
    const char *dir = getenv("TMPDIR");
    char path[300];
    struct err e;
    char *text = mem_zalloc(1, 1 << 16);
    (void)snprintf(path, sizeof path, "%s/trs-unit-table.%ld", dir ? dir : "/tmp", (long)getpid());
    if (output_open(&out, path, &e) < 0 || table_print(t, &out, &e) < 0 ||
        output_close(&out, &e) < 0)
        die_err(&e);
    FILE *f = fopen(path, "rb");
    if (!f || fread(text, 1, (1 << 16) - 1, f) == 0)
        text[0] = '\0';
    if (f)
        fclose(f);
    (void)remove(path);
    return text;
}

/* A table of one name in a format, without its header. */
static void is_cell(const char *format, struct slice name, const char *want, const char *what)
{
    struct table t;
    struct err e;
    table_opts = (struct table_opts){.format = format, .no_header = true};
    ok(table_open(&t, columns, 1, NULL, &e) == 0, "%s is a format", format);
    table_text(&t, name);
    char *got = printed(&t);
    is_text(got, want, what);
    free(got);
    table_free(&t);
}

static void test_escapes(void)
{
    static const char controls[] = "a\tb\nc\\d\x1b[31m\xc2\x9b\xe2\x80\xae";
    struct slice name = slice_str(controls), torn = slice_of("x\xff\xc3y\0z", 6);
    is_cell("tsv", name, "a\\tb\\nc\\\\d\\x1b[31m\\xc2\\x9b\\xe2\\x80\\xae\n", "tsv: controls");
    is_cell("tsv", torn, "x\\xff\\xc3y\\x00z\n", "tsv: invalid bytes and NUL");
    is_cell("table", name, "a\\tb\\nc\\\\d\\x1b[31m\\xc2\\x9b\\xe2\\x80\\xae\n", "table: as tsv");
    is_cell("csv", name, "\"a\tb\nc\\d\\x1b[31m\\xc2\\x9b\\xe2\\x80\\xae\"\r\n", "csv: controls");
    is_cell("csv", torn, "x\xef\xbf\xbd\xef\xbf\xbdy\\x00z\r\n", "csv: invalid bytes and NUL");
    is_cell("csv", slice_str("a,\"b\""), "\"a,\"\"b\"\"\"\r\n", "csv: commas and quotes");
    is_cell("csv", slice_str("=1+1"), "'=1+1\r\n", "csv: a formula");
    is_cell("csv", slice_str("@x"), "'@x\r\n", "csv: another");
    is_cell("csv", slice_str("-x,y"), "\"'-x,y\"\r\n", "csv: a formula with a comma");
    is_cell("csv", slice_str(""), "\r\n", "csv: an empty name");
    is_cell("json", name, "[\n{\"name\":\"a\\tb\\nc\\\\d\\u001b[31m\\u009b\\u202e\"}\n]\n",
            "json: controls");
    is_cell("json", torn, "[\n{\"name\":\"x\xef\xbf\xbd\xef\xbf\xbdy\\u0000z\"}\n]\n",
            "json: invalid bytes and NUL");
    is_cell("md", slice_str("f<int>(a|b) *_x_ k_1"), "| f\\<int\\>(a\\|b) \\*\\_x\\_ k_1 |\n",
            "md: markup, but not _ within a word");
    is_cell("md", slice_str("a\nb"), "| a\\\\nb |\n", "md: a newline");
}

static void test_formats(void)
{
    struct err e;
    struct table t;
    static const struct {
        const char *format, *want, *empty;
    } cases[] = {{"tsv", "name\tn\ttime_us\tpct\tshare\na\t2\t3.000\t2.00\t0.5000\nb\t\t\t\t\n",
                  "name\tn\ttime_us\tpct\tshare\n"},
                 {"csv", "name,n,time_us,pct,share\r\na,2,3.000,2.00,0.5000\r\nb,,,,\r\n",
                  "name,n,time_us,pct,share\r\n"},
                 {"json",
                  "[\n{\"name\":\"a\",\"n\":2,\"time_us\":3.000,\"pct\":2.00,\"share\":0.5000},\n"
                  "{\"name\":\"b\",\"n\":null,\"time_us\":null,\"pct\":null,\"share\":null}\n]\n",
                  "[]\n"},
                 {"md",
                  "| name | n | time_us | pct | share |\n| --- | ---: | ---: | ---: | ---: |\n"
                  "| a | 2 | 3.000 | 2.00 | 0.5000 |\n| b |  |  |  |  |\n",
                  "| name | n | time_us | pct | share |\n| --- | ---: | ---: | ---: | ---: |\n"},
                 {"table",
                  "name  n  time_us   pct   share\na     2    3.000  2.00  0.5000\n"
                  "b                             \n",
                  "name  n  time_us  pct  share\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        table_opts = (struct table_opts){.format = cases[i].format};
        ok(table_open(&t, columns, 5, "n", &e) == 0, "a table for %s", cases[i].format);
        char *none = printed(&t);
        is_text(none, cases[i].empty, "no rows");
        table_text(&t, slice_str("b"));
        for (int k = 0; k < 4; k++)
            table_empty(&t);
        add_row(&t, slice_str("a"), 2);
        char *got = printed(&t);
        is_text(got, cases[i].want, "a row and one with empty cells, which comes last");
        free(none);
        free(got);
        table_free(&t);
    }
}

/* The first column of the table, sorted by a column. */
static void is_order(const char *sort, uint64_t top, const char *want, const char *what)
{
    struct err e;
    struct table t;
    table_opts = (struct table_opts){.format = "tsv", .sort = sort, .top = top, .no_header = true};
    ok(table_open(&t, columns, 2, NULL, &e) == 0, "a table sorted by %s", sort ? sort : "nothing");
    static const struct {
        const char *name;
        wide n;
    } rows[] = {{"b", 2}, {"a", 10}, {"\xc3\xa9", 2}, {"Z", 2}, {"ab", -1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        table_text(&t, slice_str(rows[i].name));
        table_number(&t, rows[i].n);
    }
    char *got = printed(&t);
    is_text(got, want, what);
    free(got);
    table_free(&t);
}

static void test_order(void)
{
    struct err e;
    struct table t;
    is_order(NULL, 0, "b\t2\na\t10\n\xc3\xa9\t2\nZ\t2\nab\t-1\n", "in the order given");
    is_order("n", 0, "a\t10\nZ\t2\nb\t2\n\xc3\xa9\t2\nab\t-1\n", "descending, ties by the key");
    is_order("name", 0, "Z\t2\na\t10\nab\t-1\nb\t2\n\xc3\xa9\t2\n", "text ascending by bytes");
    is_order("n", 2, "a\t10\nZ\t2\n", "the first two");
    is_order("n", 9, "a\t10\nZ\t2\nb\t2\n\xc3\xa9\t2\nab\t-1\n", "more than there are");
    table_opts = (struct table_opts){.sort = "x"};
    ok(table_open(&t, columns, 2, NULL, &e) < 0 && e.status == ST_USAGE, "an unknown column");
    is_text(e.text, "unknown column 'x'; columns are name n", "names the known columns");
    table_opts = (struct table_opts){.format = "xml"};
    ok(table_open(&t, columns, 2, NULL, &e) < 0 && e.status == ST_USAGE, "an unknown format");
    is_text(e.text, "unknown format 'xml'; formats are table tsv csv json md", "names the known");
}

int main(void)
{
    msg_level(-1);
    test_numbers();
    test_values();
    test_absurd_values();
    test_intervals();
    test_escapes();
    test_formats();
    test_order();
    return done_testing();
}
