/* flame - a flame graph that zooms and searches by itself
 *   in: folded stacks     out: one SVG, or with --html one page
 *   trace-parse big.json | trace-fold | flame --title decode >decode.svg                      */
#include "base/opts.h"
#include "flame/page.h"

static const char *title;
static const char *unit = "ns";
static bool diff, html;

static const struct opt options[] = {
    {0, "title", OPT_TEXT, &title, "T", "the title (default Flame graph)"},
    {0, "unit", OPT_TEXT, &unit, "U", "what is counted: ns us ms s bytes or a word (default ns)"},
    {0, "diff", OPT_FLAG, &diff, NULL,
     "lines end in two numbers, before and after; show the change"},
    {0, "html", OPT_FLAG, &html, NULL, "a page with the picture and a table of the top frames"},
    {0}};

static const struct tool tool = {"flame",
                                 "[OPTION]... [FILE]",
                                 "Draw folded stacks as one SVG that zooms and searches by itself.",
                                 {options}};

/* Notes on what was read, and the status. */
static int judge(const struct folded *f, const struct tree *t, struct err *e)
{
    if (f->rounded)
        msg_note("%s: rounded, as they have more than %d decimals: %llu of the numbers", f->in.name,
                 FOLDED_DECIMALS, (unsigned long long)f->rounded);
    if (t->numbers == 1 && f->stacks && f->pairs == f->stacks)
        msg_note("%s: all lines end in two numbers: did you mean --diff?", f->in.name);
    if (tree_width(t, 0) == 0)
        msg_note("%s: no stacks", f->in.name);
    if (!f->in.damage[0])
        return ST_WHOLE;
    msg_error("%s: byte %llu: %s; %llu stacks kept", f->in.name,
              (unsigned long long)input_offset(&f->in, f->in.p), f->in.damage,
              (unsigned long long)f->stacks);
    return opts_settle(ST_INCOMPLETE, f->in.name, e);
}

static int read_stacks(struct folded *f, struct tree *t, const char *path, struct err *e)
{
    int got = 0;
    if (folded_open(f, path, diff ? 2 : 1, e) < 0)
        return -1;
    tree_init(t, diff ? 2 : 1);
    while (got >= 0 && (got = folded_next(f, e)) > 0)
        got = tree_add(t, f, e);
    progress_end(&f->progress);
    if (got < 0)
        return -1;
    tree_sum(t);
    int status = judge(f, t, e);
    return folded_close(f, e) < 0 ? -1 : status;
}

static int write_picture(const struct picture *p, struct output *out, struct err *e)
{
    static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    if (html)
        return page_write(p, out, e);
    return output_write(out, declaration, sizeof declaration - 1, e) < 0 ? -1
                                                                         : svg_write(p, out, e);
}

int main(int argc, char **argv)
{
    struct folded f;
    struct tree tree;
    struct layout layout = {0};
    struct output out;
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    if (argc - first > 1)
        die(ST_USAGE, "one file at a time, not %d", argc - first);
    if (output_open(&out, opts_common.output, &e) < 0)
        die_err(&e);
    int status = read_stacks(&f, &tree, first < argc ? argv[first] : NULL, &e);
    if (status < 0)
        die_err(&e);
    bool any = tree_width(&tree, 0) > 0;
    if (any)
        layout_make(&layout, &tree);
    const struct picture picture = {.title = title  ? title
                                             : diff ? "Differential flame graph"
                                                    : "Flame graph",
                                    .unit = {unit, tree.decimals},
                                    .tree = &tree,
                                    .layout = any ? &layout : NULL,
                                    .stacks = f.stacks};
    if (write_picture(&picture, &out, &e) < 0 || output_close(&out, &e) < 0)
        die_err(&e);
    layout_free(&layout);
    tree_free(&tree);
    return status;
}
