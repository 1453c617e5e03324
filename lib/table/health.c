#include "table/health.h"

#include "base/mem.h"

#include <stdlib.h>

struct numbers {
    uint64_t *at;
    size_t n, cap;
};

struct health_part {
    uint32_t part;
    int64_t first_ns, last_ns;
    bool any;
    struct numbers gpu, runtime; /* correlations */
};

struct health_stream {
    struct interval *at;
    size_t n, cap;
};

static void numbers_add(struct numbers *l, uint64_t v)
{
    l->at = mem_grow(l->at, &l->cap, l->n + 1, sizeof *l->at);
    l->at[l->n++] = v;
}

static struct health_part *part_of(struct health *h, uint32_t part)
{
    for (size_t i = h->nparts; i > 0; i--)
        if (h->parts[i - 1].part == part)
            return &h->parts[i - 1];
    h->parts = mem_grow(h->parts, &h->parts_cap, h->nparts + 1, sizeof *h->parts);
    h->parts[h->nparts] = (struct health_part){.part = part};
    return &h->parts[h->nparts++];
}

/* Streams of the GPU --------------------------------------------------------------------------- */

static void add_word(struct buf *key, const struct stream *s, uint32_t word)
{
    struct slice text = stream_word(s, word);
    buf_addf(key, "%u:%zu:", word != 0, text.n);
    buf_add(key, text.p, text.n);
}

/* The number of a track's GPU stream, counted from 1: that of its part, process, device and stream.
 */
static uint32_t name_stream(struct health *h, const struct stream *s, uint32_t part,
                            const struct track *t)
{
    struct buf key = {0};
    buf_addf(&key, "%lu:", (unsigned long)part);
    add_word(&key, s, t->device);
    strtab_intern(&h->device_names, buf_slice(&key));
    add_word(&key, s, t->pid);
    add_word(&key, s, t->stream ? t->stream : t->tid);
    uint32_t before = h->names.n, id = strtab_intern(&h->names, buf_slice(&key));
    h->streams = mem_grow(h->streams, &h->streams_cap, id, sizeof *h->streams);
    if (id > before)
        h->streams[id - 1] = (struct health_stream){0};
    buf_free(&key);
    return id;
}

/* Makes stream_of ready for the tracks of a batch. */
static void prepare_tracks(struct health *h, const struct stream *s, uint32_t part)
{
    if (part != h->tracks_part)
        health_forget(h);
    h->tracks_part = part;
    h->stream_of =
        mem_grow_zeroed(h->stream_of, &h->tracks_cap, (size_t)s->ntracks + 1, sizeof *h->stream_of);
}

static void add_gpu(struct health *h, const struct stream *s, struct health_part *part,
                    const struct record *r)
{
    const struct track *t = &s->tracks[r->track - 1];
    uint32_t *id = &h->stream_of[r->track];
    int64_t end_ns;
    if (*id == 0)
        *id = name_stream(h, s, part->part, t);
    struct health_stream *g = &h->streams[*id - 1];
    if (__builtin_add_overflow(r->start_ns, r->dur_ns, &end_ns))
        end_ns = INT64_MAX;
    g->at = mem_grow(g->at, &g->cap, g->n + 1, sizeof *g->at);
    g->at[g->n++] = (struct interval){r->start_ns, end_ns};
    if (t->flags & TRACK_CORRELATION)
        numbers_add(&part->gpu, r->correlation);
    else
        h->unlinked++;
}

/* Records -------------------------------------------------------------------------------------- */

/* The phase dialects of vLLM and SGLang, see DEFINITIONS.md 5. */
static bool names_phase(struct slice name)
{
    static const char *const dialects[] = {"step[", "prefill[", "decode[", "capture_",
                                           "execute_diffusion_"};
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
        if (name.n >= strlen(dialects[i]) && memcmp(name.p, dialects[i], strlen(dialects[i])) == 0)
            return true;
    return name.n > 8 && memcmp(name.p, "execute_", 8) == 0 &&
           memmem(name.p, name.n, "context_", 8) && memmem(name.p, name.n, "_generation_", 12);
}

static void widen(struct health_part *part, const struct record *r)
{
    int64_t end_ns;
    if (__builtin_add_overflow(r->start_ns, r->dur_ns, &end_ns))
        end_ns = INT64_MAX;
    if (!part->any || r->start_ns < part->first_ns)
        part->first_ns = r->start_ns;
    if (!part->any || end_ns > part->last_ns)
        part->last_ns = end_ns;
    part->any = true;
}

static void judge_interval(struct health *h, const struct record *r)
{
    h->unnamed += r->name == 0;
    h->absurd += r->dur_ns > HEALTH_ABSURD_NS;
    if (r->dur_ns > h->longest_ns)
        h->longest_ns = r->dur_ns;
}

void health_records(struct health *h, const struct stream *s, const struct batch *b)
{
    struct health_part *part = part_of(h, b->part);
    bool gpu = KIND_BIT(b->kind) & KINDS_GPU;
    prepare_tracks(h, s, b->part);
    for (uint32_t i = 0; i < b->n; i++) {
        struct record r = record_get(b->rows + (size_t)i * RECORD_BYTES);
        const struct track *t = &s->tracks[r.track - 1];
        if (slice_is(stream_word(s, t->ph), "X"))
            judge_interval(h, &r);
        if (b->kind != KIND_META && !(t->flags & TRACK_NO_START))
            widen(part, &r);
        if (gpu)
            add_gpu(h, s, part, &r);
        else if (b->kind == KIND_RUNTIME && t->flags & TRACK_CORRELATION)
            numbers_add(&part->runtime, r.correlation);
        else if (b->kind == KIND_ANNOTATION)
            h->phases += names_phase(stream_name(s, b->kind, r.name));
    }
    if (b->kind == KIND_PYTHON)
        h->python += b->n;
}

void health_forget(struct health *h)
{
    if (h->tracks_cap)
        memset(h->stream_of, 0, h->tracks_cap * sizeof *h->stream_of);
}

/* The end of a stream -------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int by_start(const void *a, const void *b)
{
    const struct interval *x = a, *y = b;
    return (x->start_ns > y->start_ns) - (x->start_ns < y->start_ns);
}

static uint64_t count_unlinked(struct numbers *gpu, struct numbers *runtime)
{
    uint64_t unlinked = 0;
    size_t at = 0;
    if (gpu->n)
        qsort(gpu->at, gpu->n, sizeof *gpu->at, by_number);
    if (runtime->n)
        qsort(runtime->at, runtime->n, sizeof *runtime->at, by_number);
    for (size_t i = 0; i < gpu->n; i++) {
        while (at < runtime->n && runtime->at[at] < gpu->at[i])
            at++;
        unlinked += at == runtime->n || runtime->at[at] != gpu->at[i];
    }
    return unlinked;
}

static uint64_t count_overlaps(struct health_stream *g)
{
    uint64_t overlaps = 0;
    int64_t open_until_ns = INT64_MIN;
    qsort(g->at, g->n, sizeof *g->at, by_start);
    for (size_t i = 0; i < g->n; i++) {
        overlaps += g->at[i].start_ns < open_until_ns;
        if (g->at[i].end_ns > open_until_ns)
            open_until_ns = g->at[i].end_ns;
    }
    return overlaps;
}

/* Frees what was kept of the stream at hand. */
static void drop(struct health *h)
{
    for (uint32_t i = 0; i < h->names.n; i++)
        free(h->streams[i].at);
    for (size_t i = 0; i < h->nparts; i++) {
        free(h->parts[i].gpu.at);
        free(h->parts[i].runtime.at);
    }
    strtab_clear(&h->names);
    strtab_clear(&h->device_names);
    h->nparts = 0;
    health_forget(h);
}

void health_end(struct health *h)
{
    for (size_t i = 0; i < h->nparts; i++) {
        struct health_part *part = &h->parts[i];
        h->unlinked += count_unlinked(&part->gpu, &part->runtime);
        h->span_ns += part->any ? (wide)part->last_ns - part->first_ns : 0;
    }
    for (uint32_t i = 0; i < h->names.n; i++)
        h->overlaps += count_overlaps(&h->streams[i]);
    h->devices += h->device_names.n;
    drop(h);
}

void health_free(struct health *h)
{
    drop(h);
    strtab_free(&h->names);
    strtab_free(&h->device_names);
    free(h->parts);
    free(h->streams);
    free(h->stream_of);
    *h = (struct health){0};
}
