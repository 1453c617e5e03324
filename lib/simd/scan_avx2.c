/* AVX2 with carry-less multiply. */
#include "simd/scan_masks.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,pclmul,bmi,popcnt")))

AVX2 static inline __m256i load(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

AVX2 static inline uint64_t mask_of(__m256i lo, __m256i hi)
{
    return (uint32_t)_mm256_movemask_epi8(lo) | (uint64_t)(uint32_t)_mm256_movemask_epi8(hi) << 32;
}

AVX2 static inline uint64_t equal(__m256i lo, __m256i hi, char c)
{
    __m256i v = _mm256_set1_epi8(c);
    return mask_of(_mm256_cmpeq_epi8(lo, v), _mm256_cmpeq_epi8(hi, v));
}

/* Spaces and , : [ ] { }: a byte stands around values if the table entry for its low half is the
 * byte itself. [ ] are { } without bit 5, which is why they are compared with that bit set. */
AVX2 static inline __m256i around_half(__m256i v)
{
    const __m256i spaces =
        _mm256_setr_epi8(' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', '\n', 0, 0, '\r', 0, 0, ' ', 0, 0, 0, 0,
                         0, 0, 0, 0, '\t', '\n', 0, 0, '\r', 0, 0);
    const __m256i signs = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0,
                                           0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0);
    __m256i raised = _mm256_or_si256(v, _mm256_set1_epi8(0x20));
    __m256i space = _mm256_cmpeq_epi8(v, _mm256_shuffle_epi8(spaces, v));
    __m256i sign = _mm256_cmpeq_epi8(raised, _mm256_shuffle_epi8(signs, v));
    /* Raising made , and : of two control characters. */
    __m256i high = _mm256_cmpgt_epi8(v, _mm256_set1_epi8(0x1F));
    return _mm256_or_si256(space, _mm256_and_si256(sign, high));
}

AVX2 static inline struct masks of(const uint8_t *p)
{
    __m256i lo = load(p), hi = load(p + 32);
    __m256i bit = _mm256_set1_epi8(0x20);
    __m256i rlo = _mm256_or_si256(lo, bit), rhi = _mm256_or_si256(hi, bit);
    return (struct masks){
        .quote = equal(lo, hi, '"'),
        .backslash = equal(lo, hi, '\\'),
        .around = mask_of(around_half(lo), around_half(hi)),
        .open = equal(rlo, rhi, '{'),
        .close = equal(rlo, rhi, '}'),
    };
}

AVX2 static inline uint64_t prefix_xor(uint64_t bits)
{
    __m128i product =
        _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)bits), _mm_set1_epi8((char)0xFF), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

AVX2 static inline uint64_t count(uint64_t bits)
{
    return (uint64_t)__builtin_popcountll(bits);
}

AVX2 static inline uint32_t unequal(const uint8_t *p, const uint8_t *text)
{
    return ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(load(p), load(text)));
}

/* The bytes from first to last. */
AVX2 static inline __m256i between(__m256i v, char first, char last)
{
    __m256i above = _mm256_sub_epi8(v, _mm256_set1_epi8(first));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(above, _mm256_set1_epi8((char)(last - first))), above);
}

AVX2 static inline uint32_t unlike(const uint8_t *p, const uint8_t *text, const uint8_t *digits)
{
    __m256i v = load(p);
    __m256i digit = _mm256_and_si256(between(v, '0', '9'), load(digits));
    __m256i good = _mm256_or_si256(_mm256_cmpeq_epi8(v, load(text)), digit);
    return ~(uint32_t)_mm256_movemask_epi8(good);
}

AVX2 static inline uint32_t no_number(const uint8_t *p)
{
    return ~(uint32_t)_mm256_movemask_epi8(between(load(p), '-', '9'));
}

AVX2 static inline __m256i ends_string(__m256i v)
{
    return _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('"')),
                           _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\')));
}

AVX2 static inline const uint8_t *string(const uint8_t *p, const uint8_t *end)
{
    for (; end - p >= 64; p += 64) {
        uint64_t hit = mask_of(ends_string(load(p)), ends_string(load(p + 32)));
        if (hit)
            return p + __builtin_ctzll(hit);
    }
    return scan_scalar.string(p, end);
}

AVX2 static const uint8_t *nested(struct scan_nest *n, const uint8_t *p, const uint8_t *end);

static const struct masks_ops ops = {of,     prefix_xor, count,  unequal,
                                     unlike, no_number,  string, nested};

AVX2 static const uint8_t *nested(struct scan_nest *n, const uint8_t *p, const uint8_t *end)
{
    return masks_nested(&ops, n, p, end);
}

AVX2 static const uint8_t *match(struct scan_piece *pieces, const uint8_t *p, const uint8_t *end,
                                 struct slice *holes)
{
    return masks_match(&ops, pieces, p, end, holes);
}

const struct scan_ops scan_avx2 = {"avx2", string, nested, match};

#endif
