/* fuzz-text - hostile names in every form of output
 *
 * What is shown is well-formed UTF-8 without control characters; JSON reads back as the bytes
 * that went in; numbers survive or are refused.
 */
#include "fuzz.h"

#include "base/num.h"
#include "base/text.h"
#include "table/table.h"
#include "trace/json.h"
#include "trace/rules.h"
#include "trace/short.h"

static void check_shown(struct slice s, bool lines)
{
    for (size_t i = 0, len; i < s.n; i += len) {
        len = utf8_len(s.p + i, s.n - i);
        fuzz_check(len > 0, "invalid UTF-8 is shown");
        bool line = s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == '\t';
        fuzz_check(!utf8_control(s.p + i, len) || (lines && line), "a control character is shown");
    }
}

static void check_json(struct slice s)
{
    struct buf text = {0}, back = {0}, again = {0};
    struct json_value v;
    text_add_json(&text, s, TEXT_BYTES);
    check_shown(buf_slice(&text), false);
    struct json_cursor c = json_at(text.p, text.p + text.n);
    fuzz_check(json_value(&c, &v) && v.type == JSON_STRING && c.p == c.end,
               "JSON text is no string");
    json_decode(v.text.raw, &back);
    text_add_json(&again, buf_slice(&back), TEXT_BYTES);
    struct buf plain = {0};
    text_add_valid(&plain, s);
    if (slice_eq(buf_slice(&plain), s)) /* valid UTF-8: the same bytes come back */
        fuzz_check(slice_eq(buf_slice(&back), s), "JSON text reads back as something else");
    buf_free(&plain);
    buf_free(&text);
    buf_free(&back);
    buf_free(&again);
}

/* One frame, which no reader takes for several or for a weight. */
static void check_folded(struct slice s)
{
    struct buf frame = {0};
    text_add_folded(&frame, s);
    check_shown(buf_slice(&frame), false);
    fuzz_check(frame.n > 0 && !memchr(frame.p, ';', frame.n), "a frame that is none or several");
    const uint8_t *space = memrchr(frame.p, ' ', frame.n);
    size_t n = space ? (size_t)(frame.p + frame.n - space - 1) : 0;
    fuzz_check(n == 0 || strspn((const char *)space + 1, "0123456789.") < n,
               "a frame with a weight");
    buf_free(&frame);
}

static void check_copy(struct slice s)
{
    struct buf once = {0}, twice = {0};
    struct json_cursor c = json_at(s.p, s.p + s.n);
    if (s.n && json_copy(&c, &once)) {
        check_shown(buf_slice(&once), false);
        buf_addc(&once, '\n'); /* a word at the end of the bytes may go on */
        c = json_at(once.p, once.p + once.n);
        fuzz_check(json_copy(&c, &twice), "a clean copy is no JSON");
        once.n--;
        fuzz_check(slice_eq(buf_slice(&once), buf_slice(&twice)), "a clean copy is not clean");
    }
    buf_free(&once);
    buf_free(&twice);
}

static void check_tables(struct slice s)
{
    static const struct table_column columns[] = {{"name", TABLE_TEXT, true},
                                                  {"count", TABLE_COUNT, false}};
    static const char *const formats[] = {"table", "tsv", "csv", "json", "md"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct table t;
        struct output out;
        struct err e;
        int fd = fuzz_output(&out);
        table_opts.format = formats[i];
        if (table_open(&t, columns, 2, "count", &e) < 0)
            abort();
        table_text(&t, s);
        table_number(&t, 7);
        fuzz_check(table_print(&t, &out, &e) == 0 && output_flush(&out, &e) == 0,
                   "table_print failed");
        table_free(&t);
        output_drop(&out);
        struct buf shown = fuzz_read(fd);
        check_shown(buf_slice(&shown), true);
        buf_free(&shown);
    }
}

static void check_short(struct slice s)
{
    struct shortener shortener = {0};
    fuzz_check(short_name(&shortener, s).n <= s.n, "a short name is longer");
    short_free(&shortener);
}

static void check_rules(struct slice s)
{
    struct err e;
    struct rules *r = rules_new();
    if (rules_add(r, "fuzz", s, &e) == 0)
        (void)rules_match(r, s);
    rules_free(r);
}

static void check_numbers(struct slice s)
{
    int64_t ns;
    uint64_t id;
    (void)num_scaled(s, 3, &ns);
    if (num_id(s, &id) == NUM_OK && num_u64(s, &id) && s.p[0] != '0') {
        char text[24];
        int n = snprintf(text, sizeof text, "%llu", (unsigned long long)id);
        fuzz_check(slice_eq(slice_of(text, (size_t)n), s), "an id changed");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct slice s = slice_of(data, n);
    struct buf tsv = {0};
    char line[300];
    text_add_tsv(&tsv, s);
    check_shown(buf_slice(&tsv), false);
    (void)text_width(buf_slice(&tsv));
    buf_free(&tsv);
    check_shown(slice_of(line, text_escape_into(line, sizeof line, (const char *)data, n)), false);
    check_json(s);
    check_folded(s);
    check_copy(s);
    check_tables(s);
    check_rules(s);
    check_short(s);
    check_numbers(s);
    return 0;
}
