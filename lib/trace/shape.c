#include "trace/shape.h"

#include "base/digits.h"
#include "base/mem.h"
#include "trace/context.h"

#include <stdlib.h>

enum {
    TEXT_MAX = 4096, /* literal bytes of a shape */
    CREDIT_MAX = 64, /* events in a row that are learned from in vain */
    SELDOM = 8       /* without credit, one of so many is compared at all */
};

struct shape {
    struct scan_piece pieces[SHAPE_HOLES_MAX + 1];
    struct event_text constant; /* the fields that are literal */
    struct shape_field {
        uint8_t field, hole;
        enum json_type type;
    } fields[EV_FIELDS];
    unsigned nfields;
    int8_t hole[EV_FIELDS]; /* of each field, -1 for none */
    bool interval;          /* phase X, with a start and a duration */
    unsigned flags;         /* context_flags, if all its numbers are numbers */
    unsigned uses;          /* matches, halved when a shape has to go */

    /* Where the event ran, as it stood in the last one: up to 16 bytes. */
    struct shape_place {
        uint8_t hole;
        uint64_t words[2], masks[2];
        size_t n;
    } places[EV_FIELDS];
    unsigned nplaces;
    struct event_kin kin;
    uint8_t text[];
};

/* The values of an event that a shape is made of, in the order of the file. */
struct values {
    struct value {
        struct slice at;
        enum scan_hole hole;
        enum json_type type;
    } list[SHAPE_HOLES_MAX];
    size_t n;
    const struct event_text *event;
};

static bool is_constant(const struct event_text *t, const uint8_t *at)
{
    static const enum event_field fields[] = {EV_PH, EV_CAT, EV_BP};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (event_has(t, fields[i]) && t->fields[fields[i]].text.raw.p == at)
            return true;
    return false;
}

static bool is_number(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '-' || s.p[i] > '9')
            return false;
    return s.n > 0 && s.n < SCAN_LITERAL;
}

/* Notes the value at c, which is passed. Words that are no numbers (true, null) stay literal. */
static bool add_value(struct values *list, struct json_cursor *c)
{
    struct json_value v;
    const uint8_t *begin = c->p;
    if (list->n == SHAPE_HOLES_MAX || !json_value(c, &v))
        return false;
    struct value value = {v.text.raw, SCAN_STRING, v.type};
    if (v.type == JSON_OBJECT || v.type == JSON_ARRAY) {
        if (!json_skip(c))
            return false;
        value.at = slice_of(begin, (size_t)(c->p - begin));
        value.hole = SCAN_NESTED;
    } else if (v.type == JSON_WORD) {
        value.hole = SCAN_NUMBER;
        if (!is_number(value.at))
            return true;
    } else if (v.text.escaped) {
        return false;
    } else if (is_constant(list->event, value.at.p)) {
        return true;
    }
    list->list[list->n++] = value;
    return true;
}

static bool add_values(struct values *list, struct json_cursor *c, bool args)
{
    struct json_string key;
    for (json_enter(c); json_member(c, &key);) {
        bool ok = !args && *c->p == '{' && slice_is(key.raw, "args") ? add_values(list, c, true)
                                                                     : add_value(list, c);
        if (!ok)
            return false;
    }
    return !c->fault;
}

/* Field f of the event stands in hole i. */
static void place_field(struct shape *s, unsigned f, size_t i, enum json_type type)
{
    s->fields[s->nfields++] = (struct shape_field){(uint8_t)f, (uint8_t)i, type};
    s->hole[f] = (int8_t)i;
    if (f == EV_PID || f == EV_TID || f == EV_DEVICE || f == EV_STREAM)
        s->places[s->nplaces++].hole = (uint8_t)i;
}

/* Says for each field of the event in which hole it stands, or that it is constant. False if it
 * is neither. */
static bool place_fields(struct shape *s, const struct values *list, const struct event_text *t)
{
    s->constant.present = t->present;
    memset(s->hole, -1, sizeof s->hole);
    for (unsigned f = 0; f < EV_FIELDS; f++) {
        size_t i = 0;
        const uint8_t *at = t->fields[f].text.raw.p;
        if (!event_has(t, f))
            continue;
        while (i < list->n && list->list[i].at.p != at)
            i++;
        if (i < list->n)
            place_field(s, f, i, list->list[i].type);
        else if (is_constant(t, at))
            s->constant.fields[f] = t->fields[f];
        else
            return false;
    }
    return true;
}

/* A constant in the event is one in the copy of its literal, which begins at `from`. */
static void move_constants(struct shape *s, const uint8_t *from, size_t n, const uint8_t *to)
{
    for (unsigned f = 0; f < EV_FIELDS; f++) {
        struct slice *raw = &s->constant.fields[f].text.raw;
        if (raw->p >= from && raw->p + raw->n <= from + n)
            raw->p = to + (raw->p - from);
    }
}

/* Literals behind each other, each at a multiple of SCAN_LITERAL. */
static void copy_literals(struct shape *s, const struct values *list, struct slice event)
{
    const uint8_t *at = event.p;
    uint8_t *to = s->text;
    for (size_t i = 0; i <= list->n; i++) {
        bool last = i == list->n;
        const uint8_t *until = last ? event.p + event.n : list->list[i].at.p;
        size_t n = (size_t)(until - at);
        memcpy(to, at, n);
        move_constants(s, at, n, to);
        s->pieces[i] =
            (struct scan_piece){to, NULL, (uint32_t)n, last ? SCAN_END : list->list[i].hole, 1};
        to += (n + SCAN_LITERAL - 1) / SCAN_LITERAL * SCAN_LITERAL;
        at = last ? until : until + list->list[i].at.n;
    }
}

/* Which events are intervals, and what they have, for shape_plain. */
static void classify(struct shape *s)
{
    const struct event_text *t = &s->constant;
    s->interval = event_has(t, EV_PH) && slice_is(t->fields[EV_PH].text.raw, "X") &&
                  s->hole[EV_TS] >= 0 && s->hole[EV_DUR] >= 0;
    s->flags =
        (event_has(t, EV_CORRELATION) ? TRACK_CORRELATION : 0u) |
        (event_has(t, EV_EXTERNAL_ID) ? CONTEXT_EXTERNAL_ID : 0u) |
        (event_has(t, EV_BYTES) ? CONTEXT_BYTES : 0u) |
        (event_has(t, EV_BP) && slice_is(t->fields[EV_BP].text.raw, "e") ? TRACK_ENCLOSING : 0u);
}

static struct shape *shape_of(struct slice event, const struct event_text *t)
{
    struct values list = {.event = t};
    struct json_cursor c = json_at(event.p, event.p + event.n);
    if (!add_values(&list, &c, false))
        return NULL;
    size_t literal = event.n;
    for (size_t i = 0; i < list.n; i++)
        literal -= list.list[i].at.n;
    if (literal > TEXT_MAX)
        return NULL;
    struct shape *s = mem_zalloc(1, sizeof *s + literal + (list.n + 1) * SCAN_LITERAL);
    if (!place_fields(s, &list, t)) {
        free(s);
        return NULL;
    }
    copy_literals(s, &list, event);
    classify(s);
    return s;
}

/* A place for one more shape: a new one, or that of the shape used least. */
static unsigned place(struct shapes *s)
{
    unsigned least = 0;
    if (s->n < SHAPES_MAX)
        return s->n++;
    for (unsigned i = 0; i < s->n; i++) {
        s->list[i]->uses /= 2;
        if (s->list[i]->uses < s->list[least]->uses)
            least = i;
    }
    free(s->list[least]);
    return least;
}

/* Learning costs more than reading, so events that no other resembles are learned from only as
 * long as the credit lasts, which matches fill up again. */
void shapes_learn(struct shapes *s, struct slice event, const struct event_text *t)
{
    if (s->n == 0)
        s->credit = CREDIT_MAX;
    if (s->credit == 0 || !event_has(t, EV_PH))
        return;
    s->credit--;
    struct shape *shape = shape_of(event, t);
    if (shape)
        s->list[place(s)] = shape;
}

static inline bool is_same_place(const struct shape_place *place, struct slice now)
{
    return now.n == place->n && ((get_u64(now.p) ^ place->words[0]) & place->masks[0]) == 0 &&
           ((get_u64(now.p + 8) ^ place->words[1]) & place->masks[1]) == 0;
}

/* Longer text is never taken for the same: its length is not kept. */
static void set_place(struct shape_place *place, struct slice now)
{
    static const uint64_t all = ~(uint64_t)0;
    size_t low = now.n < 8 ? now.n : 8, high = now.n - low;
    place->n = now.n <= 16 ? now.n : SIZE_MAX;
    place->masks[0] = low ? all >> (64 - 8 * low) : 0;
    place->masks[1] = high && high <= 8 ? all >> (64 - 8 * high) : 0;
    place->words[0] = get_u64(now.p);
    place->words[1] = get_u64(now.p + 8);
}

static inline void check_places(struct shape *s, const struct slice *holes)
{
    for (unsigned k = 0; k < s->nplaces; k++) {
        struct shape_place *place = &s->places[k];
        struct slice now = holes[place->hole];
        if (is_same_place(place, now))
            continue;
        set_place(place, now);
        s->kin.known = false;
    }
}

static bool match(struct shape *shape, struct json_cursor *c, struct shape_event *ev)
{
    const uint8_t *after = scan.match(shape->pieces, c->p, c->end, ev->holes);
    if (!after)
        return false;
    check_places(shape, ev->holes);
    ev->shape = shape;
    shape->uses++;
    c->p = after;
    return true;
}

bool shapes_match(struct shapes *s, struct json_cursor *c, struct shape_event *ev)
{
    unsigned last = s->last, guess = s->followed[last], i = guess;
    if (s->n == 0 || (s->credit == 0 && s->passed++ % SELDOM))
        return false;
    if (!match(s->list[guess], c, ev)) {
        for (i = 0; i < s->n; i++)
            if (i != guess && match(s->list[i], c, ev))
                break;
        if (i == s->n)
            return false;
        s->followed[last] = (uint8_t)i;
    }
    s->last = i;
    s->credit = s->credit < CREDIT_MAX ? s->credit + 1 : CREDIT_MAX;
    return true;
}

void shape_text(const struct shape_event *ev, struct event_text *t)
{
    struct shape *s = ev->shape;
    t->present = s->constant.present;
    t->args = slice_of(NULL, 0);
    t->kin = &s->kin;
    t->fields[EV_PH] = s->constant.fields[EV_PH];
    t->fields[EV_CAT] = s->constant.fields[EV_CAT];
    t->fields[EV_BP] = s->constant.fields[EV_BP];
    for (unsigned k = 0; k < s->nfields; k++) {
        struct shape_field f = s->fields[k];
        t->fields[f.field] = (struct json_value){f.type, {ev->holes[f.hole], false}};
    }
}

/* The time in the hole of a field. */
static inline bool time_of(const struct shape_event *ev, enum event_field f, int64_t *out)
{
    return digits_thousandths(ev->holes[ev->shape->hole[f]], out);
}

/* The id in the hole of a field, 0 if there is no such field. */
static inline bool id_of(const struct shape_event *ev, enum event_field f, uint64_t *out)
{
    int i = ev->shape->hole[f];
    *out = 0;
    return i < 0 || (ev->holes[i].n <= DIGITS_MAX && ev->holes[i].n > 0 &&
                     digits_read(ev->holes[i].p, ev->holes[i].n, out));
}

bool shape_plain(const struct shape_event *ev, struct shape_plain *p)
{
    const struct shape *s = ev->shape;
    int64_t end;
    if (!s->interval || !time_of(ev, EV_TS, &p->start_ns) || !time_of(ev, EV_DUR, &p->dur_ns) ||
        __builtin_add_overflow(p->start_ns, p->dur_ns, &end) ||
        !id_of(ev, EV_CORRELATION, &p->correlation) ||
        !id_of(ev, EV_EXTERNAL_ID, &p->external_id) || !id_of(ev, EV_BYTES, &p->bytes))
        return false;
    p->name = s->hole[EV_NAME] >= 0 ? ev->holes[s->hole[EV_NAME]] : slice_of(NULL, 0);
    p->flags = s->flags;
    return true;
}

struct event_kin *shape_kin(const struct shape_event *ev)
{
    return &ev->shape->kin;
}

void shapes_free(struct shapes *s)
{
    for (unsigned i = 0; i < s->n; i++)
        free(s->list[i]);
    *s = (struct shapes){0};
}
