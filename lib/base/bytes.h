/* bytes - slices and little-endian fields
 *
 * Byte order and unaligned access live here and nowhere else. The compiler turns each function
 * into one load or store on x86-64 and arm64.
 */
#ifndef TRS_BYTES_H
#define TRS_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes that belong to somebody else. p may be NULL when n is 0. */
struct slice {
    const uint8_t *p;
    size_t n;
};

static inline struct slice slice_of(const void *p, size_t n)
{
    return (struct slice){p, n};
}

static inline struct slice slice_str(const char *s)
{
    return (struct slice){(const uint8_t *)s, strlen(s)};
}

static inline bool slice_eq(struct slice a, struct slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool slice_is(struct slice a, const char *s)
{
    return slice_eq(a, slice_str(s));
}

/* Order by bytes, the shorter first where one begins the other: <0, 0, >0. */
static inline int slice_cmp(struct slice a, struct slice b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

/* A number in the byte order of files, or one from a file in ours. Copied, not put together from
 * bytes: in loops gcc makes vectors of single bytes of that, which is many times slower. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LITTLE(bits, v) (v)
#else
#define LITTLE(bits, v) __builtin_bswap##bits(v)
#endif

static inline uint16_t get_u16(const uint8_t *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return LITTLE(16, v);
}

static inline uint32_t get_u32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return LITTLE(32, v);
}

static inline uint64_t get_u64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return LITTLE(64, v);
}

static inline int64_t get_i64(const uint8_t *p)
{
    return (int64_t)get_u64(p);
}

static inline void put_u16(uint8_t *p, uint16_t v)
{
    v = LITTLE(16, v);
    memcpy(p, &v, sizeof v);
}

static inline void put_u32(uint8_t *p, uint32_t v)
{
    v = LITTLE(32, v);
    memcpy(p, &v, sizeof v);
}

static inline void put_u64(uint8_t *p, uint64_t v)
{
    v = LITTLE(64, v);
    memcpy(p, &v, sizeof v);
}

static inline void put_i64(uint8_t *p, int64_t v)
{
    put_u64(p, (uint64_t)v);
}

#endif
