#include "trace/form.h"

#include "base/digits.h"
#include "base/mem.h"

#include <stdlib.h>

enum {
    TEXT_MAX = 4096,  /* literal bytes of a form */
    CHANGES_MAX = 16, /* of a number, after which it is a hole */
    TIME_DIGITS = 15  /* of a time that cannot be too large */
};

struct form {
    size_t n; /* values */
    struct form_spot {
        enum scan_hole hole;
        uint8_t width, changes; /* of a number; how often it looked otherwise than before */
        uint8_t piece;          /* in the tight form, as form_at */
        bool inside;
        uint16_t off;
    } spots[FORM_HOLES_MAX];
    struct form_wanted {
        uint8_t value;
        enum form_meaning meaning;
    } wanted[FORM_WANTED_MAX];
    unsigned nwanted;
    struct form_at loose_at[FORM_WANTED_MAX], tight_at[FORM_WANTED_MAX];
    uint8_t unsure[FORM_WANTED_MAX]; /* wanted values that the tight form says too little of */
    unsigned nunsure;
    struct scan_piece loose[FORM_HOLES_MAX + 1], tight[FORM_HOLES_MAX + 1];
    uint8_t *text, *tight_text, *tight_digits; /* behind the struct */
    uint8_t bytes[];
};

static size_t padded(size_t n)
{
    return (n + SCAN_LITERAL - 1) / SCAN_LITERAL * SCAN_LITERAL;
}

/* Tight form ----------------------------------------------------------------------------------- */

/* The tight form as it is being written. */
struct tight {
    struct form *f;
    size_t at;     /* in tight_text and tight_digits */
    size_t begin;  /* of the piece at hand */
    uint8_t piece; /* its number */
};

static void add_text(struct tight *t, const uint8_t *p, size_t n, bool number)
{
    memcpy(t->f->tight_text + t->at, p, n);
    for (size_t i = 0; i < n; i++)
        t->f->tight_digits[t->at + i] = number && p[i] >= '0' && p[i] <= '9' ? 0xFF : 0;
    t->at += n;
}

static void end_piece(struct tight *t, enum scan_hole hole)
{
    struct form *f = t->f;
    f->tight[t->piece++] = (struct scan_piece){f->tight_text + t->begin, f->tight_digits + t->begin,
                                               (uint32_t)(t->at - t->begin), hole, 1};
    t->at = t->begin = padded(t->at);
}

static bool is_meant(enum form_meaning meaning, struct slice s)
{
    int64_t ns;
    uint64_t id;
    if (meaning == FORM_TIME)
        return digits_thousandths(s, &ns) && ns < INT64_MAX / 2;
    return meaning == FORM_TEXT || (s.n > 0 && s.n <= DIGITS_MAX && digits_read(s.p, s.n, &id));
}

/* Digits before the point, in what digits_thousandths takes. */
static size_t whole_digits(struct slice s)
{
    return s.n > 4 && s.p[s.n - 4] == '.' ? s.n - 4 : s.n;
}

/* Every value that looks like this one in the tight form is what it has to be. */
static bool is_sure(const struct form *f, const struct form_wanted *w)
{
    const struct form_spot *s = &f->spots[w->value];
    if (w->meaning == FORM_TEXT)
        return true;
    if (!s->inside)
        return false;
    struct slice text = slice_of(f->tight[s->piece].text + s->off, s->width);
    return is_meant(w->meaning, text) &&
           (w->meaning == FORM_ID || whole_digits(text) <= TIME_DIGITS);
}

static void find_wanted(struct form *f)
{
    f->nunsure = 0;
    for (unsigned k = 0; k < f->nwanted; k++) {
        const struct form_spot *s = &f->spots[f->wanted[k].value];
        f->tight_at[k] = (struct form_at){s->piece, s->inside, s->width, s->off};
        f->loose_at[k] = (struct form_at){.piece = f->wanted[k].value};
        if (!is_sure(f, &f->wanted[k]))
            f->unsure[f->nunsure++] = (uint8_t)k;
    }
}

/* Writes the tight form anew, with the numbers as they stand in `values`. */
static void make_tight(struct form *f, const struct slice *values)
{
    struct tight t = {.f = f};
    for (size_t i = 0; i < f->n; i++) {
        struct form_spot *s = &f->spots[i];
        add_text(&t, f->loose[i].text, f->loose[i].n, false);
        s->inside = s->hole == SCAN_NUMBER && s->changes < CHANGES_MAX;
        s->piece = t.piece;
        s->off = (uint16_t)(t.at - t.begin);
        if (s->inside)
            add_text(&t, values[i].p, values[i].n, true);
        else
            end_piece(&t, s->hole);
    }
    add_text(&t, f->loose[f->n].text, f->loose[f->n].n, false);
    end_piece(&t, SCAN_END);
    find_wanted(f);
}

/* Loose form ----------------------------------------------------------------------------------- */

/* The number looks like the one in the tight form: digits where that has digits. */
static bool is_alike(const struct form *f, const struct form_spot *s, struct slice now)
{
    const struct scan_piece *piece = &f->tight[s->piece];
    const uint8_t *text = piece->text + s->off, *digits = piece->digits + s->off;
    if (now.n != s->width)
        return false;
    for (size_t i = 0; i < now.n; i++)
        if (digits[i] ? now.p[i] < '0' || now.p[i] > '9' : now.p[i] != text[i])
            return false;
    return true;
}

/* Another tight form for numbers that look otherwise now. */
static void note_numbers(struct form *f, const struct slice *holes)
{
    bool changed = false;
    for (size_t i = 0; i < f->n; i++) {
        struct form_spot *s = &f->spots[i];
        if (!s->inside || is_alike(f, s, holes[i]))
            continue;
        changed = true;
        s->changes++;
        s->width = (uint8_t)holes[i].n;
    }
    if (changed)
        make_tight(f, holes);
}

/* Literals behind each other, each at a multiple of SCAN_LITERAL. */
static void make_loose(struct form *f, struct slice event, const struct form_value *values)
{
    const uint8_t *at = event.p, *end = event.p + event.n;
    uint8_t *to = f->text;
    for (size_t i = 0; i <= f->n; i++) {
        bool last = i == f->n;
        size_t n = (size_t)((last ? end : values[i].at.p) - at);
        memcpy(to, at, n);
        f->loose[i] =
            (struct scan_piece){to, NULL, (uint32_t)n, last ? SCAN_END : values[i].hole, 1};
        to += padded(n);
        at = last ? end : values[i].at.p + values[i].at.n;
    }
}

struct form *form_of(struct slice event, const struct form_value *values, size_t n)
{
    struct slice texts[FORM_HOLES_MAX];
    size_t literal = event.n;
    for (size_t i = 0; i < n; i++)
        literal -= values[i].at.n;
    if (literal > TEXT_MAX)
        return NULL;
    size_t room = literal + 2 * SCAN_LITERAL * (n + 1); /* padding and numbers */
    struct form *f = mem_zalloc(1, sizeof *f + 3 * room);
    f->n = n;
    f->text = f->bytes;
    f->tight_text = f->bytes + room;
    f->tight_digits = f->bytes + 2 * room;
    make_loose(f, event, values);
    for (size_t i = 0; i < n; i++) {
        texts[i] = values[i].at;
        f->spots[i].hole = values[i].hole;
        f->spots[i].width = values[i].hole == SCAN_NUMBER ? (uint8_t)values[i].at.n : 0;
    }
    make_tight(f, texts);
    return f;
}

unsigned form_want(struct form *f, size_t i, enum form_meaning meaning)
{
    f->wanted[f->nwanted++] = (struct form_wanted){(uint8_t)i, meaning};
    find_wanted(f);
    return f->nwanted - 1;
}

/* Matching ------------------------------------------------------------------------------------- */

const uint8_t *form_match(struct form *f, const uint8_t *p, const uint8_t *end,
                          struct form_match *m)
{
    m->holes[0] = slice_of(p, 0);
    m->at = f->tight_at;
    const uint8_t *after = scan.match(f->tight, p, end, m->holes + 1);
    if (after)
        return after;
    m->at = f->loose_at;
    after = scan.match(f->loose, p, end, m->holes + 1);
    if (after && after != &scan_escape)
        note_numbers(f, m->holes + 1);
    return after;
}

const uint8_t *form_pass(struct form *f, const uint8_t *p, const uint8_t *end)
{
    struct form_match m;
    m.holes[0] = slice_of(p, 0);
    m.at = f->tight_at;
    const uint8_t *after = scan.match(f->tight, p, end, m.holes + 1);
    if (after == &scan_escape)
        return NULL;
    for (unsigned i = 0; after && i < f->nunsure; i++)
        if (!is_meant(f->wanted[f->unsure[i]].meaning, form_value(&m, f->unsure[i])))
            return NULL;
    return after;
}
