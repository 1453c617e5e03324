#include "link/layer_class.h"

#include "base/mem.h"
#include "base/num.h"

#include <stdlib.h>

bool layer_class_split(struct slice name, struct slice *cls, uint32_t *number)
{
    uint64_t value;
    size_t digits = name.n;
    while (digits > 0 && name.p[digits - 1] >= '0' && name.p[digits - 1] <= '9')
        digits--;
    if (digits == 0 || name.p[digits - 1] != '_')
        return false;
    if (!num_u64(slice_of(name.p + digits, name.n - digits), &value) || value >= UINT32_MAX)
        return false;
    *cls = slice_of(name.p, digits - 1);
    *number = (uint32_t)value;
    return true;
}

/* By class; in a class those that have a parent last, siblings beside each other. */
static int compare(const void *pa, const void *pb)
{
    const struct module_frame *a = pa, *b = pb;
    if (a->cls != b->cls)
        return a->cls < b->cls ? -1 : 1;
    if ((a->depth > 0) != (b->depth > 0))
        return a->depth > 0 ? 1 : -1;
    if (a->parent != b->parent)
        return a->parent < b->parent ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

static bool siblings(const struct module_frame *a, const struct module_frame *b)
{
    return a->depth > 0 && b->depth > 0 && a->parent == b->parent && a->number != b->number;
}

struct class
{
    uint32_t id, depth;
    uint64_t time_ns;
    bool repeats; /* there are siblings */
};

/* The class of the sorted frames that begin at *i; *i passes them. */
static struct class next_class(const struct module_frame *frames, size_t n, size_t *i)
{
    const struct module_frame *f = &frames[*i];
    struct class c = {f->cls, f->depth, 0, false};
    for (; *i < n && f->cls == c.id; f = &frames[++*i]) {
        c.depth = f->depth < c.depth ? f->depth : c.depth;
        c.time_ns = f->time_ns < UINT64_MAX - c.time_ns ? c.time_ns + f->time_ns : UINT64_MAX;
        if (*i + 1 < n && f[1].cls == c.id)
            c.repeats |= siblings(f, f + 1);
    }
    return c;
}

static bool better(const struct class *a, const struct class *b, const struct strtab *classes)
{
    if (a->depth != b->depth)
        return a->depth < b->depth;
    if (a->time_ns != b->time_ns)
        return a->time_ns > b->time_ns;
    return slice_cmp(strtab_get(classes, a->id), strtab_get(classes, b->id)) < 0;
}

uint32_t layer_class_choose(const struct module_frame *frames, size_t n, uint64_t linked_ns,
                            const struct strtab *classes)
{
    struct class best = {0};
    uint64_t half_ns = linked_ns / 2 + linked_ns % 2;
    if (n == 0 || linked_ns == 0)
        return 0;
    struct module_frame *sorted = mem_dup(frames, n * sizeof *frames);
    qsort(sorted, n, sizeof *sorted, compare);
    for (size_t i = 0; i < n;) {
        struct class c = next_class(sorted, n, &i);
        if (c.repeats && c.time_ns >= half_ns && (best.id == 0 || better(&c, &best, classes)))
            best = c;
    }
    free(sorted);
    return best.id;
}
