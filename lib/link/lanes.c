#include "link/lanes.h"

#include "base/mem.h"

#include <stdlib.h>

enum { NOT_ASKED, UNWANTED, FIRST }; /* struct lane_of_track */

struct lane_event lane_event(const struct hold *hold, enum lane_kind kind, uint32_t number)
{
    struct record r = hold_record(hold, lane_kind(kind), number);
    struct lane_event e = {.start_ns = r.start_ns, .number = number, .name = r.name};
    if (__builtin_add_overflow(r.start_ns, r.dur_ns, &e.end_ns))
        e.end_ns = INT64_MAX;
    return e;
}

/* Which lane ----------------------------------------------------------------------------------- */

static uint32_t find_lane(struct lanes *l, uint32_t part, const struct track *t)
{
    uint32_t key[] = {part, t->pid, t->tid},
             id = strtab_intern(&l->keys, slice_of(key, sizeof key));
    if (id > l->n) {
        l->at = mem_grow(l->at, &l->cap, id, sizeof *l->at);
        l->at[l->n++] = (struct lane){.part = part, .pid = t->pid, .tid = t->tid};
    }
    return id - 1;
}

static uint32_t ask(struct lanes *l, const struct hold *hold, uint32_t part, uint32_t track)
{
    struct track t = hold_track(hold, track);
    bool interval = slice_is(hold_name(hold, ROLE_WORD, t.ph), "X");
    return interval && !(t.flags & TRACK_NO_START) ? find_lane(l, part, &t) + FIRST : UNWANTED;
}

static struct lane *lane_of(struct lanes *l, const struct hold *hold, uint32_t part, uint32_t track)
{
    if (track >= l->tracks_cap)
        l->of_track =
            mem_grow_zeroed(l->of_track, &l->tracks_cap, (size_t)track + 1, sizeof *l->of_track);
    struct lane_of_track *of = &l->of_track[track];
    if (of->answer == NOT_ASKED || of->part != part)
        *of = (struct lane_of_track){ask(l, hold, part, track), part};
    return of->answer == UNWANTED ? NULL : &l->at[of->answer - FIRST];
}

/* Events --------------------------------------------------------------------------------------- */

/* The order of two events of one kind: <0, 0, >0. */
static int order(const struct hold *hold, enum lane_kind kind, uint32_t a, uint32_t b)
{
    struct lane_event x = lane_event(hold, kind, a), y = lane_event(hold, kind, b);
    if (x.start_ns != y.start_ns)
        return x.start_ns < y.start_ns ? -1 : 1;
    if (x.end_ns != y.end_ns)
        return x.end_ns > y.end_ns ? -1 : 1;
    return a < b ? -1 : a > b;
}

static void add(struct lane_events *v, const struct hold *hold, enum lane_kind kind,
                uint32_t number)
{
    if (v->n == v->cap)
        v->numbers = mem_grow(v->numbers, &v->cap, v->n + 1, sizeof *v->numbers);
    v->unsorted |= v->n > 0 && order(hold, kind, v->numbers[v->n - 1], number) > 0;
    v->numbers[v->n++] = number;
}

void lanes_add(struct lanes *l, const struct hold *hold, uint32_t part, unsigned kind,
               uint64_t first, uint32_t n)
{
    enum lane_kind of = LANE_PYTHON;
    while (of < LANE_KINDS && lane_kind(of) != kind)
        of++;
    for (uint32_t i = 0; of < LANE_KINDS && i < n; i++) {
        uint32_t number = (uint32_t)(first + i);
        struct lane *lane = lane_of(l, hold, part, get_u32(hold_row(hold, kind, number) + 28));
        if (lane)
            add(&lane->kinds[of], hold, of, number);
    }
}

struct sorting {
    const struct hold *hold;
    enum lane_kind kind;
};

static bool in_order(uint32_t a, uint32_t b, const void *ctx)
{
    const struct sorting *s = ctx;
    return order(s->hold, s->kind, a, b) <= 0;
}

#define RUNS_TYPE     uint32_t
#define RUNS_IN_ORDER in_order
#include "base/runs.h"

static int by_part(const void *a, const void *b)
{
    const struct lane *x = a, *y = b;
    return x->part < y->part ? -1 : x->part > y->part;
}

void lanes_sort(struct lanes *l, const struct hold *hold)
{
    for (uint32_t i = 0; i < l->n; i++)
        for (enum lane_kind kind = LANE_PYTHON; kind < LANE_KINDS; kind++) {
            struct lane_events *v = &l->at[i].kinds[kind];
            struct sorting s = {hold, kind};
            if (v->unsorted)
                runs_sort(v->numbers, v->n, &s);
        }
    if (l->n > 1)
        qsort(l->at, l->n, sizeof *l->at, by_part);
}

const struct lane *lanes_of(const struct lanes *l, uint32_t part, size_t *n)
{
    uint32_t low = 0, high = l->n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (l->at[mid].part < part)
            low = mid + 1;
        else
            high = mid;
    }
    for (*n = 0; low + *n < l->n && l->at[low + *n].part == part; ++*n)
        ;
    return *n ? l->at + low : NULL;
}

void lanes_free(struct lanes *l)
{
    for (uint32_t i = 0; i < l->n; i++)
        for (enum lane_kind kind = LANE_PYTHON; kind < LANE_KINDS; kind++)
            free(l->at[i].kinds[kind].numbers);
    free(l->at);
    free(l->of_track);
    strtab_free(&l->keys);
    *l = (struct lanes){.n = 0};
}
