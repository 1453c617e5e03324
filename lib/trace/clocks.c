#include "trace/clocks.h"

#include "base/mem.h"
#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>

static const char key[] = "baseTimeNanoseconds";

static bool base_of(const struct parts *parts, uint32_t part, int64_t *base_ns)
{
    struct slice json = parts_get(parts, part, key);
    return json.n > 0 && num_scaled(json, 0, base_ns) == NUM_OK;
}

/* Profiles are of other formats, and have no times to be moved. */
static bool is_trace(const struct parts *parts, uint32_t part)
{
    struct slice format = parts_get(parts, part, "format");
    return format.n == 0 || slice_is(format, "\"chrome\"") || slice_is(format, "\"rocprofv3\"");
}

static void say_list(struct buf *out, const struct strtab *ranks, const bool *left)
{
    enum { SHOWN = 16 };
    unsigned n = 0;
    for (uint32_t part = 0; part < ranks->n; part++) {
        struct slice rank = strtab_get(ranks, part + 1);
        if ((left && !left[part]) || n++ >= SHOWN)
            continue;
        buf_addc(out, ' ');
        buf_add(out, rank.p, rank.n);
    }
    if (n > SHOWN)
        buf_addf(out, " and %u more", n - SHOWN);
    buf_addc(out, '\0');
}

/* Among several parts, those without a base cannot be told from ones with another clock. */
static void say_left(const struct parts *parts, uint32_t nparts, const bool *left)
{
    struct strtab ranks = {0};
    struct buf list = {0};
    parts_ranks(parts, nparts, &ranks);
    say_list(&list, &ranks, left);
    msg_note("no %s, so the clock stays as it is: rank%s", key, (char *)list.p);
    buf_free(&list);
    strtab_free(&ranks);
}

static int align_part(struct clocks *c, struct parts *parts, uint32_t part, int64_t base_ns,
                      int64_t first_ns, struct err *e)
{
    char text[32];
    if (__builtin_sub_overflow(base_ns, first_ns, &c->shift_ns[part]))
        return err_set(e, ST_FAILED, "%s of two parts are too far from each other", key);
    int n = snprintf(text, sizeof text, "%lld", (long long)first_ns);
    parts_set(parts, part, slice_str(key), slice_of(text, (size_t)n));
    return 0;
}

int clocks_align(struct clocks *c, struct parts *parts, uint32_t nparts, struct err *e)
{
    bool *left = mem_zalloc(nparts, sizeof *left), some_left = false, known = false, has_base;
    int64_t base_ns, first_ns = 0;
    int rc = 0;
    c->nparts = nparts;
    c->shift_ns = mem_zalloc(nparts, sizeof *c->shift_ns);
    for (uint32_t part = 0; part < nparts && rc == 0; part++) {
        has_base = base_of(parts, part, &base_ns);
        left[part] = !has_base && is_trace(parts, part);
        some_left |= left[part];
        if (!has_base)
            continue;
        first_ns = known ? first_ns : base_ns;
        known = true;
        rc = align_part(c, parts, part, base_ns, first_ns, e);
    }
    if (rc == 0 && some_left && nparts > 1)
        say_left(parts, nparts, left);
    free(left);
    return rc;
}

static int no_rank(const struct strtab *ranks, struct slice rank, struct err *e)
{
    struct buf list = {0};
    say_list(&list, ranks, NULL);
    err_set(e, ST_FAILED, "--shift: there is no rank '%.*s'; ranks are%s",
            rank.n < 100 ? (int)rank.n : 100, (const char *)rank.p, (char *)list.p);
    buf_free(&list);
    return -1;
}

int clocks_parse(struct slice text, struct slice *rank, int64_t *shift_ns, struct err *e)
{
    const uint8_t *equals = text.n ? memrchr(text.p, '=', text.n) : NULL;
    size_t n = equals ? (size_t)(equals - text.p) : 0;
    *rank = slice_of(text.p, n);
    if (n > 0 && num_duration(slice_of(equals + 1, text.n - n - 1), shift_ns))
        return 0;
    return err_set(e, ST_USAGE,
                   "option '--shift' needs RANK=D, such as 3=-1.5ms (without a unit: us), not "
                   "'%.*s'",
                   text.n < 100 ? (int)text.n : 100, (const char *)text.p);
}

int clocks_shift(struct clocks *c, const struct parts *parts, struct slice rank, int64_t shift_ns,
                 struct err *e)
{
    struct strtab ranks = {0};
    uint32_t part = 0;
    int rc = 0;
    parts_ranks(parts, c->nparts, &ranks);
    while (part < c->nparts && !slice_eq(strtab_get(&ranks, part + 1), rank))
        part++;
    if (part == c->nparts)
        rc = no_rank(&ranks, rank, e);
    else if (__builtin_add_overflow(c->shift_ns[part], shift_ns, &c->shift_ns[part]))
        rc = err_set(e, ST_FAILED,
                     "--shift: the clock of rank %.*s would be too far from the others",
                     (int)rank.n, (const char *)rank.p);
    strtab_free(&ranks);
    return rc;
}

int clocks_move(const struct clocks *c, uint32_t part, int64_t *start_ns, struct err *e)
{
    if (!__builtin_add_overflow(*start_ns, c->shift_ns[part], start_ns))
        return 0;
    return err_set(e, ST_FAILED, "a time of part %lu does not fit by the clock of the others",
                   (unsigned long)part);
}

void clocks_free(struct clocks *c)
{
    free(c->shift_ns);
    *c = (struct clocks){0};
}
