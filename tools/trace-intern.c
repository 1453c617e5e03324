/* trace-intern - streams joined into one, with one string table and one clock
 *   in: records     out: the records of all, each part of each FILE as a part
 *   trace-intern --demangle --short rank*.trs | kernel-classify | group-by-op --by rank,name  */
#include "base/opts.h"
#include "format/rewrite.h"
#include "trace/clocks.h"
#include "trace/demangle.h"
#include "trace/short.h"

static bool demangle, shorten;
static struct strtab shifts;

static const struct opt options[] = {
    {0, "demangle", OPT_FLAG, &demangle, NULL, "names of C++ as in source code, not as in objects"},
    {0, "short", OPT_FLAG, &shorten, NULL,
     "names of GPU activity without template and function arguments"},
    {0, "shift", OPT_TEXTS, &shifts, "RANK=D", "add D to all times of a rank; may be repeated"},
    {0}};

static const struct tool tool = {"trace-intern",
                                 "[OPTION]... [FILE]...",
                                 "Join streams into one, with one string table and one clock.",
                                 {options}};

struct intern {
    struct clocks clocks;
    struct demangler demangler;
    struct shortener shortener;
};

static struct slice rename_one(void *ctx, enum role role, struct slice name)
{
    struct intern *in = ctx;
    if (demangle)
        name = demangle_name(&in->demangler, name);
    return shorten && role == ROLE_GPU ? short_name(&in->shortener, name) : name;
}

static int check_names(void *ctx, struct err *e)
{
    struct intern *in = ctx;
    return demangle_check(&in->demangler, e);
}

/* The step: a record by the one clock. */
static int move(void *ctx, const struct stream *s, const struct batch *b, uint32_t row,
                struct record *r, struct err *e)
{
    struct intern *in = ctx;
    (void)row;
    if (s->tracks[r->track - 1].flags & TRACK_NO_START)
        return 1;
    return clocks_move(&in->clocks, b->part, &r->start_ns, e) < 0 ? -1 : 1;
}

/* With r NULL only to see that they can be understood. */
static int apply_shifts(struct intern *in, const struct rewrite *r, struct err *e)
{
    struct slice rank;
    int64_t ns;
    for (uint32_t id = 1; id <= shifts.n; id++)
        if (clocks_parse(strtab_get(&shifts, id), &rank, &ns, e) < 0 ||
            (r && clocks_shift(&in->clocks, &r->parts, rank, ns, e) < 0))
            return -1;
    return 0;
}

static int join(struct intern *in, struct rewrite *r, int n, char **files, struct output *out,
                struct err *e)
{
    if (rewrite_open(r, n, files, out, NULL, e) < 0 ||
        clocks_align(&in->clocks, &r->parts, r->nparts, e) < 0 || apply_shifts(in, r, e) < 0)
        return -1;
    return rewrite_write(r, out, e);
}

int main(int argc, char **argv)
{
    struct intern in = {0};
    struct rewrite r = {.ctx = &in, .keep = move, .check = check_names};
    struct output out;
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    if (demangle || shorten)
        r.rename = rename_one;
    if (apply_shifts(&in, NULL, &e) < 0 || writer_output(&out, opts_common.output, &e) < 0 ||
        (demangle && demangle_open(&in.demangler, &e) < 0))
        die_err(&e);
    int status = join(&in, &r, argc - first, argv + first, &out, &e);
    if (status < 0 || output_close(&out, &e) < 0)
        die_err(&e);
    demangle_close(&in.demangler);
    rewrite_free(&r);
    clocks_free(&in.clocks);
    short_free(&in.shortener);
    strtab_free(&shifts);
    return status;
}
