/* unit-format - packing of records: what comes out is what went in, whatever the values */
#include "format/pack.h"
#include "format/record.h"
#include "tap.h"

#include <stdlib.h>

enum { ROWS_MOST = 4096 };

static uint64_t state = 7;

/* splitmix64 */
static uint64_t next(void)
{
    uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* Values whose differences need 0 to 64 bits, from a base anywhere. */
static uint64_t value(unsigned bits, uint64_t base)
{
    return base + (bits == 0 ? 0 : next() >> (64 - bits));
}

static bool same_again(const uint8_t *rows, uint32_t n)
{
    static uint8_t again[ROWS_MOST * RECORD_BYTES];
    struct buf b = {0};
    memset(again, 0xA5, sizeof again);
    buf_addc(&b, 'x'); /* what is there stays */
    pack_records(&b, rows, n);
    bool same = b.p[0] == 'x' && b.n <= 1 + (size_t)n * RECORD_BYTES + PACK_MORE &&
                unpack_records(slice_of(b.p + 1, b.n - 1), n, again) == 0 &&
                memcmp(rows, again, (size_t)n * RECORD_BYTES) == 0;
    buf_free(&b);
    return same;
}

static void round_trips(void)
{
    static uint8_t rows[ROWS_MOST * RECORD_BYTES];
    static const uint32_t counts[] = {1, 2, 7, 8, 9, 1000, ROWS_MOST};
    static const uint64_t bases[] = {0, 1, INT64_MAX, (uint64_t)INT64_MIN, UINT64_MAX, 1};
    bool all = true;
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        for (unsigned bits = 0; bits <= 64; bits++) {
            for (uint32_t i = 0; i < counts[c]; i++) {
                uint8_t *p = rows + (size_t)i * RECORD_BYTES;
                for (unsigned f = 0; f < 3; f++)
                    put_u64(p + 8 * f, value((bits + 13 * f) % 65, bases[(bits + f) % 6]));
                put_u32(p + 24, (uint32_t)value(bits % 33, bits));
                put_u32(p + 28, (uint32_t)value(bits / 2, 0));
            }
            all &= same_again(rows, counts[c]);
        }
    ok(all, "rows of all widths come back");
    ok(same_again(rows, 0), "no rows too");
}

static void is_small(void)
{
    uint8_t rows[8 * RECORD_BYTES];
    struct buf b = {0};
    for (uint32_t i = 0; i < 8; i++) {
        struct record r = {-5 + 70000 * (int64_t)i, 300, 0, 1000 + i, 3};
        record_put(rows + (size_t)i * RECORD_BYTES, &r);
    }
    pack_records(&b, rows, 8);
    ok(b.n == 5 * 16 + 8 * (4 + 1), "a width is the least that does: %zu bytes", b.n);
    buf_free(&b);
}

/* A payload that is cut, too long, or has a width that is none. */
static void refuses(void)
{
    uint8_t rows[3 * RECORD_BYTES] = {1, 2, 3}, again[4 * RECORD_BYTES];
    struct buf b = {0};
    pack_records(&b, rows, 3);
    bool refused = true;
    for (size_t n = 0; n < b.n; n++) {
        uint8_t *exact = malloc(n ? n : 1); /* so that ASan sees a byte too many */
        if (exact && n)
            memcpy(exact, b.p, n);
        refused &= unpack_records(slice_of(exact, n), 3, again) < 0;
        free(exact);
    }
    ok(refused, "a payload that is cut");
    buf_addc(&b, 0);
    ok(unpack_records(buf_slice(&b), 3, again) < 0, "one that is too long");
    b.n--;
    for (unsigned width = 3; width < 256; width++) {
        put_u64(b.p + 8, width);
        if (width != 4 && width != 8)
            refused &= unpack_records(buf_slice(&b), 3, again) < 0;
    }
    ok(refused, "a width that is none");
    buf_free(&b);
}

int main(void)
{
    round_trips();
    is_small();
    refuses();
    return done_testing();
}
