#include "table/scope.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/opts.h"
#include "base/text.h"

#include <stdlib.h>

static const char schema[] = "https://www.speedscope.app/file-format-schema.json";

void scope_open(struct scope *s, struct output *out, const struct strtab *names)
{
    *s = (struct scope){.out = out, .names = names};
    buf_addf(&s->text, "{\"$schema\":\"%s\",\n\"exporter\":\"trs %s\",\n\"profiles\":[", schema,
             opts_version());
}

static int flush(struct scope *s, size_t at_least, struct err *e)
{
    if (s->text.n < at_least)
        return 0;
    int rc = output_write(s->out, s->text.p, s->text.n, e);
    s->text.n = 0;
    return rc;
}

static uint32_t frame_of(struct scope *s, uint32_t name)
{
    s->numbers = mem_grow_zeroed(s->numbers, &s->numbers_cap, (size_t)name + 1, sizeof *s->numbers);
    if (s->numbers[name] == 0) {
        s->frames = mem_grow(s->frames, &s->frames_cap, s->nframes + 1, sizeof *s->frames);
        s->frames[s->nframes++] = name;
        s->numbers[name] = (uint32_t)s->nframes;
    }
    return s->numbers[name] - 1;
}

static void begin_profile(struct scope *s, const char *type, struct slice name, const char *unit)
{
    buf_addf(&s->text, "%s\n{\"type\":\"%s\",\"name\":", s->profiles++ ? "," : "", type);
    text_add_json(&s->text, name, TEXT_REPLACE);
    buf_addf(&s->text, ",\"unit\":\"%s\",\"startValue\":0", unit);
}

/* Samples -------------------------------------------------------------------------------------- */

static void add_weight(struct scope *s, wide weight, unsigned decimals)
{
    wide_add(&s->text, weight, decimals);
    while (decimals && s->text.p[s->text.n - 1] == '0' && decimals--)
        s->text.n--;
    s->text.n -= s->text.p[s->text.n - 1] == '.';
}

static void add_sample(struct scope *s, const struct stacks *stacks, uint32_t node)
{
    size_t n = 0;
    for (; node != STACKS_ROOT; node = stacks->nodes[node].parent) {
        s->path = mem_grow(s->path, &s->path_cap, n + 1, sizeof *s->path);
        s->path[n++] = stacks->nodes[node].name;
    }
    for (buf_addc(&s->text, '['); n > 0; n--)
        buf_addf(&s->text, "%u%s", (unsigned)frame_of(s, s->path[n - 1]), n > 1 ? "," : "]");
}

static int add_samples(struct scope *s, const struct stacks *stacks, struct err *e)
{
    const char *before = "";
    buf_adds(&s->text, ",\n\"samples\":[");
    for (uint32_t node = 1; node < stacks->n; node++) {
        if (stacks->nodes[node].weight == 0)
            continue;
        buf_adds(&s->text, before);
        add_sample(s, stacks, node);
        if (flush(s, OUTPUT_BLOCK, e) < 0)
            return -1;
        before = ",\n";
    }
    return 0;
}

int scope_sampled(struct scope *s, struct slice name, const char *unit, const struct stacks *stacks,
                  unsigned decimals, struct err *e)
{
    wide all = 0;
    const char *before = "";
    begin_profile(s, "sampled", name, unit);
    if (add_samples(s, stacks, e) < 0)
        return -1;
    buf_adds(&s->text, "],\n\"weights\":[");
    for (uint32_t node = 1; node < stacks->n; node++) {
        wide weight = stacks->nodes[node].weight;
        if (weight == 0)
            continue;
        buf_adds(&s->text, before);
        add_weight(s, weight, decimals);
        if (flush(s, OUTPUT_BLOCK, e) < 0)
            return -1;
        all += weight;
        before = ",";
    }
    buf_adds(&s->text, "],\n\"endValue\":");
    add_weight(s, all, decimals);
    buf_addc(&s->text, '}');
    return 0;
}

/* Events --------------------------------------------------------------------------------------- */

struct thread_out {
    struct scope *s;
    const struct nest_event *events;
    wide first_ns, last_ns; /* of what was written */
};

static void add_event(struct thread_out *t, char type, size_t i)
{
    struct buf *text = &t->s->text;
    buf_addf(text, "%s{\"type\":\"%c\",\"frame\":%u,\"at\":", i || type == 'C' ? ",\n" : "", type,
             (unsigned)frame_of(t->s, t->events[i].tag));
    wide_add(text, t->last_ns - t->first_ns, 0);
    buf_addc(text, '}');
}

/* What stands in another one but ends after it keeps that open. Returns what is open then. */
static uint32_t close_event(struct thread_out *t, uint32_t i)
{
    if (t->events[i].end_ns > t->last_ns)
        t->last_ns = t->events[i].end_ns;
    add_event(t, 'C', i);
    return t->events[i].parent;
}

/* The last one opened and its parents are open. */
static int add_events(struct thread_out *t, size_t n, struct err *e)
{
    uint32_t open = NEST_NONE;
    for (uint32_t i = 0; i < n; i++) {
        while (open != t->events[i].parent)
            open = close_event(t, open);
        t->last_ns = t->events[i].start_ns;
        add_event(t, 'O', i);
        open = i;
        if (flush(t->s, OUTPUT_BLOCK, e) < 0)
            return -1;
    }
    while (open != NEST_NONE) {
        open = close_event(t, open);
        if (flush(t->s, OUTPUT_BLOCK, e) < 0)
            return -1;
    }
    return 0;
}

int scope_evented(struct scope *s, struct slice name, const struct nest_event *events, size_t n,
                  wide first_ns, struct err *e)
{
    struct thread_out t = {.s = s, .events = events, .first_ns = first_ns, .last_ns = first_ns};
    begin_profile(s, "evented", name, "nanoseconds");
    buf_adds(&s->text, ",\n\"events\":[");
    if (add_events(&t, n, e) < 0)
        return -1;
    buf_adds(&s->text, "],\n\"endValue\":");
    wide_add(&s->text, t.last_ns - first_ns, 0);
    buf_addc(&s->text, '}');
    return 0;
}

/* Frames --------------------------------------------------------------------------------------- */

/* Where `:line(` begins in `file:line(name)`, and where the line ends; false if it does not, or if
 * what stands there is no number as JSON has them. */
static bool find_place(struct slice s, size_t *colon, size_t *open)
{
    uint64_t line;
    if (s.n < 4 || s.p[s.n - 1] != ')')
        return false;
    for (size_t i = 1; i + 2 < s.n; i++) {
        size_t end = i + 1;
        while (s.p[i] == ':' && s.p[end] >= '0' && s.p[end] <= '9')
            end++;
        bool number = end > i + 1 && s.p[end] == '(' && (s.p[i + 1] != '0' || end == i + 2);
        if (!number || !num_u64(slice_of(s.p + i + 1, end - i - 1), &line) || line > INT32_MAX)
            continue;
        *colon = i;
        *open = end;
        return true;
    }
    return false;
}

static void add_frame(struct scope *s, struct slice name)
{
    size_t colon, open;
    bool place = s->places && find_place(name, &colon, &open);
    buf_adds(&s->text, "{\"name\":");
    text_add_json(&s->text, place ? slice_of(name.p + open + 1, name.n - open - 2) : name,
                  TEXT_REPLACE);
    if (place) {
        buf_adds(&s->text, ",\"file\":");
        text_add_json(&s->text, slice_of(name.p, colon), TEXT_REPLACE);
        buf_addf(&s->text, ",\"line\":%.*s", (int)(open - colon - 1), name.p + colon + 1);
    }
    buf_addc(&s->text, '}');
}

int scope_close(struct scope *s, struct slice title, struct err *e)
{
    buf_adds(&s->text, "],\n\"shared\":{\"frames\":[");
    for (size_t i = 0; i < s->nframes; i++) {
        buf_adds(&s->text, i ? ",\n" : "\n");
        add_frame(s, strtab_get(s->names, s->frames[i]));
        if (flush(s, OUTPUT_BLOCK, e) < 0)
            return -1;
    }
    buf_adds(&s->text, "]},\n\"name\":");
    text_add_json(&s->text, title, TEXT_REPLACE);
    buf_adds(&s->text, ",\n\"activeProfileIndex\":0}\n");
    return flush(s, 1, e);
}

void scope_free(struct scope *s)
{
    free(s->numbers);
    free(s->frames);
    free(s->path);
    buf_free(&s->text);
}
