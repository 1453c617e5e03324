#include "prof/speedscope_profile.h"

#include "base/mem.h"
#include "base/num.h"

#include <stdlib.h>

static void lose(struct speedscope *f, const char *why)
{
    intake_lose(f->s, "byte", input_offset(&f->json.in, f->json.in.p), why);
}

bool speedscope_number(struct slice text, paths_weight *out)
{
    int64_t v;
    paths_weight unit = 1;
    for (int scale = 9; scale >= 0; scale -= 3, unit *= 1000) {
        enum num_result got = num_scaled(text, scale, &v);
        *out = v * unit;
        if (got != NUM_RANGE)
            return got == NUM_OK;
    }
    return false;
}

/* Events --------------------------------------------------------------------------------------- */

struct switch_event {
    paths_weight at;
    uint64_t frame;
    char type;
    bool has_at, has_frame;
};

static void take_field(struct json_cursor *c, struct slice key, struct switch_event *ev)
{
    struct json_value v;
    if (!json_value(c, &v))
        return;
    if (v.type == JSON_OBJECT || v.type == JSON_ARRAY)
        json_skip(c);
    else if (slice_is(key, "at"))
        ev->has_at = speedscope_number(v.text.raw, &ev->at);
    else if (slice_is(key, "frame"))
        ev->has_frame = num_u64(v.text.raw, &ev->frame) && ev->frame < UINT32_MAX;
    else if (slice_is(key, "type"))
        ev->type = v.text.raw.n == 1 ? (char)v.text.raw.p[0] : '\0';
}

static bool event_piece(struct json_cursor *c, void *ctx)
{
    struct switch_event *ev = ctx;
    struct json_string key;
    *ev = (struct switch_event){0};
    if (*c->p != '{')
        return json_skip(c);
    for (json_enter(c); json_member(c, &key);)
        take_field(c, key.raw, ev);
    return !c->fault;
}

/* How often a frame is open. */
static uint32_t *times_open(struct speedscope_profile *p, uint32_t frame)
{
    uint8_t key[4];
    uint32_t before = p->seen.n;
    put_u32(key, frame);
    uint32_t id = strtab_intern(&p->seen, slice_of(key, sizeof key));
    p->times = mem_grow(p->times, &p->times_cap, (size_t)id + 1, sizeof *p->times);
    if (id > before)
        p->times[id] = 0;
    return &p->times[id];
}

/* What is innermost has run until now; a frame that ends has its stack, if it took no time too. */
static void pass_time(struct speedscope_profile *p, paths_weight now, bool ends)
{
    if (p->open.n && (ends || now > p->last))
        paths_add(&p->paths, p->open.nodes[p->open.n - 1], now - p->last);
    p->last = now;
    p->has_last = true;
}

static void open_frame(struct speedscope_profile *p, uint32_t frame)
{
    struct speedscope_open *o = &p->open;
    uint32_t node = paths_within(&p->paths, o->n ? o->nodes[o->n - 1] : 0, frame);
    o->nodes = mem_grow(o->nodes, &o->cap, o->n + 1, sizeof *o->nodes);
    o->nodes[o->n++] = node;
    ++*times_open(p, frame);
}

static void close_frame(struct speedscope *f, struct speedscope_profile *p, uint32_t frame)
{
    uint32_t closed;
    if (*times_open(p, frame) == 0) {
        lose(f, "a close of a frame that is not open");
        return;
    }
    do {
        closed = paths_frame(&p->paths, p->open.nodes[--p->open.n]);
        --*times_open(p, closed);
        if (closed != frame)
            lose(f, "a frame is closed while one within it is open");
    } while (closed != frame);
}

static void take_event(struct speedscope *f, struct speedscope_profile *p, void *element)
{
    const struct switch_event *ev = element;
    bool closes = ev->type == 'C';
    if (!ev->has_at || !ev->has_frame || (!closes && ev->type != 'O')) {
        lose(f, "an event without type O or C, frame and time");
        return;
    }
    if (p->has_last && ev->at < p->last) {
        lose(f, "an event that is earlier than the one before it");
        return;
    }
    pass_time(p, ev->at, closes);
    if (closes)
        close_frame(f, p, (uint32_t)ev->frame);
    else
        open_frame(p, (uint32_t)ev->frame);
}

/* Samples -------------------------------------------------------------------------------------- */

struct sample {
    struct speedscope_profile *p;
    uint32_t node; /* 0: the sample is bad or empty */
    bool bad;
};

static bool sample_piece(struct json_cursor *c, void *ctx)
{
    struct sample *sample = ctx;
    struct json_value v;
    uint64_t frame;
    sample->node = 0;
    sample->bad = *c->p != '[';
    if (sample->bad)
        return json_skip(c);
    for (json_enter(c); json_element(c);) {
        bool ok = json_value(c, &v) && num_u64(v.text.raw, &frame) && frame < UINT32_MAX;
        if (v.type == JSON_ARRAY || v.type == JSON_OBJECT)
            json_skip(c);
        sample->bad |= !ok;
        sample->node = ok ? paths_within(&sample->p->paths, sample->node, (uint32_t)frame) : 0;
    }
    return !c->fault;
}

static void take_sample(struct speedscope *f, struct speedscope_profile *p, void *element)
{
    const struct sample *sample = element;
    if (sample->bad)
        lose(f, "a sample that is no array of frames");
    p->samples = mem_grow(p->samples, &p->samples_cap, p->nsamples + 1, sizeof *p->samples);
    p->samples[p->nsamples++] = sample->bad ? UINT32_MAX : sample->node;
}

static bool scalar_piece(struct json_cursor *c, void *ctx)
{
    struct json_value *v = ctx;
    if (!json_value(c, v))
        return false;
    return v->type == JSON_STRING || v->type == JSON_WORD || json_skip(c);
}

static void take_weight(struct speedscope *f, struct speedscope_profile *p, void *element)
{
    const struct json_value *v = element;
    paths_weight weight;
    bool ok = v->type != JSON_ARRAY && v->type != JSON_OBJECT &&
              speedscope_number(v->text.raw, &weight) && weight >= 0;
    (void)f;
    p->weights = mem_grow(p->weights, &p->weights_cap, p->nweights + 1, sizeof *p->weights);
    p->weights[p->nweights++] = ok ? weight : -1;
}

/* The profile ---------------------------------------------------------------------------------- */

static enum pull read_text(struct speedscope *f, struct buf *out)
{
    struct json_value v;
    enum pull r = pull(&f->json, scalar_piece, &v, INPUT_HOLD_MAX, &f->fault, f->e);
    out->n = 0;
    if (r == PULL_OK && v.type == JSON_STRING)
        json_decode(v.text.raw, out);
    return r;
}

static enum pull read_end(struct speedscope *f, struct speedscope_profile *p)
{
    struct json_value v;
    enum pull r = pull(&f->json, scalar_piece, &v, INPUT_HOLD_MAX, &f->fault, f->e);
    p->has_end = r == PULL_OK && (v.type == JSON_STRING || v.type == JSON_WORD) &&
                 speedscope_number(v.text.raw, &p->end);
    return r;
}

static enum pull read_member(struct speedscope *f, struct speedscope_profile *p)
{
    struct slice key = buf_slice(&f->key);
    struct switch_event event;
    struct sample sample = {.p = p};
    struct json_value weight;
    if (slice_is(key, "name"))
        return read_text(f, &p->name);
    if (slice_is(key, "unit"))
        return read_text(f, &p->unit);
    if (slice_is(key, "endValue"))
        return read_end(f, p);
    if (slice_is(key, "events"))
        return speedscope_array(f, event_piece, &event, take_event, p);
    if (slice_is(key, "samples"))
        return speedscope_array(f, sample_piece, &sample, take_sample, p);
    if (slice_is(key, "weights"))
        return speedscope_array(f, scalar_piece, &weight, take_weight, p);
    return pull_skip(&f->json, &f->fault, f->e);
}

enum pull speedscope_profile_read(struct speedscope *f, struct speedscope_profile *p)
{
    return speedscope_object(f, read_member, p);
}

void speedscope_profile_settle(struct speedscope *f, struct speedscope_profile *p)
{
    if (p->open.n) {
        intake_damage(f->s, "byte", input_offset(&f->json.in, f->json.in.p),
                      "frames are still open at the end");
        if (p->has_end && p->end > p->last)
            pass_time(p, p->end, true);
    }
    for (size_t i = 0; i < p->nsamples; i++)
        if (i >= p->nweights || p->weights[i] < 0)
            lose(f, "a sample without a weight");
        else if (p->samples[i] && p->samples[i] != UINT32_MAX)
            paths_add(&p->paths, p->samples[i], p->weights[i]);
    for (size_t i = p->nsamples; i < p->nweights; i++)
        lose(f, "a weight without a sample");
}

void speedscope_profile_free(struct speedscope_profile *p)
{
    buf_free(&p->name);
    buf_free(&p->unit);
    paths_free(&p->paths);
    strtab_free(&p->seen);
    free(p->open.nodes);
    free(p->times);
    free(p->samples);
    free(p->weights);
    *p = (struct speedscope_profile){0};
}
