/* AVX2 with carry-less multiply. */
#include "simd/scan_masks.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,pclmul,bmi,popcnt")))

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
    __m256i lo = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i hi = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
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

AVX2 static const uint8_t *nested(struct scan_nest *s, const uint8_t *p, const uint8_t *end)
{
    static const struct masks_ops ops = {of, prefix_xor, count};
    return masks_nested(&ops, s, p, end);
}

AVX2 static const uint8_t *string(const uint8_t *p, const uint8_t *end)
{
    const __m256i quote = _mm256_set1_epi8('"'), backslash = _mm256_set1_epi8('\\');
    for (; end - p >= 32; p += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);
        uint32_t hit = (uint32_t)_mm256_movemask_epi8(
            _mm256_or_si256(_mm256_cmpeq_epi8(v, quote), _mm256_cmpeq_epi8(v, backslash)));
        if (hit)
            return p + __builtin_ctz(hit);
    }
    return scan_scalar.string(p, end);
}

const struct scan_ops scan_avx2 = {"avx2", string, nested};

#endif
