#include "table/print.h"

#include "base/text.h"

#include <stdlib.h>

const union table_cell table_no_value = {.text = {0, (size_t)1 << 63}};

static void add_number(enum table_type type, wide number, struct buf *line)
{
    static const unsigned decimals[] = {
        [TABLE_COUNT] = 0, [TABLE_TIME] = 3, [TABLE_PCT] = 2, [TABLE_FRACTION] = 4};
    wide_add(line, number, decimals[type]);
}

void table_add_plain(const struct table *t, unsigned column, const union table_cell *cell,
                     struct buf *line)
{
    if (table_is_empty(cell))
        return;
    if (t->columns[column].type == TABLE_TEXT)
        text_add_tsv(line, table_bytes(t, cell));
    else if (t->columns[column].type == TABLE_DECIMAL)
        buf_add(line, table_bytes(t, cell).p, table_bytes(t, cell).n);
    else
        add_number(t->columns[column].type, cell->number, line);
}

/* Appends text with control characters that are not for RFC 4180 to quote as \xHH. */
static void add_csv_shown(struct slice s, struct buf *line)
{
    for (size_t i = 0, len; i < s.n; i += len) {
        const uint8_t *p = s.p + i;
        len = utf8_len(p, s.n - i);
        bool quoted = *p == '\t' || *p == '\r' || *p == '\n';
        if (len && utf8_control(p, len) && !quoted)
            text_add_tsv(line, slice_of(p, len));
        else
            text_add_valid(line, slice_of(p, len ? len : 1));
        len += !len;
    }
}

static void add_csv_text(struct slice s, struct buf *line)
{
    struct buf shown = {0};
    if (s.n && memchr("=+-@", s.p[0], 4))
        buf_addc(&shown, '\''); /* a spreadsheet would run it */
    add_csv_shown(s, &shown);
    bool quote = false;
    for (size_t i = 0; i < shown.n; i++)
        quote |= memchr(",\"\r\n", shown.p[i], 4) != NULL;
    if (quote)
        buf_addc(line, '"');
    for (size_t i = 0; i < shown.n; i++) {
        if (shown.p[i] == '"')
            buf_addc(line, '"');
        buf_addc(line, (char)shown.p[i]);
    }
    if (quote)
        buf_addc(line, '"');
    buf_free(&shown);
}

static bool is_word(uint8_t c)
{
    return c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* True if Markdown or HTML may take the byte at i for markup. `_` is none within a word, where
 * kernel names have it in plenty. */
static bool is_markup(struct slice s, size_t i)
{
    if (s.p[i] == '_')
        return i == 0 || i + 1 == s.n || !is_word(s.p[i - 1]) || !is_word(s.p[i + 1]);
    return s.p[i] && strchr("\\`*[]<>|&~$", s.p[i]);
}

static void add_md_text(struct slice s, struct buf *line)
{
    struct buf shown = {0};
    text_add_tsv(&shown, s);
    for (size_t i = 0; i < shown.n; i++) {
        if (is_markup(buf_slice(&shown), i))
            buf_addc(line, '\\');
        buf_addc(line, (char)shown.p[i]);
    }
    buf_free(&shown);
}

static void add_json(const struct table *t, unsigned column, const union table_cell *cell,
                     struct buf *line)
{
    buf_addc(line, column ? ',' : '{');
    text_add_json(line, slice_str(t->columns[column].name), TEXT_REPLACE);
    buf_addc(line, ':');
    if (table_is_empty(cell))
        buf_adds(line, "null");
    else if (t->columns[column].type == TABLE_TEXT)
        text_add_json(line, table_bytes(t, cell), TEXT_REPLACE);
    else
        table_add_plain(t, column, cell, line);
}

static void add_text(const struct table *t, struct slice text, struct buf *line)
{
    if (t->format == FORMAT_CSV)
        add_csv_text(text, line);
    else if (t->format == FORMAT_MD)
        add_md_text(text, line);
    else
        text_add_tsv(line, text);
}

static void add_cell(const struct table *t, unsigned column, const union table_cell *cell,
                     struct buf *line)
{
    if (t->columns[column].type == TABLE_TEXT && !table_is_empty(cell))
        add_text(t, table_bytes(t, cell), line);
    else
        table_add_plain(t, column, cell, line);
}

static const char *before(enum table_format format, unsigned column)
{
    if (format == FORMAT_MD)
        return column ? " | " : "| ";
    return column == 0 ? "" : format == FORMAT_CSV ? "," : "\t";
}

static const char *line_end(enum table_format format)
{
    return format == FORMAT_MD ? " |\n" : format == FORMAT_CSV ? "\r\n" : "\n";
}

/* A line of tsv, csv or md: column names if there is no row. */
static void add_line(const struct table *t, const union table_cell *row, struct buf *line)
{
    for (unsigned i = 0; i < t->ncolumns; i++) {
        buf_adds(line, before(t->format, i));
        if (row)
            add_cell(t, i, row + i, line);
        else
            add_text(t, slice_str(t->columns[i].name), line);
    }
    buf_adds(line, line_end(t->format));
}

static void add_json_line(const struct table *t, const union table_cell *row, bool first,
                          struct buf *line)
{
    buf_adds(line, first ? "\n" : ",\n");
    for (unsigned i = 0; i < t->ncolumns; i++)
        add_json(t, i, row + i, line);
    buf_addc(line, '}');
}

static void add_md_rule(const struct table *t, struct buf *line)
{
    for (unsigned i = 0; i < t->ncolumns; i++) {
        buf_adds(line, before(FORMAT_MD, i));
        buf_adds(line, t->columns[i].type == TABLE_TEXT ? "---" : "---:");
    }
    buf_adds(line, line_end(FORMAT_MD));
}

static void add_head(const struct table *t, const size_t *widths, struct buf *line)
{
    if (t->format == FORMAT_JSON) {
        buf_addc(line, '[');
    } else if (!table_opts.no_header) {
        if (t->format == FORMAT_TABLE)
            screen_line(t, widths, NULL, line);
        else
            add_line(t, NULL, line);
        if (t->format == FORMAT_MD)
            add_md_rule(t, line);
    }
}

enum { AHEAD = 8 };

int table_print(const struct table *t, struct output *out, struct err *e)
{
    size_t n;
    const union table_cell **rows = table_order(t, &n);
    size_t *widths = t->format == FORMAT_TABLE ? screen_widths(t, rows, n, out) : NULL;
    struct buf line = {0};
    add_head(t, widths, &line);
    int rc = line.n ? output_write(out, line.p, line.n, e) : 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        line.n = 0;
        if (i + AHEAD < n) /* rows that were sorted lie anywhere */
            __builtin_prefetch(rows[i + AHEAD]);
        if (t->format == FORMAT_TABLE)
            screen_line(t, widths, rows[i], &line);
        else if (t->format == FORMAT_JSON)
            add_json_line(t, rows[i], i == 0, &line);
        else
            add_line(t, rows[i], &line);
        rc = output_write(out, line.p, line.n, e);
    }
    if (rc == 0 && t->format == FORMAT_JSON)
        rc = n ? output_write(out, "\n]\n", 3, e) : output_write(out, "]\n", 2, e);
    if (rc == 0 && n == 0)
        msg_note("%s", t->empty_note);
    free(rows);
    free(widths);
    buf_free(&line);
    return rc;
}
