/* AVX2 with carry-less multiply, 64 bytes at a time; after simdjson (Langdale and Lemire, "Parsing
 * gigabytes of JSON per second", 2019) for the masks of quotes and escapes. */
#if defined(__x86_64__)

#include "simd/scan.h"

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,pclmul,bmi")))

struct block {
    __m256i lo, hi;
};

AVX2 static inline struct block load(const uint8_t *p)
{
    return (struct block){_mm256_loadu_si256((const __m256i *)(const void *)p),
                          _mm256_loadu_si256((const __m256i *)(const void *)(p + 32))};
}

AVX2 static inline uint64_t mask_of(__m256i lo, __m256i hi)
{
    return (uint32_t)_mm256_movemask_epi8(lo) | (uint64_t)(uint32_t)_mm256_movemask_epi8(hi) << 32;
}

AVX2 static inline uint64_t equal(struct block b, char c)
{
    __m256i v = _mm256_set1_epi8(c);
    return mask_of(_mm256_cmpeq_epi8(b.lo, v), _mm256_cmpeq_epi8(b.hi, v));
}

AVX2 static inline uint64_t equal_either_case(struct block b, char c)
{
    __m256i bit = _mm256_set1_epi8(0x20);
    return equal((struct block){_mm256_or_si256(b.lo, bit), _mm256_or_si256(b.hi, bit)}, c);
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

/* Bits of bytes that a backslash takes with it; `first` if the block before ended in one. */
static inline uint64_t escaped_by(uint64_t backslash, bool first)
{
    uint64_t escaped = first;
    for (uint64_t left = backslash & ~escaped; left;) {
        unsigned at = (unsigned)__builtin_ctzll(left);
        escaped |= at < 63 ? (uint64_t)2 << at : 0;
        left &= ~((uint64_t)3 << at);
    }
    return escaped;
}

/* Bit i: the number of set bits up to i is odd. */
AVX2 static inline uint64_t prefix_xor(uint64_t bits)
{
    __m128i product =
        _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)bits), _mm_set1_epi8((char)0xFF), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

/* One block of which n bytes count, 1 to 64. */
AVX2 static inline const uint8_t *nested_block(struct scan_nest *s, const uint8_t *p,
                                               struct block b, unsigned n)
{
    uint64_t valid = n == 64 ? ~(uint64_t)0 : ((uint64_t)1 << n) - 1;
    uint64_t backslash = equal(b, '\\') & valid;
    uint64_t escaped = escaped_by(backslash, s->escape);
    uint64_t quotes = equal(b, '"') & valid & ~escaped;
    uint64_t inside = prefix_xor(quotes) ^ (s->in_string ? ~(uint64_t)0 : 0);
    uint64_t around = mask_of(around_half(b.lo), around_half(b.hi)) & valid;
    uint64_t opening = quotes & inside, closing = quotes & ~inside;
    uint64_t bad = (opening & ~(around << 1 | s->before_value)) |
                   ((closing << 1 | s->after_quote) & ~around & valid);
    uint64_t open = equal_either_case(b, '{') & ~inside & valid;
    uint64_t brackets = open | (equal_either_case(b, '}') & ~inside & valid);
    for (; brackets; brackets &= brackets - 1) {
        uint64_t bit = brackets & (~brackets + 1);
        if (bad && (bad & (bit - 1)))
            break;
        if (open & bit)
            s->depth++;
        else if (--s->depth == 0)
            return p + __builtin_ctzll(bit) + 1;
    }
    if (bad) {
        s->bad = p + __builtin_ctzll(bad);
        return NULL;
    }
    s->escape = (backslash & ~escaped) >> (n - 1) & 1;
    s->in_string = inside >> (n - 1) & 1;
    s->after_quote = closing >> (n - 1) & 1;
    s->before_value = around >> (n - 1) & 1;
    return NULL;
}

AVX2 static const uint8_t *nested(struct scan_nest *s, const uint8_t *p, const uint8_t *end)
{
    for (; end - p >= 64; p += 64) {
        const uint8_t *close = nested_block(s, p, load(p), 64);
        if (close || s->bad)
            return close;
    }
    if (p == end)
        return NULL;
    uint8_t rest[64] = {0};
    memcpy(rest, p, (size_t)(end - p));
    return nested_block(s, p, load(rest), (unsigned)(end - p));
}

AVX2 static inline const uint8_t *string(const uint8_t *p, const uint8_t *end)
{
    const __m256i quote = _mm256_set1_epi8('"'), backslash = _mm256_set1_epi8('\\');
    for (; end - p >= 64; p += 64) {
        struct block b = load(p);
        uint64_t hit = mask_of(_mm256_or_si256(_mm256_cmpeq_epi8(b.lo, quote),
                                               _mm256_cmpeq_epi8(b.lo, backslash)),
                               _mm256_or_si256(_mm256_cmpeq_epi8(b.hi, quote),
                                               _mm256_cmpeq_epi8(b.hi, backslash)));
        if (hit)
            return p + __builtin_ctzll(hit);
    }
    return scan_scalar.string(p, end);
}

/* A literal is compared 32 bytes at a time; of the last ones only those that count. */
AVX2 static inline bool same(const uint8_t *p, const uint8_t *text, uint32_t n)
{
    for (;; p += 32, text += 32, n -= 32) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)text);
        uint32_t other = ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b));
        if (n <= 32)
            return n == 0 || (other << (32 - n)) == 0;
        if (other)
            return false;
    }
}

/* The end of a number. Most have as many digits as the one before in the same hole: so its width is
 * tried first, and the processor goes on behind it without having to wait for the comparison, as
 * it would for a count of digits. */
AVX2 static inline const uint8_t *number(const uint8_t *p, uint8_t *width)
{
    __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i above = _mm256_sub_epi8(v, _mm256_set1_epi8('-'));
    __m256i in = _mm256_cmpeq_epi8(_mm256_min_epu8(above, _mm256_set1_epi8('9' - '-')), above);
    uint32_t out = ~(uint32_t)_mm256_movemask_epi8(in);
    if ((out & (((uint32_t)2 << *width) - 1)) == (uint32_t)1 << *width)
        return p + *width;
    if (out == 0 || out & 1)
        return NULL;
    *width = (uint8_t)__builtin_ctz(out);
    return p + *width;
}

AVX2 static inline const uint8_t *hole(struct scan_piece *piece, const uint8_t *p,
                                       const uint8_t *end)
{
    struct scan_nest n = {0};
    switch (piece->hole) {
    case SCAN_NUMBER:
        return number(p, &piece->width);
    case SCAN_STRING:
        p = string(p, end);
        return p < end && *p == '"' ? p : NULL;
    case SCAN_NESTED:
        return *p == '{' || *p == '[' ? nested(&n, p, end) : NULL;
    default:
        return p;
    }
}

AVX2 static const uint8_t *match(struct scan_piece *piece, const uint8_t *p, const uint8_t *end,
                                 struct slice *holes)
{
    for (;; piece++, holes++) {
        if ((size_t)(end - p) < (size_t)piece->n + SCAN_LITERAL || !same(p, piece->text, piece->n))
            return NULL;
        p += piece->n;
        const uint8_t *after = hole(piece, p, end);
        if (!after || piece->hole == SCAN_END)
            return after;
        *holes = slice_of(p, (size_t)(after - p));
        p = after;
    }
}

const struct scan_ops scan_avx2 = {"avx2", string, nested, match};

#endif
