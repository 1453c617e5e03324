#include "trace/short.h"

#include "base/mem.h"

#include <stdlib.h>

static bool is_ident(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || c >= 0x80;
}

static bool begins(struct slice name, size_t i, const char *text)
{
    size_t n = strlen(text);
    return name.n - i >= n && memcmp(name.p + i, text, n) == 0;
}

/* The length of `operator` at i with the symbol behind it, which may look like brackets; 0: it is
 * none. */
static size_t operator_at(struct slice name, size_t i)
{
    static const char word[] = "operator";
    static const char *const symbols[] = {"<=>", "<<=", ">>=", "->*", " ()", "()", "[]",
                                          "->",  "<<",  ">>",  "<=",  ">=",  "<",  ">"};
    size_t n = sizeof word - 1;
    if (!begins(name, i, word) || (i > 0 && is_ident(name.p[i - 1])) ||
        (i + n < name.n && is_ident(name.p[i + n])))
        return 0;
    for (size_t k = 0; k < sizeof symbols / sizeof *symbols; k++)
        if (begins(name, i + n, symbols[k]))
            return n + strlen(symbols[k]);
    return n;
}

/* Brackets --------------------------------------------------------------------------------------
 *
 * < and > are brackets or comparisons. Inside of parentheses a comparison cannot be told from them,
 * so there one without its other half is nothing. */

static bool close_at(struct shortener *s, struct slice name, size_t i, size_t *depth)
{
    static const char pairs[] = "()[]{}<>";
    uint8_t opening = (uint8_t)strchr(pairs, name.p[i])[-1];
    if (opening == '<' && *depth > 0 && name.p[s->open[*depth - 1]] != '<')
        return true;
    while (opening != '<' && *depth > 0 && name.p[s->open[*depth - 1]] == '<')
        --*depth;
    if (*depth == 0 || name.p[s->open[*depth - 1]] != opening)
        return false;
    s->matches[s->open[--*depth]] = (uint32_t)i;
    return true;
}

/* False if they do not match. */
static bool find_brackets(struct shortener *s, struct slice name)
{
    size_t depth = 0;
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = name.p[i];
        size_t op = c == 'o' ? operator_at(name, i) : 0;
        if (op) {
            i += op - 1;
        } else if (strchr("(<[{", c) && c) {
            s->open = mem_grow(s->open, &s->open_cap, depth + 1, sizeof *s->open);
            s->open[depth++] = (uint32_t)i;
        } else if (strchr(")>]}", c) && c && !(c == '>' && i > 0 && name.p[i - 1] == '-')) {
            if (!close_at(s, name, i, &depth))
                return false;
        }
    }
    return depth == 0;
}

/* The name ------------------------------------------------------------------------------------- */

struct walk {
    struct shortener *s;
    struct slice name;
    size_t i;     /* in the name */
    size_t begin; /* in the output: of what stands behind the return type */
    bool cut;     /* something was left out: it is a name of C++ */
    bool symbol;  /* an operator was the last thing */
    bool spaces;  /* they belong to the name: `operator unsigned int` */
    bool done;
};

static void copy(struct walk *w, size_t n)
{
    buf_add(&w->s->out, w->name.p + w->i, n);
    w->i += n;
}

static void skip(struct walk *w)
{
    w->i = w->s->matches[w->i] + 1;
    w->cut = true;
}

/* {lambda(int)#1}, without what is in brackets in it. */
static void copy_braces(struct walk *w)
{
    size_t end = w->s->matches[w->i];
    while (w->i < end) {
        uint8_t c = w->name.p[w->i];
        if ((c == '(' || c == '<') && w->s->matches[w->i] && w->s->matches[w->i] < end)
            skip(w);
        else
            copy(w, 1);
    }
    copy(w, 1);
}

static size_t qualifier_at(struct slice name, size_t i)
{
    static const char *const words[] = {" const", " volatile", " noexcept", " &&", " &"};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (begins(name, i, words[k]))
            return strlen(words[k]);
    return 0;
}

/* Behind the arguments of a function its name ends, or goes on with what is local to it. */
static bool pass_qualifiers(struct walk *w)
{
    for (size_t n; (n = qualifier_at(w->name, w->i)) > 0;)
        w->i += n;
    w->spaces = false;
    w->done = w->i == w->name.n || begins(w->name, w->i, " [") || w->name.p[w->i] == '.';
    return w->done || begins(w->name, w->i, "::");
}

static bool walk_parenthesis(struct walk *w)
{
    static const char anonymous[] = "(anonymous namespace)";
    uint8_t before = w->i > 0 ? w->name.p[w->i - 1] : ' ';
    if (begins(w->name, w->i, anonymous)) {
        copy(w, sizeof anonymous - 1);
        return true;
    }
    if (!(is_ident(before) || before == '>' || before == '}' || before == ']' || w->symbol))
        return false;
    skip(w);
    return pass_qualifiers(w);
}

/* <unnamed> is a name; anything else in < > is arguments of what stands before. */
static void walk_angle(struct walk *w)
{
    uint8_t before = w->i > 0 ? w->name.p[w->i - 1] : ' ';
    if (is_ident(before) || before == ']' || before == '}' || w->symbol)
        skip(w);
    else
        copy(w, w->s->matches[w->i] + 1 - w->i);
}

static void walk_operator(struct walk *w, size_t n)
{
    copy(w, n);
    w->symbol = n > strlen("operator");
    w->spaces = !w->symbol;
    if (w->symbol && begins(w->name, w->i, " <")) /* operator< <int> */
        w->i++;
}

static void walk_space(struct walk *w)
{
    copy(w, 1);
    if (!w->spaces)
        w->begin = w->s->out.n;
}

/* One step; false if it is no name as we know them. */
static bool step(struct walk *w)
{
    uint8_t c = w->name.p[w->i];
    size_t op = c == 'o' ? operator_at(w->name, w->i) : 0;
    bool was_symbol = w->symbol;
    if (op) {
        walk_operator(w, op);
        return true;
    }
    if (c == '(' && !walk_parenthesis(w))
        return false;
    if (c == '<')
        walk_angle(w);
    else if (c == '{')
        copy_braces(w);
    else if (c == '[')
        copy(w, w->s->matches[w->i] + 1 - w->i);
    else if (c == ' ')
        walk_space(w);
    else if (c != '(')
        copy(w, 1);
    /* operator< <int>(...): the arguments are still those of the operator. */
    w->symbol = was_symbol && c == '<';
    return true;
}

struct slice short_name(struct shortener *s, struct slice name)
{
    struct walk w = {.s = s, .name = name};
    if (name.n == 0 || name.n > SHORT_MAX ||
        !(memchr(name.p, '<', name.n) || memchr(name.p, '(', name.n)))
        return name;
    s->out.n = 0;
    s->matches = mem_grow(s->matches, &s->matches_cap, name.n, sizeof *s->matches);
    memset(s->matches, 0, name.n * sizeof *s->matches);
    if (!find_brackets(s, name))
        return name;
    while (w.i < name.n && !w.done)
        if (!step(&w))
            return name;
    return w.cut && s->out.n > w.begin ? slice_of(s->out.p + w.begin, s->out.n - w.begin) : name;
}

void short_free(struct shortener *s)
{
    buf_free(&s->out);
    free(s->matches);
    free(s->open);
    *s = (struct shortener){0};
}
