/* unit-scan - every variant of the scanner against the scalar one, which defines it: at all 64-byte
 * alignments of begin and end, with pages that may not be touched on both sides, in all states, cut
 * in two anywhere; on bytes made at random and on all fixtures. */
#include "tap.h"

#include "scan-match.h"
#include "scan-trail.h"

#include "base/mem.h"

#include <glob.h>

/* SHORT + 1 is no multiple of TRAIL_STATES: each split meets each state. */
enum { ROUNDS = 40, SHORT = 159, LONG = 400, SPLIT = 1000 };

static uint32_t seed = 1;

static uint32_t next_random(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

/* Text that is mostly JSON-like, so that depth, strings and escapes all happen; odd rounds are a
 * soup of what counts. */
static void fill(uint8_t *p, size_t n, bool soup)
{
    static const char *const pieces[] = {"{",
                                         "}",
                                         "[",
                                         "]",
                                         ",",
                                         ":",
                                         "\"",
                                         "\\",
                                         "\\\"",
                                         "\\\\",
                                         "\"a\"",
                                         " ",
                                         "\n",
                                         "x",
                                         "\"b\": 1",
                                         "12.5,",
                                         "-7 ",
                                         "12345678901234567890",
                                         "1234567890.12345678901234567890",
                                         "12",
                                         "\x1a",
                                         "\x0c",
                                         "\xff",
                                         "{\"k\": [",
                                         "]}",
                                         "\t",
                                         "\r"};
    static const char counts[] = "\"\"\"\\\\{}[]:,  x";
    for (size_t at = 0; at < n;) {
        if (soup) {
            p[at++] = (uint8_t)counts[next_random() % (sizeof counts - 1)];
            continue;
        }
        const char *piece = pieces[next_random() % (sizeof pieces / sizeof *pieces)];
        for (; *piece && at < n; at++)
            p[at] = (uint8_t)*piece++;
    }
}

/* Memory that begins and ends at a page, between pages that may not be touched. */
struct room {
    uint8_t *p, *end;
};

static struct room room_for(size_t n)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), size = n / page * page + page;
    uint8_t *p = mmap(NULL, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED || mprotect(p + page, size, PROT_READ | PROT_WRITE) < 0)
        exit(1);
    return (struct room){p + page, p + page + size};
}

static void room_free(struct room r)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    (void)munmap(r.p - page, (size_t)(r.end - r.p) + 2 * page);
}

static unsigned runs, wrong, matched;

/* One run; the state at the start is another each time. */
static void agree(const struct scan_ops *ops, const uint8_t *p, size_t n, struct pieces by)
{
    struct scan_nest start = trail_states[runs % TRAIL_STATES];
    start.depth = runs / TRAIL_STATES % 4;
    runs++;
    wrong += trail_nested(ops, start, p, n, by) != trail_nested(&scan_scalar, start, p, n, whole) ||
             trail_string(ops, p, n, by) != trail_string(&scan_scalar, p, n, whole);
}

static struct pieces random_pieces(void)
{
    return (struct pieces){next_random() % 130, 1 + next_random() % 130};
}

/* The n bytes at r.p: from there and up to the page's end, shortened from the other side. */
static void agree_around(const struct scan_ops *ops, struct room r, size_t n)
{
    for (size_t cut = 0; cut < 64 && cut <= n; cut++) {
        agree(ops, r.p, n - cut, whole);
        agree(ops, r.p + cut, n - cut, whole);
    }
    memmove(r.end - n, r.p, n);
    for (size_t cut = 0; cut < 64 && cut <= n; cut++) {
        agree(ops, r.end - n + cut, n - cut, whole);
        agree(ops, r.end - n + cut, n - cut, random_pieces());
        agree(ops, r.end - n, n - cut, whole);
    }
}

/* Two pieces that meet at each place. */
static void agree_split(const struct scan_ops *ops, const uint8_t *p, size_t n)
{
    for (size_t at = 0; at <= n; at++)
        agree(ops, p, n, (struct pieces){at, ALL});
}

/* All lengths that no more than two blocks have, at both ends. */
static void agree_short(const struct scan_ops *ops, struct room r, const uint8_t *text)
{
    for (size_t n = 0; n <= 130; n++) {
        memcpy(r.p, text, n);
        agree(ops, r.p, n, whole);
        memcpy(r.end - n, text, n);
        agree(ops, r.end - n, n, whole);
    }
}

/* Templates of the n bytes that end at `end`, from each of `step` places, on those bytes, on fewer
 * and on others. */
static void agree_match(const struct scan_ops *ops, uint8_t *p, uint8_t *end, size_t step)
{
    uint8_t *copy = mem_dup(p, (size_t)(end - p));
    for (uint8_t *at = p; at < end; at += step) {
        struct template t;
        template_make(&t, seed++, at, end);
        for (size_t cut = 0; cut < 70 && cut <= (size_t)(end - at); cut += 1 + cut / 4, runs++)
            wrong += !template_agrees(&t, ops, at, end - cut, &matched);
        for (int change = 0; change < 4; change++, runs++) {
            template_change(&t, at, (size_t)(end - at) < 200 ? (size_t)(end - at) : 200);
            wrong += !template_agrees(&t, ops, at, end, &matched);
        }
        memcpy(p, copy, (size_t)(end - p));
    }
    free(copy);
}

static void report(const struct scan_ops *ops, const char *what)
{
    ok(wrong == 0, "%s is as scalar on %s: %u of %u runs differ", ops->name, what, wrong, runs);
    ok(matched > 1000, "%u of them match a template with holes", matched);
    wrong = runs = matched = 0;
}

static void on_random(const struct scan_ops *ops)
{
    struct room r = room_for(LONG);
    uint8_t text[LONG];
    for (unsigned round = 0; round < ROUNDS; round++) {
        fill(text, LONG, round & 1);
        agree_short(ops, r, text);
        memcpy(r.p, text, LONG);
        agree_around(ops, r, LONG);
        agree_match(ops, r.end - LONG, r.end, 1);
        for (unsigned state = 0; state < TRAIL_STATES; state++)
            agree_split(ops, text, SHORT);
    }
    room_free(r);
    report(ops, "random bytes");
}

static void on_file(const struct scan_ops *ops, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) < 0)
        exit(1);
    size_t n = (size_t)ftell(f);
    struct room r = room_for(n);
    rewind(f);
    if (fread(r.p, 1, n, f) != n)
        exit(1);
    fclose(f);
    if (n < SPLIT)
        agree_split(ops, r.p, n);
    agree_around(ops, r, n);
    agree_match(ops, r.end - n, r.end, n < SPLIT ? 3 : 59);
    room_free(r);
}

static void on_fixtures(const struct scan_ops *ops)
{
    glob_t found;
    if (glob("fixtures/*.*", 0, NULL, &found) || glob("fixtures/*/*", GLOB_APPEND, NULL, &found))
        exit(1);
    for (size_t i = 0; i < found.gl_pathc; i++)
        on_file(ops, found.gl_pathv[i]);
    globfree(&found);
    report(ops, "the fixtures");
}

static void one(const struct scan_ops *ops, const char *text, ptrdiff_t close, ptrdiff_t bad,
                const char *what)
{
    const uint8_t *p = (const uint8_t *)text;
    struct scan_nest n = {0};
    const uint8_t *end = ops->nested(&n, p, p + strlen(text));
    ok((end ? end - p : -1) == close && (n.bad ? n.bad - p : -1) == bad, "%s: %s", ops->name, what);
}

static void examples(const struct scan_ops *ops)
{
    one(ops, "{}", 2, -1, "an empty object closes");
    one(ops, "{\"a\": [1, {}]} x", 14, -1, "nested containers close");
    one(ops, "{\"a\": \"}\"}", 10, -1, "a bracket in a string does not count");
    one(ops, "{\"a\": \"\\\"}\"}", 12, -1, "an escaped quote ends no string");
    one(ops, "{\"a\": \"\\\\\"}", 11, -1, "a quote behind two backslashes does");
    one(ops, "{\"a\": {", -1, -1, "what is not closed asks for more");
    one(ops, "{\"a\": \"b\"c\"}", -1, 9,
        "a string with a quote inside is found out where it goes on");
    one(ops, "{\"a\": x\"b\"}", -1, 7, "as is a quote inside a word");
}

int main(void)
{
    for (const struct scan_ops **ops = scan_variants; *ops; ops++) {
        examples(*ops);
        on_random(*ops);
        if (*ops != &scan_scalar)
            on_fixtures(*ops);
    }
    return done_testing();
}
