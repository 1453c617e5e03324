#include "trace/twin_stack.h"

#include "base/mem.h"
#include "base/text.h"
#include "trace/twin.h"

#include <stdlib.h>

/* Writing -------------------------------------------------------------------------------------- */

static void add_link_frame(struct buf *b, const struct stack_frame *frame, struct slice name)
{
    struct buf text = {0};
    buf_addf(&text, "%s:", kind_name(frame->kind));
    buf_add(&text, name.p, name.n);
    text_add_json(b, buf_slice(&text), TEXT_BYTES);
    buf_free(&text);
}

static void add_frame(struct buf *b, const struct stream *s, uint32_t id, enum twin_frames form)
{
    const struct stack_frame *frame = &s->stacks[id - 1];
    struct slice name = strtab_get(&s->strings[ROLE_HOST], frame->name);
    if (form == TWIN_FRAMES_OF_LINK)
        add_link_frame(b, frame, name);
    else if (frame->name)
        text_add_json(b, name, TEXT_BYTES);
    else
        buf_adds(b, "null");
}

/* The frames hang from the innermost up. */
void twin_stack_add(struct buf *b, const struct stream *s, uint32_t stack, enum twin_frames form)
{
    uint32_t *chain = NULL;
    size_t cap = 0, n = 0;
    for (uint32_t id = stack; id; id = s->stacks[id - 1].parent) {
        chain = mem_grow(chain, &cap, n + 1, sizeof *chain);
        chain[n++] = id;
    }
    buf_addc(b, '[');
    for (size_t i = n; i-- > 0;) {
        add_frame(b, s, chain[i], form);
        if (i)
            buf_addc(b, ',');
    }
    buf_addc(b, ']');
    free(chain);
}

/* Reading -------------------------------------------------------------------------------------- */

/* What may stand in the stack of a link by FORMAT.md; 0 for others. */
static uint32_t kind_called(struct slice name)
{
    for (uint32_t kind = KIND_CPU_OP; kind <= KIND_RUNTIME; kind++)
        if (slice_is(name, kind_name(kind)))
            return kind;
    return 0;
}

static void push(struct twin_stack *k, uint32_t kind, bool named, struct slice name)
{
    buf_add(&k->names, name.p, name.n);
    k->frames = mem_grow(k->frames, &k->cap, k->n + 1, sizeof *k->frames);
    k->frames[k->n++] = (struct twin_frame){kind, named, k->names.n};
}

static const char *push_link_frame(struct twin_stack *k, struct slice text)
{
    const uint8_t *colon = text.n ? memchr(text.p, ':', text.n) : NULL;
    uint32_t kind = colon ? kind_called(slice_of(text.p, (size_t)(colon - text.p))) : 0;
    if (!kind)
        return "a frame of a stack that does not begin with cpu_op:, python: or runtime:";
    struct slice name = slice_of(colon + 1, (size_t)(text.p + text.n - colon - 1));
    push(k, kind, name.n > 0, name);
    return NULL;
}

static const char *take_frame(struct json_cursor *c, struct twin_stack *k, enum twin_frames form,
                              struct buf *scratch)
{
    struct json_value v;
    if (!json_value(c, &v))
        return NULL;
    if (v.type == JSON_OBJECT || v.type == JSON_ARRAY)
        json_skip(c);
    if (v.type == JSON_STRING && form == TWIN_FRAMES_OF_LINK)
        return push_link_frame(k, twin_text(v.text, scratch));
    if (v.type == JSON_STRING)
        push(k, KIND_FUNCTION, true, twin_text(v.text, scratch));
    else if (v.type == JSON_WORD && slice_is(v.text.raw, "null") && form == TWIN_FRAMES_OF_PROFILE)
        push(k, KIND_FUNCTION, false, slice_str(""));
    else
        return "a frame of a stack that is no text";
    return NULL;
}

const char *twin_stack_take(struct json_cursor *c, struct twin_stack *k, enum twin_frames form)
{
    struct buf scratch = {0};
    const char *why = NULL;
    k->n = k->names.n = 0;
    if (*c->p != '[') {
        json_skip(c);
        return "a stack that is no array";
    }
    for (json_enter(c); json_element(c);) {
        const char *fault = take_frame(c, k, form, &scratch);
        why = why ? why : fault;
    }
    buf_free(&scratch);
    return why;
}

uint32_t twin_stack_write(struct writer *w, const struct twin_stack *k)
{
    uint32_t id = 0;
    size_t begin = 0;
    for (size_t i = 0; i < k->n; i++) {
        const struct twin_frame *f = &k->frames[i];
        struct slice name = slice_of(f->end ? k->names.p + begin : NULL, f->end - begin);
        struct stack_frame frame = {id, f->named ? writer_string(w, ROLE_HOST, name) : 0, f->kind};
        id = writer_stack(w, &frame);
        begin = f->end;
    }
    return id;
}

void twin_stack_free(struct twin_stack *k)
{
    buf_free(&k->names);
    free(k->frames);
    *k = (struct twin_stack){0};
}
