#include "prof/cprofile.h"

#include "base/mem.h"
#include "prof/marshal.h"

#include <stdio.h>
#include <stdlib.h>

struct cprofile {
    struct intake *s;
    struct marshal m;
    struct buf name;
    struct emit_id *known; /* of a key that may come again, by its twin; frame 0: not yet */
    size_t known_cap;
    unsigned epoch;                        /* of the writer, in which they are known */
    uint64_t primitive_first, calls_first; /* functions that tell who wrote the file */
};

/* Values do not know where they stand, but the row of the function does. */
static int fault(const struct cprofile *c, const char *what, const struct marshal_value *v,
                 struct err *e)
{
    char number[40] = "";
    if (v->type == MARSHAL_INT)
        (void)snprintf(number, sizeof number, " %lld", (long long)v->i);
    else if (v->type == MARSHAL_FLOAT)
        (void)snprintf(number, sizeof number, " %g", v->f);
    return err_set(e, ST_FAILED, "%s: byte %llu: in this row: %s, not %s%s", c->s->in.name,
                   (unsigned long long)c->m.at, what, marshal_type_name(v), number);
}

/* Names ---------------------------------------------------------------------------------------- */

/* A file name that is no UTF-8 has each byte HH as U+DCHH; those become bytes again. */
static void add_text(struct buf *out, struct slice s)
{
    const uint8_t *p = s.p, *end = s.p + s.n, *at;
    while ((at = p < end ? memchr(p, 0xED, (size_t)(end - p)) : NULL)) {
        bool byte = end - at >= 3 && (at[1] & 0xFE) == 0xB2;
        buf_add(out, p, (size_t)(at - p) + !byte);
        if (byte)
            buf_addc(out, (char)((at[1] & 1) << 6 | (at[2] & 0x3F) | 0x80));
        p = at + (byte ? 3 : 1);
    }
    if (p < end)
        buf_add(out, p, (size_t)(end - p));
}

/* pstats.func_std_string */
static void add_builtin(struct buf *out, struct slice name)
{
    bool brackets = name.n > 1 && name.p[0] == '<' && name.p[name.n - 1] == '>';
    if (brackets)
        buf_addc(out, '{');
    add_text(out, brackets ? slice_of(name.p + 1, name.n - 2) : name);
    if (brackets)
        buf_addc(out, '}');
}

/* printf takes as long as all else in a name. */
static void add_number(struct buf *out, int64_t v)
{
    char digits[20];
    size_t n = sizeof digits;
    uint64_t left = v < 0 ? -(uint64_t)v : (uint64_t)v;
    do
        digits[--n] = (char)('0' + left % 10);
    while (left /= 10);
    if (v < 0)
        buf_addc(out, '-');
    buf_add(out, digits + n, sizeof digits - n);
}

static int name_of(struct cprofile *c, const struct marshal_value *key, struct buf *out,
                   struct err *e)
{
    if (key->type != MARSHAL_TUPLE || key->n != 3)
        return fault(c, "a function is a tuple of file, line and name", key, e);
    struct marshal_value file = marshal_item(&c->m, key, 0), line = marshal_item(&c->m, key, 1),
                         name = marshal_item(&c->m, key, 2);
    if (file.type != MARSHAL_STR || line.type != MARSHAL_INT || name.type != MARSHAL_STR)
        return fault(c, "a function is a tuple of str, int and str",
                     file.type != MARSHAL_STR   ? &file
                     : line.type != MARSHAL_INT ? &line
                                                : &name,
                     e);
    out->n = 0;
    if (line.i == 0 && slice_is(marshal_str(&c->m, &file), "~")) {
        add_builtin(out, marshal_str(&c->m, &name));
        return 0;
    }
    add_text(out, marshal_str(&c->m, &file));
    buf_addc(out, ':');
    add_number(out, line.i);
    buf_addc(out, '(');
    add_text(out, marshal_str(&c->m, &name));
    buf_addc(out, ')');
    return 0;
}

/* A key that may come again does so with each function that its function calls. */
static struct emit_id *place_of(struct cprofile *c, const struct marshal_value *key)
{
    size_t before = c->known_cap;
    if (c->epoch != c->s->w->epoch && before)
        memset(c->known, 0, before * sizeof *c->known);
    c->epoch = c->s->w->epoch;
    if (!key->twin)
        return NULL;
    c->known = mem_grow_zeroed(c->known, &c->known_cap, (size_t)key->twin + 1, sizeof *c->known);
    return &c->known[key->twin];
}

static int id_of(struct cprofile *c, const struct marshal_value *key, struct emit_id *out,
                 struct err *e)
{
    struct emit_id *known = key->type == MARSHAL_TUPLE ? place_of(c, key) : NULL;
    if (!known || known->frame == 0) {
        if (name_of(c, key, &c->name, e) < 0)
            return -1;
        *out = emit_id(&c->s->emit, buf_slice(&c->name));
        if (known)
            *known = *out;
        return 0;
    }
    *out = *known;
    return 0;
}

/* Totals --------------------------------------------------------------------------------------- */

static int take_count(struct cprofile *c, const struct marshal_value *v, uint64_t *out,
                      struct err *e)
{
    if (v->type != MARSHAL_INT || v->i < 0)
        return fault(c, "a count is an int from 0 on", v, e);
    *out = (uint64_t)v->i;
    return 0;
}

static int take_seconds(struct cprofile *c, const struct marshal_value *v, uint64_t *ns,
                        struct err *e)
{
    double seconds = v->type == MARSHAL_INT ? (double)v->i : v->f;
    if ((v->type != MARSHAL_INT && v->type != MARSHAL_FLOAT) || !intake_seconds(c->s, seconds, ns))
        return fault(c, "a time is a number of seconds below 2^63 ns", v, e);
    return 0;
}

/* Two counts and two times; *first_less tells the order of the counts. */
static int take_totals(struct cprofile *c, const struct marshal_value *v, struct emit_totals *t,
                       int *order, struct err *e)
{
    uint64_t counts[2];
    struct marshal_value items[4];
    for (size_t i = 0; i < 4; i++)
        items[i] = marshal_item(&c->m, v, i);
    if (take_count(c, &items[0], &counts[0], e) < 0 ||
        take_count(c, &items[1], &counts[1], e) < 0 ||
        take_seconds(c, &items[2], &t->self_ns, e) < 0 ||
        take_seconds(c, &items[3], &t->cum_ns, e) < 0)
        return -1;
    *order = (counts[0] > counts[1]) - (counts[0] < counts[1]);
    t->calls = counts[*order < 0];
    t->prim_calls = counts[*order >= 0];
    return 0;
}

/* Makes room for a record, after which the id of the function at hand may be another. */
static int begin(struct cprofile *c, const struct marshal_value *function, struct emit_id *id,
                 struct err *e)
{
    unsigned before = c->s->w->epoch;
    writer_begin(c->s->w);
    return before == c->s->w->epoch && id->frame ? 0 : id_of(c, function, id, e);
}

static int emit_caller(struct cprofile *c, struct emit_id callee, const struct marshal_value *key,
                       const struct marshal_value *v, struct err *e)
{
    struct emit_totals t = {0};
    struct emit_id caller;
    int order;
    if (id_of(c, key, &caller, e) < 0)
        return -1;
    if (v->type == MARSHAL_INT) {
        if (take_count(c, v, &t.calls, e) < 0)
            return -1;
        t.prim_calls = t.calls;
    } else if (v->type != MARSHAL_TUPLE || v->n != 4) {
        return fault(c, "a caller has a count or a tuple of four", v, e);
    } else if (take_totals(c, v, &t, &order, e) < 0) {
        return -1;
    }
    emit_call_of(&c->s->emit, caller, callee, &t);
    return 0;
}

/* In big profiles callers are spread over much memory; it is waited for all of them at once. */
static void prefetch_callers(struct cprofile *c, const struct marshal_value *callers)
{
    for (size_t i = 0; i + 1 < callers->n; i += 2)
        marshal_prefetch(&c->m, callers, i);
    for (size_t i = 0; i + 1 < callers->n; i += 2) {
        struct marshal_value caller = marshal_item(&c->m, callers, i);
        if (caller.type == MARSHAL_TUPLE && caller.twin < c->known_cap)
            __builtin_prefetch(&c->known[caller.twin]);
    }
}

static int emit_callers(struct cprofile *c, const struct marshal_value *function, struct emit_id id,
                        const struct marshal_value *callers, struct err *e)
{
    for (size_t i = 0; i + 1 < callers->n; i += 2) {
        struct marshal_value caller = marshal_item(&c->m, callers, i),
                             totals = marshal_item(&c->m, callers, i + 1);
        if (begin(c, function, &id, e) < 0 || emit_caller(c, id, &caller, &totals, e) < 0)
            return -1;
    }
    return 0;
}

static int emit_row(struct cprofile *c, const struct marshal_value *key,
                    const struct marshal_value *v, struct err *e)
{
    struct emit_id id = {0};
    struct emit_totals t;
    int order;
    if (begin(c, key, &id, e) < 0)
        return -1;
    if (v->type != MARSHAL_TUPLE || v->n != 5)
        return fault(c, "a function has a tuple of five", v, e);
    struct marshal_value callers = marshal_item(&c->m, v, 4);
    if (take_totals(c, v, &t, &order, e) < 0)
        return -1;
    if (callers.type != MARSHAL_DICT)
        return fault(c, "callers are a dict", &callers, e);
    prefetch_callers(c, &callers);
    c->primitive_first += order < 0;
    c->calls_first += order > 0;
    emit_function_of(&c->s->emit, id, &t);
    return emit_callers(c, key, id, &callers, e);
}

/* The file ------------------------------------------------------------------------------------- */

/* What can be wrong behind the dict costs nothing of it. */
static int read_rest(struct intake *s, struct err *e)
{
    uint64_t end = input_offset(&s->in, s->in.p);
    int more = 1;
    if (input_at_hand(&s->in) == 0)
        more = intake_more(s, e);
    if (more > 0)
        intake_damage(s, "byte", end, "more bytes follow the profile");
    while (more > 0) {
        s->in.p = s->in.end;
        more = intake_more(s, e);
    }
    return more;
}

int cprofile_read(struct intake *s, struct err *e)
{
    struct cprofile c = {.s = s};
    struct marshal_value key, value;
    int got = -1;
    intake_part(s, "cprofile", NULL);
    if (marshal_open(&c.m, &s->in, e) == 0)
        while (!writer_stopped(s->w) && (got = marshal_pair(&c.m, &key, &value, e)) > 0)
            if ((got = emit_row(&c, &key, &value, e)) < 0)
                break;
    if (c.calls_first > c.primitive_first)
        writer_meta(s->w, s->emit.part, slice_str("format"), slice_str("\"yappi-pstat\""));
    marshal_free(&c.m);
    buf_free(&c.name);
    free(c.known);
    return got < 0 ? -1 : read_rest(s, e);
}
