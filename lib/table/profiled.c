#include "table/profiled.h"

static int on_records(void *ctx, struct stream *s, const struct batch *b, struct err *e)
{
    struct profiled *run = ctx;
    return profile_records(&run->profile, s, b, e);
}

static void on_forget(void *ctx, struct stream *s)
{
    struct profiled *run = ctx;
    (void)s;
    profile_forget(&run->profile);
}

static int on_end(void *ctx, struct stream *s, struct err *e)
{
    struct profiled *run = ctx;
    (void)e;
    for (uint32_t part = 0; part < s->nparts; part++) {
        struct slice weight = parts_get(&s->parts, part, "weight");
        run->samples |= slice_is(weight, "\"samples\"");
        run->bytes |= slice_is(weight, "\"bytes\"");
    }
    profile_forget(&run->profile);
    seen_add(&run->seen, s);
    return 0;
}

int profiled_run(struct profiled *run, int n, char **operands, struct err *e)
{
    const struct sink sink = {.ctx = run,
                              .kinds = KINDS_PROFILE,
                              .columns = true,
                              .records = on_records,
                              .end = on_end,
                              .forget = on_forget};
    int status = sink_run(&sink, n, operands, e);
    if (status < 0)
        return -1;
    profile_settle(&run->profile);
    if (run->samples || run->bytes)
        msg_note("weights are %s, not times: 1.000 is one", run->samples ? "samples" : "bytes");
    return status;
}

bool profiled_any(const struct profiled *run)
{
    return run->profile.names.n > 0;
}

const char *profiled_nothing(struct profiled *run)
{
    run->note.n = 0;
    buf_adds(&run->note, "no functions");
    seen_say(&run->seen, &run->note);
    return (const char *)run->note.p;
}

void profiled_calls(const struct profiled *run, struct table *t, uint64_t calls)
{
    if (calls == 0 && (run->profile.has_stacks || !run->profile.has_calls))
        table_empty(t);
    else
        table_number(t, calls);
}

void profiled_free(struct profiled *run)
{
    profile_free(&run->profile);
    seen_free(&run->seen);
    buf_free(&run->note);
    *run = (struct profiled){0};
}
