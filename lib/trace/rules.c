#include "trace/rules.h"

#include "base/buf.h"
#include "base/mem.h"
#include "io/input.h"
#include "trace/kernel_rules.h"

#include <stdlib.h>

/* A glob is the pieces between its stars, which have to be found one after the other. ANY in a
 * piece stands for `?`; it cannot be part of a rule file's text. */
enum { ANY = 0, FIELDS = 4, GRAMS = 1 << 16 };

struct piece {
    uint32_t at, n; /* bytes in rules.bytes, lower case */
    bool has_any;
    uint16_t gram; /* of three bytes that must be in the name */
    bool has_gram;
};

struct term {
    uint32_t pieces, npieces;
    bool negated;
    bool ends_and; /* the last of the globs joined by & */
};

struct file_text {
    struct file_text *next;
    struct buf bytes;
};

struct rules {
    struct file_text *files; /* rules point into them */
    struct rule *rules;
    size_t n, cap;
    struct term *terms;
    size_t nterms, terms_cap;
    struct piece *pieces;
    size_t npieces, pieces_cap;
    struct buf bytes;
    struct buf name;            /* the name that is being matched, in lower case */
    uint64_t grams[GRAMS / 64]; /* which groups of three bytes it has, by hash */
};

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static uint16_t gram(const uint8_t *p)
{
    uint32_t v = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
    return (uint16_t)((v * 2654435761u) >> 16);
}

/* Compiling ------------------------------------------------------------------------------------ */

/* A name without these three bytes cannot match, which one look into a table tells: of 500 rules
 * only a handful are then searched for in a name. */
static void piece_gram(const struct rules *r, struct piece *p)
{
    const uint8_t *b = r->bytes.p + p->at;
    for (uint32_t i = 0; i + 3 <= p->n && !p->has_gram; i++)
        if (b[i] != ANY && b[i + 1] != ANY && b[i + 2] != ANY) {
            p->gram = gram(b + i);
            p->has_gram = true;
        }
}

static void piece_end(struct rules *r, struct term *t, struct piece *p)
{
    p->n = (uint32_t)r->bytes.n - p->at;
    if (p->n > 0) {
        piece_gram(r, p);
        r->pieces = mem_grow(r->pieces, &r->pieces_cap, r->npieces + 1, sizeof *r->pieces);
        r->pieces[r->npieces++] = *p;
        t->npieces++;
    }
    *p = (struct piece){.at = (uint32_t)r->bytes.n};
}

/* One glob at s->p, which moves to the & or | behind it. */
static const char *compile_term(struct rules *r, struct slice *s)
{
    struct term t = {.pieces = (uint32_t)r->npieces};
    struct piece p = {.at = (uint32_t)r->bytes.n};
    size_t i = 0;
    for (; i < s->n && s->p[i] == '!'; i++)
        t.negated = !t.negated;
    size_t begin = i;
    for (; i < s->n && s->p[i] != '&' && s->p[i] != '|'; i++) {
        if (s->p[i] == '*') {
            piece_end(r, &t, &p);
            continue;
        }
        bool literal = s->p[i] == '\\';
        if (literal && ++i == s->n)
            return "a backslash at the end of the pattern";
        bool any = s->p[i] == '?' && !literal;
        p.has_any |= any;
        buf_addc(&r->bytes, any ? ANY : (char)lower(s->p[i]));
    }
    if (i == begin)
        return "an empty glob";
    piece_end(r, &t, &p);
    t.ends_and = i == s->n || s->p[i] == '|';
    r->terms = mem_grow(r->terms, &r->terms_cap, r->nterms + 1, sizeof *r->terms);
    r->terms[r->nterms++] = t;
    *s = slice_of(s->p + i, s->n - i);
    return NULL;
}

static const char *compile(struct rules *r, struct rule *rule)
{
    struct slice left = rule->pattern;
    rule->terms = (uint32_t)r->nterms;
    for (;;) {
        const char *why = compile_term(r, &left);
        if (why)
            return why;
        if (left.n == 0)
            break;
        left = slice_of(left.p + 1, left.n - 1);
    }
    rule->nterms = (uint32_t)r->nterms - rule->terms;
    return NULL;
}

/* Cuts the line at its tabs. */
static const char *split(struct slice line, struct rule *rule)
{
    struct slice *fields[FIELDS] = {&rule->op, &rule->category, &rule->library, &rule->pattern};
    for (int i = 0; i < FIELDS; i++) {
        const uint8_t *tab = i < FIELDS - 1 ? memchr(line.p, '\t', line.n) : line.p + line.n;
        if (!tab)
            return "not four fields with tabs between them";
        *fields[i] = slice_of(line.p, (size_t)(tab - line.p));
        if (fields[i]->n == 0)
            return "an empty field";
        size_t used = fields[i]->n + (i < FIELDS - 1);
        line = slice_of(line.p + used, line.n - used);
    }
    return memchr(rule->pattern.p, '\t', rule->pattern.n) ? "more than four fields" : NULL;
}

static const char *add_rule(struct rules *r, struct rule *rule)
{
    const char *why = compile(r, rule);
    if (why)
        return why;
    r->rules = mem_grow(r->rules, &r->cap, r->n + 1, sizeof *r->rules);
    r->rules[r->n++] = *rule;
    return NULL;
}

static const char *add_line(struct rules *r, const char *file, unsigned number, struct slice line)
{
    struct rule rule = {.file = file, .line = number};
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    if (line.n == 0 || line.p[0] == '#')
        return NULL;
    if (memchr(line.p, 0, line.n))
        return "a NUL byte";
    const char *why = split(line, &rule);
    return why ? why : add_rule(r, &rule);
}

struct rules *rules_new(void)
{
    return mem_zalloc(1, sizeof(struct rules));
}

int rules_add(struct rules *r, const char *file, struct slice text, struct err *e)
{
    const uint8_t *p = text.p, *end = text.p + text.n;
    for (unsigned number = 1; p < end; number++) {
        const uint8_t *nl = memchr(p, '\n', (size_t)(end - p));
        const uint8_t *stop = nl ? nl : end;
        const char *why = add_line(r, file, number, slice_of(p, (size_t)(stop - p)));
        if (why)
            return err_set(e, ST_FAILED, "%s: line %u: %s", file, number, why);
        p = nl ? nl + 1 : end;
    }
    return 0;
}

int rules_add_pattern(struct rules *r, struct slice pattern, struct err *e)
{
    struct rule rule = {.pattern = pattern};
    const char *why = add_rule(r, &rule);
    return why ? err_set(e, ST_FAILED, "%s", why) : 0;
}

int rules_add_file(struct rules *r, const char *path, struct err *e)
{
    struct input in;
    struct file_text *text = mem_zalloc(1, sizeof *text);
    text->next = r->files;
    r->files = text;
    int more = input_open(&in, path, e) < 0 ? -1 : 1;
    while (more > 0) {
        buf_add(&text->bytes, in.p, input_at_hand(&in));
        in.p = in.end;
        more = input_more(&in, e);
    }
    input_drop(&in);
    return more < 0 ? -1 : rules_add(r, path, buf_slice(&text->bytes), e);
}

void rules_add_lines(struct rules *r, const char *file, const char *const *lines)
{
    for (unsigned i = 0; lines[i]; i++) {
        const char *why = add_line(r, file, i + 1, slice_str(lines[i]));
        if (why)
            die(ST_FAILED, "%s: line %u: %s", file, i + 1, why);
    }
}

void rules_add_builtin(struct rules *r)
{
    rules_add_lines(r, "kernel.rules", kernel_rules);
}

/* Matching ------------------------------------------------------------------------------------- */

static bool equal_at(const uint8_t *name, const uint8_t *piece, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (piece[i] != ANY && piece[i] != name[i])
            return false;
    return true;
}

static const uint8_t *find_piece(const struct rules *r, const struct piece *p, struct slice name)
{
    const uint8_t *bytes = r->bytes.p + p->at;
    if (p->has_gram && !(r->grams[p->gram / 64] >> p->gram % 64 & 1))
        return NULL;
    if (!p->has_any)
        return memmem(name.p, name.n, bytes, p->n);
    for (size_t i = 0; i + p->n <= name.n; i++)
        if (equal_at(name.p + i, bytes, p->n))
            return name.p + i;
    return NULL;
}

static bool term_matches(const struct rules *r, const struct term *t)
{
    struct slice left = buf_slice(&r->name);
    for (uint32_t i = 0; i < t->npieces; i++) {
        const struct piece *p = &r->pieces[t->pieces + i];
        const uint8_t *at = find_piece(r, p, left);
        if (!at)
            return t->negated;
        size_t used = (size_t)(at - left.p) + p->n;
        left = slice_of(left.p + used, left.n - used);
    }
    return !t->negated;
}

static bool rule_matches(const struct rules *r, const struct rule *rule)
{
    bool all = true;
    for (uint32_t i = 0; i < rule->nterms; i++) {
        const struct term *t = &r->terms[rule->terms + i];
        all = all && term_matches(r, t);
        if (t->ends_and && all)
            return true;
        all = all || t->ends_and;
    }
    return false;
}

static void take_name(struct rules *r, struct slice name)
{
    r->name.n = 0;
    uint8_t *out = buf_room(&r->name, name.n + 1);
    for (size_t i = 0; i < name.n; i++)
        out[i] = lower(name.p[i]);
    r->name.n = name.n;
    memset(r->grams, 0, sizeof r->grams);
    for (size_t i = 0; i + 3 <= name.n; i++) {
        uint16_t g = gram(out + i);
        r->grams[g / 64] |= (uint64_t)1 << g % 64;
    }
}

const struct rule *rules_match(struct rules *r, struct slice name)
{
    take_name(r, name);
    for (size_t i = 0; i < r->n; i++)
        if (rule_matches(r, &r->rules[i]))
            return &r->rules[i];
    return NULL;
}

void rules_label(struct rules *r, struct slice name, struct slice *op, struct slice *category,
                 struct slice *library)
{
    const struct rule *rule = rules_match(r, name);
    *op = rule ? rule->op : slice_str("Other");
    *category = rule ? rule->category : slice_str("Other");
    *library = rule ? rule->library : slice_str("unknown");
}

size_t rules_count(const struct rules *r)
{
    return r->n;
}

const struct rule *rules_at(const struct rules *r, size_t i)
{
    return &r->rules[i];
}

void rules_free(struct rules *r)
{
    if (!r)
        return;
    for (struct file_text *text = r->files, *next; text; text = next) {
        next = text->next;
        buf_free(&text->bytes);
        free(text);
    }
    free(r->rules);
    free(r->terms);
    free(r->pieces);
    buf_free(&r->bytes);
    buf_free(&r->name);
    free(r);
}
