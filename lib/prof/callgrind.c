#include "prof/callgrind.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"
#include "prof/callgrind_costs.h"

#include <stdlib.h>

enum { FIRST_LINES = 30, COUNT_NS = 1000 };

/* Names that stand for a number: "(4) copy.py", then "(4)". */
struct numbered {
    struct strtab numbers, texts;
    uint32_t *of; /* text by number */
    size_t cap;
};

struct callgrind {
    struct intake *s;
    struct numbered files, functions;
    struct callgrind_costs costs;
    struct buf file, called_file, name, called, shown, event;
    unsigned positions;
    bool is_yappi, has_name, has_called, has_called_file;
    bool inclusive; /* the next line is the cost of calls, */
    bool uncounted; /* which are lost already: */
    uint64_t calls;
};

/* Names ---------------------------------------------------------------------------------------- */

static void set(struct buf *b, struct slice s)
{
    b->n = 0;
    buf_add(b, s.p, s.n);
}

static struct slice trim(struct slice s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = slice_of(s.p + 1, s.n - 1);
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' || s.p[s.n - 1] == '\r'))
        s.n--;
    return s;
}

/* What a name stands for; false for a number that was not given a name. */
static bool look_up(struct numbered *t, struct slice s, struct slice *out)
{
    const uint8_t *close = s.n && s.p[0] == '(' ? memchr(s.p, ')', s.n) : NULL;
    uint64_t number;
    *out = s;
    if (!close || !num_u64(slice_of(s.p + 1, (size_t)(close - s.p) - 1), &number))
        return true;
    size_t n = (size_t)(close - s.p) + 1;
    struct slice text = trim(slice_of(s.p + n, s.n - n)), key = slice_of(s.p, n);
    uint32_t id = text.n ? strtab_intern(&t->numbers, key) : strtab_find(&t->numbers, key);
    if (text.n) {
        t->of = mem_grow(t->of, &t->cap, (size_t)id + 1, sizeof *t->of);
        t->of[id] = strtab_intern(&t->texts, text);
    }
    *out = id ? strtab_get(&t->texts, t->of[id]) : s;
    return id != 0;
}

/* YAPPI's "deepcopy copy.py:128": the length of the name, or 0. */
static size_t yappi_name(struct slice name, struct slice file)
{
    size_t n = name.n, digits = 0;
    while (digits < n && name.p[n - 1 - digits] >= '0' && name.p[n - 1 - digits] <= '9')
        digits++;
    if (digits == 0 || n < digits + file.n + 3)
        return 0;
    size_t at = n - digits - 1 - file.n;
    bool match = name.p[n - digits - 1] == ':' && name.p[at - 1] == ' ' &&
                 memcmp(name.p + at, file.p, file.n) == 0;
    return match ? at - 1 : 0;
}

static uint32_t function_of(struct callgrind *c, const struct buf *file, const struct buf *name)
{
    struct slice f = buf_slice(file), s = buf_slice(name);
    size_t bare = c->is_yappi && f.n ? yappi_name(s, f) : 0;
    if (f.n == 0 || slice_is(f, "???"))
        return callgrind_function(&c->costs, s);
    c->shown.n = 0;
    if (bare)
        buf_add(&c->shown, s.p + bare + 1, s.n - bare - 1);
    else
        buf_add(&c->shown, f.p, f.n);
    buf_adds(&c->shown, bare ? "(" : ":0(");
    buf_add(&c->shown, s.p, bare ? bare : s.n);
    buf_addc(&c->shown, ')');
    return callgrind_function(&c->costs, buf_slice(&c->shown));
}

/* Lines ---------------------------------------------------------------------------------------- */

static bool take(struct slice *line, const char *word)
{
    size_t n = strlen(word);
    if (line->n < n || memcmp(line->p, word, n) != 0)
        return false;
    *line = slice_of(line->p + n, line->n - n);
    return true;
}

static struct slice take_field(struct slice *line)
{
    size_t n = 0;
    *line = trim(*line);
    while (n < line->n && line->p[n] != ' ' && line->p[n] != '\t')
        n++;
    struct slice field = slice_of(line->p, n);
    *line = slice_of(line->p + n, line->n - n);
    return field;
}

static const char *add_cost(struct callgrind *c, uint64_t cost)
{
    if (!c->has_name || (c->inclusive && !c->has_called))
        return "a cost of no function";
    uint32_t function = function_of(c, &c->file, &c->name);
    if (!c->inclusive)
        return callgrind_self(&c->costs, function, cost) ? NULL : "a cost that is too large";
    uint32_t callee = function_of(c, c->has_called_file ? &c->called_file : &c->file, &c->called);
    return callgrind_call(&c->costs, function, callee, c->calls, cost) ? NULL
                                                                       : "calls that are too many";
}

/* Who was called is so once, whatever comes of the line. */
static void end_call(struct callgrind *c)
{
    if (c->inclusive)
        c->has_called = c->has_called_file = false;
    c->inclusive = c->uncounted = false;
}

static const char *take_cost(struct callgrind *c, struct slice line)
{
    uint64_t cost = 0;
    for (unsigned i = 0; i < c->positions; i++)
        (void)take_field(&line);
    struct slice field = take_field(&line);
    bool number = field.n == 0 || num_id(field, &cost) == NUM_OK;
    const char *why = number ? add_cost(c, cost) : "a cost that is no number";
    end_call(c);
    return why;
}

/* Calls that are no number are nobody's, and so is the cost that follows. */
static const char *take_calls(struct callgrind *c, struct slice line)
{
    c->inclusive = true;
    c->uncounted = num_id(take_field(&line), &c->calls) != NUM_OK;
    c->has_called &= !c->uncounted;
    return c->uncounted ? "a number of calls that is none" : NULL;
}

static const char *take_name(struct numbered *t, struct slice line, struct buf *out, bool *has)
{
    struct slice text;
    *has = look_up(t, trim(line), &text);
    set(out, text);
    return *has ? NULL : "a number in brackets that has no name";
}

/* A line `word=…`. */
static const char *take_spec(struct callgrind *c, struct slice line)
{
    bool has;
    if (take(&line, "fn="))
        return take_name(&c->functions, line, &c->name, &c->has_name);
    if (take(&line, "fl="))
        return take_name(&c->files, line, &c->file, &has);
    if (take(&line, "cfn="))
        return take_name(&c->functions, line, &c->called, &c->has_called);
    if (take(&line, "cfi=") || take(&line, "cfl="))
        return take_name(&c->files, line, &c->called_file, &c->has_called_file);
    if (take(&line, "calls="))
        return take_calls(c, line);
    /* Inlined code stays with its function, but its files may get their numbers here. */
    if (take(&line, "fi=") || take(&line, "fe=") || take(&line, "jfi="))
        return take_name(&c->files, line, &c->shown, &has);
    if (take(&line, "ob=") || take(&line, "cob=") || take(&line, "jump=") || take(&line, "jcnd=") ||
        take(&line, "jfn="))
        return NULL;
    return "a line that is not callgrind's";
}

/* What the event is in ns; 0 if it is no time. */
static uint64_t event_ns(const struct callgrind *c)
{
    static const struct {
        const char *unit;
        uint64_t ns;
    } units[] = {{"(ns)", 1}, {"(10ns)", 10}, {"(us)", 1000}, {"(ms)", 1000000}};
    struct slice event = buf_slice(&c->event);
    if (c->is_yappi)
        return 1000;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (event.n && memmem(event.p, event.n, units[i].unit, strlen(units[i].unit)))
            return units[i].ns;
    return 0;
}

static void set_most(struct callgrind *c)
{
    uint64_t ns = event_ns(c);
    c->costs.most = INT64_MAX / (ns ? ns : COUNT_NS);
}

static void take_header(struct callgrind *c, struct slice line)
{
    if (take(&line, "creator:")) {
        c->is_yappi = slice_is(trim(line), "yappi");
    } else if (take(&line, "events:")) {
        set(&c->event, take_field(&line));
    } else if (take(&line, "positions:")) {
        for (c->positions = 0; take_field(&line).n;)
            c->positions++;
    }
    set_most(c);
}

static bool is_header(struct slice line)
{
    size_t n = 0;
    while (n < line.n && ((line.p[n] | 0x20) >= 'a' && (line.p[n] | 0x20) <= 'z'))
        n++;
    return n > 0 && n < line.n && line.p[n] == ':';
}

static bool is_cost(struct slice line)
{
    return (line.p[0] >= '0' && line.p[0] <= '9') || line.p[0] == '+' || line.p[0] == '-' ||
           line.p[0] == '*';
}

/* The next line is no cost, or there is none. */
static void lose_call(struct callgrind *c)
{
    if (c->inclusive && !c->uncounted)
        intake_lose(c->s, "line", c->s->line, "calls without the line with their cost");
    end_call(c);
}

static void take_line(struct callgrind *c, struct slice line)
{
    const char *why = NULL;
    line = trim(line);
    if (line.n == 0 || line.p[0] == '#')
        return;
    if (!is_cost(line))
        lose_call(c);
    if (is_cost(line))
        why = take_cost(c, line);
    else if (is_header(line))
        take_header(c, line);
    else
        why = take_spec(c, line);
    if (why)
        intake_lose(c->s, "line", c->s->line, why);
}

/* The file ------------------------------------------------------------------------------------- */

static void emit_all(struct callgrind *c)
{
    struct buf json = {0};
    uint64_t ns = event_ns(c);
    intake_part(c->s, "callgrind", ns ? "ns" : "samples");
    text_add_json(&json, buf_slice(&c->event), TEXT_BYTES);
    writer_meta(c->s->w, c->s->emit.part, slice_str("event"), buf_slice(&json));
    callgrind_emit(&c->costs, &c->s->emit, ns ? ns : COUNT_NS);
    buf_free(&json);
}

static void free_numbered(struct numbered *t)
{
    strtab_free(&t->numbers);
    strtab_free(&t->texts);
    free(t->of);
}

int callgrind_read(struct intake *s, struct err *e)
{
    struct callgrind c = {.s = s, .positions = 1};
    struct buf *const bufs[] = {&c.file, &c.called_file, &c.name, &c.called, &c.shown, &c.event};
    struct slice line;
    int got;
    set_most(&c);
    while ((got = intake_line(s, &line, e)) > 0)
        take_line(&c, line);
    lose_call(&c);
    if (got == 0)
        emit_all(&c);
    free_numbered(&c.files);
    free_numbered(&c.functions);
    callgrind_free(&c.costs);
    for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++)
        buf_free(bufs[i]);
    return got;
}

bool callgrind_is(const struct input *in)
{
    const uint8_t *p = in->p;
    for (int i = 0; i < FIRST_LINES && p < in->end; i++) {
        const uint8_t *nl = memchr(p, '\n', (size_t)(in->end - p)), *end = nl ? nl : in->end;
        struct slice line = slice_of(p, (size_t)(end - p));
        if (take(&line, "# callgrind format") || take(&line, "events:") || take(&line, "fn="))
            return true;
        p = end + 1;
    }
    return false;
}
