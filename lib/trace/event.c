#include "trace/event.h"

#include "base/digits.h"
#include "base/num.h"
#include "base/text.h"

/* Fields of an event by key. EV_FIELDS: none; EV_ARGS: "args". The length decides first, then at
 * most two comparisons. */
enum { EV_ARGS = EV_FIELDS + 1 };

static inline bool is(struct slice key, const char *text)
{
    return memcmp(key.p, text, key.n) == 0;
}

static inline unsigned event_field(struct slice key)
{
    switch (key.n) {
    case 2:
        return is(key, "ph")   ? EV_PH
               : is(key, "ts") ? EV_TS
               : is(key, "id") ? EV_ID
               : is(key, "bp") ? EV_BP
                               : EV_FIELDS;
    case 3:
        return is(key, "cat")   ? EV_CAT
               : is(key, "pid") ? EV_PID
               : is(key, "tid") ? EV_TID
               : is(key, "dur") ? EV_DUR
                                : EV_FIELDS;
    case 4:
        return is(key, "name") ? EV_NAME : is(key, "args") ? (unsigned)EV_ARGS : EV_FIELDS;
    default:
        return EV_FIELDS;
    }
}

/* "external id" is the older spelling. */
static inline unsigned arg_field(struct slice key)
{
    switch (key.n) {
    case 5:
        return is(key, "bytes") ? EV_BYTES : EV_FIELDS;
    case 6:
        return is(key, "device") ? EV_DEVICE : is(key, "stream") ? EV_STREAM : EV_FIELDS;
    case 11:
        return is(key, "correlation")                             ? EV_CORRELATION
               : is(key, "External id") || is(key, "external id") ? EV_EXTERNAL_ID
                                                                  : EV_FIELDS;
    case 13:
        return is(key, "Fwd thread id") ? EV_FWD_THREAD : EV_FIELDS;
    case 15:
        return is(key, "Sequence number") ? EV_SEQUENCE : EV_FIELDS;
    default:
        return EV_FIELDS;
    }
}

bool event_uses(struct slice key)
{
    return event_field(key) < EV_FIELDS;
}

bool event_uses_arg(struct slice key)
{
    return arg_field(key) < EV_FIELDS;
}

/* A key written with escapes is decoded first: that happens, but never in numbers. */
static inline unsigned field_of(struct json_string key, unsigned (*find)(struct slice))
{
    if (!key.escaped)
        return find(key.raw);
    struct buf decoded = {0};
    unsigned f = find(json_bytes(key, &decoded));
    buf_free(&decoded);
    return f;
}

/* A scalar is noted; null and containers count as missing. */
static inline void take(struct json_cursor *c, struct event_text *t, unsigned f)
{
    struct json_value v;
    t->present &= ~(1u << f);
    if (!json_value(c, &v))
        return;
    if (v.type == JSON_OBJECT || v.type == JSON_ARRAY) {
        json_skip(c);
        return;
    }
    if (v.type == JSON_WORD && slice_is(v.text.raw, "null"))
        return;
    t->fields[f] = v;
    t->present |= 1u << f;
}

static void read_args(struct json_cursor *c, struct event_text *t)
{
    struct json_string key;
    const uint8_t *begin = c->p;
    t->present &= (1u << EV_DEVICE) - 1;
    for (json_enter(c); json_member(c, &key);) {
        unsigned f = field_of(key, arg_field);
        if (f == EV_FIELDS)
            json_skip(c);
        else
            take(c, t, f);
    }
    t->args = slice_of(begin, (size_t)(c->p - begin));
}

bool event_read(struct json_cursor *c, struct event_text *t)
{
    struct json_string key;
    t->present = 0;
    t->args = slice_of(NULL, 0);
    t->kin = NULL;
    for (json_enter(c); json_member(c, &key);) {
        unsigned f = field_of(key, event_field);
        if (f < EV_FIELDS)
            take(c, t, f);
        else if (f == EV_ARGS && *c->p == '{')
            read_args(c, t);
        else
            json_skip(c);
    }
    return !c->fault;
}

bool event_is(struct json_cursor *c)
{
    struct event_text t;
    return event_read(c, &t) && event_has(&t, EV_PH);
}

/* Bytes of a field, p == NULL if it is missing. An empty string is there. */
static inline struct slice text(const struct event_text *t, enum event_field f,
                                struct event_scratch *s)
{
    if (!event_has(t, f))
        return slice_of(NULL, 0);
    if (!t->fields[f].text.escaped)
        return t->fields[f].text.raw;
    struct slice bytes = json_bytes(t->fields[f].text, &s->fields[f]);
    return bytes.p ? bytes : slice_str("");
}

static inline const char *check_time(const struct event_text *t, enum event_field f, bool needed,
                                     struct event_scratch *s, int64_t *out, bool *has)
{
    bool start = f == EV_TS;
    *has = event_has(t, f);
    *out = 0;
    if (!*has)
        return !needed ? NULL : start ? "an event without ts" : "an event without dur";
    if (t->kin && digits_thousandths(t->fields[f].text.raw, out))
        return NULL;
    switch (num_scaled(text(t, f, s), 3, out)) {
    case NUM_OK:
        return NULL;
    case NUM_RANGE:
        return start ? "ts out of range" : "dur out of range";
    default:
        return start ? "ts is no number" : "dur is no number";
    }
}

static inline const char *check_times(const struct event_text *t, uint8_t ph,
                                      struct event_scratch *s, struct event *ev)
{
    bool interval = ph == 'X', has_dur;
    const char *why =
        check_time(t, EV_TS, interval || ph == 'B' || ph == 'E', s, &ev->start_ns, &ev->has_start);
    if (why || !interval)
        return why;
    why = check_time(t, EV_DUR, true, s, &ev->dur_ns, &has_dur);
    if (why)
        return why;
    int64_t end;
    if (ev->dur_ns < 0)
        return "negative dur";
    return __builtin_add_overflow(ev->start_ns, ev->dur_ns, &end) ? "dur out of range" : NULL;
}

static bool has_id(uint8_t ph)
{
    return ph != 'X' && ph != 'B' && ph != 'E';
}

/* An id that is no number means that there is none; one that does not fit costs the event. */
static inline const char *check_id(const struct event_text *t, enum event_field f, const char *why,
                                   struct event_scratch *s, uint64_t *out, bool *has)
{
    *has = false;
    *out = 0;
    if (!event_has(t, f))
        return NULL;
    struct slice id = text(t, f, s);
    if (t->kin && id.n - 1 < DIGITS_MAX && digits_read(id.p, id.n, out))
        return *has = true, NULL;
    enum num_result r = num_id(id, out);
    *has = r == NUM_OK;
    bool bare = t->fields[f].type == JSON_WORD;
    bool negative = id.n > 1 && id.p[0] == '-';
    return r == NUM_RANGE || (r == NUM_BAD && bare && !negative) ? why : NULL;
}

static inline const char *check_ids(const struct event_text *t, uint8_t ph, struct event_scratch *s,
                                    struct event *ev)
{
    const char *why = check_id(t, has_id(ph) && event_has(t, EV_ID) ? EV_ID : EV_CORRELATION,
                               "an id or correlation out of range or malformed", s,
                               &ev->correlation, &ev->has_correlation);
    if (!why)
        why = check_id(t, EV_EXTERNAL_ID, "External id out of range or malformed", s,
                       &ev->external_id, &ev->has_external_id);
    if (!why)
        why =
            check_id(t, EV_BYTES, "bytes out of range or malformed", s, &ev->bytes, &ev->has_bytes);
    return why;
}

static inline const char *check_operator(const struct event_text *t, struct event_scratch *s,
                                         struct event *ev)
{
    if (!(t->present & EVENT_OF_OPERATORS) || !is_operator(ev->ph, ev->cat))
        return NULL;
    const char *why = check_id(t, EV_SEQUENCE, "Sequence number out of range or malformed", s,
                               &ev->sequence, &ev->has_sequence);
    if (!why)
        why = check_id(t, EV_FWD_THREAD, "Fwd thread id out of range or malformed", s,
                       &ev->fwd_thread, &ev->has_fwd_thread);
    return why;
}

static bool is_used(const struct event *ev, unsigned f)
{
    return f < EV_SEQUENCE || (f < EV_FIELDS && is_operator(ev->ph, ev->cat));
}

/* The args without those that became fields, as clean JSON; empty if none are left. */
static struct slice remaining_args(struct slice args, const struct event *ev, struct buf *out)
{
    struct json_cursor c = json_at(args.p, args.p + args.n);
    struct json_string key;
    struct buf scratch = {0};
    out->n = 0;
    for (json_enter(&c); json_member(&c, &key);) {
        if (is_used(ev, field_of(key, arg_field))) {
            json_skip(&c);
            continue;
        }
        buf_adds(out, out->n ? ", " : "{");
        text_add_json(out, json_bytes(key, &scratch), TEXT_SURROGATES);
        buf_adds(out, ": ");
        if (!json_copy(&c, out))
            break;
    }
    buf_free(&scratch);
    if (c.fault || out->n == 0)
        return slice_of(NULL, 0);
    buf_addc(out, '}');
    return buf_slice(out);
}

const char *event_check(const struct event_text *t, bool keep_args, struct event_scratch *s,
                        struct event *ev)
{
    *ev = (struct event){.ph = text(t, EV_PH, s), .cat = text(t, EV_CAT, s), .kin = t->kin};
    if (ev->ph.n == 0)
        return "an event without ph";
    uint8_t ph = ev->ph.n == 1 ? ev->ph.p[0] : 0;
    ev->name = text(t, EV_NAME, s);
    ev->pid = text(t, EV_PID, s);
    ev->tid = text(t, EV_TID, s);
    ev->device = text(t, EV_DEVICE, s);
    ev->stream = text(t, EV_STREAM, s);
    ev->enclosing = event_has(t, EV_BP) && slice_is(text(t, EV_BP, s), "e");
    const char *why = check_times(t, ph, s, ev);
    if (!why)
        why = check_ids(t, ph, s, ev);
    if (!why)
        why = check_operator(t, s, ev);
    if (!why && keep_args && t->args.n)
        ev->args = remaining_args(t->args, ev, &s->args);
    return why;
}

void event_scratch_free(struct event_scratch *scratch)
{
    for (int f = 0; f < EV_FIELDS; f++)
        buf_free(&scratch->fields[f]);
    buf_free(&scratch->args);
}
