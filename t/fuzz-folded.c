/* fuzz-folded - folded stacks to a flame graph
 *
 * The first byte chooses options, the rest is the file. Whatever it holds, the picture is UTF-8
 * without control characters, its markup is ours alone, and its frames add up.
 */
#include "fuzz.h"

#include "base/text.h"
#include "flame/page.h"

/* No bytes but characters that may be shown, and newlines. */
static void check_shown(struct slice s)
{
    for (size_t i = 0, len; i < s.n; i += len) {
        len = utf8_len(s.p + i, s.n - i);
        fuzz_check(len > 0, "invalid UTF-8 is shown");
        fuzz_check(s.p[i] == '\n' || !utf8_control(s.p + i, len), "a control character is shown");
    }
}

static bool begins(struct slice s, const char *text)
{
    return s.n >= strlen(text) && memcmp(s.p, text, strlen(text)) == 0;
}

/* Every < begins one of our own tags; CDATA ends where it should. */
static void check_markup(struct slice s)
{
    static const char *const tags[] = {
        "<svg ",     "</svg>",   "<title>", "</title>",   "<style>", "</style>",
        "<script>",  "<g ",      "</g>",    "<rect ",     "<text ",  "</text>",
        "</script>", "</rect>",  "<h2>",    "</h2>",      "<table>", "</table>",
        "<thead>",   "</thead>", "<tr>",    "</tr>",      "<th>",    "</th>",
        "<td>",      "</td>",    "<tbody>", "</tbody>",   "<html",   "</html>",
        "<head>",    "</head>",  "<meta ",  "<!DOCTYPE ", "<body>",  "</body>"};
    for (size_t i = 0; i < s.n; i++) {
        struct slice rest = slice_of(s.p + i, s.n - i);
        bool ours = rest.p[0] != '<';
        if (begins(rest, "<![CDATA[")) {
            const uint8_t *end = memmem(rest.p, rest.n, "]]>", 3);
            fuzz_check(end != NULL, "CDATA does not end");
            i = (size_t)(end - s.p);
            continue;
        }
        for (size_t k = 0; !ours && k < sizeof tags / sizeof *tags; k++)
            ours = begins(rest, tags[k]);
        fuzz_check(ours, "an element that is not ours");
        fuzz_check(!begins(rest, "]]>"), "the end of CDATA in a text");
    }
}

static void check_layout(const struct layout *l, const struct tree *t)
{
    for (uint32_t i = 1; i < l->n; i++) {
        const struct frame *f = &l->frames[i], *parent = &l->frames[f->parent];
        uint64_t end = f->start + tree_width(t, f->node);
        fuzz_check(f->parent < i && parent->row + 1 == f->row, "a frame stands on none");
        fuzz_check(f->start >= parent->start && end <= parent->start + tree_width(t, parent->node),
                   "a frame is not within its parent");
    }
}

static void draw(const struct tree *t, const struct folded *f, bool html)
{
    struct layout l = {0};
    struct output out;
    struct err e;
    int fd = fuzz_output(&out);
    bool any = tree_width(t, 0) > 0;
    if (any)
        layout_make(&l, t);
    check_layout(&l, t);
    const struct picture p = {"fuzz", {"ns", t->decimals}, t, any ? &l : NULL, f->stacks};
    fuzz_check((html ? page_write(&p, &out, &e) : svg_write(&p, &out, &e)) == 0 &&
                   output_flush(&out, &e) == 0,
               "the picture cannot be written");
    output_drop(&out);
    struct buf shown = fuzz_read(fd);
    check_shown(buf_slice(&shown));
    check_markup(buf_slice(&shown));
    buf_free(&shown);
    layout_free(&l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct folded f;
    struct tree t;
    struct err e;
    int got = 0;
    if (n == 0)
        return 0;
    struct fuzz_file file = fuzz_file(data + 1, n - 1);
    unsigned numbers = data[0] & 1 ? 2 : 1;
    tree_init(&t, numbers);
    if (folded_open(&f, file.path, numbers, &e) == 0) {
        while ((got = folded_next(&f, &e)) > 0)
            if ((got = tree_add(&t, &f, &e)) < 0)
                break;
        tree_sum(&t);
        if (got == 0) {
            fuzz_check(t.total[0][0] == t.sum[0], "the totals are not the sum");
            draw(&t, &f, data[0] & 2);
        }
        input_drop(&f.in);
    }
    close(file.fd);
    tree_free(&t);
    return 0;
}
