/* trace-cut - the records of a stream that match, and what launched them
 *   in: records     out: those that match all that is given, and launch partners of GPU activity
 *   trace-parse big.json | trace-cut --time 1s..1.5s | kernel-classify | group-by-op         */
#include "base/opts.h"
#include "format/rewrite.h"
#include "trace/match.h"
#include "trace/partners.h"

static struct match_asked asked;

static const struct opt options[] = {
    {0, "time", OPT_TEXT, &asked.time, "A..B",
     "what overlaps this time, counted from the beginning of the trace"},
    {0, "cat", OPT_TEXT, &asked.cat, "LIST", "these categories, exactly as spelled"},
    {0, "name", OPT_TEXT, &asked.name, "GLOB", "names that match, as in rules of kernel-classify"},
    {0, "pid", OPT_TEXT, &asked.pid, "LIST", "these processes"},
    {0, "tid", OPT_TEXT, &asked.tid, "LIST", "these threads"},
    {0, "rank", OPT_TEXT, &asked.rank, "LIST", "these ranks"},
    {0, "phase", OPT_TEXT, &asked.phase, "P", "GPU activity of this phase, after trace-link"},
    {0, "step", OPT_TEXT, &asked.step, "N", "GPU activity of this step, after trace-link"},
    {0, "min-dur", OPT_DURATION, &asked.min_dur_ns, "D", "what takes so long or longer"},
    {0, "invert", OPT_FLAG, &asked.invert, NULL, "what does not match, instead"},
    {0}};

static const struct tool tool = {
    "trace-cut", "[OPTION]... [FILE]", "Keep the records that match all that is given.", {options}};

struct cut {
    struct match match;
    struct partners partners;
};

static int look(void *ctx, const struct stream *s, const struct batch *b, struct err *e)
{
    struct cut *c = ctx;
    (void)e;
    match_look(&c->match, s, b);
    return 0;
}

/* GPU activity alone: what launched it may stand before or behind it. */
static int find_partners(void *ctx, const struct stream *s, const struct batch *b, struct err *e)
{
    struct cut *c = ctx;
    (void)e;
    match_batch(&c->match, s);
    for (uint32_t row = 0; row < b->n; row++) {
        struct record r = record_get(b->rows + (size_t)row * RECORD_BYTES);
        if (match_row(&c->match, s, b, row, &r))
            partners_add(&c->partners, s, b, row, &r);
    }
    return 0;
}

static int begin_batch(void *ctx, const struct stream *s, const struct batch *b, struct err *e)
{
    struct cut *c = ctx;
    (void)b;
    (void)e;
    match_batch(&c->match, s);
    return 0;
}

/* The step: what stays. */
static int keep(void *ctx, const struct stream *s, const struct batch *b, uint32_t row,
                struct record *r, struct err *e)
{
    struct cut *c = ctx;
    (void)e;
    return match_row(&c->match, s, b, row, r) || partners_has(&c->partners, s, b, row, r);
}

/* Returns the status of the stream, or -1. */
static int cut(struct rewrite *r, struct cut *c, char **path, struct output *out, struct err *e)
{
    if (rewrite_open(r, path != NULL, path, out, match_needs_look(&c->match) ? look : NULL, e) <
            0 ||
        match_settle(&c->match, &r->parts, r->nparts, &r->keys, e) < 0 ||
        rewrite_run(r, KINDS_GPU, find_partners, e) < 0)
        return -1;
    partners_settle(&c->partners);
    int status = rewrite_write(r, out, e);
    if (status >= 0 && r->kept == 0 && r->came > 0)
        msg_note("none of %llu records matches", (unsigned long long)r->came);
    return status;
}

int main(int argc, char **argv)
{
    struct cut c = {0};
    struct rewrite r = {.ctx = &c, .batch = begin_batch, .keep = keep};
    struct output out;
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    if (argc - first > 1)
        die(ST_USAGE, "one file at a time, not %d", argc - first);
    match_open(&c.match, &asked);
    if (writer_output(&out, opts_common.output, &e) < 0)
        die_err(&e);
    int status = cut(&r, &c, first < argc ? argv + first : NULL, &out, &e);
    if (status < 0 || output_close(&out, &e) < 0)
        die_err(&e);
    rewrite_free(&r);
    match_free(&c.match);
    partners_free(&c.partners);
    return status;
}
