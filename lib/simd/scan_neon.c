/* NEON, which every arm64 has. The product that prefix_xor is on x86 would not pay: six exclusive
 * ors with a shift in each are as fast as moving there and back. */
#include "simd/scan_masks.h"

#if defined(__aarch64__)

#include <arm_neon.h>

struct block {
    uint8x16_t v[4];
};

/* A bit for each byte, all of whose bits are set or none. */
static inline uint64_t mask_of(struct block b)
{
    const uint8x16_t bits = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201));
    uint8x16_t low = vpaddq_u8(vandq_u8(b.v[0], bits), vandq_u8(b.v[1], bits));
    uint8x16_t high = vpaddq_u8(vandq_u8(b.v[2], bits), vandq_u8(b.v[3], bits));
    uint8x16_t all = vpaddq_u8(low, high);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
}

static inline uint64_t equal(struct block b, uint8_t c)
{
    uint8x16_t v = vdupq_n_u8(c);
    for (unsigned i = 0; i < 4; i++)
        b.v[i] = vceqq_u8(b.v[i], v);
    return mask_of(b);
}

/* Bytes that have one of the bits. */
static inline uint64_t having(struct block b, uint8_t set)
{
    uint8x16_t v = vdupq_n_u8(set);
    for (unsigned i = 0; i < 4; i++)
        b.v[i] = vtstq_u8(b.v[i], v);
    return mask_of(b);
}

/* A byte is in the sets that the entries for its low and its high half have in common. */
enum { OPEN = 1, CLOSE = 2, COLON = 4, COMMA_SPACE = 8, OTHER_SPACE = 16 };

static inline uint8x16_t sets_of(uint8x16_t v)
{
    static const uint8_t by_low[16] = {
        [0x0] = COMMA_SPACE, [0x9] = OTHER_SPACE, [0xA] = OTHER_SPACE | COLON,
        [0xB] = OPEN,        [0xC] = COMMA_SPACE, [0xD] = OTHER_SPACE | CLOSE,
    };
    static const uint8_t by_high[16] = {
        [0x0] = OTHER_SPACE,  [0x2] = COMMA_SPACE,  [0x3] = COLON,
        [0x5] = OPEN | CLOSE, [0x7] = OPEN | CLOSE,
    };
    return vandq_u8(vqtbl1q_u8(vld1q_u8(by_low), vandq_u8(v, vdupq_n_u8(0x0F))),
                    vqtbl1q_u8(vld1q_u8(by_high), vshrq_n_u8(v, 4)));
}

static inline struct masks of(const uint8_t *p)
{
    struct block b, sets;
    for (unsigned i = 0; i < 4; i++) {
        b.v[i] = vld1q_u8(p + (size_t)16 * i);
        sets.v[i] = sets_of(b.v[i]);
    }
    return (struct masks){
        .quote = equal(b, '"'),
        .backslash = equal(b, '\\'),
        .around = having(sets, 0xFF),
        .open = having(sets, OPEN),
        .close = having(sets, CLOSE),
    };
}

static inline uint64_t prefix_xor(uint64_t bits)
{
    for (unsigned by = 1; by < 64; by *= 2)
        bits ^= bits << by;
    return bits;
}

static inline uint64_t count(uint64_t bits)
{
    return (uint64_t)__builtin_popcountll(bits);
}

/* A bit for each of 32 bytes. */
static inline uint32_t half_mask_of(uint8x16_t low, uint8x16_t high)
{
    return (uint32_t)mask_of((struct block){{low, high, vdupq_n_u8(0), vdupq_n_u8(0)}});
}

static inline uint32_t unequal(const uint8_t *p, const uint8_t *text)
{
    return ~half_mask_of(vceqq_u8(vld1q_u8(p), vld1q_u8(text)),
                         vceqq_u8(vld1q_u8(p + 16), vld1q_u8(text + 16)));
}

static inline uint8x16_t alike(const uint8_t *p, const uint8_t *text, const uint8_t *digits)
{
    uint8x16_t v = vld1q_u8(p);
    uint8x16_t digit = vcleq_u8(vsubq_u8(v, vdupq_n_u8('0')), vdupq_n_u8(9));
    return vorrq_u8(vceqq_u8(v, vld1q_u8(text)), vandq_u8(digit, vld1q_u8(digits)));
}

static inline uint32_t unlike(const uint8_t *p, const uint8_t *text, const uint8_t *digits)
{
    return ~half_mask_of(alike(p, text, digits), alike(p + 16, text + 16, digits + 16));
}

static inline uint32_t no_number(const uint8_t *p)
{
    const uint8x16_t first = vdupq_n_u8('-'), most = vdupq_n_u8('9' - '-');
    return half_mask_of(vcgtq_u8(vsubq_u8(vld1q_u8(p), first), most),
                        vcgtq_u8(vsubq_u8(vld1q_u8(p + 16), first), most));
}

static inline const uint8_t *string(const uint8_t *p, const uint8_t *end)
{
    const uint8x16_t quote = vdupq_n_u8('"'), backslash = vdupq_n_u8('\\');
    for (; end - p >= 16; p += 16) {
        uint8x16_t v = vld1q_u8(p);
        uint8x16_t hit = vorrq_u8(vceqq_u8(v, quote), vceqq_u8(v, backslash));
        uint8x8_t fours = vshrn_n_u16(vreinterpretq_u16_u8(hit), 4); /* four bits for each byte */
        uint64_t hits = vget_lane_u64(vreinterpret_u64_u8(fours), 0);
        if (hits)
            return p + __builtin_ctzll(hits) / 4;
    }
    return scan_scalar.string(p, end);
}

static const uint8_t *nested(struct scan_nest *n, const uint8_t *p, const uint8_t *end);

static const struct masks_ops ops = {of,     prefix_xor, count,  unequal,
                                     unlike, no_number,  string, nested};

static const uint8_t *nested(struct scan_nest *n, const uint8_t *p, const uint8_t *end)
{
    return masks_nested(&ops, n, p, end);
}

static const uint8_t *match(struct scan_piece *pieces, const uint8_t *p, const uint8_t *end,
                            struct slice *holes)
{
    return masks_match(&ops, pieces, p, end, holes);
}

const struct scan_ops scan_neon = {"neon", string, nested, match};

#endif
