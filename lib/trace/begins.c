#include "trace/begins.h"

#include "base/mem.h"

#include <stdlib.h>

static struct begins_part *part_at(struct begins *b, uint32_t part)
{
    b->parts = mem_grow_zeroed(b->parts, &b->cap, (size_t)part + 1, sizeof *b->parts);
    if (part >= b->nparts)
        b->nparts = (size_t)part + 1;
    return &b->parts[part];
}

static void begin(struct begins_part *p, int64_t first_ns)
{
    if (!p->begun || first_ns < p->first_ns)
        p->first_ns = first_ns;
    p->begun = true;
}

void begins_look(struct begins *b, const struct stream *s, const struct batch *batch)
{
    struct begins_part *p = part_at(b, batch->part);
    if (batch->kind == KIND_META)
        return;
    for (uint32_t i = 0; i < batch->n; i++) {
        const uint8_t *row = batch->rows + (size_t)i * RECORD_BYTES;
        if (!(s->tracks[get_u32(row + 28) - 1].flags & TRACK_NO_START))
            begin(p, get_i64(row));
    }
}

int begins_move(struct begins *b, const struct clocks *clocks, struct err *e)
{
    for (uint32_t part = 0; part < b->nparts; part++)
        if (b->parts[part].begun && clocks_move(clocks, part, &b->parts[part].first_ns, e) < 0)
            return -1;
    return 0;
}

void begins_join(struct begins *b, const struct parts *parts)
{
    struct strtab bases = {0};
    struct begins_part *clocks = mem_zalloc(b->nparts, sizeof *clocks);
    uint32_t *of = mem_zalloc(b->nparts, sizeof *of);
    for (uint32_t part = 0; part < b->nparts; part++) {
        struct slice base = parts_get(parts, part, "baseTimeNanoseconds");
        of[part] = base.n ? strtab_intern(&bases, base) : 0;
        if (of[part] && b->parts[part].begun)
            begin(&clocks[of[part] - 1], b->parts[part].first_ns);
    }
    for (uint32_t part = 0; part < b->nparts; part++)
        if (of[part] && b->parts[part].begun)
            b->parts[part].first_ns = clocks[of[part] - 1].first_ns;
    strtab_free(&bases);
    free(clocks);
    free(of);
}

int64_t begins_of(const struct begins *b, uint32_t part)
{
    return part < b->nparts ? b->parts[part].first_ns : 0;
}

void begins_free(struct begins *b)
{
    free(b->parts);
    *b = (struct begins){0};
}
