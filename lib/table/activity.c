#include "table/activity.h"

#include "base/mem.h"

#include <stdlib.h>

static struct interval_set *part_set(struct activity *a, uint32_t part)
{
    for (size_t i = a->nparts; i > 0; i--)
        if (a->parts[i - 1].part == part)
            return &a->parts[i - 1].set;
    a->parts = mem_grow(a->parts, &a->parts_cap, a->nparts + 1, sizeof *a->parts);
    a->parts[a->nparts] = (struct activity_part){.part = part};
    return &a->parts[a->nparts++].set;
}

void activity_records(struct activity *a, const struct stream *s, const struct batch *b)
{
    if (!(KIND_BIT(b->kind) & KINDS_GPU))
        return;
    struct interval_set *set = part_set(a, b->part);
    a->name_ns = mem_grow_zeroed(a->name_ns, &a->names_cap, (size_t)s->strings[ROLE_GPU].n + 1,
                                 sizeof *a->name_ns);
    for (uint32_t i = 0; i < b->n; i++) {
        struct record r = record_get(b->rows + (size_t)i * RECORD_BYTES);
        a->name_ns[r.name] += r.dur_ns;
        interval_add(set, r.start_ns, r.dur_ns);
    }
    a->count += b->n;
}

static bool is_other(const struct stream *s, uint32_t name)
{
    const struct label *l = stream_label(s, name);
    return !l || !l->op || slice_is(strtab_get(&s->strings[ROLE_LABEL], l->op), "Other");
}

void activity_forget(struct activity *a, const struct stream *s)
{
    bool labelled = stream_has_key(s, slice_str("op"));
    a->labelled |= labelled;
    for (uint32_t name = 0; name < a->names_cap; name++) {
        a->total_ns += a->name_ns[name];
        if (labelled && a->name_ns[name] && is_other(s, name))
            a->other_ns += a->name_ns[name];
        a->name_ns[name] = 0;
    }
}

static void free_parts(struct activity *a)
{
    for (size_t i = 0; i < a->nparts; i++)
        interval_free(&a->parts[i].set);
    a->nparts = 0;
}

void activity_end(struct activity *a, const struct stream *s)
{
    activity_forget(a, s);
    for (size_t i = 0; i < a->nparts; i++) {
        a->busy_ns += interval_covered(&a->parts[i].set);
        a->span_ns += interval_span(&a->parts[i].set);
    }
    free_parts(a);
}

void activity_free(struct activity *a)
{
    free_parts(a);
    free(a->parts);
    free(a->name_ns);
    *a = (struct activity){0};
}
