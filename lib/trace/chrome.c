#include "trace/chrome.h"

#include "base/num.h"
#include "trace/events.h"
#include "trace/rocprof.h"
#include "trace/sniff.h"

#include <stdio.h>

enum { META_MAX = 4 * 1024 * 1024 };

struct chrome {
    struct source *s;
    struct events events;
    struct sniff_keys keys; /* of the object, to say what it is if it is no trace */
    bool has_events, rocprof;
    struct err *e;
};

static enum pull read_events(struct chrome *c)
{
    c->has_events = true;
    return events_read(&c->events);
}

static bool copy_piece(struct json_cursor *c, void *ctx)
{
    struct buf *out = ctx;
    out->n = 0;
    return json_copy(c, out);
}

/* The rank stands in distributedInfo. */
static void take_rank(struct source *s, struct slice json)
{
    struct json_cursor c = json_at(json.p, json.p + json.n);
    struct json_string key;
    struct json_value v = {.type = JSON_WORD};
    uint64_t number;
    if (json.n == 0 || *json.p != '{')
        return;
    for (json_enter(&c); json_member(&c, &key);) {
        if (!slice_is(key.raw, "rank")) {
            json_skip(&c);
        } else if (json_value(&c, &v) && num_u64(v.text.raw, &number)) {
            source_rank(s, v.text.raw); /* some writers put it in quotes */
        } else if (v.type == JSON_OBJECT || v.type == JSON_ARRAY) {
            json_skip(&c);
        }
    }
}

/* Keeps a value of the trace. A key that trs uses itself (FORMAT.md, META) is moved aside. */
static void keep_meta(struct chrome *c, const char *key, struct slice json)
{
    static const char *const own[] = {"rank", "format", "unmatched_begin_end", "layers",
                                      "layer_confidence"};
    char aside[40];
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(key, own[i]) == 0) {
            (void)snprintf(aside, sizeof aside, "trace.%s", key);
            key = aside;
            break;
        }
    source_meta(c->s, key, json);
}

/* A top-level value that is not traceEvents. */
static enum pull read_meta(struct chrome *c, const char *key, struct pull_fault *fault)
{
    struct buf json = {0};
    enum pull r = pull(c->s, copy_piece, &json, META_MAX, fault, c->e);
    if (r == PULL_OK) {
        keep_meta(c, key, buf_slice(&json));
        if (strcmp(key, "distributedInfo") == 0)
            take_rank(c->s, buf_slice(&json));
    } else if (r == PULL_LONG) {
        msg_note("%s: metadata '%s' is larger than %d MiB and was left out", c->s->in.name, key,
                 META_MAX / 1024 / 1024);
        r = pull_skip(c->s, fault, c->e);
    }
    buf_free(&json);
    return r;
}

static enum pull read_value(struct chrome *c, const char *key, struct pull_fault *fault)
{
    sniff_key(&c->keys, key);
    if (*c->s->in.p == '[' && strcmp(key, "traceEvents") == 0) {
        c->s->in.p++;
        return read_events(c);
    }
    if (*c->s->in.p == '[' && strcmp(key, "rocprofiler-sdk-tool") == 0) {
        c->has_events = c->rocprof = true;
        c->s->in.p++;
        return rocprof_read(c->s, fault, c->e);
    }
    return read_meta(c, key, fault);
}

/* After metadata that cannot be read: on to the events. PULL_OK behind their `[`. */
static enum pull find_events(struct chrome *c)
{
    static const char key[] = "\"traceEvents\"";
    struct input *in = &c->s->in;
    for (;;) {
        const uint8_t *at = memmem(in->p, input_at_hand(in), key, sizeof key - 1);
        in->p = at ? at + sizeof key - 1
                   : in->end - (input_at_hand(in) < sizeof key ? input_at_hand(in) : sizeof key);
        if (at) {
            enum pull r = pull_space(c->s, false, c->e);
            if (r == PULL_OK && *in->p == ':') {
                in->p++;
                r = pull_space(c->s, false, c->e);
            }
            if (r != PULL_OK)
                return r;
            if (*in->p == '[') {
                in->p++;
                return PULL_OK;
            }
            continue;
        }
        int more = source_more(c->s, c->e);
        if (more <= 0)
            return more < 0 ? PULL_ERROR : PULL_END;
    }
}

static int damaged(struct chrome *c, const struct pull_fault *fault, const char *what)
{
    char why[150];
    (void)snprintf(why, sizeof why, "%s: %s", what, fault->why ? fault->why : "cut off");
    source_damage(c->s, c->s->in.p + fault->at, why);
    return 0;
}

/* From behind `{` to behind `}`. 0 whether it could be read or not: damage is noted. */
static int read_object(struct chrome *c)
{
    struct buf key = {0};
    bool first = true, done = false;
    struct pull_fault fault = {0};
    for (;;) {
        fault = (struct pull_fault){0};
        enum pull r = pull_key(c->s, &first, &key, &done, &fault, c->e);
        if (r == PULL_OK && !done) {
            buf_addc(&key, '\0');
            r = read_value(c, (char *)key.p, &fault);
        }
        if (r == PULL_OK && !done)
            continue;
        if (r == PULL_OK || r == PULL_ERROR || r == PULL_END || c->has_events) {
            buf_free(&key);
            if (r != PULL_OK && r != PULL_ERROR)
                damaged(c, &fault, c->has_events ? "the trace is cut or damaged" : "metadata");
            return r == PULL_ERROR ? -1 : 0;
        }
        damaged(c, &fault, "metadata that cannot be read");
        if ((r = find_events(c)) == PULL_OK)
            r = read_events(c);
        if (r != PULL_OK) {
            buf_free(&key);
            return r == PULL_ERROR ? -1 : 0;
        }
    }
}

/* Behind the root only spaces and NULs may follow. */
static int read_tail(struct chrome *c)
{
    struct input *in = &c->s->in;
    for (;;) {
        while (in->p < in->end &&
               (*in->p == 0 || *in->p == ' ' || (*in->p >= '\t' && *in->p <= '\r')))
            in->p++;
        if (in->p < in->end) {
            source_damage(c->s, in->p, "bytes after the end of the trace");
            return 0;
        }
        int more = source_more(c->s, c->e);
        if (more <= 0)
            return more;
    }
}

static int read_array(struct chrome *c)
{
    enum pull r = read_events(c);
    /* A bare array may lack its `]`: the writers of this form append and never close. */
    return r == PULL_ERROR ? -1 : r == PULL_OK ? read_tail(c) : 0;
}

static int read_root(struct chrome *c)
{
    struct input *in = &c->s->in;
    if (input_at_hand(in) >= 3 && memcmp(in->p, "\xEF\xBB\xBF", 3) == 0)
        in->p += 3;
    enum pull r = pull_space(c->s, false, c->e);
    if (r == PULL_ERROR)
        return -1;
    if (r == PULL_END)
        return err_set(c->e, ST_FAILED, "%s: empty, not a trace", in->name);
    if (*in->p == '[') {
        in->p++;
        return read_array(c);
    }
    if (*in->p != '{' || sniff_is_marshal(in))
        return sniff_refuse(in, c->e);
    in->p++;
    if (read_object(c) < 0)
        return -1;
    if (!c->has_events)
        return sniff_refuse_object(in, &c->keys, c->e);
    return c->s->structural ? 0 : read_tail(c);
}

static int finish(struct chrome *c)
{
    struct source *s = c->s;
    char number[24];
    pairs_finish(&c->events.pairs, s);
    source_meta(s, "format", slice_str(c->rocprof ? "\"rocprofv3\"" : "\"chrome\""));
    if (c->events.pairs.unmatched) {
        (void)snprintf(number, sizeof number, "%llu",
                       (unsigned long long)c->events.pairs.unmatched);
        source_meta(s, "unmatched_begin_end", slice_str(number));
    }
    if (s->in.damage[0])
        source_damage(s, s->in.end, s->in.damage);
    if (s->kept + s->unselected > 0 || (!s->structural && s->lost + s->lost_unselected == 0))
        return 0;
    struct damage first = source_first_damage(s);
    return err_set(c->e, ST_FAILED, "%s: byte %llu: not a trace, no event can be read: %s",
                   s->in.name, (unsigned long long)first.off_bytes, first.why);
}

int chrome_read(struct source *s, struct err *e)
{
    struct chrome c = {.s = s, .e = e};
    if (s->threads > 1)
        input_read_ahead(&s->in);
    events_init(&c.events, s, e);
    int rc = read_root(&c);
    if (rc == 0)
        rc = finish(&c);
    else
        pairs_finish(&c.events.pairs, s);
    events_free(&c.events);
    sniff_free(&c.keys);
    return rc;
}
