#include "flame/page.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>

/* Self values of a name. */
struct self {
    struct slice name;
    uint64_t values[FOLDED_NUMBERS];
};

static int by_last_value(const void *x, const void *y)
{
    const struct self *a = x, *b = y;
    for (int v = FOLDED_NUMBERS - 1; v >= 0; v--)
        if (a->values[v] != b->values[v])
            return a->values[v] > b->values[v] ? -1 : 1;
    return slice_cmp(a->name, b->name);
}

/* All names, the largest first. To be freed. */
static struct self *add_selfs(const struct tree *t)
{
    struct self *all = mem_zalloc((size_t)t->names.n + 1, sizeof *all);
    for (uint32_t id = 1; id <= t->names.n; id++)
        all[id - 1].name = strtab_get(&t->names, id);
    for (uint32_t i = 1; i < t->n; i++)
        for (unsigned v = 0; v < t->numbers; v++)
            all[t->nodes[i].name - 1].values[v] += t->nodes[i].self[v];
    qsort(all, t->names.n, sizeof *all, by_last_value);
    return all;
}

static void add_cell(struct buf *b, const struct picture *p, uint64_t value)
{
    buf_adds(b, "<td>");
    picture_add_value(b, p, value);
    buf_adds(b, "</td>");
}

static void add_row(struct buf *b, const struct picture *p, const struct self *s)
{
    uint64_t now = s->values[p->tree->numbers - 1];
    buf_adds(b, "<tr>");
    add_cell(b, p, now);
    buf_adds(b, "<td>");
    unit_add_share(b, (wide)now, (wide)picture_now(p, 0));
    buf_adds(b, "</td>");
    if (picture_is_difference(p)) {
        add_cell(b, p, s->values[0]);
        buf_adds(b, "<td>");
        picture_add_change(b, p, s->values[0], now);
        buf_adds(b, "</td>");
    }
    buf_adds(b, "<td>");
    text_add_markup(b, s->name.n ? s->name : slice_str("(unnamed)"));
    buf_adds(b, "</td></tr>\n");
}

static void add_table(struct buf *b, const struct picture *p)
{
    struct self *all = add_selfs(p->tree);
    buf_adds(b,
             "<h2>Top frames by self value</h2>\n<table>\n<thead><tr><th>self</th><th>share</th>");
    buf_adds(b, picture_is_difference(p) ? "<th>before</th><th>change</th>" : "");
    buf_adds(b, "<th>frame</th></tr></thead>\n<tbody>\n");
    for (uint32_t i = 0; i < PAGE_TOP && all[i].values[p->tree->numbers - 1]; i++)
        add_row(b, p, &all[i]);
    buf_adds(b, "</tbody>\n</table>\n");
    free(all);
}

static int write_head(const struct picture *p, struct output *out, struct err *e)
{
    struct buf b = {0};
    buf_adds(&b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
    text_add_markup(&b, slice_str(p->title));
    buf_adds(&b, "</title>\n<style>\n"
                 ":root { color-scheme: light dark; }\n"
                 "body { margin: 0; font: 14px system-ui, sans-serif; }\n"
                 "svg { display: block; }\n"
                 "h2, table { margin: 1em 10px; font-size: 14px; }\n"
                 "th, td { padding: 2px 16px 2px 0; text-align: right; white-space: nowrap; }\n"
                 "th:last-child, td:last-child { text-align: left; }\n"
                 "td { font-family: ui-monospace, Menlo, monospace; font-size: 12px; }\n"
                 "td:last-child { white-space: normal; overflow-wrap: anywhere; }\n"
                 "@media (prefers-color-scheme: dark) { body { background: #17181c; } }\n"
                 "</style>\n</head>\n<body>\n");
    int rc = output_write(out, b.p, b.n, e);
    buf_free(&b);
    return rc;
}

int page_write(const struct picture *p, struct output *out, struct err *e)
{
    struct buf b = {0};
    if (write_head(p, out, e) < 0 || svg_write(p, out, e) < 0)
        return -1;
    if (p->layout)
        add_table(&b, p);
    buf_adds(&b, "</body>\n</html>\n");
    int rc = output_write(out, b.p, b.n, e);
    buf_free(&b);
    return rc;
}
