#include "trace/shape.h"

#include "base/digits.h"
#include "base/mem.h"
#include "trace/context.h"

#include <stdlib.h>

enum {
    CREDIT_MAX = 64, /* events in a row that are learned from in vain */
    SELDOM = 8       /* without credit, one of so many is compared at all */
};

struct shape {
    struct form *form;
    struct event_text constant; /* the fields that are literal */
    struct buf bytes;           /* and their bytes */
    struct shape_field {
        uint8_t field;
        enum json_type type;
    } fields[EV_FIELDS]; /* those that are values of the form */
    unsigned nfields;
    int8_t value[EV_FIELDS]; /* the number of each field among these, -1 for none */
    bool interval;           /* phase X, with a start and a duration */
    unsigned flags;          /* context_flags, if all its numbers are numbers */
    bool unwanted;           /* see shape_unwanted */
    unsigned uses;           /* matches, halved when a shape has to go */

    /* Where the event ran, as it stood in the last one: up to 16 bytes. */
    struct shape_place {
        uint8_t value;
        uint64_t words[2], masks[2];
        size_t n;
    } places[EV_FIELDS];
    unsigned nplaces;
    struct event_kin kin;
};

/* The values of an event that a shape is made of, in the order of the file. */
struct values {
    struct form_value list[FORM_HOLES_MAX];
    enum json_type types[FORM_HOLES_MAX];
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
    if (list->n == FORM_HOLES_MAX || !json_value(c, &v))
        return false;
    struct form_value value = {v.text.raw, SCAN_STRING};
    if (v.type == JSON_OBJECT || v.type == JSON_ARRAY) {
        if (!json_skip(c))
            return false;
        value.at = slice_of(begin, (size_t)(c->p - begin));
        value.hole = SCAN_NESTED;
    } else if (v.text.escaped) {
        return false;
    } else if (is_constant(list->event, value.at.p)) {
        return true;
    } else if (v.type == JSON_WORD) {
        value.hole = SCAN_NUMBER;
        if (!is_number(value.at))
            return true;
    }
    list->types[list->n] = v.type;
    list->list[list->n++] = value;
    return true;
}

/* The args of an event must not become a hole: what is in them would not be seen. An array there
 * has no meaning, but the next event may have an object in its place; and a key with escapes may be
 * args as well. */
static bool may_hide_args(struct json_string key, const struct json_cursor *c)
{
    return key.escaped || (*c->p == '[' && slice_is(key.raw, "args"));
}

static bool add_values(struct values *list, struct json_cursor *c, bool args)
{
    struct json_string key;
    for (json_enter(c); json_member(c, &key);) {
        if (!args && may_hide_args(key, c))
            return false;
        bool ok = !args && *c->p == '{' && slice_is(key.raw, "args") ? add_values(list, c, true)
                                                                     : add_value(list, c);
        if (!ok)
            return false;
    }
    return !c->fault;
}

/* Field f of the event is value i of the form. */
static void place_field(struct shape *s, unsigned f, size_t i, enum json_type type)
{
    static const unsigned ids = 1u << EV_ID | 1u << EV_CORRELATION | 1u << EV_EXTERNAL_ID |
                                1u << EV_BYTES | EVENT_OF_OPERATORS;
    bool id = ids >> f & 1;
    enum form_meaning meaning = f == EV_TS || f == EV_DUR ? FORM_TIME : id ? FORM_ID : FORM_TEXT;
    unsigned k = form_want(s->form, i, meaning);
    s->fields[s->nfields++] = (struct shape_field){(uint8_t)f, type};
    s->value[f] = (int8_t)k;
    if (f == EV_PID || f == EV_TID || f == EV_DEVICE || f == EV_STREAM)
        s->places[s->nplaces++].value = (uint8_t)k;
}

static struct slice constant_text(const struct event_text *t, enum event_field f)
{
    return event_has(t, f) ? t->fields[f].text.raw : slice_of(NULL, 0);
}

/* Says for each field of the event which value it is, or that it is constant. False if it is
 * neither. */
static bool place_fields(struct shape *s, const struct values *list, const struct event_text *t)
{
    struct slice ph = constant_text(t, EV_PH), cat = constant_text(t, EV_CAT);
    s->constant.present =
        is_operator(ph, cat) ? t->present : t->present & ~(unsigned)EVENT_OF_OPERATORS;
    memset(s->value, -1, sizeof s->value);
    for (unsigned f = 0; f < EV_FIELDS; f++) {
        size_t i = 0;
        const uint8_t *at = t->fields[f].text.raw.p;
        if (!event_has(&s->constant, f))
            continue;
        while (i < list->n && list->list[i].at.p != at)
            i++;
        if (i < list->n)
            place_field(s, f, i, list->types[i]);
        else if (is_constant(t, at))
            s->constant.fields[f] = t->fields[f];
        else
            return false;
    }
    return true;
}

/* Constants stand in the event; from here on in bytes of our own. */
static void keep_constants(struct shape *s)
{
    static const enum event_field fields[] = {EV_PH, EV_CAT, EV_BP};
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        n += s->constant.fields[fields[i]].text.raw.n;
    (void)buf_room(&s->bytes, n + 1); /* an empty string has an address too */
    for (size_t i = 0; i < 3; i++) {
        struct slice *raw = &s->constant.fields[fields[i]].text.raw;
        uint8_t *to = s->bytes.p + s->bytes.n;
        buf_add(&s->bytes, raw->p, raw->n);
        raw->p = to;
    }
}

/* Which events are intervals, and what they have, for shape_plain. */
static void classify(struct shape *s)
{
    const struct event_text *t = &s->constant;
    s->interval =
        slice_is(constant_text(t, EV_PH), "X") && s->value[EV_TS] >= 0 && s->value[EV_DUR] >= 0;
    s->flags = (event_has(t, EV_CORRELATION) ? TRACK_CORRELATION : 0u) |
               (event_has(t, EV_EXTERNAL_ID) ? CONTEXT_EXTERNAL_ID : 0u) |
               (event_has(t, EV_BYTES) ? CONTEXT_BYTES : 0u) |
               (event_has(t, EV_SEQUENCE) ? CONTEXT_SEQUENCE : 0u) |
               (event_has(t, EV_FWD_THREAD) ? CONTEXT_FWD_THREAD : 0u) |
               (slice_is(constant_text(t, EV_BP), "e") ? TRACK_ENCLOSING : 0u);
}

static void shape_free(struct shape *s)
{
    free(s->form);
    buf_free(&s->bytes);
    free(s);
}

static struct shape *shape_of(struct slice event, const struct event_text *t)
{
    struct values list = {.event = t};
    struct json_cursor c = json_at(event.p, event.p + event.n);
    if (!add_values(&list, &c, false))
        return NULL;
    struct form *form = form_of(event, list.list, list.n);
    if (!form)
        return NULL;
    struct shape *s = mem_zalloc(1, sizeof *s);
    s->form = form;
    if (!place_fields(s, &list, t)) {
        shape_free(s);
        return NULL;
    }
    keep_constants(s);
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
    shape_free(s->list[least]);
    return least;
}

/* Learning costs more than reading, so events that no other resembles are learned from only as
 * long as the credit lasts, which matches fill up again. */
void shapes_learn(struct shapes *s, struct slice event, const struct event_text *t)
{
    if (s->n == 0)
        s->credit = CREDIT_MAX;
    if (s->credit == 0 || !s->learns || !event_has(t, EV_PH))
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

static inline void check_places(struct shape *s, const struct form_match *m)
{
    for (unsigned k = 0; k < s->nplaces; k++) {
        struct shape_place *place = &s->places[k];
        struct slice now = form_value(m, place->value);
        if (is_same_place(place, now))
            continue;
        set_place(place, now);
        s->kin.known = false;
    }
}

enum found { FOUND_NONE, FOUND_EVENT, FOUND_ESCAPE };

static enum found match(struct shape *shape, struct json_cursor *c, struct shape_event *ev)
{
    const uint8_t *after = shape->unwanted ? form_pass(shape->form, c->p, c->end) : NULL;
    ev->passed = after != NULL;
    if (!after)
        after = form_match(shape->form, c->p, c->end, &ev->match);
    if (!after || after == &scan_escape)
        return after ? FOUND_ESCAPE : FOUND_NONE;
    if (!ev->passed)
        check_places(shape, &ev->match);
    ev->shape = shape;
    shape->uses++;
    c->p = after;
    return FOUND_EVENT;
}

/* The shape of the event at c: first the one that came behind the last shape the last time. Where a
 * shape has met an escape, no other will do. */
static enum found search(struct shapes *s, struct json_cursor *c, struct shape_event *ev)
{
    unsigned last = s->last, guess = s->followed[last];
    enum found found = match(s->list[guess], c, ev);
    s->last = guess;
    for (unsigned i = 0; found == FOUND_NONE && i < s->n; i++) {
        if (i == guess)
            continue;
        found = match(s->list[i], c, ev);
        s->last = i;
    }
    s->followed[last] = (uint8_t)s->last;
    return found;
}

bool shapes_match(struct shapes *s, struct json_cursor *c, struct shape_event *ev)
{
    s->learns = true;
    if (s->n == 0 || (s->credit == 0 && s->passed++ % SELDOM))
        return false;
    enum found found = search(s, c, ev);
    s->learns = found == FOUND_NONE;
    if (found == FOUND_EVENT && s->credit < CREDIT_MAX)
        s->credit++;
    return found == FOUND_EVENT;
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
    for (unsigned k = 0; k < s->nfields; k++)
        t->fields[s->fields[k].field] =
            (struct json_value){s->fields[k].type, {form_value(&ev->match, k), false}};
}

/* A field that is a time. */
static inline bool time_of(const struct shape_event *ev, enum event_field f, int64_t *out)
{
    return digits_thousandths(form_value(&ev->match, (unsigned)ev->shape->value[f]), out);
}

/* A field that is an id, 0 if there is no such field. */
static inline bool id_of(const struct shape_event *ev, enum event_field f, uint64_t *out)
{
    int k = ev->shape->value[f];
    *out = 0;
    if (k < 0)
        return true;
    struct slice id = form_value(&ev->match, (unsigned)k);
    return id.n <= DIGITS_MAX && id.n > 0 && digits_read(id.p, id.n, out);
}

/* Most events are no operators, or have no such numbers. */
static inline bool operator_of(const struct shape_event *ev, struct shape_plain *p)
{
    p->sequence = p->fwd_thread = 0;
    return !(ev->shape->flags & (CONTEXT_SEQUENCE | CONTEXT_FWD_THREAD)) ||
           (id_of(ev, EV_SEQUENCE, &p->sequence) && id_of(ev, EV_FWD_THREAD, &p->fwd_thread));
}

bool shape_plain(const struct shape_event *ev, struct shape_plain *p)
{
    const struct shape *s = ev->shape;
    int64_t end;
    if (!s->interval || !time_of(ev, EV_TS, &p->start_ns) || !time_of(ev, EV_DUR, &p->dur_ns) ||
        __builtin_add_overflow(p->start_ns, p->dur_ns, &end) ||
        !id_of(ev, EV_CORRELATION, &p->correlation) ||
        !id_of(ev, EV_EXTERNAL_ID, &p->external_id) || !id_of(ev, EV_BYTES, &p->bytes) ||
        !operator_of(ev, p))
        return false;
    int name = s->value[EV_NAME];
    p->name = name >= 0 ? form_value(&ev->match, (unsigned)name) : slice_of(NULL, 0);
    p->flags = s->flags;
    return true;
}

struct event_kin *shape_kin(const struct shape_event *ev)
{
    return &ev->shape->kin;
}

void shape_unwanted(const struct shape_event *ev)
{
    ev->shape->unwanted = true;
}

void shapes_free(struct shapes *s)
{
    for (unsigned i = 0; i < s->n; i++)
        shape_free(s->list[i]);
    *s = (struct shapes){0};
}
