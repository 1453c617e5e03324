#include "table/sheet.h"

#include "base/mem.h"

#include <stdlib.h>

static int wrong(const struct sheet *s, const char *what, struct err *e)
{
    return err_set(e, ST_FAILED, "%s: line %llu: %s", s->in.name, (unsigned long long)s->line,
                   what);
}

/* Lines ---------------------------------------------------------------------------------------- */

/* Goes on to the newline that ends a row, from *seen bytes on; those between quotes do not. */
static bool find_end(struct sheet *s, size_t *seen, bool *quoted)
{
    for (size_t n = input_at_hand(&s->in); *seen < n; ++*seen) {
        uint8_t c = s->in.p[*seen];
        *quoted ^= s->csv && c == '"';
        s->line += c == '\n';
        if (c == '\n' && !*quoted)
            return true;
    }
    return false;
}

static int at_end(struct sheet *s, size_t seen, struct err *e)
{
    s->line++;
    if (s->in.damage[0])
        return wrong(s, s->in.damage, e);
    return seen ? wrong(s, "the last line has no end: the table was cut", e) : 0;
}

/* The next row as it stands there, without its newline: 1, or 0, or -1. */
static int next_line(struct sheet *s, struct slice *line, struct err *e)
{
    size_t seen = 0;
    bool quoted = false;
    while (!find_end(s, &seen, &quoted)) {
        if (seen > INPUT_HOLD_MAX)
            return wrong(s, "a row that is too long", e);
        int more = input_more(&s->in, e);
        if (more <= 0)
            return more < 0 ? -1 : at_end(s, seen, e);
    }
    *line = slice_of(s->in.p, seen);
    s->in.p += seen + 1;
    if (seen && line->p[seen - 1] == '\r')
        line->n--;
    return 1;
}

/* Cells ---------------------------------------------------------------------------------------- */

static void end_cell(struct sheet *s)
{
    s->ends = mem_grow(s->ends, &s->ends_cap, s->ncells + 1, sizeof *s->ends);
    s->ends[s->ncells++] = s->bytes.n;
}

static int hex(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (uint8_t)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that the escape at p stands for, and how long that is; of none the backslash. */
static uint8_t unescape(const uint8_t *p, size_t n, size_t *used)
{
    static const char letters[] = "tnr\\", bytes[] = "\t\n\r\\";
    const char *at = n > 1 && p[1] ? strchr(letters, p[1]) : NULL;
    bool coded = n > 3 && p[1] == 'x' && hex(p[2]) >= 0 && hex(p[3]) >= 0;
    *used = at ? 2 : coded ? 4 : 1;
    return at      ? (uint8_t)bytes[at - letters]
           : coded ? (uint8_t)(hex(p[2]) * 16 + hex(p[3]))
                   : (uint8_t)'\\';
}

static void split_tsv(struct sheet *s, struct slice line)
{
    for (size_t i = 0, used = 1; i < line.n; i += used) {
        uint8_t c = line.p[i];
        used = 1;
        if (c == '\\')
            c = unescape(line.p + i, line.n - i, &used);
        else if (c == '\t')
            end_cell(s);
        if (line.p[i] != '\t')
            buf_addc(&s->bytes, (char)c);
    }
    end_cell(s);
}

/* The cell between quotes at p; returns where it ends, or NULL if nothing closes it. */
static const uint8_t *take_quoted(struct sheet *s, const uint8_t *p, const uint8_t *end)
{
    for (p++; p < end; p++) {
        if (*p == '"' && (p + 1 == end || p[1] != '"'))
            return p + 1;
        p += *p == '"';
        buf_addc(&s->bytes, (char)*p);
    }
    return NULL;
}

/* The apostrophe that keeps spreadsheets from running a cell. */
static void drop_guard(struct sheet *s, size_t begin)
{
    uint8_t *p = s->bytes.p + begin;
    size_t n = s->bytes.n - begin;
    if (n > 1 && p[0] == '\'' && memchr("=+-@", p[1], 4)) {
        memmove(p, p + 1, n - 1);
        s->bytes.n--;
    }
}

static const char *split_csv(struct sheet *s, struct slice line)
{
    const uint8_t *p = line.p, *end = line.p + line.n;
    for (;;) {
        size_t begin = s->bytes.n;
        if (p < end && *p == '"') {
            p = take_quoted(s, p, end);
        } else {
            const uint8_t *comma = p < end ? memchr(p, ',', (size_t)(end - p)) : NULL;
            buf_add(&s->bytes, p, (size_t)((comma ? comma : end) - p));
            p = comma ? comma : end;
        }
        if (!p)
            return "a quote that nothing closes";
        if (p < end && *p != ',')
            return "text behind a closing quote";
        drop_guard(s, begin);
        end_cell(s);
        if (p == end)
            return NULL;
        p++;
    }
}

static int split(struct sheet *s, struct slice line, struct err *e)
{
    const char *why = NULL;
    s->bytes.n = s->ncells = 0;
    buf_room(&s->bytes, 1);
    if (s->csv)
        why = split_csv(s, line);
    else
        split_tsv(s, line);
    if (why)
        return wrong(s, why, e);
    s->cells = mem_grow(s->cells, &s->cells_cap, s->ncells, sizeof *s->cells);
    for (size_t i = 0, begin = 0; i < s->ncells; begin = s->ends[i++])
        s->cells[i] = slice_of(s->bytes.p + begin, s->ends[i] - begin);
    return 0;
}

/* Tables --------------------------------------------------------------------------------------- */

static int read_header(struct sheet *s, struct err *e)
{
    struct slice line;
    int got = next_line(s, &line, e);
    if (got == 0)
        return err_set(e, ST_FAILED, "%s: empty: not even a header", s->in.name);
    if (got < 0)
        return -1;
    s->csv = line.n && !memchr(line.p, '\t', line.n) && memchr(line.p, ',', line.n);
    if (split(s, line, e) < 0)
        return -1;
    for (size_t i = 0; i < s->ncells; i++) {
        if (strtab_find(&s->columns, s->cells[i]))
            return err_set(e, ST_FAILED, "%s: two columns are called '%.*s'", s->in.name,
                           s->cells[i].n < 200 ? (int)s->cells[i].n : 200,
                           (const char *)s->cells[i].p);
        strtab_intern(&s->columns, s->cells[i]);
    }
    return 0;
}

/* What begins so is no tsv or csv, though it may look like a row of it. */
static const char *other_form(const struct input *in)
{
    size_t n = input_at_hand(in);
    if (n && in->p[0] == 0x93)
        return "no table; is it a stream of records? A sink such as group-by-op makes a table of "
               "it";
    if (n && (in->p[0] == '[' || in->p[0] == '{' || in->p[0] == '|'))
        return "neither tsv nor csv: JSON or Markdown is not read";
    return NULL;
}

int sheet_open(struct sheet *s, const char *path, struct err *e)
{
    *s = (struct sheet){0};
    if (input_open(&s->in, path, e) < 0)
        return -1;
    if (input_at_hand(&s->in) >= 3 && memcmp(s->in.p, "\xEF\xBB\xBF", 3) == 0)
        s->in.p += 3;
    const char *other = other_form(&s->in);
    return other ? err_set(e, ST_FAILED, "%s: %s", s->in.name, other) : read_header(s, e);
}

int sheet_next(struct sheet *s, struct err *e)
{
    struct slice line;
    int got = next_line(s, &line, e);
    if (got <= 0)
        return got;
    if (split(s, line, e) < 0)
        return -1;
    if (s->ncells != s->columns.n)
        return err_set(e, ST_FAILED, "%s: line %llu: %zu cells under a header of %u", s->in.name,
                       (unsigned long long)s->line, s->ncells, s->columns.n);
    return 1;
}

size_t sheet_column(const struct sheet *s, struct slice name)
{
    return (size_t)strtab_find(&s->columns, name) - 1;
}

int sheet_no_column(const struct sheet *s, const char *who, struct slice name, int status,
                    struct err *e)
{
    struct buf known = {0};
    for (uint32_t id = 1; id <= s->columns.n; id++) {
        struct slice column = strtab_get(&s->columns, id);
        buf_addc(&known, ' ');
        buf_add(&known, column.p, column.n);
    }
    buf_addc(&known, '\0');
    err_set(e, status, "%s: no column '%.*s'; columns are%.700s", who,
            name.n < 200 ? (int)name.n : 200, (const char *)name.p, (const char *)known.p);
    buf_free(&known);
    return -1;
}

int sheet_close(struct sheet *s, struct err *e)
{
    strtab_free(&s->columns);
    buf_free(&s->bytes);
    free(s->cells);
    free(s->ends);
    return input_close(&s->in, e);
}
