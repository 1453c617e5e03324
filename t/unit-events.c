/* unit-events - events that look like those before them, nearly: shapes, rows and threads read what
 * event_read reads. Each round is a trace of a few kinds of events, whose values and texts change
 * in ways that tempt a shape to match where it must not. */
#include "tap.h"

#include "readings.h"

enum { ROUNDS = 300, EVENTS = 120 };

static uint32_t seed = 7;

static uint32_t pick(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

static const char *any(const char *const *list, size_t n)
{
    return list[pick((uint32_t)n)];
}

#define ANY(...)                                                                                   \
    any((const char *const[]){__VA_ARGS__},                                                        \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* Mostly a number of a few widths; now and then what only looks like one, or nothing like it. */
static void add_number(struct buf *b, bool time)
{
    static const char *const odd[] = {"-5",
                                      "1e3",
                                      "1E+2",
                                      "0x1f",
                                      "\"12\"",
                                      "null",
                                      "NaN",
                                      "12.5",
                                      "1.2.3",
                                      "1-2",
                                      "1/2",
                                      "-",
                                      ".",
                                      "true",
                                      "00012",
                                      "\"\"",
                                      "[1]",
                                      "{}",
                                      "12.3456",
                                      "+7",
                                      "1.",
                                      ".500",
                                      "9223372036854775.807",
                                      "9223372036854776.000",
                                      "18446744073709551615",
                                      "18446744073709551616",
                                      "12345678901234567890123456789012345"};
    if (pick(40) == 0)
        buf_adds(b, odd[pick(sizeof odd / sizeof *odd)]);
    else if (time)
        buf_addf(b, "%u.%03u", 1000u * (pick(3) + 1) + pick(1000) * (pick(5) == 0 ? 100 : 1),
                 pick(1000));
    else
        buf_addf(b, "%u", pick(4) ? pick(90) + 10 : pick(1000000));
}

static void add_text(struct buf *b)
{
    buf_adds(b, ANY("\"a\"", "\"aten::mm\"", "\"void gemm<float, 2>(int)\"", "\"a\\\"b\"",
                    "\"\\u00e9\"", "\"\"", "\"x, \\\"cat\\\": 1\"", "\"}, {\"", "\"back\\\\\"",
                    "\"a name that is longer than one block of the scanner, by a few bytes\""));
}

static void add_args(struct buf *b, unsigned kind)
{
    buf_adds(b, ", \"args\": {");
    if (kind == 0) {
        buf_adds(b, "\"External id\": ");
        add_number(b, false);
        buf_adds(b, ", \"grid\": ");
        buf_adds(b, ANY("[1, 2, 3]", "[40,1,1]", "[]", "{\"a\": [\"]\"]}", "7"));
        buf_adds(b, ", ");
    }
    buf_adds(b, ANY("\"stream\": ", "\"device\": ", "\"stream\": ", "\"str\\u0065am\": "));
    add_number(b, false);
    buf_adds(b, ", \"correlation\": ");
    add_number(b, false);
    if (pick(30) == 0)
        buf_adds(b,
                 ANY(" \"no comma\": 1", ", \"correlation\": 5", ", \"list\": [1, {\"ph\": 2}]"));
    buf_adds(b, "}");
}

static void add_event(struct buf *b, const char *gap)
{
    unsigned kind = pick(4);
    buf_addf(b, "{\"ph\": %s, \"cat\": ",
             pick(30) ? "\"X\"" : ANY("\"B\"", "\"E\"", "\"i\"", "\"s\"", "1", "\"XX\"", "null"));
    buf_adds(b, pick(30) ? ANY("\"kernel\"", "\"cpu_op\"", "\"python_function\"")
                         : ANY("5", "6", "null", "\"k\\u0065rnel\""));
    buf_addf(b, ",%s\"name\": ", gap);
    add_text(b);
    buf_adds(b, ", \"pid\": ");
    buf_adds(b, ANY("1", "1", "1", "22", "\"a\"", "12345678901234567"));
    if (pick(20))
        buf_adds(b, ", \"tid\": 7");
    buf_addf(b, ",%s\"ts\": ", gap);
    add_number(b, true);
    if (pick(20)) {
        buf_adds(b, ", \"dur\": ");
        add_number(b, true);
    }
    if (kind < 2)
        add_args(b, kind);
    if (pick(40) == 0)
        buf_adds(b, ANY(", \"cat\": \"kernel\"", ", \"ts\": 4", ", \"ph\": \"M\"",
                        ", \"bp\": \"e\"", " \"x\"", ", \"id\": 9"));
    buf_adds(b, "}");
}

static struct buf make_trace(void)
{
    struct buf b = {0};
    const char *gap = ANY(" ", "\n    ", "");
    buf_adds(&b, "{\"traceEvents\": [");
    for (unsigned i = 0; i < EVENTS; i++) {
        buf_adds(&b, i == 0     ? ""
                     : pick(50) ? ",\n"
                                : ANY(",", " , ,\n", " ", ",,", ", 5,", ", {},"));
        add_event(&b, gap);
    }
    buf_adds(&b,
             pick(4) ? "], \"traceName\": \"a trace with something behind its events\"}" : "]}");
    return b;
}

int main(void)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct buf b = make_trace();
        const struct selection select = {.gpu = pick(3) == 0, .args = pick(3) == 0};
        readings_agree(b.p, b.n, &select, 200 + pick(5000));
        buf_free(&b);
    }
    ok(true, "%d traces of nearly equal events read the same in every way", ROUNDS);
    return done_testing();
}
