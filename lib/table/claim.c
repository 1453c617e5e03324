#include "table/claim.h"

#include "prof/named.h"

/* Reading -------------------------------------------------------------------------------------- */

static bool is_operator(uint8_t c)
{
    return c == '<' || c == '>' || c == '=' || c == '!';
}

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
    static const char known[][3] = {"<", "<=", ">", ">=", "==", "!="};
    size_t end = s.n;
    while (end > 0 && !is_operator(s.p[end - 1]))
        end--;
    size_t begin = end > 1 && s.p[end - 1] == '=' && is_operator(s.p[end - 2]) ? end - 2 : end - 1;
    if (end == 0)
        return "no operator; they are < <= > >= == !=";
    *left = trim(part(s, 0, begin));
    *right = trim(part(s, end, s.n));
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        if (slice_is(part(s, begin, end), known[i])) {
            c->op = i;
            return NULL;
        }
    return "no such operator; they are < <= > >= == !=";
}

static bool ends_in(struct slice s, const char *end)
{
    size_t n = strlen(end);
    return s.n >= n && memcmp(s.p + s.n - n, end, n) == 0;
}

static const char *take_bound(struct claim *c, struct slice s)
{
    static const struct {
        const char *name;
        int shift; /* from µs, by powers of ten */
    } units[] = {{"ns", -3}, {"us", 0}, {"ms", 3}, {"s", 6}};
    int shift = 0;
    for (unsigned i = 0; i < 4; i++)
        if (ends_in(s, units[i].name)) {
            if (!ends_in(c->column, "_us"))
                return "a unit of time, where the column does not end in _us";
            shift = units[i].shift;
            s = trim(part(s, 0, s.n - strlen(units[i].name)));
            break;
        }
    if (!decimal_read(&c->bound, s))
        return "no number behind the operator";
    decimal_shift(&c->bound, shift);
    return NULL;
}

/* A value in quotes; what is behind it in *left. */
static const char *take_quoted(struct claim *c, struct slice *left)
{
    struct slice s = *left;
    size_t i = 1;
    for (; i < s.n && (s.p[i] != '"' || (i + 1 < s.n && s.p[i + 1] == '"')); i++) {
        i += s.p[i] == '"';
        buf_addc(&c->value, (char)s.p[i]);
    }
    if (i == s.n)
        return "a quote that nothing closes";
    *left = part(s, i + 1, s.n);
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
        if (is_operator(c->column.p[i]))
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
    c->key_at = (size_t)strtab_find(&s->columns, c->key) - 1;
    c->column_at = (size_t)strtab_find(&s->columns, c->column) - 1;
}

static bool holds(const struct claim *c)
{
    int order = decimal_compare(&c->cell, &c->bound);
    switch (c->op) {
    case CLAIM_LT:
        return order < 0;
    case CLAIM_LE:
        return order <= 0;
    case CLAIM_GT:
        return order > 0;
    case CLAIM_GE:
        return order >= 0;
    case CLAIM_EQ:
        return order == 0;
    case CLAIM_NE:
        return order != 0;
    }
    return false;
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

static int no_column(const struct claim *c, const struct sheet *s, struct slice column,
                     struct err *e)
{
    struct buf known = {0};
    for (uint32_t id = 1; id <= s->columns.n; id++) {
        struct slice name = strtab_get(&s->columns, id);
        buf_addc(&known, ' ');
        buf_add(&known, name.p, name.n);
    }
    buf_addc(&known, '\0');
    err_set(e, ST_FAILED, "%s: no column '%.*s'; columns are%.700s", c->text, (int)column.n,
            (const char *)column.p, (const char *)known.p);
    buf_free(&known);
    return -1;
}

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
        return no_column(c, s, c->key, e);
    if (c->column_at == SIZE_MAX)
        return no_column(c, s, c->column, e);
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
    decimal_free(&c->bound);
    decimal_free(&c->cell);
    for (unsigned i = 0; i < 2; i++) {
        struct claim_found *f = i ? &c->globbed : &c->named;
        buf_free(&f->name);
        buf_free(&f->cell);
    }
}
