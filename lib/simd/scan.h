/* scan - the three searches that reading JSON fast comes down to
 *
 * scan_scalar.c defines what they do; one file for each instruction set does the same faster;
 * scan.c chooses once, at start, what the machine can run. TRS_SIMD=scalar|avx2|neon in the
 * environment overrides it, for tests; what the machine cannot run is scalar. All variants agree
 * byte for byte.
 */
#ifndef TRS_SCAN_H
#define TRS_SCAN_H

#include "base/bytes.h"

/* How far a search through nested containers has come. All zero but `depth` at the start. */
struct scan_nest {
    uint64_t depth; /* containers that are open */
    bool in_string;
    bool escape;        /* the byte before was a backslash that counts */
    bool after_quote;   /* the byte before closed a string */
    bool before_value;  /* the byte before was a space or one of , : [ ] { } */
    const uint8_t *bad; /* where a string begins or ends as none may, see scan_nested */
};

/* A text with holes: the bytes that a program writes around the values of one kind of event. Each
 * piece is literal bytes and the hole behind them; the last hole is SCAN_END. */
enum scan_hole {
    SCAN_END,    /* nothing follows */
    SCAN_NUMBER, /* 1 to 31 bytes from '-' to '9': digits, minus, point */
    SCAN_STRING, /* bytes up to a quote, none of them a backslash */
    SCAN_NESTED  /* an object or array, as nested below passes it */
};

enum { SCAN_LITERAL = 32 }; /* literals are readable up to a multiple of this, not 0 */

struct scan_piece {
    const uint8_t *text;
    const uint8_t *digits; /* as long: 0xFF where the text has a digit for which any may stand, else
                            * 0; NULL if there is none */
    uint32_t n;
    enum scan_hole hole;
    uint8_t width; /* private: of the last number in the hole; begins as 1 */
};

extern const uint8_t scan_escape;

struct scan_ops {
    const char *name;

    /* The first `"` or `\` in [p, end), or end. */
    const uint8_t *(*string)(const uint8_t *p, const uint8_t *end);

    /* Reads on through containers, brackets of both kinds outside strings counted alike, until
     * the one that brings depth to 0; returns the byte after it. NULL if the bytes end before,
     * with the state in *n, or if n->bad is set: an opening quote does not follow a space or one
     * of , : [ ] { }, or a closing quote is not followed by one. JSON never does that; it is how
     * an unescaped quote shows, at once and not a gigabyte later. */
    const uint8_t *(*nested)(struct scan_nest *n, const uint8_t *p, const uint8_t *end);

    /* The bytes at p are the text of these pieces: returns the byte after it, holes[i] is what
     * stands in the hole of piece i. NULL if they are not, or if fewer than SCAN_LITERAL bytes
     * follow a literal before end; &scan_escape if a backslash in a string is all that was seen to
     * be wrong. */
    const uint8_t *(*match)(struct scan_piece *pieces, const uint8_t *p, const uint8_t *end,
                            struct slice *holes);
};

extern const struct scan_ops scan_scalar;
#if defined(__x86_64__)
extern const struct scan_ops scan_avx2;
#elif defined(__aarch64__)
extern const struct scan_ops scan_neon;
#endif

/* The chosen ones. */
extern struct scan_ops scan;

/* What the machine can run: scalar first, NULL at the end. For tests. */
enum { SCAN_VARIANTS = 2 };
extern const struct scan_ops *scan_variants[SCAN_VARIANTS + 1];

#endif
