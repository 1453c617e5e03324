#include "flame/picture.h"

#include "base/text.h"

struct slice picture_name(const struct picture *p, uint32_t node)
{
    struct slice name = tree_name(p->tree, node);
    return name.n ? name : slice_str("(unnamed)");
}

/* Values --------------------------------------------------------------------------------------- */

/* The word of the unit may be anything. */
void picture_add_value(struct buf *out, const struct picture *p, uint64_t value)
{
    struct buf text = {0};
    unit_add(&text, &p->unit, (wide)value);
    text_add_markup(out, buf_slice(&text));
    buf_free(&text);
}

void picture_add_change(struct buf *out, const struct picture *p, uint64_t before, uint64_t now)
{
    struct buf text = {0};
    unit_add_change(&text, &p->unit, before, now);
    text_add_markup(out, buf_slice(&text));
    buf_free(&text);
}

/* 12.34 % of all */
static void add_part(struct buf *out, uint64_t part, uint64_t whole, const char *of)
{
    unit_add_share(out, (wide)part, (wide)whole);
    buf_adds(out, of);
}

/* +2.500 ms, +25.00 % of before */
static void add_difference(struct buf *out, const struct picture *p, uint64_t before, uint64_t now)
{
    picture_add_change(out, p, before, now);
    buf_adds(out, ", ");
    if (before)
        unit_add_share_change(out, before, now, before);
    buf_adds(out, before ? " of before" : "new");
}

/* Texts ---------------------------------------------------------------------------------------- */

void picture_add_summary(struct buf *out, const struct picture *p)
{
    const uint64_t *sum = p->tree->sum;
    if (picture_is_difference(p)) {
        buf_adds(out, "before ");
        picture_add_value(out, p, sum[0]);
        buf_adds(out, ", after ");
        picture_add_value(out, p, sum[1]);
        buf_adds(out, ": ");
        add_difference(out, p, sum[0], sum[1]);
        buf_adds(out, "; ");
    } else {
        picture_add_value(out, p, sum[0]);
        buf_adds(out, " in ");
    }
    unit_add_count(out, p->stacks);
    buf_adds(out, p->stacks == 1 ? " stack" : " stacks");
}

void picture_add_frame(struct buf *out, const struct picture *p, uint32_t i)
{
    const struct frame *f = &p->layout->frames[i], *parent = &p->layout->frames[f->parent];
    uint64_t now = picture_now(p, f->node), all = picture_now(p, 0);
    text_add_markup(out, picture_name(p, f->node));
    buf_adds(out, picture_is_difference(p) ? "\nafter " : "\n");
    picture_add_value(out, p, now);
    buf_adds(out, ", ");
    add_part(out, now, all, " of all");
    if (i) {
        buf_adds(out, ", ");
        add_part(out, now, picture_now(p, parent->node), " of parent");
    }
    if (f->self && f->self != now) {
        buf_adds(out, ", self ");
        picture_add_value(out, p, f->self);
    }
    if (picture_is_difference(p)) {
        uint64_t before = picture_before(p, f->node);
        buf_adds(out, "\nbefore ");
        picture_add_value(out, p, before);
        buf_adds(out, ", ");
        add_part(out, before, p->tree->sum[0], " of all");
        buf_adds(out, "\n");
        add_difference(out, p, before, now);
        buf_adds(out, ", ");
        unit_add_share_change(out, before, now, all);
        buf_adds(out, " of all");
    }
}

static void add_reason(struct buf *out, const struct layout *l, enum layout_reason why)
{
    if (why == LAYOUT_NARROW)
        buf_addf(out, "narrower than %u.%u px", l->tenths / 10, l->tenths % 10);
    else if (why == LAYOUT_DEEP)
        buf_addf(out, "above row %d", LAYOUT_ROWS);
    else
        buf_adds(out, "only before");
}

void picture_add_left_out(struct buf *out, const struct picture *p)
{
    const struct layout *l = p->layout;
    const char *before = "not drawn: ";
    for (enum layout_reason why = 0; why < LAYOUT_REASONS; why++) {
        uint64_t frames = l->left_out[why].frames;
        bool gone = why == LAYOUT_GONE;
        if (frames == 0)
            continue;
        buf_adds(out, before);
        unit_add_count(out, frames);
        buf_adds(out, frames == 1 ? " frame " : " frames ");
        add_reason(out, l, why);
        buf_adds(out, " (");
        add_part(out, l->left_out[why].value, gone ? p->tree->sum[0] : picture_now(p, 0),
                 gone ? " of before)" : " of all)");
        before = "; ";
    }
}
