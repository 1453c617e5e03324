#include "trace/pull.h"

#include "simd/scan.h"

enum pull pull(struct source *s, pull_piece *piece, void *ctx, size_t max, struct pull_fault *fault,
               struct err *e)
{
    struct input *in = &s->in;
    for (;;) {
        size_t n = input_at_hand(in);
        struct json_cursor c = json_at(in->p, in->p + (n < max ? n : max));
        (void)piece(&c, ctx);
        size_t at = (size_t)(c.p - in->p);
        *fault = (struct pull_fault){at, c.fault == JSON_CUT ? (size_t)(c.end - in->p) : at, c.why};
        if (c.fault == JSON_OK) {
            in->p = c.p;
            return PULL_OK;
        }
        if (c.fault == JSON_BAD)
            return PULL_BAD;
        if (n >= max) {
            fault->why = "a value too long to be held";
            return PULL_LONG;
        }
        int more = source_more_for(s, n, max, e);
        if (more <= 0) {
            fault->at = n;
            fault->why = "cut off";
            return more < 0 ? PULL_ERROR : PULL_END;
        }
    }
}

enum pull pull_space(struct source *s, bool commas, struct err *e)
{
    struct input *in = &s->in;
    for (;;) {
        for (; in->p < in->end; in->p++) {
            uint8_t b = *in->p;
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t' && !(commas && b == ','))
                return PULL_OK;
        }
        int more = source_more(s, e);
        if (more <= 0)
            return more < 0 ? PULL_ERROR : PULL_END;
    }
}

static bool word_piece(struct json_cursor *c, void *ctx)
{
    return json_word(c, ctx);
}

/* More bytes behind those that in.p stands before. */
static enum pull next_block(struct source *s, struct pull_fault *fault, struct err *e)
{
    int more = source_more(s, e);
    *fault = (struct pull_fault){0, 0, "cut off"};
    return more > 0 ? PULL_OK : more < 0 ? PULL_ERROR : PULL_END;
}

/* A string of any size. A backslash at the end of a block stays in the window with what follows. */
static enum pull skip_string(struct source *s, struct pull_fault *fault, struct err *e)
{
    struct input *in = &s->in;
    enum pull r = PULL_OK;
    in->p++;
    while (r == PULL_OK) {
        in->p = scan.string(in->p, in->end);
        size_t left = input_at_hand(in);
        if (left && *in->p == '"') {
            in->p++;
            break;
        }
        if (left >= 2)
            in->p += 2;
        else
            r = next_block(s, fault, e);
    }
    return r;
}

/* A container of any size: brackets are counted from block to block. */
static enum pull skip_container(struct source *s, struct pull_fault *fault, struct err *e)
{
    struct input *in = &s->in;
    struct scan_nest n = {0};
    for (;;) {
        const uint8_t *close = scan.nested(&n, in->p, in->end);
        if (close) {
            in->p = close;
            return PULL_OK;
        }
        if (n.bad) {
            *fault = (struct pull_fault){0, 0, "a quote inside a string, not escaped"};
            in->p = n.bad;
            return PULL_BAD;
        }
        in->p = in->end;
        enum pull r = next_block(s, fault, e);
        if (r != PULL_OK)
            return r;
    }
}

enum pull pull_skip(struct source *s, struct pull_fault *fault, struct err *e)
{
    struct json_string ignored;
    enum pull r = pull_space(s, false, e);
    if (r != PULL_OK)
        return r;
    if (*s->in.p == '{' || *s->in.p == '[')
        return skip_container(s, fault, e);
    if (*s->in.p == '"')
        return skip_string(s, fault, e);
    return pull(s, word_piece, &ignored, INPUT_HOLD_MAX, fault, e);
}

struct key_piece {
    bool first, done;
    struct buf *key;
};

static bool key_piece(struct json_cursor *c, void *ctx)
{
    struct key_piece *k = ctx;
    struct json_string key;
    c->first = k->first;
    k->done = !json_member(c, &key);
    if (k->done)
        return !c->fault;
    k->key->n = 0;
    json_decode(key.raw, k->key);
    return true;
}

enum pull pull_key(struct source *s, bool *first, struct buf *key, bool *done,
                   struct pull_fault *fault, struct err *e)
{
    struct key_piece k = {*first, false, key};
    enum pull r = pull(s, key_piece, &k, INPUT_HOLD_MAX, fault, e);
    *first = false;
    *done = k.done;
    return r;
}
