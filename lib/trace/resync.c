#include "trace/resync.h"

enum {
    TRY_MIN = 4096,             /* below this credit nothing is tried */
    PAY = 4,                    /* credit for each byte passed */
    HOLD_TAIL = 4 * 1024 * 1024 /* so much may follow the end of the array in doubt */
};

/* A search forward from in.p. `at` counts from in.p, which moves along as long as no possible end
 * of the array is kept in the window. */
struct search {
    struct source *s;
    size_t at;
    uint8_t before;    /* the last byte passed that is no space, */
    uint8_t earlier;   /* and the one before it */
    bool maybe_closed; /* in.p stands at a `]` that may end the array */
    bool eof;          /* the window will not grow any more */
    bool probe;        /* only whether an event begins in the window */
};

size_t resync_limit(const struct resync *r)
{
    return r->credit < INPUT_HOLD_MAX ? (size_t)r->credit : INPUT_HOLD_MAX;
}

void resync_charge(struct resync *r, size_t bytes)
{
    r->credit = r->credit > bytes ? r->credit - bytes : 0;
}

void resync_earn(struct resync *r, size_t bytes)
{
    r->credit += PAY * (uint64_t)bytes;
    if (r->credit > RESYNC_CREDIT)
        r->credit = RESYNC_CREDIT;
}

static inline bool is_space(uint8_t b)
{
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
}

/* The byte at offset i that is no space, i moved to it; 0 if the window ends first. */
static uint8_t solid(const struct input *in, size_t *i)
{
    size_t n = input_at_hand(in);
    while (*i < n && is_space(in->p[*i]))
        (*i)++;
    return *i < n ? in->p[*i] : 0;
}

/* Offset of the closing quote of the short key at offset i, or 0. */
static size_t key_end(const struct input *in, size_t i)
{
    size_t n = input_at_hand(in), stop = i + 200 < n ? i + 200 : n;
    for (i++; i < stop; i++)
        if (in->p[i] == '"' && in->p[i - 1] != '\\')
            return i;
    return 0;
}

/* What follows the `]` at offset i reads as the rest of the trace's object. */
static bool closes_array(const struct input *in, size_t i)
{
    i++;
    uint8_t b = solid(in, &i);
    if (b == '}' || b == 0)
        return true;
    if (b != ',')
        return false;
    i++;
    if (solid(in, &i) != '"' || (i = key_end(in, i)) == 0)
        return false;
    i++;
    return solid(in, &i) == ':';
}

/* The key at offset i is one that events have: a torn event begins here, to be counted. A torn row
 * of a rocprofv3 buffer is told by the `}` before it. */
static bool is_event_key(const struct input *in, size_t i)
{
    static const char *const keys[] = {"ph", "cat", "name", "pid", "tid", "ts", "dur", "args"};
    size_t end = key_end(in, i);
    for (size_t k = 0; end && k < sizeof keys / sizeof *keys; k++)
        if (slice_is(slice_of(in->p + i + 1, end - i - 1), keys[k]))
            return true;
    return false;
}

/* Reads the `{` at q->at as an event. PULL_OK: it is one, whole or torn. PULL_END: the window has
 * to grow first. */
static enum pull try_event(struct resync *r, struct search *q)
{
    const struct input *in = &q->s->in;
    size_t n = input_at_hand(in), limit = resync_limit(r), i = q->at + 1;
    if (limit < TRY_MIN)
        return PULL_BAD;
    bool quote = solid(in, &i) == '"';
    size_t room = n - q->at < limit ? n - q->at : limit;
    struct json_cursor c = json_at(in->p + q->at, in->p + q->at + room);
    if (r->reads(&c))
        return PULL_OK;
    resync_charge(r, c.fault == JSON_CUT ? room : (size_t)(c.p - (in->p + q->at)));
    if (c.fault == JSON_CUT && room < limit && !q->eof)
        return PULL_END;
    bool torn = c.fault && (q->earlier == '}' || (quote && is_event_key(in, i)));
    return torn ? PULL_OK : PULL_BAD;
}

/* in.p jumps to the place found; what was passed is forgotten. */
static enum pull found(struct search *q)
{
    q->s->in.p += q->at;
    q->at = 0;
    return PULL_OK;
}

/* One byte of the search. PULL_OK: found. PULL_BAD: go on. PULL_END: more bytes are needed. */
static enum pull look(struct resync *r, struct search *q)
{
    const struct input *in = &q->s->in;
    uint8_t b = in->p[q->at];
    if (b == '{' && (q->before == ',' || q->before == '[')) {
        enum pull tried = try_event(r, q);
        if (tried != PULL_BAD)
            return tried;
    } else if (q->probe) {
        ; /* the end of the array is not looked for */
    } else if (b == ']' && q->before == '}' && !q->maybe_closed && closes_array(in, q->at)) {
        found(q);
        q->maybe_closed = true;
    } else if (q->maybe_closed && q->at > HOLD_TAIL) {
        q->at = 0;
        return PULL_OK;
    }
    if (!is_space(b)) {
        q->earlier = q->before;
        q->before = b;
    }
    q->at++;
    resync_earn(r, 1);
    return PULL_BAD;
}

bool resync_probe(struct resync *r, struct source *s)
{
    struct search q = {.s = s, .at = 1, .before = '{', .probe = true};
    enum pull seen = PULL_BAD;
    while (seen == PULL_BAD && q.at < input_at_hand(&s->in))
        seen = look(r, &q);
    return seen == PULL_OK;
}

enum pull resync(struct resync *r, struct source *s, struct err *e)
{
    struct search q = {.s = s, .at = 1, .before = '{'};
    for (;;) {
        enum pull seen = PULL_BAD;
        while (seen == PULL_BAD && q.at < input_at_hand(&s->in))
            seen = look(r, &q);
        if (seen == PULL_OK)
            return found(&q);
        if (!q.maybe_closed)
            found(&q);
        int more = source_more_for(s, input_at_hand(&s->in) - q.at, INPUT_HOLD_MAX, e);
        if (more < 0)
            return PULL_ERROR;
        if (more == 0 && seen == PULL_END) {
            q.eof = true;
        } else if (more == 0) {
            s->in.p = q.maybe_closed ? s->in.p : s->in.end;
            return q.maybe_closed ? PULL_OK : PULL_END;
        }
    }
}
