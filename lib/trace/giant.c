#include "trace/giant.h"

#include "base/text.h"
#include "trace/event.h"

enum { VALUE_MAX = 4 * 1024 * 1024, COPY_MAX = 16 * 1024 * 1024 };

struct giant {
    struct source *s;
    bool keep_args;
    struct buf *out;
    struct pull_fault *fault;
    struct err *e;
};

/* The value as it stands; ctx is the slice. */
static bool value_piece(struct json_cursor *c, void *ctx)
{
    const uint8_t *begin = c->p;
    bool ok = json_skip(c);
    *(struct slice *)ctx = slice_of(begin, (size_t)(c->p - begin));
    return ok;
}

static enum pull copy_member(struct giant *g, const struct buf *key)
{
    struct slice value;
    enum pull r = pull(g->s, value_piece, &value, VALUE_MAX, g->fault, g->e);
    if (r != PULL_OK)
        return r;
    if (g->out->p[g->out->n - 1] != '{')
        buf_addc(g->out, ',');
    text_add_json(g->out, buf_slice(key), TEXT_SURROGATES);
    buf_addc(g->out, ':');
    buf_add(g->out, value.p, value.n);
    return g->out->n > COPY_MAX ? PULL_LONG : PULL_OK;
}

static enum pull copy_object(struct giant *g, bool args);

static enum pull copy_args(struct giant *g)
{
    buf_adds(g->out, g->out->p[g->out->n - 1] != '{' ? ",\"args\":" : "\"args\":");
    return copy_object(g, true);
}

/* The object at in.p; args stand in an event and in no other args, so this nests once. */
static enum pull copy_object(struct giant *g, bool args)
{
    struct buf key = {0};
    bool first = true, done = false;
    enum pull r;
    buf_addc(g->out, '{');
    g->s->in.p++;
    while ((r = pull_key(g->s, &first, &key, &done, g->fault, g->e)) == PULL_OK && !done) {
        if (!args && slice_is(buf_slice(&key), "args") && *g->s->in.p == '{')
            r = copy_args(g);
        else if (args ? g->keep_args || event_uses_arg(buf_slice(&key))
                      : event_uses(buf_slice(&key)))
            r = copy_member(g, &key);
        else
            r = pull_skip(g->s, g->fault, g->e);
        if (r != PULL_OK)
            break;
    }
    buf_free(&key);
    buf_addc(g->out, '}');
    return r;
}

enum pull giant_read(struct source *s, bool keep_args, struct buf *out, struct pull_fault *fault,
                     struct err *e)
{
    struct giant g = {s, keep_args, out, fault, e};
    out->n = 0;
    return copy_object(&g, false);
}
