#include "table/lines.h"

const struct table_column line_columns[2] = {{"key", TABLE_TEXT, true},
                                             {"value", TABLE_TEXT, false}};

void line_text(struct table *t, const char *key, struct slice value)
{
    table_text(t, slice_str(key));
    table_text(t, value);
}

void line_number(struct table *t, const char *key, wide value, unsigned decimals)
{
    line_of(t, key, slice_of(NULL, 0), value, decimals);
}

void line_of(struct table *t, const char *key, struct slice of, wide value, unsigned decimals)
{
    struct buf name = {0}, text = {0};
    buf_adds(&name, key);
    buf_add(&name, of.p, of.n);
    wide_add(&text, value, decimals);
    table_text(t, buf_slice(&name));
    table_text(t, buf_slice(&text));
    buf_free(&name);
    buf_free(&text);
}
