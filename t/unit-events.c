/* unit-events - events that look like those before them, nearly: shapes, rows and threads read what
 * event_read reads. Each round is a trace of a few kinds of events, whose values and texts change
 * in ways that tempt a shape to match where it must not. */
#include "tap.h"

#include "readings.h"

enum { ROUNDS = 500, EVENTS = 150 };

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

/* What goes wrong in a trace, often; all the rest goes wrong seldom. */
static enum {
    CATS,
    SIGNS,
    WORDS,
    LARGE,
    MISSING,
    TEXTS,
    PLACES,
    ARGS,
    OPERATORS,
    TEMPTATIONS
} tempting;
static bool operators; /* this trace has the args of operators */

static bool tempt(int what)
{
    return pick((int)tempting == what ? 10 : 400) == 0;
}

/* Mostly a number of a few widths; now and then what only looks like one, or nothing like it. */
static void add_number(struct buf *b, bool time)
{
    if (tempt(SIGNS))
        buf_adds(b, ANY("-5", "1-2", "1/2", "-", ".", "12.5", "1.2.3", "12-4.567", "1234.5/7", "+7",
                        "1.", ".500", "12.3456", "1e3", "1E+2"));
    else if (tempt(WORDS))
        buf_adds(b, ANY("\"12\"", "null", "NaN", "0x1f", "true", "00012", "\"\"", "[1]", "{}"));
    else if (tempt(LARGE))
        buf_addf(b, "%s%u%s", ANY("9223372036854775", "1767189312000000", "9999999999999999", "8"),
                 pick(10), time ? ".999" : "");
    else if (tempting == LARGE && time)
        buf_addf(b, "%u223372036854775.%u99", pick(9) + 1, pick(9));
    else if (time)
        buf_addf(b, "%u.%03u", 1000u * (pick(3) + 1) + pick(1000) * (pick(5) == 0 ? 100 : 1),
                 pick(1000));
    else
        buf_addf(b, "%u", pick(9) ? pick(90) + 10 : pick(1000000));
}

static void add_text(struct buf *b)
{
    if (!tempt(TEXTS))
        buf_addf(b, "\"kernel %u\"", pick(20));
    else
        buf_adds(b, ANY("\"a\"", "\"aten::mm\"", "\"void gemm<float, 2>(int)\"", "\"a\\\"b\"",
                        "\"\\u00e9\"", "\"\"", "\"x, \\\"cat\\\": 1\"", "\"}, {\"", "\"back\\\\\"",
                        "\"a name that is longer than one block of the scanner, by a few bytes\""));
}

/* Of a kernel they are args as any other. */
static void add_operator(struct buf *b)
{
    if (!tempt(MISSING)) {
        buf_adds(b, ", \"Sequence number\": ");
        if (tempt(OPERATORS))
            buf_adds(b, ANY("18446744073709551615", "18446744073709551616", "0", "7.0", "7.5",
                            "\"-1\"", "\"18446744073709551615\"", "\"x\"",
                            "7, \"Sequence number\": 8"));
        else
            add_number(b, false);
    }
    if (!tempt(MISSING)) {
        buf_adds(b, tempt(PLACES) ? ", \"Fwd thr\\u0065ad id\": " : ", \"Fwd thread id\": ");
        if (tempt(OPERATORS))
            add_number(b, false);
        else
            buf_addf(b, "%u", pick(3));
    }
}

static void add_args(struct buf *b)
{
    if (tempt(ARGS)) {
        buf_addf(
            b, ", %s: %s", ANY("\"args\"", "\"\\u0061rgs\"", "\"args\""),
            ANY("[1, 2]", "{}", "{\"stream\": 9}", "[]", "\"text\"", "{\"x\": {\"stream\": 9}}"));
        return;
    }
    buf_adds(b, ", \"args\": {\"External id\": ");
    add_number(b, false);
    if (operators)
        add_operator(b);
    buf_addf(b, ", \"grid\": %s, ",
             tempt(TEXTS) ? ANY("[]", "{\"a\": [\"]\"]}", "7", "\"x\"", "{\"ph\": 1}") : "[4, 1]");
    buf_adds(b, tempt(PLACES) ? ANY("\"device\": ", "\"str\\u0065am\": ") : "\"stream\": ");
    buf_adds(b, tempt(PLACES) ? ANY("20", "8", "\"7\"") : "7");
    buf_adds(b, ", \"correlation\": ");
    add_number(b, false);
    if (tempt(TEXTS))
        buf_adds(b,
                 ANY(" \"no comma\": 1", ", \"correlation\": 5", ", \"list\": [1, {\"ph\": 2}]"));
    buf_adds(b, "}");
}

static void add_event(struct buf *b, const char *gap)
{
    buf_addf(b, "{\"ph\": %s, \"cat\": ",
             tempt(PLACES) ? ANY("\"B\"", "\"E\"", "\"i\"", "\"s\"", "1", "\"XX\"", "null")
                           : "\"X\"");
    buf_adds(b, tempt(CATS) ? ANY("5", "6", "5", "6", "null", "\"k\\u0065rnel\"",
                                  "\"cpu\\u005fop\"", "\"Operator\"")
                            : ANY("\"kernel\"", "\"kernel\"", "\"cpu_op\""));
    buf_addf(b, ",%s\"name\": ", gap);
    add_text(b);
    buf_adds(b, ", \"pid\": ");
    buf_adds(b, tempt(PLACES) ? ANY("22", "\"a\"", "12345678901234567", "12345678901234568") : "1");
    if (!tempt(MISSING))
        buf_adds(b, ", \"tid\": 7");
    buf_addf(b, ",%s\"ts\": ", gap);
    add_number(b, true);
    if (!tempt(MISSING)) {
        buf_adds(b, ", \"dur\": ");
        add_number(b, true);
    }
    if (!tempt(MISSING))
        add_args(b);
    if (pick(200) == 0)
        buf_adds(b, ANY(", \"cat\": \"kernel\"", ", \"ts\": 4", ", \"ph\": \"M\"",
                        ", \"bp\": \"e\"", " \"x\"", ", \"id\": 9"));
    buf_adds(b, "}");
}

static struct buf make_trace(void)
{
    struct buf b = {0};
    const char *gap = ANY(" ", "\n    ", "");
    tempting = pick(TEMPTATIONS);
    operators = pick(2);
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
