/* form - the text of an event, with holes for its values
 *
 * A form is held in two ways. Loose: each value is a hole. Tight: numbers that have as many digits
 * from event to event stand in the text, as places where any digit may stand; so most of an event
 * is compared at once, and where its values are is known beforehand:
 *
 *     loose  …"pid": N, "tid": N, "ts": N.N, "dur": N, "args": {"id": N}}
 *     tight  …"pid": 0000000, "tid": 0000000, "ts": 0000000000000.000, "dur": N, "args": {"id":
 * 00000000}}
 *
 * What does not match the tight form is compared with the loose one, and widths are noted. A
 * number whose width changes often becomes a hole of the tight form as well.
 */
#ifndef TRS_FORM_H
#define TRS_FORM_H

#include "simd/scan.h"

enum { FORM_HOLES_MAX = 48, FORM_WANTED_MAX = 16 };

/* What a wanted value has to be for an event to be plain. */
enum form_meaning {
    FORM_TEXT, /* anything */
    FORM_TIME, /* digits_thousandths takes it */
    FORM_ID    /* digits_read takes it */
};

/* A value of the event that the form is made of, in the order of the text. */
struct form_value {
    struct slice at;
    enum scan_hole hole;
};

struct form;

/* An event that matched. */
struct form_match {
    struct slice holes[FORM_HOLES_MAX + 2]; /* private: where the event begins; then the holes */
    const struct form_at *at;
};

/* Where a wanted value is: private, but for form_value. */
struct form_at {
    uint8_t piece; /* the hole behind it, or */
    bool inside;   /* in the piece itself, at off */
    uint8_t width;
    uint16_t off;
};

/* Makes a form of an event and n values in it. NULL if it would be too long. The caller frees it
 * with free(). */
struct form *form_of(struct slice event, const struct form_value *values, size_t n);

/* Value i of the event is wanted; returns the number by which form_value gives it: 0, 1, … */
unsigned form_want(struct form *f, size_t i, enum form_meaning meaning);

/* The event at p has this form: returns the byte after it. Else NULL, or &scan_escape as
 * scan.match. */
const uint8_t *form_match(struct form *f, const uint8_t *p, const uint8_t *end,
                          struct form_match *m);

/* Wanted value k, of which SCAN_LITERAL bytes may be read. */
static inline struct slice form_value(const struct form_match *m, unsigned k)
{
    const struct form_at *at = &m->at[k];
    const struct slice *hole = &m->holes[at->piece];
    return at->inside ? slice_of(hole->p + hole->n + at->off, at->width) : hole[1];
}

/* The same without the values: the byte after an event of this form whose wanted values are all
 * what they have to be. NULL for all others, and for some that are. */
const uint8_t *form_pass(struct form *f, const uint8_t *p, const uint8_t *end);

#endif
