#include "flame/unit.h"

/* Larger and larger units for the same thing. */
struct step {
    const char *word;
    uint64_t size; /* of the first */
};

static const struct step times[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
static const struct step bytes[] = {
    {"bytes", 1}, {"KiB", 1u << 10}, {"MiB", 1u << 20}, {"GiB", 1u << 30}, {"TiB", 1ull << 40}};
enum { TIMES = sizeof times / sizeof *times, BYTES = sizeof bytes / sizeof *bytes };

static wide power_of_ten(unsigned n)
{
    wide p = 1;
    while (n-- > 0)
        p *= 10;
    return p;
}

/* With commas between the thousands. */
static void add_grouped(struct buf *out, wide v, unsigned decimals)
{
    struct buf digits = {0};
    wide_add(&digits, v, decimals);
    size_t whole = digits.n - (decimals ? decimals + 1 : 0);
    for (size_t i = 0; i < digits.n; i++) {
        if (i && i < whole && (whole - i) % 3 == 0)
            buf_addc(out, ',');
        buf_addc(out, (char)digits.p[i]);
    }
    buf_free(&digits);
}

/* The value, which counts one of 10^decimals parts of the smallest step, in the largest step of
 * which it is one or more; rounded half up to `shown` decimals. */
static void add_scaled(struct buf *out, const struct step *steps, unsigned n, wide value,
                       unsigned decimals, unsigned shown)
{
    wide parts = power_of_ten(decimals);
    uint32_t scale = (uint32_t)power_of_ten(shown);
    unsigned i = 0;
    while (i + 1 < n && wide_ratio(value, steps[i].size * parts, scale) >=
                            (wide)(steps[i + 1].size / steps[i].size) * scale)
        i++;
    if (i == 0 && value % parts == 0)
        add_grouped(out, value / parts, 0);
    else
        add_grouped(out, wide_ratio(value, steps[i].size * parts, scale), shown);
    buf_addc(out, ' ');
    buf_adds(out, steps[i].word);
}

void unit_add(struct buf *out, const struct unit *unit, wide value)
{
    for (unsigned i = 0; i < TIMES; i++)
        if (strcmp(unit->word, times[i].word) == 0) {
            add_scaled(out, times, TIMES, value * times[i].size, unit->decimals, 3);
            return;
        }
    if (strcmp(unit->word, "bytes") == 0) {
        add_scaled(out, bytes, BYTES, value, unit->decimals, 2);
        return;
    }
    add_grouped(out, value, unit->decimals);
    if (*unit->word)
        buf_addc(out, ' ');
    buf_adds(out, unit->word);
}

static wide difference(uint64_t before, uint64_t now, struct buf *out)
{
    if (now >= before) {
        buf_adds(out, now > before ? "+" : "");
        return (wide)(now - before);
    }
    buf_addc(out, '-');
    return (wide)(before - now);
}

void unit_add_change(struct buf *out, const struct unit *unit, uint64_t before, uint64_t now)
{
    unit_add(out, unit, difference(before, now, out));
}

void unit_add_share(struct buf *out, wide part, wide whole)
{
    wide_add(out, wide_ratio(part, whole, 10000), 2);
    buf_adds(out, " %");
}

void unit_add_share_change(struct buf *out, uint64_t before, uint64_t now, uint64_t whole)
{
    unit_add_share(out, difference(before, now, out), (wide)whole);
}

void unit_add_count(struct buf *out, uint64_t n)
{
    add_grouped(out, (wide)n, 0);
}
