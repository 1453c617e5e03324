#include "flame/svg.h"

#include "base/mem.h"
#include "base/text.h"
#include "flame/colour.h"
#include "flame/flame_css.h"
#include "flame/flame_js.h"
#include "flame/label.h"

#include <stdlib.h>

/* Pixels. PAD, GAP and the column are known to flame.js too. */
enum {
    PAD = 10,           /* left and right of the frames */
    GAP = 3,            /* left and right of a label in its frame */
    COLUMN_PX100 = 725, /* of the usual monospace fonts of 12 px, in hundredths */
    ROW = 16,
    HEAD = 40, /* the title */
    FOOT = 46, /* details, and what is not drawn */
    LEGEND_ROW = 18,
    WIDTH = LAYOUT_WIDTH + 2 * PAD,
    TITLE_COLUMNS = 60
};

struct drawing {
    const struct picture *p;
    enum category *categories; /* of each frame; NULL for a difference */
    bool occurs[CATEGORIES];
    uint64_t largest_change; /* for a difference */
    struct buf b;            /* not yet handed on */
    struct output *out;
};

static int hand_on(struct drawing *d, struct err *e)
{
    int rc = output_write(d->out, d->b.p, d->b.n, e);
    d->b.n = 0;
    return rc;
}

/* Colours -------------------------------------------------------------------------------------- */

static void find_categories(struct drawing *d)
{
    const struct layout *l = d->p->layout;
    d->categories = mem_alloc(l->n * sizeof *d->categories);
    d->categories[0] = CAT_ALL;
    for (uint32_t i = 1; i < l->n; i++) {
        struct slice name = tree_name(d->p->tree, l->frames[i].node);
        d->categories[i] = colour_category(name, d->categories[l->frames[i].parent]);
        d->occurs[d->categories[i]] = true;
    }
}

/* The root does not count: where the sums differ, all else would be pale beside it. */
static void find_largest_change(struct drawing *d)
{
    const struct layout *l = d->p->layout;
    for (uint32_t i = 1; i < l->n; i++) {
        uint64_t before = picture_before(d->p, l->frames[i].node);
        uint64_t now = picture_now(d->p, l->frames[i].node);
        uint64_t change = now > before ? now - before : before - now;
        if (change > d->largest_change)
            d->largest_change = change;
    }
}

static uint32_t fill_of(const struct drawing *d, uint32_t i)
{
    const struct picture *p = d->p;
    uint32_t node = p->layout->frames[i].node;
    if (picture_is_difference(p))
        return colour_of_change(picture_before(p, node), picture_now(p, node), d->largest_change);
    return colour_of(d->categories[i], tree_name(p->tree, node));
}

/* Frames --------------------------------------------------------------------------------------- */

/* How far a value reaches from the left of the root, in hundredths of a pixel. */
static uint64_t place_px100(const struct picture *p, wide start)
{
    return (uint64_t)wide_ratio(start, (wide)picture_now(p, 0), LAYOUT_WIDTH * 100);
}

static void add_px100(struct buf *out, const char *before, uint64_t px100)
{
    buf_adds(out, before);
    wide_add(out, (wide)px100, 2);
}

static void add_label(struct drawing *d, uint32_t node, uint64_t left, uint64_t width)
{
    struct buf *b = &d->b;
    uint64_t columns = width > 2 * GAP * 100 ? (width - 2 * GAP * 100) / COLUMN_PX100 : 0;
    if (columns < LABEL_COLUMNS_MIN)
        return;
    add_px100(b, "<text x=\"", left + GAP * 100);
    buf_adds(b, "\" y=\"11.5\">");
    label_add(b, picture_name(d->p, node), (size_t)columns);
    buf_adds(b, "</text>\n");
}

static void add_frame(struct drawing *d, uint32_t i)
{
    const struct frame *f = &d->p->layout->frames[i];
    uint64_t value = picture_now(d->p, f->node);
    uint64_t left = place_px100(d->p, (wide)f->start);
    uint64_t width = place_px100(d->p, (wide)f->start + (wide)value) - left;
    struct buf *b = &d->b;
    add_px100(b, "<rect x=\"", left);
    add_px100(b, "\" width=\"", width);
    buf_addf(b, "\" height=\"%d\" fill=\"#%06x\" data-f=\"%llu %llu\"><title>", ROW - 1,
             (unsigned)fill_of(d, i), (unsigned long long)f->start, (unsigned long long)value);
    picture_add_frame(b, d->p, i);
    buf_adds(b, "</title></rect>\n");
    add_label(d, f->node, left, width);
}

static int write_frames(struct drawing *d, int top, struct err *e)
{
    const struct layout *l = d->p->layout;
    buf_adds(&d->b, "<g class=\"frames\">\n");
    for (uint32_t i = 0; i < l->n; i++) {
        unsigned row = l->frames[i].row;
        if (i == 0 || row != l->frames[i - 1].row)
            buf_addf(&d->b, "%s<g transform=\"translate(%d %d)\">\n", i ? "</g>\n" : "", PAD,
                     top + (int)(l->rows - 1 - row) * ROW);
        add_frame(d, i);
        if (d->b.n > OUTPUT_BLOCK && hand_on(d, e) < 0)
            return -1;
    }
    buf_adds(&d->b, "</g>\n</g>\n");
    return 0;
}

/* Around the frames ---------------------------------------------------------------------------- */

/* Where the next entry of the legend goes. */
struct pen {
    int x, y;
};

static void add_entry(struct buf *b, struct pen *pen, uint32_t colour, const char *name)
{
    int width = 30 + (int)strlen(name) * COLUMN_PX100 / 100;
    if (pen->x + width > WIDTH - PAD)
        *pen = (struct pen){PAD, pen->y + LEGEND_ROW};
    buf_addf(b, "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" fill=\"#%06x\"/>", pen->x,
             pen->y, (unsigned)colour);
    buf_addf(b, "<text x=\"%d\" y=\"%d\">%s</text>\n", pen->x + 17, pen->y + 10, name);
    pen->x += width;
}

/* Returns where the frames may begin. */
static int add_legend(struct drawing *d)
{
    struct pen pen = {PAD, HEAD};
    buf_adds(&d->b, "<g class=\"legend\">\n");
    if (picture_is_difference(d->p)) {
        add_entry(&d->b, &pen, colour_of_change(0, 1, 1), "more than before");
        add_entry(&d->b, &pen, colour_of_change(1, 1, 1), "the same");
        add_entry(&d->b, &pen, colour_of_change(1, 0, 1), "less than before");
    }
    for (enum category c = 0; c < CATEGORIES; c++)
        if (d->occurs[c])
            add_entry(&d->b, &pen, colour_plain(c), colour_category_name(c));
    buf_adds(&d->b, "</g>\n");
    return pen.y + LEGEND_ROW + 6;
}

static void add_lines(struct buf *out, const char *const *lines)
{
    for (; *lines; lines++) {
        buf_adds(out, *lines);
        buf_addc(out, '\n');
    }
}

static void add_head(struct drawing *d, int height)
{
    struct buf *b = &d->b;
    struct slice title = slice_str(d->p->title);
    buf_addf(b,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"trs-flame\" width=\"%d\" "
             "height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"monospace\" font-size=\"12\">\n",
             WIDTH, height, WIDTH, height);
    buf_adds(b, "<title>");
    text_add_markup(b, title);
    buf_adds(b, "</title>\n<style><![CDATA[\n");
    add_lines(b, flame_css);
    buf_adds(b,
             "]]></style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
    buf_addf(b, "<text class=\"title\" x=\"%d\" y=\"25\">", PAD);
    label_add(b, title, TITLE_COLUMNS);
    buf_adds(b, "</text>\n");
}

static void add_foot(struct drawing *d, int y)
{
    struct buf *b = &d->b;
    buf_addf(b, "<text class=\"details\" x=\"%d\" y=\"%d\">", PAD, y + 18);
    picture_add_summary(b, d->p);
    buf_addf(b, "</text>\n<text class=\"left-out\" x=\"%d\" y=\"%d\">", PAD, y + 36);
    picture_add_left_out(b, d->p);
    buf_adds(b, "</text>\n<script><![CDATA[\n");
    add_lines(b, flame_js);
    buf_adds(b, "]]></script>\n");
}

static int draw(struct drawing *d, struct err *e)
{
    struct buf legend = {0};
    if (picture_is_difference(d->p))
        find_largest_change(d);
    else
        find_categories(d);
    int top = add_legend(d), bottom = top + (int)d->p->layout->rows * ROW;
    legend = d->b;
    d->b = (struct buf){0};
    add_head(d, bottom + FOOT);
    buf_add(&d->b, legend.p, legend.n);
    buf_free(&legend);
    if (write_frames(d, top, e) < 0)
        return -1;
    add_foot(d, bottom);
    return 0;
}

static void draw_nothing(struct drawing *d)
{
    add_head(d, 2 * HEAD);
    buf_addf(&d->b, "<text x=\"%d\" y=\"%d\">no stacks: ", PAD, HEAD + 20);
    picture_add_summary(&d->b, d->p);
    buf_adds(&d->b, "</text>\n");
}

int svg_write(const struct picture *p, struct output *out, struct err *e)
{
    struct drawing d = {.p = p, .out = out};
    int rc = 0;
    if (p->layout)
        rc = draw(&d, e);
    else
        draw_nothing(&d);
    buf_adds(&d.b, "</svg>\n");
    if (rc == 0)
        rc = hand_on(&d, e);
    buf_free(&d.b);
    free(d.categories);
    return rc;
}
