#include "trace/twin_link.h"

#include "base/text.h"
#include "trace/twin.h"

#include <stddef.h>

static const struct member {
    const char *key;
    enum role role;
    size_t at; /* in struct link */
} members[TWIN_LINK_TEXTS] = {
    {"launch", ROLE_HOST, offsetof(struct link, launch)},
    {"cpu_op", ROLE_HOST, offsetof(struct link, cpu_op)},
    {"module", ROLE_HOST, offsetof(struct link, module)},
    {"annotation", ROLE_HOST, offsetof(struct link, annotation)},
    {"phase", ROLE_WORD, offsetof(struct link, phase)},
    {"step", ROLE_WORD, offsetof(struct link, step)},
    {"layer", ROLE_WORD, offsetof(struct link, layer)},
    {"forward_op", ROLE_HOST, offsetof(struct link, forward_op)},
    {"forward_module", ROLE_HOST, offsetof(struct link, forward_module)},
};

static const struct flag {
    const char *key;
    uint32_t flag;
} flags[] = {{"launched", LINK_LAUNCHED}, {"tracelens", LINK_TRACELENS}};

enum { FLAGS = sizeof flags / sizeof *flags };

static uint32_t *id_of(struct link *link, const struct member *m)
{
    return (uint32_t *)(void *)((char *)link + m->at);
}

/* Writing -------------------------------------------------------------------------------------- */

static void add_key(struct buf *b, const char *key)
{
    if (b->p[b->n - 1] != '{')
        buf_addc(b, ',');
    buf_addf(b, "\"%s\":", key);
}

void twin_link_add(struct buf *b, const struct stream *s, const struct link *link)
{
    struct link l = *link;
    buf_addc(b, '{');
    for (unsigned i = 0; i < TWIN_LINK_TEXTS; i++) {
        uint32_t id = *id_of(&l, &members[i]);
        if (!id)
            continue;
        add_key(b, members[i].key);
        text_add_json(b, strtab_get(&s->strings[members[i].role], id), TEXT_BYTES);
    }
    if (l.stack) {
        add_key(b, "stack");
        twin_stack_add(b, s, l.stack, TWIN_FRAMES_OF_LINK);
    }
    for (unsigned i = 0; i < FLAGS; i++)
        if (l.flags & flags[i].flag) {
            add_key(b, flags[i].key);
            buf_adds(b, "true");
        }
    buf_addc(b, '}');
}

/* Reading -------------------------------------------------------------------------------------- */

static const char *take_text(struct json_cursor *c, struct slice *out, struct buf *decoded)
{
    struct json_value v;
    if (*c->p != '"') {
        json_skip(c);
        return "a member of a link that should be text and is not";
    }
    if (json_value(c, &v))
        *out = twin_text(v.text, decoded);
    return NULL;
}

static const char *take_flag(struct json_cursor *c, struct twin_link *l, uint32_t flag)
{
    struct json_value v;
    const char *why = "a member of a link that should be true or false and is not";
    if (!json_value(c, &v))
        return NULL;
    if (v.type == JSON_OBJECT || v.type == JSON_ARRAY)
        json_skip(c);
    bool is_true = v.type == JSON_WORD && slice_is(v.text.raw, "true");
    bool is_false = v.type == JSON_WORD && slice_is(v.text.raw, "false");
    l->flags = is_true ? l->flags | flag : l->flags & ~flag;
    return is_true || is_false ? NULL : why;
}

static const char *take_member(struct json_cursor *c, struct twin_link *l, struct slice key)
{
    for (unsigned i = 0; i < TWIN_LINK_TEXTS; i++)
        if (slice_is(key, members[i].key))
            return take_text(c, &l->texts[i], &l->decoded[i]);
    for (unsigned i = 0; i < FLAGS; i++)
        if (slice_is(key, flags[i].key))
            return take_flag(c, l, flags[i].flag);
    if (slice_is(key, "stack"))
        return twin_stack_take(c, &l->stack, TWIN_FRAMES_OF_LINK);
    json_skip(c);
    return "a key of a link that trace-dump does not write";
}

const char *twin_link_take(struct json_cursor *c, struct twin_link *l)
{
    struct json_string key;
    const char *why = NULL;
    memset(l->texts, 0, sizeof l->texts);
    l->flags = 0;
    l->stack.n = l->stack.names.n = 0;
    if (*c->p != '{') {
        json_skip(c);
        return "a link that is no object";
    }
    for (json_enter(c); json_member(c, &key);) {
        const char *fault = take_member(c, l, key.raw);
        why = why ? why : fault;
    }
    return why;
}

uint32_t twin_link_write(struct writer *w, const struct twin_link *l)
{
    struct link link = {.flags = l->flags, .stack = twin_stack_write(w, &l->stack)};
    for (unsigned i = 0; i < TWIN_LINK_TEXTS; i++)
        if (l->texts[i].p)
            *id_of(&link, &members[i]) = writer_string(w, members[i].role, l->texts[i]);
    return writer_link(w, &link);
}

void twin_link_free(struct twin_link *l)
{
    for (unsigned i = 0; i < TWIN_LINK_TEXTS; i++)
        buf_free(&l->decoded[i]);
    twin_stack_free(&l->stack);
    *l = (struct twin_link){0};
}
