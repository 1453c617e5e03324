#include "table/facts.h"

#include "base/mem.h"
#include "trace/json.h"

#include <stdlib.h>

/* What a fact is called, and the metadata that it comes from as it stands. */
static const struct {
    const char *key, *meta;
} facts[FACTS] = {
    [FACT_PLATFORM] = {"platform", NULL},
    [FACT_GPU] = {"gpu", NULL},
    [FACT_RANKS] = {"ranks", NULL},
    [FACT_FORMAT] = {"format", "format"},
    [FACT_WEIGHT] = {"weight", "weight"},
    [FACT_BASE] = {"base_ns", "baseTimeNanoseconds"},
    [FACT_VERSIONS] = {"cuda_version", "cuda_runtime_version"},
    {"cuda_driver_version", "cuda_driver_version"},
    {"cupti_version", "cupti_version"},
    {"hip_version", "hip_runtime_version"},
    {"hip_driver_version", "hip_driver_version"},
    {"roctracer_version", "roctracer_version"},
    {"unmatched_begin_end", "unmatched_begin_end"},
    {"layers", "layers"},
    {"layer_confidence", "layer_confidence"},
};

const char *facts_key(unsigned fact)
{
    return facts[fact].key;
}

static struct facts_part *part_of(struct facts *f, uint32_t part)
{
    f->parts = mem_grow_zeroed(f->parts, &f->cap, (size_t)part + 1, sizeof *f->parts);
    f->parts[part].there = true;
    return &f->parts[part];
}

static bool begins(struct slice s, const char *with)
{
    size_t n = strlen(with);
    return s.n >= n && memcmp(s.p, with, n) == 0;
}

void facts_runtime(struct facts *f, const struct stream *s, const struct batch *b)
{
    struct facts_part *part = part_of(f, b->part);
    for (uint32_t i = 0; i < b->n && !part->hip && !part->cuda; i++) {
        struct record r = record_get(b->rows + (size_t)i * RECORD_BYTES);
        struct slice name = stream_name(s, b->kind, r.name);
        part->hip = begins(name, "hip");
        part->cuda = begins(name, "cuda") ||
                     (begins(name, "cu") && name.n > 2 && name.p[2] >= 'A' && name.p[2] <= 'Z');
    }
}

/* What deviceProperties tell of the platform; the names of the devices become facts. */
struct devices {
    bool warp64, nvidia;
};

static void read_device(struct facts *f, struct json_cursor *c, struct devices *d)
{
    static const char *const makes[] = {"NVIDIA", "Tesla", "GeForce", "Quadro"};
    struct json_string key;
    struct json_value v;
    struct buf scratch = {0};
    for (json_enter(c); json_member(c, &key);) {
        if (!json_value(c, &v) || v.type == JSON_OBJECT || v.type == JSON_ARRAY) {
            json_skip(c);
            continue;
        }
        struct slice text = json_bytes(v.text, &scratch);
        if (slice_is(key.raw, "warpSize"))
            d->warp64 |= slice_is(text, "64");
        if (!slice_is(key.raw, "name") || text.n == 0)
            continue;
        strtab_intern(&f->values[FACT_GPU], text);
        for (size_t i = 0; i < sizeof makes / sizeof *makes; i++)
            d->nvidia |= begins(text, makes[i]);
    }
    buf_free(&scratch);
}

static struct devices read_devices(struct facts *f, struct slice json)
{
    struct devices d = {0};
    struct json_cursor c = json_at(json.p, json.p + json.n);
    if (json.n == 0 || *json.p != '[')
        return d;
    for (json_enter(&c); json_element(&c);)
        if (*c.p == '{')
            read_device(f, &c, &d);
        else
            json_skip(&c);
    return d;
}

/* What the end mark tells of the records of parts; what it says has been bounded by nobody. */
static void read_totals(struct facts *f, const struct stream *s)
{
    for (uint32_t i = 0; i < s->totals.nrows; i++) {
        const struct tally *row = &s->totals.rows[i];
        if (row->part >= PARTS_MAX)
            continue;
        struct facts_part *part = part_of(f, row->part);
        part->mtia |= row->events && begins(stream_word(s, row->cat), "mtia_");
        part->profile |= row->events && kinds_have(KINDS_PROFILE, row->kind);
    }
}

static const char *platform(struct facts *f, const struct stream *s, uint32_t part)
{
    struct devices d = read_devices(f, parts_get(&s->parts, part, "deviceProperties"));
    bool rocprof = slice_is(parts_get(&s->parts, part, "format"), "\"rocprofv3\"");
    bool roctracer = parts_get(&s->parts, part, "roctracer_version").n > 0;
    if (roctracer || d.warp64 || rocprof || f->parts[part].hip)
        return "amd";
    if (f->parts[part].cuda || d.nvidia)
        return "nvidia";
    return f->parts[part].mtia ? "mtia" : "unknown";
}

/* A value that is not there is otherwise, if there is such a thing. */
static void add_meta(struct facts *f, const struct stream *s, uint32_t part, unsigned fact,
                     const char *otherwise)
{
    struct slice json = parts_get(&s->parts, part, facts[fact].meta);
    struct buf text = {0};
    if (json.n >= 2 && json.p[0] == '"')
        json_decode(slice_of(json.p + 1, json.n - 2), &text);
    else
        buf_add(&text, json.p, json.n);
    if (text.n == 0)
        buf_adds(&text, otherwise);
    if (text.n)
        strtab_intern(&f->values[fact], buf_slice(&text));
    buf_free(&text);
}

static void add_part(struct facts *f, const struct stream *s, uint32_t part, struct slice rank)
{
    strtab_intern(&f->values[FACT_RANKS], rank);
    add_meta(f, s, part, FACT_FORMAT, "chrome");
    if (f->parts[part].profile)
        add_meta(f, s, part, FACT_WEIGHT, "ns");
    else
        strtab_intern(&f->values[FACT_PLATFORM], slice_str(platform(f, s, part)));
    for (unsigned fact = FACT_BASE; fact < FACTS; fact++)
        add_meta(f, s, part, fact, "");
}

void facts_end(struct facts *f, const struct stream *s)
{
    struct strtab ranks = {0};
    for (size_t i = 0; i < s->parts.n; i++)
        part_of(f, s->parts.rows[i].part);
    read_totals(f, s);
    parts_ranks(&s->parts, (uint32_t)f->cap, &ranks);
    for (uint32_t part = 0; part < f->cap; part++)
        if (f->parts[part].there)
            add_part(f, s, part, strtab_get(&ranks, part + 1));
    if (f->cap)
        memset(f->parts, 0, f->cap * sizeof *f->parts);
    strtab_free(&ranks);
}

void facts_free(struct facts *f)
{
    for (unsigned fact = 0; fact < FACTS; fact++)
        strtab_free(&f->values[fact]);
    free(f->parts);
    *f = (struct facts){0};
}
