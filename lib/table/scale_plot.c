#include "table/scale_plot.h"

#include "base/text.h"
#include "io/child.h"
#include "table/scale_axis.h"

#include <math.h>

enum {
    PANEL_WIDTH = 620,
    PANEL_HEIGHT = 400,
    LEGEND_LINE = 17,
    HEAD = 40,
    LN_MAX = 600 /* of what a double holds, with room around it */
};

struct panel {
    uint32_t metric;
    size_t of;                      /* rows that could be drawn */
    size_t lines[SCALE_PLOT_LINES]; /* rows that are, numbers in the list of them */
    unsigned nlines;
    double low, high; /* of the logarithms of what is drawn */
};

/* What is drawn -------------------------------------------------------------------------------- */

static double at_size(const struct scale_row *row, double ln_size)
{
    return row->line.ln_at_one + row->line.exponent * ln_size;
}

static bool drawable(const struct scale *s, const struct scale_row *row)
{
    bool fits = row->verdict != SCALE_UNDEFINED;
    for (uint32_t i = 0; fits && i < s->nsizes; i++)
        fits = fabs(scale_ln(s, row, i)) < LN_MAX && fabs(s->sizes[i].ln) < LN_MAX &&
               fabs(at_size(row, s->sizes[i].ln)) < LN_MAX;
    return fits;
}

/* Keeps the largest totals first. */
static void offer(struct panel *p, const struct scale *s, const size_t *rows, size_t i)
{
    unsigned at = p->nlines;
    p->of++;
    while (at > 0 && scale_order(&s->rows[rows[i]], &s->rows[rows[p->lines[at - 1]]]) > 0)
        at--;
    if (at == SCALE_PLOT_LINES)
        return;
    if (p->nlines < SCALE_PLOT_LINES)
        p->nlines++;
    memmove(p->lines + at + 1, p->lines + at, (p->nlines - at - 1) * sizeof *p->lines);
    p->lines[at] = i;
}

static struct panel *panel_of(struct panel *panels, unsigned *n, uint32_t metric)
{
    for (unsigned i = 0; i < *n; i++)
        if (panels[i].metric == metric)
            return &panels[i];
    return NULL;
}

/* The first metrics of which something can be drawn, in their order. */
static unsigned choose_metrics(const struct scale *s, const size_t *rows, size_t n,
                               struct panel panels[SCALE_PLOT_PANELS])
{
    unsigned found = 0;
    for (uint32_t m = 1; m <= s->metrics.n && found < SCALE_PLOT_PANELS; m++)
        for (size_t i = 0; i < n; i++)
            if (s->rows[rows[i]].metric == m && drawable(s, &s->rows[rows[i]])) {
                panels[found++] = (struct panel){.metric = m};
                break;
            }
    return found;
}

static void in_order(struct panel *p)
{
    for (unsigned i = 1; i < p->nlines; i++)
        for (unsigned j = i; j > 0 && p->lines[j] < p->lines[j - 1]; j--) {
            size_t other = p->lines[j];
            p->lines[j] = p->lines[j - 1];
            p->lines[j - 1] = other;
        }
}

static void find_range(struct panel *p, const struct scale *s, const size_t *rows)
{
    p->low = INFINITY;
    p->high = -INFINITY;
    for (unsigned l = 0; l < p->nlines; l++) {
        const struct scale_row *row = &s->rows[rows[p->lines[l]]];
        for (uint32_t i = 0; i < s->nsizes; i++) {
            double y = scale_ln(s, row, i), on_line = at_size(row, s->sizes[i].ln);
            p->low = fmin(p->low, fmin(y, on_line));
            p->high = fmax(p->high, fmax(y, on_line));
        }
    }
}

static unsigned choose(const struct scale *s, const size_t *rows, size_t n,
                       struct panel panels[SCALE_PLOT_PANELS])
{
    unsigned npanels = choose_metrics(s, rows, n, panels);
    for (size_t i = 0; i < n; i++) {
        struct panel *p = panel_of(panels, &npanels, s->rows[rows[i]].metric);
        if (p && drawable(s, &s->rows[rows[i]]))
            offer(p, s, rows, i);
    }
    for (unsigned i = 0; i < npanels; i++) {
        in_order(&panels[i]);
        find_range(&panels[i], s, rows);
    }
    return npanels;
}

/* The script ----------------------------------------------------------------------------------- */

/* Points and the ends of the line, as two blocks of data. */
static void add_data(const struct scale *s, const struct scale_row *row, unsigned line,
                     struct buf *out)
{
    buf_addf(out, "$points%u << END\n", line);
    for (uint32_t i = 0; i < s->nsizes; i++)
        buf_addf(out, "%.17g %.17g\n", exp(s->sizes[i].ln), exp(scale_ln(s, row, i)));
    buf_addf(out, "END\n$line%u << END\n", line);
    for (uint32_t i = 0; i < s->nsizes; i++)
        buf_addf(out, "%.17g %.17g\n", exp(s->sizes[i].ln), exp(at_size(row, s->sizes[i].ln)));
    buf_adds(out, "END\n");
}

static void add_plot(const struct scale *s, const struct scale_row *row, unsigned line,
                     struct buf *out)
{
    static const char *const colours[SCALE_PLOT_LINES] = {"0072b2", "d55e00", "009e73", "cc79a7",
                                                          "e69f00", "56b4e9", "7f3c8d", "666666"};
    static const int shapes[SCALE_PLOT_LINES] = {7, 5, 9, 11, 13, 6, 4, 8};
    struct buf title = {0};
    double p = row->line.exponent;
    text_add_short(&title, strtab_get(&s->keys, row->key), SCALE_PLOT_NAME);
    buf_addf(out, "%s $line%u with lines lw 1.5 lc rgb '#%s' notitle, ", line ? "," : "plot", line,
             colours[line]);
    buf_addf(out, "$points%u with points pt %d ps 0.8 lc rgb '#%s' title ", line, shapes[line],
             colours[line]);
    buf_addf(&title, "  exponent %.2f", fabs(p) < 0.005 ? 0 : p); /* not -0.00 */
    scale_axis_quote(out, buf_slice(&title));
    buf_free(&title);
}

static void add_panel(const struct scale *s, const size_t *rows, const struct panel *p,
                      struct buf *out)
{
    struct slice metric = strtab_get(&s->metrics, p->metric);
    struct buf title = {0};
    scale_axis_y(out, p->low, p->high, metric);
    text_add_short(&title, metric, SCALE_PLOT_NAME);
    if (p->of > p->nlines)
        buf_addf(&title, ": the %u largest totals of %zu", p->nlines, p->of);
    buf_adds(out, "set title ");
    scale_axis_quote(out, buf_slice(&title));
    buf_addc(out, '\n');
    for (unsigned i = 0; i < p->nlines; i++)
        add_data(s, &s->rows[rows[p->lines[i]]], i, out);
    for (unsigned i = 0; i < p->nlines; i++)
        add_plot(s, &s->rows[rows[p->lines[i]]], i, out);
    buf_addc(out, '\n');
    buf_free(&title);
}

static void add_head(const struct panel *panels, unsigned n, struct buf *out)
{
    unsigned across = n > 1 ? 2 : 1, down = n > 2 ? 2 : 1, lines = 0;
    for (unsigned i = 0; i < n; i++)
        lines = panels[i].nlines > lines ? panels[i].nlines : lines;
    buf_addf(out,
             "set encoding utf8\nset terminal svg noenhanced size %u,%u font 'Helvetica,13' "
             "background '#ffffff'\n",
             across * PANEL_WIDTH, HEAD + down * (PANEL_HEIGHT + lines * LEGEND_LINE));
    buf_addf(out, "set multiplot layout %u,%u title 'Growth with size: metric ~ size^exponent'\n",
             down, across);
    buf_adds(out, "set logscale xy\nset lmargin 11\nset rmargin 3\nset grid lc rgb '#dddddd'\nset "
                  "border 3\nset tics nomirror\n"
                  "set key bmargin left vertical maxcols 1 Left reverse samplen 1 font ',11'\n");
}

static void add_nothing(struct buf *out)
{
    buf_adds(out, "unset logscale\nunset tics\nunset border\nunset key\n"
                  "set title 'no row has an exponent: there is nothing to draw'\n"
                  "plot [0:1] [0:1] NaN\n");
}

static void make_script(const struct scale *s, const size_t *rows, size_t n, struct buf *out)
{
    struct panel panels[SCALE_PLOT_PANELS];
    unsigned npanels = choose(s, rows, n, panels);
    add_head(panels, npanels, out);
    if (npanels)
        scale_axis_x(out, s);
    else
        add_nothing(out);
    for (unsigned i = 0; i < npanels; i++)
        add_panel(s, rows, &panels[i], out);
    buf_adds(out, "unset multiplot\n");
}

/* gnuplot ----------------------------------------------------------------------------------------
 */

/* What it says first, on a line. */
static int failed(const char *what, const struct buf *said, struct err *e)
{
    size_t begin = 0, end;
    while (begin < said->n && memchr(" \t\n^", said->p[begin], 4))
        begin++;
    for (end = begin; end < said->n && said->p[end] != '\n';)
        end++;
    return err_set(e, ST_FAILED, "--plot: gnuplot %s%s%.*s", what, end > begin ? ": " : "",
                   end - begin < 300 ? (int)(end - begin) : 300, (const char *)said->p + begin);
}

static bool is_svg(const struct buf *svg)
{
    static const char end[] = "</svg>";
    size_t n = sizeof end - 1;
    struct slice s = buf_slice(svg);
    while (s.n && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == ' '))
        s.n--;
    return s.n > n && s.p[0] == '<' && memcmp(s.p + s.n - n, end, n) == 0;
}

static int run(struct slice script, struct buf *svg, struct buf *said, struct err *e)
{
    /* -d: not what stands in ~/.gnuplot */
    static const char *const argv[] = {"gnuplot", "-d", NULL};
    (void)buf_room(said, 1);
    int status = child_run(argv, script, svg, said, e);
    if (status < 0)
        return -1;
    if (status == CHILD_ABSENT)
        return err_set(e, ST_FAILED, "--plot needs gnuplot (of Debian: gnuplot-nox)");
    if (status != 0)
        return failed("fails", said, e);
    return is_svg(svg) ? 0 : failed("gives no whole SVG", said, e);
}

/* gnuplot escapes < and & alone, and XML has no ]]> in text. It writes no CDATA of its own. */
static void mend(struct slice drawn, struct buf *svg)
{
    static const char mark[] = "]]>";
    const size_t n = sizeof mark - 1;
    for (size_t i = 0; i < drawn.n;) {
        const uint8_t *at = memmem(drawn.p + i, drawn.n - i, mark, n);
        size_t end = at ? (size_t)(at - drawn.p) : drawn.n;
        buf_add(svg, drawn.p + i, end - i);
        buf_adds(svg, at ? "]]&gt;" : "");
        i = at ? end + n : end;
    }
}

int scale_plot(const struct scale *s, const size_t *rows, size_t n, struct buf *svg, struct err *e)
{
    struct buf script = {0}, drawn = {0}, said = {0};
    make_script(s, rows, n, &script);
    int rc = run(buf_slice(&script), &drawn, &said, e);
    if (rc == 0)
        mend(buf_slice(&drawn), svg);
    buf_free(&script);
    buf_free(&drawn);
    buf_free(&said);
    return rc;
}
