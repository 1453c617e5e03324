/* unit-base - numbers, text, strings kept once, JSON pieces */
#include "tap.h"

#include "base/digits.h"
#include "base/ids.h"
#include "base/num.h"
#include "base/strtab.h"
#include "base/text.h"
#include "trace/json.h"

#include <stdlib.h>

static void scaled(const char *text, int scale, enum num_result result, int64_t value)
{
    int64_t got = 0;
    enum num_result r = num_scaled(slice_str(text), scale, &got);
    ok(r == result && (r != NUM_OK || got == value), "num_scaled(\"%s\", %d)", text, scale);
}

static void test_scaled(void)
{
    scaled("1412195495505583.001", 3, NUM_OK, 1412195495505583001);
    scaled("1412195495505583", 3, NUM_OK, 1412195495505583000);
    scaled("0.0015", 3, NUM_OK, 1);
    scaled("1.9999", 3, NUM_OK, 1999);
    scaled("-1.9999", 3, NUM_OK, -1999);
    scaled("1e3", 3, NUM_OK, 1000000);
    scaled("1.5E-3", 3, NUM_OK, 1);
    scaled("1e-9", 3, NUM_OK, 0);
    scaled("12345e-2", 0, NUM_OK, 123);
    scaled("0e99999", 3, NUM_OK, 0);
    scaled("+5", 0, NUM_OK, 5);
    scaled("9223372036854775.807", 3, NUM_OK, INT64_MAX);
    scaled("9223372036854775.808", 3, NUM_RANGE, 0);
    scaled("-9223372036854775.808", 3, NUM_OK, INT64_MIN);
    scaled("-9223372036854775.809", 3, NUM_RANGE, 0);
    scaled("1e300", 3, NUM_RANGE, 0);
    scaled("1e999999999999", 3, NUM_RANGE, 0);
    scaled("00000000000000000000000000000000007.5", 3, NUM_OK, 7500);
    scaled("-1.-500", 3, NUM_BAD, 0);
    scaled("", 3, NUM_BAD, 0);
    scaled("-", 3, NUM_BAD, 0);
    scaled(".", 3, NUM_BAD, 0);
    scaled("1.2.3", 3, NUM_BAD, 0);
    scaled("1e", 3, NUM_BAD, 0);
    scaled("NaN", 3, NUM_BAD, 0);
    scaled("0x10", 3, NUM_BAD, 0);
    scaled(" 1", 3, NUM_BAD, 0);
}

static void test_units(void)
{
    uint64_t bytes = 0;
    int64_t ns = 0;
    ok(num_size(slice_str("0"), &bytes) && bytes == 0, "no bytes");
    ok(num_size(slice_str("18446744073709551615"), &bytes) && bytes == UINT64_MAX, "2^64 - 1");
    ok(num_size(slice_str("3K"), &bytes) && bytes == 3072, "3K");
    ok(num_size(slice_str("20G"), &bytes) && bytes == UINT64_C(20) << 30, "20G");
    ok(num_size(slice_str("16777215T"), &bytes) && bytes == UINT64_C(16777215) << 40, "the most T");
    for (const char *const *p =
             (const char *const[]){"16777216T", "18446744073709551616", "", "K", "1k", "1KB",
                                   "1.5K", "-1", "1 K", "1KK", NULL};
         *p; p++)
        ok(!num_size(slice_str(*p), &bytes), "\"%s\" is no size", *p);
    ok(num_age(slice_str("0h"), &ns) && ns == 0, "0h");
    ok(num_age(slice_str("12h"), &ns) && ns == INT64_C(43200000000000), "12h");
    ok(num_age(slice_str("30d"), &ns) && ns == INT64_C(2592000000000000), "30d");
    ok(num_age(slice_str("15250w"), &ns) && ns == INT64_C(15250) * 604800000000000, "15250w");
    for (const char *const *p =
             (const char *const[]){"15251w", "18446744073709551616h", "", "d", "5", "5m", "5s",
                                   "1.5d", "-1d", "5dd", "5 d", NULL};
         *p; p++)
        ok(!num_age(slice_str(*p), &ns), "\"%s\" is no age", *p);
}

static void test_durations(void)
{
    static const struct {
        const char *text;
        int64_t ns;
    } cases[] = {{"0", 0},
                 {"1", 1000},
                 {"1.5", 1500},
                 {"7ns", 7},
                 {"0.9ns", 0},
                 {"2.5us", 2500},
                 {"1.5ms", 1500000},
                 {"2s", 2000000000},
                 {"-3us", -3000},
                 {"-0.001", -1},
                 {"1e3ms", 1000000000},
                 {"9223372036854775807ns", INT64_MAX},
                 {"-9223372036.854775808s", INT64_MIN}};
    int64_t ns = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ok(num_duration(slice_str(cases[i].text), &ns) && ns == cases[i].ns, "%s", cases[i].text);
    for (const char *const *p =
             (const char *const[]){"", "s", "ms", "1m", "1 ms", "ms1", "1msms", "1sec", "x", "--1",
                                   "1..2", "0x1", "9223372036854775808ns", "9223372037s", "inf",
                                   NULL};
         *p; p++)
        ok(!num_duration(slice_str(*p), &ns), "\"%s\" is no length of time", *p);
}

static void test_id_set(void)
{
    struct ids s = {0};
    ok(!ids_has(&s, 0), "an empty set has nothing");
    ids_settle(&s);
    for (uint64_t i = 0; i < 3000; i++)
        ids_add(&s, i * UINT64_C(0x9E3779B97F4A7C15) % 1000 * 3);
    ids_add(&s, UINT64_MAX);
    ids_settle(&s);
    bool all = ids_has(&s, UINT64_MAX) && !ids_has(&s, UINT64_MAX - 1), sorted = true;
    for (size_t i = 1; i < s.n; i++)
        sorted &= s.at[i - 1] < s.at[i];
    for (uint64_t i = 0; i < 3000; i++)
        all &= ids_has(&s, i * UINT64_C(0x9E3779B97F4A7C15) % 1000 * 3) && !ids_has(&s, 3 * i + 1);
    ok(all && sorted, "a set of ids has what was added, once, and nothing else");
    ids_free(&s);
}

/* What the fast functions read is what the general ones read; what they refuse may be anything. */
static bool digits_agree(const char *text)
{
    struct slice s = slice_str(text);
    int64_t fast, slow;
    uint64_t ufast, uslow;
    if (digits_thousandths(s, &fast) && (num_scaled(s, 3, &slow) != NUM_OK || fast != slow))
        return false;
    bool digits = s.n > 0 && s.n <= DIGITS_MAX && digits_read(s.p, s.n, &ufast);
    if (digits && (!num_u64(s, &uslow) || ufast != uslow))
        return false;
    return digits == (s.n > 0 && s.n <= DIGITS_MAX && strspn(text, "0123456789") == s.n);
}

static void test_digits(void)
{
    static const char chars[] = "00112233445566778899..-/:";
    char text[64] = {0};
    int64_t ns;
    bool all = true;
    srand(1);
    for (int round = 0; round < 300000 && all; round++) {
        size_t n = (size_t)rand() % 24, only = rand() % 3 ? 20 : 25;
        for (size_t i = 0; i < n; i++)
            text[i] = chars[(size_t)rand() % only];
        text[n] = '\0';
        if (n > 4 && rand() % 2)
            text[n - 4] = '.';
        all = digits_agree(text);
    }
    ok(all, "digits eight at a time are read as one by one: %s", text);
    ok(digits_thousandths(slice_str("1412195495505583.001"), &ns) && ns == 1412195495505583001,
       "a time since 1970 is read fast, to the nanosecond");
    ok(!digits_thousandths(slice_str("9223372036854776.000"), &ns), "one that overflows is not");
}

static void id(const char *text, enum num_result result, uint64_t value)
{
    uint64_t got = 0;
    enum num_result r = num_id(slice_str(text), &got);
    ok(r == result && (r != NUM_OK || got == value), "num_id(\"%s\")", text);
}

static void test_ids(void)
{
    id("0", NUM_OK, 0);
    id("18446744073709551615", NUM_OK, UINT64_MAX);
    id("18446744073709551616", NUM_RANGE, 0);
    id("0xffffFFFFffffFFFF", NUM_OK, UINT64_MAX);
    id("0x1ffffffffffffffff", NUM_RANGE, 0);
    id("12.0", NUM_OK, 12);
    id("12.5", NUM_RANGE, 0);
    id("1e3", NUM_OK, 1000);
    id("15e-1", NUM_RANGE, 0);
    id("-1", NUM_BAD, 0);
    id("0x", NUM_BAD, 0);
    id("abc", NUM_BAD, 0);
}

static void escaped(const char *text, size_t n, const char *tsv, const char *json)
{
    struct buf b = {0};
    text_add_tsv(&b, slice_of(text, n));
    buf_addc(&b, '\0');
    is_text((char *)b.p, tsv, "text_add_tsv");
    b.n = 0;
    text_add_json(&b, slice_of(text, n), TEXT_BYTES);
    buf_addc(&b, '\0');
    is_text((char *)b.p, json, "text_add_json");
    buf_free(&b);
}

static void test_text(void)
{
    escaped("a\tb\n\r\\", 6, "a\\tb\\n\\r\\\\", "\"a\\tb\\n\\r\\\\\"");
    escaped("\x1b[31m\x7f", 6, "\\x1b[31m\\x7f", "\"\\u001b[31m\\u007f\"");
    escaped("\0", 1, "\\x00", "\"\\u0000\"");
    escaped("\xC3\xA9\xE4\xB8\xAD", 5, "\xC3\xA9\xE4\xB8\xAD", "\"\xC3\xA9\xE4\xB8\xAD\"");
    escaped("\xC3", 1, "\\xc3", "\"\\udcc3\"");
    escaped("\xC0\x80", 2, "\\xc0\\x80", "\"\\udcc0\\udc80\"");
    escaped("\xED\xA0\x80", 3, "\\xed\\xa0\\x80", "\"\\udced\\udca0\\udc80\"");
    escaped("\xC2\x85", 2, "\\xc2\\x85", "\"\\u0085\"");
    escaped("\xE2\x80\xAE", 3, "\\xe2\\x80\\xae", "\"\\u202e\"");
    escaped("\xF4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80", "\"\\udcf4\\udc90\\udc80\\udc80\"");
    ok(text_width(slice_str("a\xE4\xB8\xAD")) == 3, "a wide character takes two columns");
}

static void test_strtab(void)
{
    struct strtab t = {0};
    char text[16];
    bool fine = true;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 20000; i++) {
            int n = snprintf(text, sizeof text, "s%d", i);
            fine &= strtab_intern(&t, slice_of(text, (size_t)n)) == (uint32_t)i + 1;
        }
    ok(fine && t.n == 20000, "20,000 strings keep their ids");
    ok(slice_is(strtab_get(&t, 1), "s0") && slice_is(strtab_get(&t, 20000), "s19999"),
       "and their bytes");
    ok(strtab_get(&t, 0).n == 0 && strtab_get(&t, 20001).n == 0, "unknown ids are empty");
    ok(strtab_find(&t, slice_str("s77")) == 78 && strtab_find(&t, slice_str("x")) == 0, "find");
    strtab_clear(&t);
    ok(t.n == 0 && strtab_find(&t, slice_str("s77")) == 0, "nothing is left after clear");
    ok(strtab_intern(&t, slice_of(NULL, 0)) == 1 && strtab_get(&t, 1).p != NULL,
       "an empty string is a string");
    strtab_free(&t);
}

static void decodes(const char *raw, const char *want, size_t n)
{
    struct buf b = {0};
    json_decode(slice_str(raw), &b);
    ok(slice_eq(buf_slice(&b), slice_of(want, n)), "json_decode(\"%s\")", raw);
    buf_free(&b);
}

static void copies(const char *json, const char *want)
{
    struct buf b = {0};
    const uint8_t *p = (const uint8_t *)json;
    struct json_cursor c = json_at(p, p + strlen(json));
    bool fine = json_copy(&c, &b);
    buf_addc(&b, '\0');
    if (want)
        is_text(fine ? (char *)b.p : "fault", want, json);
    else
        ok(!fine, "%s is refused", json);
    buf_free(&b);
}

static void test_json(void)
{
    decodes("a\\n\\u0041\\/", "a\nA/", 4);
    decodes("\\ud83d\\ude00", "\xF0\x9F\x98\x80", 4);
    decodes("\\ud800x", "\xED\xA0\x80x", 4);
    decodes("\\ud800\\ud800", "\xED\xA0\x80\xED\xA0\x80", 6);
    decodes("C:\\Users", "C:\\Users", 8);
    decodes("\\u12G4", "\\u12G4", 6);
    decodes("\\u0000", "\0", 1);
    decodes("\\", "\\", 1);
    copies("{\"a\" : [1,2 , {}],\"b\":NaN,} ", "{\"a\": [1, 2, {}], \"b\": \"NaN\"}");
    copies("[] ", "[]");
    copies("-1.5e+3 ", "-1.5e+3");
    copies("01 ", "\"01\"");
    copies("\"\\ud800\" ", "\"\\ud800\"");
    copies("\"\xED\xA5\x88\x9A\" ", "\"\\udced\\udca5\\udc88\\udc9a\"");
    copies("{\"a\" 1} ", NULL);
    copies("[1 2] ", NULL);
    copies("{,} ", NULL);
    copies("[1", NULL);
}

int main(void)
{
    test_scaled();
    test_units();
    test_durations();
    test_id_set();
    test_digits();
    test_ids();
    test_text();
    test_strtab();
    test_json();
    return done_testing();
}
