/* scan-match - templates made of bytes at random, and what a variant of the scanner makes of them
 *
 *   template_make(&t, seed, p, end);              of the bytes at p, which match mostly
 *   if (!template_agrees(&t, ops, p, end)) ...    ops does with p what scan_scalar does
 *
 * The text of each piece ends where the page ends, with one behind it that may not be touched.
 */
#ifndef SCAN_MATCH_H
#define SCAN_MATCH_H

#include "simd/scan.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TEMPLATE_HOLES = 7, TEMPLATE_LITERAL = 100 };

struct template
{
    struct scan_piece pieces[TEMPLATE_HOLES + 1];
    uint32_t seed;
};

static inline uint32_t template_random(struct template *t, uint32_t below)
{
    t->seed = t->seed * 1664525u + 1013904223u;
    return (t->seed >> 8) % below;
}

/* The end of the i-th of a few pages with none behind them. */
static inline uint8_t *template_page(size_t i)
{
    enum { PAGES = 2 * (TEMPLATE_HOLES + 1) };
    static uint8_t *pages;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (!pages) {
        pages = mmap(NULL, 2 * PAGES * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        for (size_t k = 0; k < PAGES; k++)
            if (pages == MAP_FAILED || mprotect(pages + 2 * k * page, page, PROT_READ | PROT_WRITE))
                abort();
    }
    return pages + (2 * i + 1) * page;
}

/* Piece i becomes the n bytes at p, in which some of the digits may differ, or none. */
static inline void template_literal(struct template *t, size_t i, const uint8_t *p, size_t n)
{
    size_t room = n ? (n + SCAN_LITERAL - 1) / SCAN_LITERAL * SCAN_LITERAL : SCAN_LITERAL;
    uint8_t *text = template_page(2 * i) - room, *digits = template_page(2 * i + 1) - room;
    bool any = template_random(t, 2);
    memcpy(text, p, n);
    for (size_t k = 0; k < n; k++)
        digits[k] = p[k] >= '0' && p[k] <= '9' && template_random(t, 4) ? 0xFF : 0;
    t->pieces[i] = (struct scan_piece){.text = text, .digits = any ? digits : NULL, .width = 1};
    t->pieces[i].n = (uint32_t)n;
}

/* How long a literal at p is to be: mostly up to where a value may begin. */
static inline size_t template_length(struct template *t, const uint8_t *p, const uint8_t *end)
{
    size_t n = template_random(t, TEMPLATE_LITERAL / 2), left = (size_t)(end - p);
    n = n < left ? n : left;
    if (template_random(t, 8))
        while (n < left && n < TEMPLATE_LITERAL && !strchr("0-[{", p[n]) && (!n || p[n - 1] != '"'))
            n++;
    return n;
}

/* Where the text goes on behind piece i, if its hole can be this. */
static inline const uint8_t *template_hole(struct template *t, size_t i, enum scan_hole hole,
                                           const uint8_t *p, const uint8_t *end)
{
    struct slice holes[1];
    struct scan_piece probe[2] = {t->pieces[i], {.text = t->pieces[i].text, .hole = SCAN_END}};
    probe[0].hole = t->pieces[i].hole = hole;
    const uint8_t *after = scan_scalar.match(probe, p, end, holes);
    return after == &scan_escape ? NULL : after;
}

static inline void template_make(struct template *t, uint32_t seed, const uint8_t *p,
                                 const uint8_t *end)
{
    t->seed = seed;
    for (size_t i = 0;; i++) {
        const uint8_t *next = NULL;
        template_literal(t, i, p, template_length(t, p, end));
        if (i < TEMPLATE_HOLES && template_random(t, 8))
            for (unsigned k = template_random(t, 3), tries = 0; !next && tries < 3; k++, tries++)
                next = template_hole(t, i, 1 + k % 3, p, end);
        if (!next) /* now and then a hole that takes more than it may */
            t->pieces[i].hole = i < TEMPLATE_HOLES ? template_random(t, 16) / 13 : SCAN_END;
        if (t->pieces[i].hole == SCAN_END)
            return;
        size_t taken = t->pieces[i].n + SCAN_LITERAL;
        p = next ? next : (size_t)(end - p) > taken ? p + taken : end;
    }
}

/* Whether they agree; *matched grows if a template with holes matched. */
static inline bool template_agrees(struct template *t, const struct scan_ops *ops, const uint8_t *p,
                                   const uint8_t *end, unsigned *matched)
{
    struct slice want[TEMPLATE_HOLES], got[TEMPLATE_HOLES];
    const uint8_t *after = scan_scalar.match(t->pieces, p, end, want);
    if (ops->match(t->pieces, p, end, got) != after)
        return false;
    if (!after || after == &scan_escape)
        return true;
    for (size_t i = 0; t->pieces[i].hole != SCAN_END; i++)
        if (want[i].p != got[i].p || want[i].n != got[i].n)
            return false;
    *matched += t->pieces[0].hole != SCAN_END;
    return true;
}

/* Changes a byte, mostly for one of its kind. */
static inline void template_change(struct template *t, uint8_t *p, size_t n)
{
    static const char counts[] = "0123456789-./,\"\\ {}[]:x";
    for (unsigned tries = 0; n && tries < 8; tries++) {
        uint8_t *at = p + template_random(t, (uint32_t)n);
        bool digit = *at >= '0' && *at <= '9';
        if (!digit && tries < 4)
            continue;
        *at = (uint8_t)counts[template_random(t, digit && tries < 4 ? 14 : sizeof counts - 1)];
        return;
    }
}

#endif
