#include "flame/label.h"

#include "base/text.h"

/* a/b/c.py(1): f becomes c.py(1): f */
static struct slice without_folders(struct slice s)
{
    size_t slash = 0, cut = 0;
    for (size_t i = 0; i < s.n && s.p[i] != ' ' && s.p[i] != '('; i++) {
        if (s.p[i] == '/')
            slash = i + 1;
        else if (i + 3 <= s.n && memcmp(s.p + i, ".py", 3) == 0)
            cut = slash;
    }
    return slice_of(s.p + cut, s.n - cut);
}

void label_add(struct buf *out, struct slice name, size_t columns)
{
    struct buf plain = {0};
    if (columns < LABEL_COLUMNS_MIN)
        return;
    text_add_plain(&plain, name);
    struct slice s = buf_slice(&plain);
    if (text_width(s) > columns)
        s = without_folders(s);
    if (text_width(s) <= columns) {
        text_add_markup(out, s);
    } else {
        text_add_markup(out, text_fit(s, columns - 2));
        buf_adds(out, "..");
    }
    buf_free(&plain);
}
