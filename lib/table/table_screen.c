#include "table/print.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BETWEEN = 2, NARROWEST = 12, SCREEN_DEFAULT = 80 };

/* Columns of the terminal: what COLUMNS says, else what it says itself. */
static size_t screen_columns(void)
{
    const char *set = getenv("COLUMNS");
    uint64_t n;
    struct winsize size;
    if (set && num_u64(slice_str(set), &n) && n > 0 && n < 10000)
        return (size_t)n;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return SCREEN_DEFAULT;
}

static size_t sum_widths(const struct table *t, const size_t *widths)
{
    size_t sum = (t->ncolumns - 1) * BETWEEN;
    for (unsigned i = 0; i < t->ncolumns; i++)
        sum += widths[i];
    return sum;
}

/* Takes from the widest text column, one by one, until the lines fit or all are narrow. */
static void cut_to(const struct table *t, size_t *widths, size_t screen)
{
    for (unsigned i = 0; i < t->ncolumns; i++)
        if (t->columns[i].type == TABLE_TEXT && widths[i] > screen)
            widths[i] = screen;
    for (size_t over = sum_widths(t, widths); over > screen; over--) {
        size_t *widest = NULL;
        for (unsigned i = 0; i < t->ncolumns; i++)
            if (t->columns[i].type == TABLE_TEXT && widths[i] > NARROWEST &&
                (!widest || widths[i] > *widest))
                widest = &widths[i];
        if (!widest)
            return;
        --*widest;
    }
}

size_t *screen_widths(const struct table *t, const union table_cell *const *rows, size_t n,
                      const struct output *out)
{
    size_t *widths = mem_zalloc(t->ncolumns, sizeof *widths);
    struct buf cell = {0};
    for (unsigned c = 0; c < t->ncolumns; c++) {
        if (!table_opts.no_header)
            text_add_tsv(&cell, slice_str(t->columns[c].name));
        widths[c] = text_width(buf_slice(&cell));
        for (size_t i = 0; i < n; i++) {
            cell.n = 0;
            table_add_plain(t, c, rows[i] + c, &cell);
            size_t width = text_width(buf_slice(&cell));
            if (width > widths[c])
                widths[c] = width;
        }
        cell.n = 0;
    }
    buf_free(&cell);
    if (output_is_terminal(out))
        cut_to(t, widths, screen_columns());
    return widths;
}

static void pad(struct buf *line, size_t n)
{
    memset(buf_room(line, n), ' ', n);
    line->n += n;
}

/* The cell in its width; the last column has no spaces behind it. */
static void add_padded(struct slice cell, bool right, bool last, size_t width, struct buf *line)
{
    size_t used = text_width(cell);
    bool too_long = used > width;
    if (too_long) {
        cell = text_fit(cell, width - 1);
        used = text_width(cell) + 1;
    }
    if (right)
        pad(line, width - used);
    buf_add(line, cell.p, cell.n);
    if (too_long)
        buf_adds(line, "…");
    if (!right && !last)
        pad(line, width - used);
}

void screen_line(const struct table *t, const size_t *widths, const union table_cell *row,
                 struct buf *line)
{
    struct buf cell = {0};
    for (unsigned i = 0; i < t->ncolumns; i++) {
        cell.n = 0;
        if (row)
            table_add_plain(t, i, row + i, &cell);
        else
            text_add_tsv(&cell, slice_str(t->columns[i].name));
        if (i)
            pad(line, BETWEEN);
        add_padded(buf_slice(&cell), t->columns[i].type != TABLE_TEXT, i + 1 == t->ncolumns,
                   widths[i], line);
    }
    buf_addc(line, '\n');
    buf_free(&cell);
}
