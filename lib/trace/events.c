#include "trace/events.h"

#include "trace/giant.h"

#include <stdio.h>

enum {
    ROWS_AT_ONCE = 1024 * 1024, /* bytes read into rows before these are written */
    VAIN_MAX = 32
};

static int lose(struct events *ev, const struct pull_fault *fault)
{
    char why[140];
    (void)snprintf(why, sizeof why, "an event that cannot be read: %s",
                   fault->why ? fault->why : "not JSON");
    source_lose(ev->s, ev->s->in.p + fault->at, why, slice_of(NULL, 0), slice_of(NULL, 0));
    return 0;
}

static void take_event(struct events *ev, const struct event_text *t, const uint8_t *at)
{
    struct event one;
    const char *why = event_check(t, ev->s->select->args, &ev->scratch, &one);
    if (why)
        source_lose(ev->s, at, why, one.ph, one.cat);
    else if (one.ph.n == 1 && one.ph.p[0] == 'B')
        pairs_begin(&ev->pairs, ev->s, &one);
    else if (one.ph.n == 1 && one.ph.p[0] == 'E')
        pairs_end(&ev->pairs, ev->s, &one);
    else
        source_event(ev->s, &one);
}

static bool event_piece(struct json_cursor *c, void *ctx)
{
    return event_read(c, ctx);
}

static bool element_piece(struct json_cursor *c, void *ctx)
{
    (void)ctx;
    return json_skip(c);
}

/* True if the object that was just read was `{}`: nothing, and nothing lost. */
static bool is_empty(const struct event_text *t, const uint8_t *begin, const uint8_t *end)
{
    if (t->present || t->args.n)
        return false;
    for (const uint8_t *p = begin + 1; p < end - 1; p++)
        if (!json_is_space(*p))
            return false;
    return true;
}

/* An event that does not fit the window. */
static enum pull read_giant(struct events *ev, struct pull_fault *fault)
{
    struct event_text t;
    enum pull r = giant_read(ev->s, ev->s->select->args, &ev->giant, fault, ev->e);
    if (r != PULL_OK)
        return r;
    struct json_cursor copy = json_at(ev->giant.p, ev->giant.p + ev->giant.n);
    if (!event_read(&copy, &t))
        return PULL_BAD;
    take_event(ev, &t, ev->s->in.p);
    return PULL_OK;
}

/* One element of traceEvents at in.p. */
static enum pull read_element(struct events *ev)
{
    struct source *s = ev->s;
    struct event_text t;
    struct pull_fault fault;
    bool object = *s->in.p == '{';
    uint64_t begin = input_offset(&s->in, s->in.p);
    size_t limit = resync_limit(&ev->resync);
    enum pull r = pull(s, object ? event_piece : element_piece, &t, limit, &fault, ev->e);
    bool giant =
        r == PULL_LONG && object && limit == INPUT_HOLD_MAX && !resync_probe(&ev->resync, s);
    if (giant)
        r = read_giant(ev, &fault);
    if (r == PULL_OK && giant)
        return PULL_OK;
    if (r == PULL_OK && object) {
        const uint8_t *end = s->in.p;
        size_t n = (size_t)(input_offset(&s->in, end) - begin);
        const uint8_t *at = end - n;
        resync_earn(&ev->resync, n);
        if (!is_empty(&t, at, end))
            take_event(ev, &t, at);
    } else if (r == PULL_OK) {
        source_lose(s, s->in.p, "an element of traceEvents that is no object", slice_of(NULL, 0),
                    slice_of(NULL, 0));
    } else if (r != PULL_ERROR) {
        lose(ev, &fault);
        resync_charge(&ev->resync, fault.tried);
        r = resync(&ev->resync, s, ev->e);
    }
    return r;
}

static void write_rows(struct events *ev, struct rows *r, struct rows_mark from,
                       struct rows_mark to)
{
    resync_earn(&ev->resync, to.events_bytes - from.events_bytes);
    rows_write(r, from, to, ev->s);
}

/* The events from here on that were read ahead. The next such begin at *limit. */
static int read_ahead(struct events *ev, uint64_t *limit)
{
    struct input *in = &ev->s->in;
    const struct stretch *st;
    while ((st = chunks_at(ev->chunks, input_offset(in, in->p), limit))) {
        if (writer_stopped(ev->s->w) || input_pass(in, st->end, ev->e) < 0)
            return -1;
        write_rows(ev, st->rows, st->from, st->to);
        progress_at(&ev->s->progress, in->consumed);
    }
    return 0;
}

/* Whether to try for rows here: where try after try was in vain, only now and then. */
static bool try_rows(struct events *ev)
{
    if (ev->s->threads == 0 || ev->skip > 0) {
        ev->skip -= ev->skip > 0;
        return false;
    }
    return true;
}

/* The events at hand that need not wait for their turn and begin before limit. */
static void read_rows(struct events *ev, uint64_t limit)
{
    struct input *in = &ev->s->in;
    struct rows *r = &ev->rows;
    const uint8_t *after;
    uint64_t left = limit - input_offset(in, in->p);
    size_t n = input_at_hand(in) < ROWS_AT_ONCE ? input_at_hand(in) : ROWS_AT_ONCE;
    struct json_cursor c = json_at(in->p, in->p + n);
    (void)rows_read(r, &c, left <= n ? in->p + left : NULL, &after);
    in->p = c.p;
    ev->vain = r->events_bytes > 0 ? 0 : ev->vain + 1;
    ev->skip = ev->vain < VAIN_MAX ? ev->vain : VAIN_MAX;
    write_rows(ev, r, (struct rows_mark){0}, rows_mark(r));
    rows_clear(r);
}

static void begin(struct events *ev)
{
    struct source *s = ev->s;
    if (!ev->begun)
        ev->chunks = chunks_start(&s->in, s->select, input_offset(&s->in, s->in.p), s->threads);
    ev->begun = true;
}

enum pull events_read(struct events *ev)
{
    struct input *in = &ev->s->in;
    uint64_t limit = UINT64_MAX;
    enum pull r = PULL_OK;
    begin(ev);
    while (r == PULL_OK) {
        if (writer_stopped(ev->s->w) || (ev->chunks && read_ahead(ev, &limit) < 0))
            return PULL_ERROR;
        r = pull_space(ev->s, true, ev->e);
        if (r == PULL_OK && try_rows(ev))
            read_rows(ev, limit);
        if (r != PULL_OK || in->p == in->end || input_offset(in, in->p) >= limit)
            continue;
        if (*in->p == ']') {
            in->p++;
            return PULL_OK;
        }
        r = read_element(ev);
    }
    return r;
}

void events_init(struct events *ev, struct source *s, struct err *e)
{
    *ev = (struct events){.s = s, .e = e, .resync = {event_is, RESYNC_CREDIT}};
    rows_init(&ev->rows, s->select);
}

void events_free(struct events *ev)
{
    chunks_stop(ev->chunks);
    rows_free(&ev->rows);
    event_scratch_free(&ev->scratch);
    buf_free(&ev->giant);
}
