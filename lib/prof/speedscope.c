#include "prof/speedscope.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"
#include "prof/speedscope_profile.h"

#include <stdlib.h>

/* Walking -------------------------------------------------------------------------------------- */

static enum pull bad_json(struct speedscope *f, const char *why)
{
    f->fault = (struct pull_fault){.why = why};
    return PULL_BAD;
}

/* Up to the next element of an array, or behind its end. Commas are not looked at: nothing is lost
 * where one is missing or too many. */
static enum pull next_element(struct speedscope *f, bool *end)
{
    enum pull r = pull_space(&f->json, true, f->e);
    *end = r == PULL_OK && *f->json.in.p == ']';
    f->json.in.p += *end;
    return r;
}

enum pull speedscope_array(struct speedscope *f, pull_piece *piece, void *element,
                           void (*take)(struct speedscope *f, struct speedscope_profile *p,
                                        void *element),
                           struct speedscope_profile *p)
{
    struct input *in = &f->json.in;
    if (*in->p != '[')
        return pull_skip(&f->json, &f->fault, f->e);
    in->p++;
    for (;;) {
        bool end;
        enum pull r = next_element(f, &end);
        if (r != PULL_OK || end)
            return r;
        if (*in->p == '}' || *in->p == ':')
            return bad_json(f, "a value or ] should stand here");
        if ((r = pull(&f->json, piece, element, INPUT_HOLD_MAX, &f->fault, f->e)) != PULL_OK)
            return r;
        take(f, p, element);
    }
}

enum pull speedscope_object(struct speedscope *f,
                            enum pull (*member)(struct speedscope *f, struct speedscope_profile *p),
                            struct speedscope_profile *p)
{
    bool first = true, done = false;
    if (*f->json.in.p != '{')
        return pull_skip(&f->json, &f->fault, f->e);
    f->json.in.p++;
    for (;;) {
        enum pull r = pull_key(&f->json, &first, &f->key, &done, &f->fault, f->e);
        if (r != PULL_OK || done)
            return r;
        if ((r = member(f, p)) != PULL_OK)
            return r;
    }
}

/* Frames --------------------------------------------------------------------------------------- */

struct shared_frame {
    struct buf name, file, line, shown;
};

static void frame_field(struct json_cursor *c, struct slice key, struct shared_frame *fr)
{
    struct json_value v;
    struct buf *out = slice_is(key, "name")   ? &fr->name
                      : slice_is(key, "file") ? &fr->file
                      : slice_is(key, "line") ? &fr->line
                                              : NULL;
    if (!json_value(c, &v))
        return;
    if (v.type == JSON_OBJECT || v.type == JSON_ARRAY)
        json_skip(c);
    else if (out && !slice_is(v.text.raw, "null"))
        json_decode(v.text.raw, out);
}

static bool frame_piece(struct json_cursor *c, void *ctx)
{
    struct shared_frame *fr = ctx;
    struct json_string key;
    fr->name.n = fr->file.n = fr->line.n = 0;
    if (*c->p != '{')
        return json_skip(c);
    for (json_enter(c); json_member(c, &key);)
        frame_field(c, key.raw, fr);
    return !c->fault;
}

static void take_frame(struct speedscope *f, struct speedscope_profile *p, void *element)
{
    struct shared_frame *fr = element;
    struct buf *out = &fr->shown;
    (void)p;
    out->n = 0;
    if (fr->file.n && fr->line.n) {
        buf_add(out, fr->file.p, fr->file.n);
        buf_addc(out, ':');
        buf_add(out, fr->line.p, fr->line.n);
        buf_addc(out, '(');
    }
    buf_add(out, fr->name.p, fr->name.n);
    if (fr->file.n && fr->line.n)
        buf_addc(out, ')');
    strtab_add(&f->frames, buf_slice(out));
}

static enum pull shared_member(struct speedscope *f, struct speedscope_profile *p)
{
    struct shared_frame fr = {0};
    if (!slice_is(buf_slice(&f->key), "frames"))
        return pull_skip(&f->json, &f->fault, f->e);
    enum pull r = speedscope_array(f, frame_piece, &fr, take_frame, p);
    buf_free(&fr.name);
    buf_free(&fr.file);
    buf_free(&fr.line);
    buf_free(&fr.shown);
    return r;
}

/* The file ------------------------------------------------------------------------------------- */

static enum pull read_profiles(struct speedscope *f)
{
    struct input *in = &f->json.in;
    if (*in->p != '[')
        return bad_json(f, "profiles is no array");
    in->p++;
    for (;;) {
        bool end;
        enum pull r = next_element(f, &end);
        if (r != PULL_OK || end)
            return r;
        if (*in->p != '{')
            return bad_json(f, "a profile that is no object");
        if (f->nprofiles == PARTS_MAX)
            return bad_json(f, "more profiles than a stream has parts");
        f->profiles =
            mem_grow(f->profiles, &f->profiles_cap, f->nprofiles + 1, sizeof *f->profiles);
        f->profiles[f->nprofiles++] = (struct speedscope_profile){0};
        if ((r = speedscope_profile_read(f, &f->profiles[f->nprofiles - 1])) != PULL_OK)
            return r;
    }
}

static enum pull refuse(struct speedscope *f, const char *why)
{
    err_set(f->e, ST_FAILED, "%s: not a profile: %s", f->json.in.name, why);
    return PULL_ERROR;
}

static enum pull root_member(struct speedscope *f, struct speedscope_profile *p)
{
    struct slice key = buf_slice(&f->key);
    if (slice_is(key, "profiles"))
        return read_profiles(f);
    if (slice_is(key, "shared"))
        return speedscope_object(f, shared_member, p);
    if (slice_is(key, "traceEvents") || slice_is(key, "rocprofiler-sdk-tool"))
        return refuse(f, "this is a trace; did you mean: trace-parse FILE | ...");
    return pull_skip(&f->json, &f->fault, f->e);
}

/* A unit of weights in units of 10^-9 of the file's. */
static paths_weight unit_of(struct slice unit, const char **weight)
{
    static const struct {
        const char *name, *weight;
        paths_weight unit;
    } units[] = {{"nanoseconds", "ns", 1000000000}, {"microseconds", "ns", 1000000},
                 {"milliseconds", "ns", 1000},      {"seconds", "ns", 1},
                 {"bytes", "bytes", 1000000},       {"none", "samples", 1000000}};
    size_t i = 0, last = sizeof units / sizeof *units - 1;
    while (i < last && !slice_is(unit, units[i].name))
        i++;
    *weight = units[i].weight;
    return units[i].unit;
}

static void emit_profile(struct speedscope *f, struct speedscope_profile *p)
{
    const char *weight;
    struct buf json = {0};
    paths_weight unit = unit_of(buf_slice(&p->unit), &weight);
    speedscope_profile_settle(f, p);
    intake_part(f->s, "speedscope", weight);
    text_add_json(&json, buf_slice(&p->name), TEXT_SURROGATES);
    writer_meta(f->s->w, f->s->emit.part, slice_str("profile"), buf_slice(&json));
    buf_free(&json);
    uint64_t lost = paths_emit(&p->paths, &f->s->emit, &f->frames, unit);
    for (uint64_t i = 0; i < lost; i++)
        intake_lose(f->s, "byte", input_offset(&f->json.in, f->json.in.p),
                    "a stack with a frame that shared does not have, or with too much weight");
}

/* What came before a fault is kept. */
static int read_root(struct speedscope *f)
{
    struct input *in = &f->json.in;
    enum pull r = pull_space(&f->json, false, f->e);
    if (r == PULL_OK && *in->p != '{')
        r = refuse(f, "no JSON object");
    if (r == PULL_OK)
        r = speedscope_object(f, root_member, NULL);
    if (r == PULL_OK) {
        r = pull_space(&f->json, false, f->e);
        f->fault = (struct pull_fault){.why = "something follows the profile"};
        if (r == PULL_END)
            return 0;
    }
    if (r == PULL_ERROR)
        return -1;
    intake_damage(f->s, "byte", input_offset(in, in->p) + f->fault.at, f->fault.why);
    return 0;
}

static void emit_all(struct speedscope *f)
{
    for (size_t i = 0; i < f->nprofiles && !writer_stopped(f->s->w); i++)
        emit_profile(f, &f->profiles[i]);
}

static void free_all(struct speedscope *f)
{
    for (size_t i = 0; i < f->nprofiles; i++)
        speedscope_profile_free(&f->profiles[i]);
    free(f->profiles);
    strtab_free(&f->frames);
    buf_free(&f->key);
}

int speedscope_read(struct intake *s, struct err *e)
{
    struct speedscope f = {.s = s, .json = {.in = s->in, .progress = s->progress}, .e = e};
    int rc = read_root(&f);
    if (rc == 0 && f.nprofiles == 0 && !s->damaged)
        rc = (int)refuse(&f, "a JSON object without profiles");
    if (rc == 0)
        emit_all(&f);
    s->progress = f.json.progress;
    s->in = f.json.in;
    free_all(&f);
    return rc;
}

bool speedscope_is(const struct input *in)
{
    const uint8_t *p = in->p;
    while (p < in->end && json_is_space(*p))
        p++;
    return p < in->end && *p == '{';
}
