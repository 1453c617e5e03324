#include "plan/plan_text.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>

enum { ONE_LINE = -1 };

static void add_value(struct buf *out, const json_t *value, int level);

/* A line feed, and what stands before the next thing. */
static void add_break(struct buf *out, int level)
{
    if (level != ONE_LINE)
        buf_addf(out, "\n%*s", 2 * level, "");
}

static int deeper(int level)
{
    return level == ONE_LINE ? ONE_LINE : level + 1;
}

/* With a point or an exponent, so that it is read as what it was. */
static void add_real(struct buf *out, double number)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    buf_adds(out, text);
    if (!strpbrk(text, ".e"))
        buf_adds(out, ".0");
}

static void add_text(struct buf *out, const char *text, size_t n)
{
    text_add_json(out, slice_of(text, n), TEXT_REPLACE);
}

static void add_object(struct buf *out, json_t *object, int level)
{
    const char *key, *comma = "";
    json_t *value;
    buf_addc(out, '{');
    json_object_foreach(object, key, value)
    {
        buf_adds(out, comma);
        add_break(out, deeper(level));
        add_text(out, key, strlen(key));
        buf_adds(out, level == ONE_LINE ? ":" : ": ");
        add_value(out, value, deeper(level));
        comma = ",";
    }
    if (*comma)
        add_break(out, level);
    buf_addc(out, '}');
}

static void add_array(struct buf *out, const json_t *array, int level)
{
    const json_t *value;
    size_t i;
    buf_addc(out, '[');
    json_array_foreach(array, i, value)
    {
        buf_adds(out, i ? "," : "");
        add_break(out, deeper(level));
        add_value(out, value, deeper(level));
    }
    if (json_array_size(array))
        add_break(out, level);
    buf_addc(out, ']');
}

static void add_value(struct buf *out, const json_t *value, int level)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        add_object(out, (json_t *)(uintptr_t)value, level);
        break;
    case JSON_ARRAY:
        add_array(out, value, level);
        break;
    case JSON_STRING:
        add_text(out, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        buf_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        add_real(out, json_real_value(value));
        break;
    default:
        buf_adds(out, json_is_null(value) ? "null" : json_is_true(value) ? "true" : "false");
    }
}

void plan_add_json(struct buf *out, const json_t *value)
{
    add_value(out, value, 0);
}

static void add_word(struct buf *out, const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "_@%+:,./-";
    if (*word && word[strspn(word, plain)] == '\0') {
        buf_adds(out, word);
        return;
    }
    buf_addc(out, '\'');
    for (; *word; word++)
        if (*word == '\'')
            buf_adds(out, "'\\''");
        else
            buf_addc(out, *word);
    buf_addc(out, '\'');
}

static bool add_words(struct buf *out, const json_t *array)
{
    const json_t *word;
    size_t i, start = out->n;
    json_array_foreach(array, i, word)
    {
        if (!json_is_string(word)) {
            out->n = start;
            return false;
        }
        buf_adds(out, i ? " " : "");
        add_word(out, json_string_value(word));
    }
    return true;
}

void plan_add_raw(struct buf *out, const json_t *value)
{
    if (json_is_string(value))
        buf_add(out, json_string_value(value), json_string_length(value));
    else if (!json_is_array(value) || !add_words(out, value))
        add_value(out, value, ONE_LINE);
}
