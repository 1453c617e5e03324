#include "prof/yappi_csv.h"

#include "base/mem.h"
#include "base/num.h"

#include <stdlib.h>

enum { NAME, NCALL, TSUB, TTOT, COLUMNS_READ, ROW_MAX = 1024 * 1024 };

static const char *const column_names[COLUMNS_READ] = {"name", "ncall", "tsub", "ttot"};

/* One row: its fields without quotes, one behind the other. */
struct row {
    struct buf text;
    size_t *ends;
    size_t n, cap;
    bool in_quotes;
};

static struct slice field(const struct row *r, size_t i)
{
    size_t begin = i ? r->ends[i - 1] : 0;
    return slice_of(r->text.p + begin, r->ends[i] - begin);
}

static void end_field(struct row *r)
{
    r->ends = mem_grow(r->ends, &r->cap, r->n + 1, sizeof *r->ends);
    r->ends[r->n++] = r->text.n;
}

/* One more line of a row; it goes on with the next if a quote is open. */
static void add_line(struct row *r, struct slice line)
{
    for (size_t i = 0; i < line.n; i++) {
        char c = (char)line.p[i];
        bool doubled = c == '"' && r->in_quotes && i + 1 < line.n && line.p[i + 1] == '"';
        if (c == '"' && !doubled)
            r->in_quotes = !r->in_quotes;
        else if (c == ',' && !r->in_quotes)
            end_field(r);
        else if (c != '\r' || i + 1 < line.n)
            buf_addc(&r->text, c);
        i += doubled;
    }
    if (!r->in_quotes)
        end_field(r);
}

/* The next row: 1, 0 at the end, -1. If a quote in it does not end, its lines are lost: then all
 * there is up to ROW_MAX, and r->in_quotes is left. */
static int read_lines(struct intake *s, struct row *r, struct err *e)
{
    struct slice line;
    int got;
    uint64_t first = s->line + 1;
    r->text.n = r->n = 0;
    r->in_quotes = false;
    while ((got = intake_line(s, &line, e)) > 0) {
        if (r->in_quotes)
            buf_addc(&r->text, '\n');
        add_line(r, line);
        if (!r->in_quotes)
            return 1;
        if (r->text.n > ROW_MAX)
            break;
    }
    for (uint64_t n = first; n <= s->line && r->in_quotes; n++)
        intake_lose(s, "line", first, "a quote that does not end");
    return got;
}

static int next_row(struct intake *s, struct row *r, struct err *e)
{
    int got;
    do
        got = read_lines(s, r, e);
    while (got > 0 && r->in_quotes);
    return got;
}

/* The header ----------------------------------------------------------------------------------- */

static bool find_columns(const struct row *r, size_t at[COLUMNS_READ])
{
    bool all = true;
    for (size_t c = 0; c < COLUMNS_READ; c++) {
        at[c] = r->n;
        for (size_t i = 0; i < r->n; i++)
            if (slice_is(field(r, i), column_names[c]))
                at[c] = i;
        all &= at[c] < r->n;
    }
    return all;
}

static bool has_word(struct slice line, const char *word)
{
    const uint8_t *at = memmem(line.p, line.n, word, strlen(word));
    return at != NULL;
}

bool yappi_csv_is(const struct input *in)
{
    const uint8_t *nl = memchr(in->p, '\n', input_at_hand(in));
    struct slice line = slice_of(in->p, (size_t)((nl ? nl : in->end) - in->p));
    return line.n && memchr(line.p, ',', line.n) && has_word(line, "ncall") &&
           has_word(line, "name");
}

/* Rows ----------------------------------------------------------------------------------------- */

/* Seconds as ns, rounded half up. */
static bool take_time(struct intake *s, struct slice text, uint64_t *ns)
{
    int64_t tenths, whole;
    *ns = 0;
    if (num_scaled(text, 9, &whole) != NUM_OK)
        return false;
    if (num_scaled(text, 10, &tenths) == NUM_OK)
        whole = tenths / 10 + (tenths % 10 >= 5);
    s->clipped += whole < 0;
    *ns = whole < 0 ? 0 : (uint64_t)whole;
    return true;
}

static bool take_calls(struct slice text, struct emit_totals *t)
{
    const uint8_t *slash = text.n ? memchr(text.p, '/', text.n) : NULL;
    size_t n = slash ? (size_t)(slash - text.p) : text.n;
    if (!num_u64(slice_of(text.p, n), &t->calls))
        return false;
    t->prim_calls = t->calls;
    return !slash || (num_u64(slice_of(slash + 1, text.n - n - 1), &t->prim_calls) &&
                      t->prim_calls <= t->calls);
}

/* `file:line function` as pstats has it; anything else stays. */
static struct slice name_of(struct slice s, struct buf *out)
{
    size_t colon = s.n, digits = 0, name = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == ':') {
            colon = i;
            digits = 0;
        } else if (colon < s.n && digits == i - colon - 1 && s.p[i] >= '0' && s.p[i] <= '9') {
            digits++;
        } else if (digits && s.p[i] == ' ' && digits == i - colon - 1) {
            name = i + 1;
            break;
        }
    if (name == 0 || name == s.n || colon == 0)
        return s;
    out->n = 0;
    buf_add(out, s.p, name - 1);
    buf_addc(out, '(');
    buf_add(out, s.p + name, s.n - name);
    buf_addc(out, ')');
    return buf_slice(out);
}

static void take_row(struct intake *s, const struct row *r, const size_t at[COLUMNS_READ],
                     struct buf *name)
{
    struct emit_totals t;
    for (size_t c = 0; c < COLUMNS_READ; c++)
        if (at[c] >= r->n) {
            intake_lose(s, "line", s->line, "a row with fewer fields than the header");
            return;
        }
    if (!take_calls(field(r, at[NCALL]), &t))
        intake_lose(s, "line", s->line, "ncall is no number of calls");
    else if (!take_time(s, field(r, at[TSUB]), &t.self_ns) ||
             !take_time(s, field(r, at[TTOT]), &t.cum_ns))
        intake_lose(s, "line", s->line, "tsub or ttot is no number of seconds");
    else
        emit_function(&s->emit, name_of(field(r, at[NAME]), name), &t);
}

static bool is_blank(const struct row *r)
{
    return r->n == 1 && r->text.n == 0;
}

int yappi_csv_read(struct intake *s, struct err *e)
{
    struct row r = {0};
    struct buf name = {0};
    size_t at[COLUMNS_READ];
    int got = next_row(s, &r, e);
    intake_part(s, "yappi-csv", NULL);
    if (got == 0 || (got > 0 && !find_columns(&r, at)))
        got = err_set(e, ST_FAILED,
                      "%s: line 1: no header: the first line has to name the columns name, ncall, "
                      "tsub and ttot",
                      s->in.name);
    else
        while (!writer_stopped(s->w) && (got = next_row(s, &r, e)) > 0)
            if (!is_blank(&r))
                take_row(s, &r, at, &name);
    free(r.ends);
    buf_free(&r.text);
    buf_free(&name);
    return got < 0 ? -1 : 0;
}
