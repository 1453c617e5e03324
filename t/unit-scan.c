/* unit-scan - every variant of the scanner against the scalar one, which defines it: at all 64-byte
 * alignments, at every length around block borders, in pieces, and with the bytes ending where the
 * page ends. */
#include "tap.h"

#include "base/bytes.h"
#include "simd/scan.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SIZE = 400, ROUNDS = 60 };

static uint32_t seed = 1;

static uint32_t next_random(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

/* Text that is mostly JSON-like, so that depth, strings and escapes all happen. */
static void fill(uint8_t *p, size_t n)
{
    static const char *const pieces[] = {
        "{", "}",  "[", "]",        ",",    ":",    "\"",   "\\",        "\\\"", "\\\\", "\"a\"",
        " ", "\n", "x", "\"b\": 1", "\x1a", "\x0c", "\xff", "{\"k\": [", "]}",   "\t",   "\r"};
    size_t at = 0;
    while (at < n) {
        const char *piece = pieces[next_random() % (sizeof pieces / sizeof *pieces)];
        for (; *piece && at < n; at++)
            p[at] = (uint8_t)*piece++;
    }
}

/* Everything that a run through [p, p + n) in pieces of `step` bytes shows. */
struct outcome {
    ptrdiff_t close, bad;
    struct scan_nest state;
};

static struct outcome run(const struct scan_ops *ops, const uint8_t *p, size_t n, size_t step)
{
    struct outcome o = {-1, -1, {.depth = 1, .before_value = true}};
    for (size_t at = 0; at < n; at += step) {
        size_t end = at + step < n ? at + step : n;
        const uint8_t *close = ops->nested(&o.state, p + at, p + end);
        o.close = close ? close - p : -1;
        o.bad = o.state.bad ? o.state.bad - p : -1;
        if (close || o.state.bad)
            break;
    }
    o.state.bad = NULL;
    return o;
}

/* After a close or a fault only its place counts. */
static bool same(const struct outcome *a, const struct outcome *b)
{
    if (a->close != b->close || a->bad != b->bad)
        return false;
    return a->close >= 0 || a->bad >= 0 ||
           (a->state.depth == b->state.depth && a->state.in_string == b->state.in_string &&
            a->state.escape == b->state.escape && a->state.after_quote == b->state.after_quote &&
            a->state.before_value == b->state.before_value);
}

/* SIZE bytes that end where the memory that may be touched ends. */
static uint8_t *guarded(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED || mprotect(p + page, page, PROT_NONE) < 0)
        exit(1);
    return p + page - SIZE;
}

static bool agree_at(const struct scan_ops *ops, const uint8_t *p, size_t n)
{
    struct outcome a = run(&scan_scalar, p, n, n + 1), b = run(ops, p, n, n + 1);
    struct outcome c = run(ops, p, n, 1 + next_random() % 80);
    return same(&a, &b) && same(&a, &c) && ops->string(p, p + n) == scan_scalar.string(p, p + n);
}

static void compare(const struct scan_ops *ops)
{
    uint8_t *p = guarded();
    unsigned wrong = 0, runs = 0;
    for (int round = 0; round < ROUNDS; round++) {
        fill(p, SIZE);
        for (size_t begin = 0; begin < 65; begin++, runs++)
            wrong += !agree_at(ops, p + begin, SIZE - begin); /* ends at the page's end */
        for (size_t n = 0; n < 135; n++, runs++)
            wrong += !agree_at(ops, p + SIZE - n, n);
    }
    ok(wrong == 0, "%s agrees with scalar in %u runs", ops->name, runs);
}

static void one(const char *text, ptrdiff_t close, ptrdiff_t bad, const char *what)
{
    const uint8_t *p = (const uint8_t *)text;
    struct scan_nest n = {0};
    const uint8_t *end = scan_scalar.nested(&n, p, p + strlen(text));
    ok((end ? end - p : -1) == close && (n.bad ? n.bad - p : -1) == bad, "%s", what);
}

int main(void)
{
    one("{}", 2, -1, "an empty object closes");
    one("{\"a\": [1, {}]} x", 14, -1, "nested containers close");
    one("{\"a\": \"}\"}", 10, -1, "a bracket in a string does not count");
    one("{\"a\": \"\\\"}\"}", 12, -1, "an escaped quote ends no string");
    one("{\"a\": \"\\\\\"}", 11, -1, "a quote behind two backslashes does");
    one("{\"a\": {", -1, -1, "what is not closed asks for more");
    one("{\"a\": \"b\"c\"}", -1, 9, "a string with a quote inside is found out where it goes on");
    one("{\"a\": x\"b\"}", -1, 7, "as is a quote inside a word");
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul"))
        compare(&scan_avx2);
#endif
    compare(&scan);
    return done_testing();
}
