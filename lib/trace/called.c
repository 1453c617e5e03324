#include "trace/called.h"

#include "trace/json.h"

/* Appends the string `name` of an object; false if there is none. */
static bool add_name(struct slice args, struct buf *out)
{
    struct json_cursor c = json_at(args.p, args.p + args.n);
    struct json_string key;
    bool found = false;
    if (!args.n || !json_space(&c) || *c.p != '{')
        return false;
    for (json_enter(&c); json_member(&c, &key);) {
        struct json_value v;
        if (!json_value(&c, &v))
            break;
        bool container = v.type == JSON_OBJECT || v.type == JSON_ARRAY;
        if (container && !json_skip(&c))
            break;
        if (v.type != JSON_STRING || !slice_is(key.raw, "name"))
            continue;
        out->n = 0;
        json_decode(v.text.raw, out);
        found = true;
    }
    return found;
}

/* Of a process, or with a tid of its thread: lengths keep them apart. */
static const char *key_of(struct buf *key, struct slice pid, const struct slice *tid)
{
    key->n = 0;
    buf_addf(key, "%s %zu ", tid ? "thread" : "process", pid.n);
    for (size_t i = 0; i < pid.n + (tid ? tid->n : 0); i++) /* no NUL ends it early */
        buf_addf(key, "%02x", i < pid.n ? pid.p[i] : tid->p[i - pid.n]);
    buf_addc(key, '\0');
    return (const char *)key->p;
}

static struct slice word_of(const struct stream *s, uint32_t word)
{
    return word ? stream_word(s, word) : slice_of(NULL, 0);
}

static void take(struct called *c, const struct stream *s, const struct batch *b, uint32_t row)
{
    struct record r = record_get(b->rows + (size_t)row * RECORD_BYTES);
    const struct track *t = &s->tracks[r.track - 1];
    struct slice what = stream_name(s, b->kind, r.name), tid = word_of(s, t->tid);
    bool thread = slice_is(what, "thread_name");
    struct buf name = {0}, key = {0};
    if ((thread || slice_is(what, "process_name")) &&
        add_name(frame_text(&b->columns[COLUMN_ARGS], row), &name))
        parts_set(&c->names, b->part,
                  slice_str(key_of(&key, word_of(s, t->pid), thread ? &tid : NULL)),
                  buf_slice(&name));
    buf_free(&name);
    buf_free(&key);
}

void called_look(struct called *c, const struct stream *s, const struct batch *b)
{
    if (b->kind != KIND_META || !b->columns[COLUMN_ARGS].rows)
        return;
    for (uint32_t row = 0; row < b->n; row++)
        take(c, s, b, row);
}

static struct slice look_up(const struct called *c, uint32_t part, struct slice pid,
                            const struct slice *tid)
{
    struct buf key = {0};
    struct slice name = parts_get(&c->names, part, key_of(&key, pid, tid));
    buf_free(&key);
    return name;
}

struct slice called_process(const struct called *c, uint32_t part, struct slice pid)
{
    return look_up(c, part, pid, NULL);
}

struct slice called_thread(const struct called *c, uint32_t part, struct slice pid,
                           struct slice tid)
{
    return look_up(c, part, pid, &tid);
}

void called_free(struct called *c)
{
    parts_free(&c->names);
}
