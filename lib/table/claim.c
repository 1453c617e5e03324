#include "table/claim.h"

#include "prof/named.h"

/* Reading -------------------------------------------------------------------------------------- */

bool claim_like(const char *text)
{
    return strpbrk(text, "<>=!") != NULL;
}

static struct slice part(struct slice s, size_t from, size_t to)
{
    return slice_of(s.p + from, to - from);
}

static struct slice trim(struct slice s)
{
    while (s.n && s.p[0] == ' ')
        s = part(s, 1, s.n);
    while (s.n && s.p[s.n - 1] == ' ')
        s.n--;
    return s;
}

/* The last one: what stands before it may have some, as templates do, a number has none. */
static const char *take_operator(struct claim *c, struct slice s, struct slice *left,
                                 struct slice *right)
{
    size_t end = s.n;
    while (end > 0 && !bound_is_operator(s.p[end - 1]))
        end--;
    size_t begin =
        end > 1 && s.p[end - 1] == '=' && bound_is_operator(s.p[end - 2]) ? end - 2 : end - 1;
    if (end == 0)
        return "no operator; they are < <= > >= == !=";
    *left = trim(part(s, 0, begin));
    *right = trim(part(s, end, s.n));
    if (bound_operator(part(s, begin, end), &c->op))
        return NULL;
    return "no such operator; they are < <= > >= == !=";
}

static const char *take_bound(struct claim *c, struct slice s)
{
    enum { MICROSECONDS = -6 };
    if (!bound_read(&c->bound, s))
        return "no number behind the operator";
    if (c->bound.unit != BOUND_NO_UNIT && bound_unit_of(c->column) != MICROSECONDS)
        return "a unit of time, where the column does not end in _us";
    return NULL;
}

/* A value in quotes; what is behind it in *left. */
static const char *take_quoted(struct claim *c, struct slice *left)
{
    size_t used = bound_quoted(*left, &c->value);
    if (used == 0)
        return "a quote that nothing closes";
    *left = part(*left, used, left->n);
    return left->n && left->p[0] == '.' ? NULL : "no .COLUMN behind the value in quotes";
}

static const char *take_cell(struct claim *c, struct slice s)
{
    const uint8_t *colon = s.n ? memchr(s.p, ':', s.n) : NULL;
    const char *why = NULL;
    if (!colon || colon == s.p)
        return "no KEY: before the value";
    c->key = part(s, 0, (size_t)(colon - s.p));
    s = part(s, c->key.n + 1, s.n);
    if (s.n && s.p[0] == '"')
        why = take_quoted(c, &s);
    const uint8_t *dot = s.n ? memrchr(s.p, '.', s.n) : NULL;
    if (why || !dot)
        return why ? why : "no .COLUMN behind the value";
    buf_add(&c->value, s.p, (size_t)(dot - s.p));
    buf_room(&c->value, 1);
    c->column = part(s, (size_t)(dot - s.p) + 1, s.n);
    for (size_t i = 0; i < c->column.n; i++)
        if (bound_is_operator(c->column.p[i]))
            return "two operators";
    return c->column.n ? NULL : "no column behind the last dot";
}

const char *claim_read(struct claim *c, const char *text)
{
    struct slice left, right;
    *c = (struct claim){.text = text, .key_at = SIZE_MAX, .column_at = SIZE_MAX};
    const char *why = take_operator(c, slice_str(text), &left, &right);
    if (!why)
        why = take_cell(c, left);
    return why ? why : take_bound(c, right);
}

/* Rows ----------------------------------------------------------------------------------------- */

void claim_header(struct claim *c, const struct sheet *s)
{
    c->key_at = sheet_column(s, c->key);
    c->column_at = sheet_column(s, c->column);
}

static bool holds(const struct claim *c)
{
    return bound_holds(c->op, bound_order(&c->cell, bound_unit_of(c->column), &c->bound));
}

static void remember(struct claim_found *f, struct slice name, struct slice cell)
{
    f->name.n = f->cell.n = 0;
    buf_add(&f->name, name.p, name.n);
    buf_add(&f->cell, cell.p, cell.n);
}

static void take_row(struct claim *c, struct claim_found *f, struct slice name, struct slice cell)
{
    bool readable = decimal_read(&c->cell, cell), failed = readable && !holds(c);
    if ((!readable && !f->unreadable) || (failed && !f->failed && !f->unreadable))
        remember(f, name, cell);
    f->rows++;
    f->failed += failed;
    f->unreadable += !readable;
}

static bool of_functions(struct slice key)
{
    return slice_is(key, "func") || slice_is(key, "caller") || slice_is(key, "callee");
}

void claim_row(struct claim *c, const struct sheet *s)
{
    if (c->key_at == SIZE_MAX || c->column_at == SIZE_MAX)
        return;
    struct slice name = s->cells[c->key_at], asked = buf_slice(&c->value);
    bool function = of_functions(c->key);
    if (slice_eq(name, asked) || (function && asked.n && named_means(name, asked)))
        take_row(c, &c->named, name, s->cells[c->column_at]);
    else if (function && named_fits(name, asked))
        take_row(c, &c->globbed, name, s->cells[c->column_at]);
}

/* Judging -------------------------------------------------------------------------------------- */

static int does_not_hold(const struct claim *c, const struct claim_found *f, struct err *e)
{
    struct buf line = {0};
    buf_addf(&line, "%s does not hold: ", c->text);
    buf_add(&line, f->cell.p, f->cell.n);
    if (!slice_eq(buf_slice(&f->name), buf_slice(&c->value))) {
        buf_adds(&line, " for ");
        buf_add(&line, f->name.p, f->name.n);
    }
    if (f->failed > 1)
        buf_addf(&line, ", nor for %llu more", (unsigned long long)f->failed - 1);
    buf_addc(&line, '\0');
    err_set(e, ST_CHECK, "%s", (const char *)line.p);
    buf_free(&line);
    return -1;
}

int claim_judge(const struct claim *c, const struct sheet *s, struct err *e)
{
    const struct claim_found *f = c->named.rows ? &c->named : &c->globbed;
    if (c->key_at == SIZE_MAX)
        return sheet_no_column(s, c->text, c->key, ST_FAILED, e);
    if (c->column_at == SIZE_MAX)
        return sheet_no_column(s, c->text, c->column, ST_FAILED, e);
    if (f->rows == 0)
        return err_set(e, ST_FAILED, "%s: no row has %.*s '%.*s'", c->text, (int)c->key.n,
                       (const char *)c->key.p, (int)c->value.n, (const char *)c->value.p);
    if (f->unreadable)
        return err_set(e, ST_FAILED, "%s: '%.*s' is no number", c->text,
                       f->cell.n < 200 ? (int)f->cell.n : 200, (const char *)f->cell.p);
    return f->failed ? does_not_hold(c, f, e) : 0;
}

void claim_free(struct claim *c)
{
    buf_free(&c->value);
    bound_free(&c->bound);
    decimal_free(&c->cell);
    for (unsigned i = 0; i < 2; i++) {
        struct claim_found *f = i ? &c->globbed : &c->named;
        buf_free(&f->name);
        buf_free(&f->cell);
    }
}
