#include "format/pack.h"

#include "format/record.h"

/* The fields of a row of RECORDS. The start is signed: differences are taken modulo 2^64, so that
 * only the least value has to be found by another order. */
static const struct field {
    unsigned off, bytes;
    uint64_t order; /* added to a value before it is compared */
} fields[] = {{0, 8, UINT64_C(1) << 63}, {8, 8, 0}, {16, 8, 0}, {24, 4, 0}, {28, 4, 0}};

enum { FIELDS = sizeof fields / sizeof *fields, FIELD_HEAD = 16 };

static inline uint64_t get_field(const uint8_t *row, unsigned bytes)
{
    return bytes == 8 ? get_u64(row) : get_u32(row);
}

static inline void put_width(uint8_t *p, unsigned width, uint64_t v)
{
    switch (width) {
    case 1:
        *p = (uint8_t)v;
        break;
    case 2:
        put_u16(p, (uint16_t)v);
        break;
    case 4:
        put_u32(p, (uint32_t)v);
        break;
    default:
        put_u64(p, v);
    }
}

static inline uint64_t get_width(const uint8_t *p, unsigned width)
{
    return width == 1 ? *p : width == 2 ? get_u16(p) : width == 4 ? get_u32(p) : get_u64(p);
}

/* The inner loops, once for each width and size of field: compiled with both known. */
static inline void pack_loop(uint8_t *out, const uint8_t *rows, uint32_t n, unsigned bytes,
                             unsigned width, uint64_t least)
{
    for (uint32_t i = 0; i < n; i++)
        put_width(out + (size_t)i * width, width,
                  get_field(rows + (size_t)i * RECORD_BYTES, bytes) - least);
}

static inline void unpack_loop(const uint8_t *in, uint8_t *rows, uint32_t n, unsigned bytes,
                               unsigned width, uint64_t least)
{
    for (uint32_t i = 0; i < n; i++) {
        uint64_t v = least + (width ? get_width(in + (size_t)i * width, width) : 0);
        put_width(rows + (size_t)i * RECORD_BYTES, bytes, v);
    }
}

#define FOR_EACH_WIDTH(LOOP, A, B, N, BYTES, WIDTH, LEAST)                                         \
    switch (WIDTH) {                                                                               \
    case 0:                                                                                        \
        LOOP(A, B, N, BYTES, 0, LEAST);                                                            \
        break;                                                                                     \
    case 1:                                                                                        \
        LOOP(A, B, N, BYTES, 1, LEAST);                                                            \
        break;                                                                                     \
    case 2:                                                                                        \
        LOOP(A, B, N, BYTES, 2, LEAST);                                                            \
        break;                                                                                     \
    case 4:                                                                                        \
        LOOP(A, B, N, BYTES, 4, LEAST);                                                            \
        break;                                                                                     \
    default:                                                                                       \
        LOOP(A, B, N, BYTES, 8, LEAST);                                                            \
    }

static size_t padded(uint32_t n, unsigned width)
{
    return ((size_t)n * width + 7) / 8 * 8;
}

/* The head of a field, and room for its values behind it, where it returns. */
static uint8_t *add_field(struct buf *out, uint32_t n, unsigned width, uint64_t least)
{
    size_t bytes = padded(n, width);
    uint8_t *p = buf_room(out, FIELD_HEAD + bytes);
    put_u64(p, least);
    put_u64(p + 8, width);
    if (bytes)
        put_u64(p + FIELD_HEAD + bytes - 8, 0);
    out->n += FIELD_HEAD + bytes;
    return p + FIELD_HEAD;
}

/* The bytes of the field that a payload begins with, and its width; 0 if there is none. */
static size_t field_bytes(struct slice payload, uint32_t n, unsigned *width)
{
    uint64_t w = payload.n < FIELD_HEAD ? UINT64_MAX : get_u64(payload.p + 8);
    if (w > 8 || (w & (w - 1)) != 0)
        return 0;
    *width = (unsigned)w;
    size_t bytes = FIELD_HEAD + padded(n, *width);
    return payload.n < bytes ? 0 : bytes;
}

/* Records -------------------------------------------------------------------------------------- */

static void pack_field(uint8_t *out, const uint8_t *rows, uint32_t n, unsigned bytes,
                       unsigned width, uint64_t least)
{
    if (width == 0)
        return;
    if (bytes == 8)
        FOR_EACH_WIDTH(pack_loop, out, rows, n, 8, width, least)
    else
        FOR_EACH_WIDTH(pack_loop, out, rows, n, 4, width, least)
}

static void unpack_field(const uint8_t *in, uint8_t *rows, uint32_t n, unsigned bytes,
                         unsigned width, uint64_t least)
{
    if (bytes == 8)
        FOR_EACH_WIDTH(unpack_loop, in, rows, n, 8, width, least)
    else
        FOR_EACH_WIDTH(unpack_loop, in, rows, n, 4, width, least)
}

static unsigned width_for(uint64_t most)
{
    return most == 0            ? 0
           : most <= UINT8_MAX  ? 1
           : most <= UINT16_MAX ? 2
           : most <= UINT32_MAX ? 4
                                : 8;
}

static void range(const struct field *f, const uint8_t *rows, uint32_t n, uint64_t *least,
                  uint64_t *most)
{
    uint64_t lo = UINT64_MAX, hi = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *p = rows + (size_t)i * RECORD_BYTES + f->off;
        uint64_t v = (f->bytes == 8 ? get_u64(p) : get_u32(p)) + f->order;
        lo = v < lo ? v : lo;
        hi = v > hi ? v : hi;
    }
    *least = lo - f->order;
    *most = n ? hi - lo : 0;
}

void pack_records(struct buf *out, const uint8_t *rows, uint32_t n)
{
    for (size_t f = 0; f < FIELDS; f++) {
        uint64_t least, most;
        range(&fields[f], rows, n, &least, &most);
        unsigned width = width_for(most);
        uint8_t *p = add_field(out, n, width, least);
        pack_field(p, rows + fields[f].off, n, fields[f].bytes, width, least);
    }
}

int unpack_records(struct slice payload, uint32_t n, uint8_t *out)
{
    for (size_t f = 0; f < FIELDS; f++) {
        unsigned width;
        size_t bytes = field_bytes(payload, n, &width);
        if (bytes == 0)
            return -1;
        unpack_field(payload.p + FIELD_HEAD, out + fields[f].off, n, fields[f].bytes, width,
                     get_u64(payload.p));
        payload.p += bytes;
        payload.n -= bytes;
    }
    return payload.n == 0 ? 0 : -1;
}

/* Numbers -------------------------------------------------------------------------------------- */

static inline bool is_present(const uint8_t *bits, uint32_t i)
{
    return bits[i / 8] >> i % 8 & 1;
}

static size_t bits_bytes(uint32_t n)
{
    return ((size_t)n + 63) / 64 * 8;
}

size_t pack_numbers_bytes(uint32_t n)
{
    return bits_bytes(n) + 8 * (size_t)n;
}

void pack_numbers(struct buf *out, const uint8_t *column, uint32_t n)
{
    const uint8_t *numbers = column + bits_bytes(n);
    uint64_t least = UINT64_MAX, most = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t v = get_u64(numbers + 8 * (size_t)i);
        if (!is_present(column, i))
            continue;
        least = v < least ? v : least;
        most = v > most ? v : most;
    }
    least = least < most ? least : most; /* 0 if there is none at all */
    unsigned width = width_for(most - least);
    buf_add(out, column, bits_bytes(n));
    uint8_t *p = add_field(out, n, width, least);
    for (uint32_t i = 0; width && i < n; i++)
        put_width(p + (size_t)i * width, width,
                  is_present(column, i) ? get_u64(numbers + 8 * (size_t)i) - least : 0);
}

int unpack_numbers(struct slice payload, uint32_t n, uint8_t *out)
{
    size_t bits = bits_bytes(n);
    unsigned width;
    if (payload.n < bits)
        return -1;
    struct slice field = slice_of(payload.p + bits, payload.n - bits);
    size_t bytes = field_bytes(field, n, &width);
    if (bytes == 0 || bytes != field.n)
        return -1;
    uint64_t least = get_u64(field.p);
    memcpy(out, payload.p, bits);
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *p = field.p + FIELD_HEAD + (size_t)i * width;
        uint64_t v = least + (width ? get_width(p, width) : 0);
        put_u64(out + bits + 8 * (size_t)i, is_present(payload.p, i) ? v : 0);
    }
    return 0;
}
