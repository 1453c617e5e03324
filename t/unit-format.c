/* unit-format - packing of records and columns: what comes out is what went in, whatever the values
 */
#include "format/pack.h"
#include "format/record.h"
#include "tap.h"

#include <stdlib.h>

enum { ROWS_MOST = 4096, NUMBERS_MOST = ROWS_MOST / 8 + 8 * ROWS_MOST + 8 };

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

/* A column of n rows: those of which the bit is set in `present` have a value. */
static size_t make_column(uint8_t *out, uint32_t n, uint64_t present, unsigned bits, uint64_t base)
{
    size_t begin = ((size_t)n + 63) / 64 * 8;
    memset(out, 0, begin + 8 * (size_t)n);
    for (uint32_t i = 0; i < n; i++) {
        if (!(present >> i % 61 & 1))
            continue;
        out[i / 8] |= (uint8_t)(1u << i % 8);
        put_u64(out + begin + 8 * (size_t)i, value(bits, base));
    }
    return begin + 8 * (size_t)n;
}

static bool same_numbers(const uint8_t *column, size_t bytes, uint32_t n)
{
    static uint8_t again[NUMBERS_MOST];
    struct buf b = {0};
    memset(again, 0xA5, sizeof again);
    buf_addc(&b, 'x');
    pack_numbers(&b, column, n);
    bool same = bytes == pack_numbers_bytes(n) && b.p[0] == 'x' && b.n <= 1 + bytes + PACK_MORE &&
                unpack_numbers(slice_of(b.p + 1, b.n - 1), n, again) == 0 &&
                memcmp(column, again, bytes) == 0 && again[bytes] == 0xA5;
    buf_free(&b);
    return same;
}

static void numbers_round_trip(void)
{
    static uint8_t column[NUMBERS_MOST];
    static const uint32_t counts[] = {0, 1, 2, 8, 9, 63, 64, 65, 1000, ROWS_MOST};
    static const uint64_t bases[] = {0, 1, INT64_MAX, UINT64_MAX};
    static const uint64_t present[] = {~UINT64_C(0), 0, 1, UINT64_C(0x8000100010a), 2};
    bool all = true;
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        for (unsigned p = 0; p < 5; p++)
            for (unsigned bits = 0; bits <= 64; bits++) {
                size_t n = make_column(column, counts[c], present[p], bits, bases[bits % 4]);
                all &= same_numbers(column, n, counts[c]);
            }
    ok(all, "columns of all widths come back, with all, some and no values");
    struct buf b = {0};
    make_column(column, 64, 2, 0, 5);
    pack_numbers(&b, column, 64);
    ok(b.n == 8 + 16, "one value needs no room: %zu bytes", b.n);
    buf_free(&b);
}

static void numbers_refused(void)
{
    uint8_t column[8 + 3 * 8], again[8 + 3 * 8];
    struct buf b = {0};
    bool refused = true;
    make_column(column, 3, 7, 9, 1000);
    pack_numbers(&b, column, 3);
    for (size_t n = 0; n < b.n; n++) {
        uint8_t *exact = malloc(n ? n : 1);
        if (exact && n)
            memcpy(exact, b.p, n);
        refused &= unpack_numbers(slice_of(exact, n), 3, again) < 0;
        free(exact);
    }
    ok(refused, "a column that is cut");
    buf_addc(&b, 0);
    ok(unpack_numbers(buf_slice(&b), 3, again) < 0, "one that is too long");
    b.n--;
    for (unsigned width = 3; width < 256; width++) {
        put_u64(b.p + 16, width);
        refused &= unpack_numbers(buf_slice(&b), 3, again) < 0;
    }
    ok(refused, "a width that is none, or another one");
    buf_free(&b);
}

int main(void)
{
    round_trips();
    is_small();
    refuses();
    numbers_round_trip();
    numbers_refused();
    return done_testing();
}
