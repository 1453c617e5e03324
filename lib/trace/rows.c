#include "trace/rows.h"

#include "base/mem.h"

#include <stdlib.h>

enum {
    CREDIT_MAX = 4 * 1024 * 1024,
    CONTEXTS_MAX = 8 * 1024,
    NAMES_MAX = 64 * 1024, /* of a role, */
    NAMES_BYTES_MAX = 4 * 1024 * 1024,
    NUMBERS = 4 /* of an event */
};

void rows_init(struct rows *r, const struct selection *select)
{
    *r = (struct rows){.select = select, .credit = CREDIT_MAX, .gap = '{', .gap_mask = 0xFF};
}

/* Reading ------------------------------------------------------------------------------------- */

static uint32_t context_id(struct rows *r, const struct event *ev)
{
    context_key(&r->key, ev);
    uint32_t before = r->contexts.n, id = strtab_intern(&r->contexts, buf_slice(&r->key));
    if (id > before) {
        r->context_rows =
            mem_grow(r->context_rows, &r->context_cap, (size_t)id + 1, sizeof *r->context_rows);
        r->context_rows[id] =
            (struct rows_context){.own = context_read(r->select, buf_slice(&r->key))};
    }
    return id;
}

/* Events of the same kin have the same context, if their flags agree. */
static uint32_t context_of_event(struct rows *r, const struct event *ev)
{
    struct event_kin *kin = ev->kin;
    unsigned flags = context_flags(ev);
    if (!kin)
        return context_id(r, ev);
    if (!kin->known || kin->flags != flags)
        *kin = (struct event_kin){true, flags, context_id(r, ev)};
    return kin->context;
}

static inline uint8_t *put_number(uint8_t *p, unsigned has, uint64_t v)
{
    put_u64(p, v);
    return has ? p + 8 : p;
}

/* Those of the numbers that the flags of the event name. */
static inline void add_numbers(struct rows *r, unsigned flags, const uint64_t numbers[NUMBERS])
{
    if (!(flags & CONTEXT_NUMBERS))
        return;
    uint8_t *begin = buf_room(&r->columns, 8 * NUMBERS), *p = begin;
    p = put_number(p, flags & CONTEXT_EXTERNAL_ID, numbers[0]);
    p = put_number(p, flags & CONTEXT_BYTES, numbers[1]);
    p = put_number(p, flags & CONTEXT_SEQUENCE, numbers[2]);
    p = put_number(p, flags & CONTEXT_FWD_THREAD, numbers[3]);
    r->columns.n += (size_t)(p - begin);
}

static void add_args(struct rows *r, struct slice args)
{
    if (args.n == 0)
        return;
    put_u64(buf_room(&r->columns, 8), args.n);
    r->columns.n += 8;
    buf_add(&r->columns, args.p, args.n);
}

static struct row *new_row(struct rows *r)
{
    if (r->n == r->cap)
        r->list = mem_grow(r->list, &r->cap, r->n + 1, sizeof *r->list);
    return &r->list[r->n++];
}

static void add_event(struct rows *r, const struct event *ev)
{
    uint32_t context = context_of_event(r, ev), name = 0;
    const struct context *own = &r->context_rows[context].own;
    if (!own->selected) {
        r->unselected++;
        return;
    }
    if (ev->name.p)
        name = strtab_intern(&r->names[kind_role(own->kind)], ev->name);
    *new_row(r) = (struct row){ev->start_ns, ev->dur_ns, ev->correlation, name, context};
    add_numbers(r, own->flags,
                (uint64_t[]){ev->external_id, ev->bytes, ev->sequence, ev->fwd_thread});
    add_args(r, ev->args);
}

/* Gives their numbers to names that wait for it. */
static void settle_names(struct rows *r)
{
    for (unsigned i = 0; i < r->nwaiting; i++) {
        const struct rows_waiting *w = &r->waiting[i];
        r->list[w->row].name = strtab_intern_hash(&r->names[w->role], w->name, w->hash);
    }
    r->nwaiting = 0;
}

/* A name is looked up some events later, when what the table has at its place has come into the
 * cache. */
static void add_name(struct rows *r, enum role role, struct slice name)
{
    uint32_t hash = strtab_hash(name);
    strtab_prefetch(&r->names[role], hash);
    r->waiting[r->nwaiting++] = (struct rows_waiting){name, r->n - 1, hash, role};
    if (r->nwaiting == ROWS_WAITING)
        settle_names(r);
}

/* False if the event has to go the long way: its context is not known yet. */
static bool add_plain(struct rows *r, const struct shape_plain *p, const struct event_kin *kin)
{
    if (!kin->known || kin->flags != p->flags)
        return false;
    const struct context *own = &r->context_rows[kin->context].own;
    if (!own->selected) {
        r->unselected++;
        return true;
    }
    *new_row(r) = (struct row){p->start_ns, p->dur_ns, p->correlation, 0, kin->context};
    if (p->name.p)
        add_name(r, kind_role(own->kind), p->name);
    add_numbers(r, p->flags, (uint64_t[]){p->external_id, p->bytes, p->sequence, p->fwd_thread});
    return true;
}

/* False if the event has to wait for its turn. */
static bool take(struct rows *r, const struct event_text *t)
{
    struct event ev;
    if (event_check(t, r->select->args, &r->scratch, &ev))
        return false;
    if (ev.ph.n == 1 && (ev.ph.p[0] == 'B' || ev.ph.p[0] == 'E'))
        return false;
    add_event(r, &ev);
    return true;
}

enum got { GOT_ROW, GOT_TURN, GOT_NONE };

static enum got read_event(struct rows *r, struct json_cursor *c)
{
    struct shape_event ev;
    struct shape_plain plain;
    struct event_text t;
    const uint8_t *begin = c->p;
    bool shaped = !r->select->args, matched = shaped && shapes_match(&r->shapes, c, &ev);
    if (matched) {
        if (ev.passed) {
            r->unselected++;
            return GOT_ROW;
        }
        if (shape_plain(&ev, &plain) && add_plain(r, &plain, shape_kin(&ev)))
            return GOT_ROW;
        shape_text(&ev, &t);
    } else if (!event_read(c, &t)) {
        return GOT_NONE;
    } else if (shaped) {
        shapes_learn(&r->shapes, slice_of(begin, (size_t)(c->p - begin)), &t);
    }
    if (!take(r, &t))
        return GOT_TURN;
    if (matched && !r->context_rows[shape_kin(&ev)->context].own.selected)
        shape_unwanted(&ev);
    return GOT_ROW;
}

/* What is read in vain is paid from a credit, so that a hostile file costs no more than a few
 * times its size. */
static enum rows_stop charge(struct rows *r, const struct json_cursor *c, const uint8_t *end)
{
    r->credit -= ROWS_EVENT_MAX;
    return c->fault == JSON_CUT && c->end == end ? ROWS_MORE : ROWS_BAD;
}

static void earn(struct rows *r, size_t n)
{
    r->events_bytes += n;
    r->credit = r->credit + n < CREDIT_MAX ? r->credit + n : CREDIT_MAX;
}

/* Passes commas and spaces between events: as many as the last time, if they are followed by an
 * event again. */
static inline const uint8_t *pass_gap(struct rows *r, const uint8_t *p, const uint8_t *end)
{
    if (end - p > 8 && ((get_u64(p) ^ r->gap) & r->gap_mask) == 0)
        return p + r->gap_n;
    const uint8_t *begin = p;
    p = json_gap(p, end);
    size_t n = (size_t)(p - begin);
    if (n < 8 && end - begin > 8 && *p == '{') {
        r->gap = get_u64(begin);
        r->gap_mask = ~(uint64_t)0 >> (56 - 8 * n); /* with the bracket */
        r->gap_n = n;
    }
    return p;
}

static enum rows_stop read_rows(struct rows *r, struct json_cursor *c, const uint8_t *limit,
                                const uint8_t **after)
{
    for (;;) {
        const uint8_t *p = pass_gap(r, c->p, c->end), *end = c->end;
        c->p = p;
        if (limit && p >= limit)
            return ROWS_LIMIT;
        if (p == end)
            return ROWS_MORE;
        if (r->contexts.n > CONTEXTS_MAX)
            return ROWS_FULL;
        if (*p != '{' || r->credit < ROWS_EVENT_MAX)
            return ROWS_BAD;
        struct json_cursor ev = json_at(p, end - p > ROWS_EVENT_MAX ? p + ROWS_EVENT_MAX : end);
        enum got got = read_event(r, &ev);
        *after = ev.p;
        if (got == GOT_NONE)
            return charge(r, &ev, end);
        if (got == GOT_TURN)
            return ROWS_TURN;
        earn(r, (size_t)(ev.p - p));
        c->p = ev.p;
    }
}

enum rows_stop rows_read(struct rows *r, struct json_cursor *c, const uint8_t *limit,
                         const uint8_t **after)
{
    enum rows_stop stop = read_rows(r, c, limit, after);
    settle_names(r); /* they stand in the caller's bytes */
    return stop;
}

/* Writing ------------------------------------------------------------------------------------- */

struct rows_mark rows_mark(const struct rows *r)
{
    return (struct rows_mark){r->n, r->columns.n, r->unselected, r->events_bytes};
}

/* The numbers of the stream are forgotten when they lose their meaning there. */
static void check_sent(struct rows *r, const struct source *s)
{
    if (r->epoch == s->w->epoch && r->part == s->part)
        return;
    r->epoch = s->w->epoch;
    r->part = s->part;
    for (uint32_t id = 1; id <= r->contexts.n; id++)
        r->context_rows[id].sent = false;
    for (unsigned role = 0; role < 2; role++)
        if (r->sent[role])
            memset(r->sent[role], 0, r->sent_cap[role] * sizeof *r->sent[role]);
}

static const struct context *stream_context(struct rows *r, uint32_t id, struct source *s)
{
    struct rows_context *c = &r->context_rows[id];
    if (!c->sent) {
        c->stream = *context_of(s, strtab_get(&r->contexts, id));
        c->sent = true;
    }
    return &c->stream;
}

static uint32_t stream_name_id(struct rows *r, enum role role, uint32_t id, struct source *s)
{
    if (id == 0)
        return 0;
    if (id >= r->sent_cap[role])
        r->sent[role] = mem_grow_zeroed(r->sent[role], &r->sent_cap[role], (size_t)id + 1,
                                        sizeof *r->sent[role]);
    uint32_t *sent = &r->sent[role][id];
    if (*sent == 0)
        *sent = writer_string(s->w, role, strtab_get(&r->names[role], id));
    return *sent;
}

static const uint8_t *write_operator(const uint8_t *p, const struct context *c, struct writer *w)
{
    if (c->flags & CONTEXT_SEQUENCE) {
        writer_number(w, c->kind, COLUMN_SEQUENCE, get_u64(p));
        p += 8;
    }
    if (c->flags & CONTEXT_FWD_THREAD) {
        if (get_u64(p) != 0)
            writer_number(w, c->kind, COLUMN_FWD_THREAD, get_u64(p));
        p += 8;
    }
    return p;
}

/* Columns of one record from p on; returns what follows them. */
static const uint8_t *write_columns(const uint8_t *p, const struct context *c, struct writer *w)
{
    if (c->flags & CONTEXT_EXTERNAL_ID) {
        writer_number(w, c->kind, COLUMN_EXTERNAL_ID, get_u64(p));
        p += 8;
    }
    if (c->flags & CONTEXT_BYTES) {
        writer_number(w, c->kind, COLUMN_BYTES, get_u64(p));
        p += 8;
    }
    if (c->flags & (CONTEXT_SEQUENCE | CONTEXT_FWD_THREAD))
        p = write_operator(p, c, w);
    if (c->flags & CONTEXT_ARGS) {
        struct slice args = {p + 8, get_u64(p)};
        writer_text(w, c->kind, COLUMN_ARGS, args);
        p = args.p + args.n;
    }
    return p;
}

void rows_write(struct rows *r, struct rows_mark from, struct rows_mark to, struct source *s)
{
    const uint8_t *columns = r->columns.n ? r->columns.p + from.column : NULL;
    for (size_t i = from.row; i < to.row; i++) {
        const struct row *row = &r->list[i];
        writer_begin(s->w);
        check_sent(r, s);
        const struct context *c = stream_context(r, row->context, s);
        struct record rec = {row->start_ns, row->dur_ns, row->correlation,
                             stream_name_id(r, kind_role(c->kind), row->name, s), c->track};
        source_record(s, c, &rec);
        columns = write_columns(columns, c, s->w);
    }
    source_pass(s, to.unselected - from.unselected);
}

/* Tables are kept from one use to the next, up to a limit. */
static bool is_full(const struct rows *r)
{
    bool full = r->contexts.n > CONTEXTS_MAX;
    for (unsigned role = 0; role < 2; role++)
        full |= r->names[role].n > NAMES_MAX || r->names[role].bytes.n > NAMES_BYTES_MAX;
    return full;
}

static void forget_tables(struct rows *r)
{
    shapes_free(&r->shapes); /* they know contexts by number */
    strtab_clear(&r->contexts);
    for (unsigned role = 0; role < 2; role++) {
        strtab_clear(&r->names[role]);
        if (r->sent[role])
            memset(r->sent[role], 0, r->sent_cap[role] * sizeof *r->sent[role]);
    }
}

void rows_clear(struct rows *r)
{
    r->n = 0;
    r->columns.n = 0;
    r->unselected = r->events_bytes = 0;
    if (is_full(r))
        forget_tables(r);
}

void rows_free(struct rows *r)
{
    shapes_free(&r->shapes);
    event_scratch_free(&r->scratch);
    free(r->list);
    buf_free(&r->columns);
    buf_free(&r->key);
    strtab_free(&r->contexts);
    free(r->context_rows);
    for (unsigned role = 0; role < 2; role++) {
        strtab_free(&r->names[role]);
        free(r->sent[role]);
    }
}
