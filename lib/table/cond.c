#include "table/cond.h"

#include "base/mem.h"

#include <stdlib.h>

enum { DEPTH_MAX = 100 };

struct cond_step {
    enum { TEST, NOT, AND, OR } kind;
    struct buf column, value; /* of a TEST, as all below */
    enum bound_operator op;
    unsigned at; /* the column */
    enum cond_type type;
    struct bound bound;
};

/* Reading -------------------------------------------------------------------------------------- */

struct parser {
    struct cond *c;
    struct slice left;
    unsigned depth;
    const char *why; /* what is wrong, at the start of left */
};

static bool fail(struct parser *p, const char *why)
{
    p->why = why;
    return false;
}

static void pass(struct parser *p, size_t n)
{
    p->left = slice_of(p->left.p + n, p->left.n - n);
}

static void skip_blanks(struct parser *p)
{
    while (p->left.n && (p->left.p[0] == ' ' || p->left.p[0] == '\t' || p->left.p[0] == '\n'))
        pass(p, 1);
}

static bool take(struct parser *p, const char *token)
{
    size_t n = strlen(token);
    skip_blanks(p);
    if (p->left.n < n || memcmp(p->left.p, token, n) != 0)
        return false;
    pass(p, n);
    return true;
}

static struct cond_step *add_step(struct parser *p, struct cond_step step)
{
    struct cond *c = p->c;
    c->steps = mem_grow(c->steps, &c->cap, c->nsteps + 1, sizeof *c->steps);
    c->steps[c->nsteps] = step;
    return &c->steps[c->nsteps++];
}

static bool ends_word(uint8_t c)
{
    return bound_is_operator(c) || memchr(" \t\n()&|\"", c, 8);
}

static bool take_word(struct parser *p, struct buf *out, const char *missing)
{
    size_t n = 0;
    skip_blanks(p);
    (void)buf_room(out, 1);
    if (p->left.n && p->left.p[0] == '"') {
        n = bound_quoted(p->left, out);
        if (n == 0)
            return fail(p, "a quote that nothing closes");
    } else {
        while (n < p->left.n && !ends_word(p->left.p[n]))
            n++;
        buf_add(out, p->left.p, n);
    }
    pass(p, n);
    return n || fail(p, missing);
}

static bool take_operator(struct parser *p, enum bound_operator *op)
{
    size_t n = 0;
    skip_blanks(p);
    while (n < p->left.n && bound_is_operator(p->left.p[n]))
        n++;
    if (!bound_operator(slice_of(p->left.p, n), op))
        return fail(p, n ? "no such operator; they are < <= > >= == !="
                         : "no operator behind the column; they are < <= > >= == !=");
    pass(p, n);
    return true;
}

static bool take_test(struct parser *p)
{
    struct cond_step *test = add_step(p, (struct cond_step){.kind = TEST});
    return take_word(p, &test->column, "no column") && take_operator(p, &test->op) &&
           take_word(p, &test->value, "no value behind the operator");
}

static bool take_either(struct parser *p);

static bool take_one(struct parser *p)
{
    bool taken, negated = take(p, "!");
    if (!negated && !take(p, "("))
        return take_test(p);
    if (++p->depth > DEPTH_MAX)
        return fail(p, "too deep");
    if (negated)
        taken = take_one(p);
    else
        taken = take_either(p) && (take(p, ")") || fail(p, "no ) where one is needed"));
    if (taken && negated)
        add_step(p, (struct cond_step){.kind = NOT});
    p->depth--;
    return taken;
}

static bool take_both(struct parser *p)
{
    bool taken = take_one(p);
    while (taken && take(p, "&&")) {
        taken = take_one(p);
        add_step(p, (struct cond_step){.kind = AND});
    }
    return taken;
}

static bool take_either(struct parser *p)
{
    bool taken = take_both(p);
    while (taken && take(p, "||")) {
        taken = take_both(p);
        add_step(p, (struct cond_step){.kind = OR});
    }
    return taken;
}

int cond_read(struct cond *c, const char *text, struct err *e)
{
    struct parser p = {.c = c, .left = slice_str(text)};
    *c = (struct cond){.text = text};
    bool taken = take_either(&p);
    skip_blanks(&p);
    if (taken && p.left.n)
        taken = fail(&p, "what follows does not belong to the condition");
    if (!taken)
        return err_set(e, ST_USAGE, "%.300s: byte %zu: %s", text, strlen(text) - p.left.n, p.why);
    c->held = mem_zalloc(c->nsteps, sizeof *c->held);
    return 0;
}

/* Columns -------------------------------------------------------------------------------------- */

static int no_column(const struct cond *c, struct slice name, const struct cond_column *columns,
                     unsigned n, struct err *e)
{
    struct buf known = {0};
    for (unsigned i = 0; i < n; i++)
        buf_addf(&known, " %s", columns[i].name);
    buf_addc(&known, '\0');
    err_set(e, ST_USAGE, "%.300s: no column '%.*s'; columns are%.400s", c->text,
            name.n < 100 ? (int)name.n : 100, (const char *)name.p, (const char *)known.p);
    buf_free(&known);
    return -1;
}

/* A word that is none of a column's would never hold, or always. */
static bool among(const char *const *words, struct slice value)
{
    while (*words && !slice_is(value, *words))
        words++;
    return *words;
}

static int no_word(const struct cond *c, struct slice word, const struct cond_column *column,
                   struct err *e)
{
    struct buf known = {0};
    for (const char *const *w = column->words; *w; w++)
        buf_addf(&known, " %s", *w);
    buf_addc(&known, '\0');
    err_set(e, ST_USAGE, "%.300s: %s is never '%.*s'; it is one of%.400s", c->text, column->name,
            word.n < 100 ? (int)word.n : 100, (const char *)word.p, (const char *)known.p);
    buf_free(&known);
    return -1;
}

static const char *bind_value(struct cond_step *test)
{
    struct slice value = buf_slice(&test->value);
    if (test->type == COND_TEXT)
        return test->op == BOUND_EQ || test->op == BOUND_NE ? NULL
                                                            : "is text, which is == or != alone";
    if (!bound_read(&test->bound, value))
        return "is a number and is held against none";
    if (test->type == COND_NUMBER && test->bound.unit != BOUND_NO_UNIT)
        return "is no time and has no unit";
    return NULL;
}

static int bind_test(const struct cond *c, struct cond_step *test,
                     const struct cond_column *columns, unsigned n, struct err *e)
{
    struct slice name = buf_slice(&test->column);
    for (unsigned i = 0; i < n; i++)
        if (slice_is(name, columns[i].name)) {
            test->at = i;
            test->type = columns[i].type;
            const char *why = bind_value(test);
            if (why)
                return err_set(e, ST_USAGE, "%.300s: '%.100s' %s", c->text, columns[i].name, why);
            if (columns[i].words && !among(columns[i].words, buf_slice(&test->value)))
                return no_word(c, buf_slice(&test->value), &columns[i], e);
            return 0;
        }
    return no_column(c, name, columns, n, e);
}

int cond_bind(struct cond *c, const struct cond_column *columns, unsigned n, struct err *e)
{
    int rc = 0;
    for (size_t i = 0; i < c->nsteps && rc == 0; i++)
        if (c->steps[i].kind == TEST)
            rc = bind_test(c, &c->steps[i], columns, n, e);
    return rc;
}

/* Rows ----------------------------------------------------------------------------------------- */

static bool test_holds(struct cond *c, const struct cond_step *test, const struct cond_cell *cell)
{
    if (cell->text.n == 0)
        return false;
    if (test->type == COND_TEXT)
        return slice_eq(cell->text, buf_slice(&test->value)) == (test->op == BOUND_EQ);
    if (test->bound.unit != BOUND_NO_UNIT && cell->unit == BOUND_NO_UNIT)
        return false;
    return decimal_read(&c->cell, cell->text) &&
           bound_holds(test->op, bound_order(&c->cell, cell->unit, &test->bound));
}

bool cond_holds(struct cond *c, const struct cond_cell *cells)
{
    size_t n = 0;
    for (const struct cond_step *s = c->steps; s < c->steps + c->nsteps; s++) {
        if (s->kind == TEST)
            c->held[n++] = test_holds(c, s, &cells[s->at]);
        else if (s->kind == NOT)
            c->held[n - 1] = !c->held[n - 1];
        else
            n--;
        if (s->kind == AND)
            c->held[n - 1] = c->held[n - 1] && c->held[n];
        else if (s->kind == OR)
            c->held[n - 1] = c->held[n - 1] || c->held[n];
    }
    return c->held[0];
}

void cond_free(struct cond *c)
{
    for (size_t i = 0; i < c->nsteps; i++) {
        buf_free(&c->steps[i].column);
        buf_free(&c->steps[i].value);
        bound_free(&c->steps[i].bound);
    }
    free(c->steps);
    free(c->held);
    decimal_free(&c->cell);
}
