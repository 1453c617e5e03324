#include "trace/twin_link.h"

#include "base/mem.h"
#include "base/text.h"
#include "trace/twin.h"

#include <stddef.h>
#include <stdlib.h>

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

static void add_frame(struct buf *b, const struct stream *s, uint32_t id)
{
    const struct stack_frame *frame = &s->stacks[id - 1];
    struct slice name = strtab_get(&s->strings[ROLE_HOST], frame->name);
    struct buf text = {0};
    buf_addf(&text, "%s:", kind_name(frame->kind));
    buf_add(&text, name.p, name.n);
    text_add_json(b, buf_slice(&text), TEXT_BYTES);
    buf_free(&text);
}

/* The frames hang from the innermost up. */
static void add_stack(struct buf *b, const struct stream *s, uint32_t stack)
{
    uint32_t *chain = NULL;
    size_t cap = 0, n = 0;
    for (uint32_t id = stack; id; id = s->stacks[id - 1].parent) {
        chain = mem_grow(chain, &cap, n + 1, sizeof *chain);
        chain[n++] = id;
    }
    add_key(b, "stack");
    buf_addc(b, '[');
    for (size_t i = n; i-- > 0;) {
        add_frame(b, s, chain[i]);
        if (i)
            buf_addc(b, ',');
    }
    buf_addc(b, ']');
    free(chain);
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
    if (l.stack)
        add_stack(b, s, l.stack);
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

/* What may stand in a stack by FORMAT.md; 0 for others. */
static uint32_t kind_called(struct slice name)
{
    for (uint32_t kind = KIND_CPU_OP; kind <= KIND_RUNTIME; kind++)
        if (slice_is(name, kind_name(kind)))
            return kind;
    return 0;
}

static const char *take_frame(struct json_cursor *c, struct twin_link *l, struct buf *scratch)
{
    struct slice text = {0};
    const char *why = take_text(c, &text, scratch);
    const uint8_t *colon = text.n ? memchr(text.p, ':', text.n) : NULL;
    uint32_t kind = colon ? kind_called(slice_of(text.p, (size_t)(colon - text.p))) : 0;
    if (why || c->fault)
        return why;
    if (!kind)
        return "a frame of a stack that does not begin with cpu_op:, python: or runtime:";
    buf_add(&l->names, colon + 1, (size_t)(text.p + text.n - colon - 1));
    l->frames = mem_grow(l->frames, &l->frames_cap, l->nframes + 1, sizeof *l->frames);
    l->frames[l->nframes++] = (struct twin_frame){kind, l->names.n};
    return NULL;
}

static const char *take_stack(struct json_cursor *c, struct twin_link *l)
{
    struct buf scratch = {0};
    const char *why = NULL;
    l->nframes = l->names.n = 0;
    if (*c->p != '[') {
        json_skip(c);
        return "a stack that is no array";
    }
    for (json_enter(c); json_element(c);) {
        const char *fault = take_frame(c, l, &scratch);
        why = why ? why : fault;
    }
    buf_free(&scratch);
    return why;
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
        return take_stack(c, l);
    json_skip(c);
    return "a key of a link that trace-dump does not write";
}

const char *twin_link_take(struct json_cursor *c, struct twin_link *l)
{
    struct json_string key;
    const char *why = NULL;
    memset(l->texts, 0, sizeof l->texts);
    l->flags = 0;
    l->nframes = l->names.n = 0;
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

static uint32_t write_stack(struct writer *w, const struct twin_link *l)
{
    uint32_t id = 0;
    size_t begin = 0;
    for (size_t i = 0; i < l->nframes; i++) {
        const struct twin_frame *f = &l->frames[i];
        struct slice name = slice_of(l->names.p + begin, f->end - begin);
        struct stack_frame frame = {id, name.n ? writer_string(w, ROLE_HOST, name) : 0, f->kind};
        id = writer_stack(w, &frame);
        begin = f->end;
    }
    return id;
}

uint32_t twin_link_write(struct writer *w, const struct twin_link *l)
{
    struct link link = {.flags = l->flags, .stack = write_stack(w, l)};
    for (unsigned i = 0; i < TWIN_LINK_TEXTS; i++)
        if (l->texts[i].p)
            *id_of(&link, &members[i]) = writer_string(w, members[i].role, l->texts[i]);
    return writer_link(w, &link);
}

void twin_link_free(struct twin_link *l)
{
    for (unsigned i = 0; i < TWIN_LINK_TEXTS; i++)
        buf_free(&l->decoded[i]);
    buf_free(&l->names);
    free(l->frames);
    *l = (struct twin_link){0};
}
