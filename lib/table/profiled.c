#include "table/profiled.h"

#include "base/mem.h"
#include "prof/named.h"

#include <stdlib.h>

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
    profile_forget(&run->profile);
    seen_add(&run->seen, s);
    return weight_end(&run->weight, s, e);
}

int profiled_run(struct profiled *run, int n, char **operands, struct err *e)
{
    const struct sink sink = {.ctx = run,
                              .kinds = run->no_edges ? KINDS_PROFILE & ~KIND_BIT(KIND_CALL)
                                                     : KINDS_PROFILE,
                              .columns = true,
                              .records = on_records,
                              .end = on_end,
                              .forget = on_forget};
    int status = sink_run(&sink, n, operands, e);
    if (status < 0)
        return -1;
    (run->any_order ? profile_settle_totals : profile_settle)(&run->profile);
    if (run->weight > WEIGHT_NS)
        msg_note("weights are %s, not times: 1.000 is one", weight_unit(run->weight));
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

enum { SAID_MAX = 5, SAID_BYTES = 150 };

static void say_name(struct buf *line, const struct profile *p, uint32_t function)
{
    struct slice name = profile_name(p, function);
    buf_add(line, name.p, name.n < SAID_BYTES ? name.n : SAID_BYTES);
}

static void say_several(const struct profile *p, const bool *targets, uint32_t n)
{
    struct buf line = {0};
    uint32_t said = 0;
    for (uint32_t f = 0; f < p->names.n && said < SAID_MAX; f++) {
        if (!targets[f])
            continue;
        buf_adds(&line, said++ ? ", " : "");
        say_name(&line, p, f);
    }
    buf_adds(&line, n > SAID_MAX ? ", ..." : "");
    buf_addc(&line, '\0');
    msg_note("%lu functions match: %s", (unsigned long)n, (const char *)line.p);
    buf_free(&line);
}

static void absent(const struct profile *p, struct slice asked, struct err *e)
{
    uint32_t near[NAMED_NEAREST], n = named_nearest(p, asked, near);
    struct buf line = {0};
    for (uint32_t i = 0; i < n; i++) {
        buf_adds(&line, i ? ", " : "; nearest: ");
        say_name(&line, p, near[i]);
    }
    buf_addc(&line, '\0');
    (void)err_set(e, ST_FAILED, "no function '%.*s' in the profile%s",
                  asked.n < SAID_BYTES ? (int)asked.n : SAID_BYTES, (const char *)asked.p,
                  (const char *)line.p);
    buf_free(&line);
}

bool *profiled_find(struct profiled *run, struct slice asked, struct err *e)
{
    const struct profile *p = &run->profile;
    bool *targets = mem_zalloc((size_t)p->names.n + 1, sizeof *targets);
    uint32_t n = named_find(p, asked, targets);
    if (n > 1)
        say_several(p, targets, n);
    if (n > 0)
        return targets;
    free(targets);
    if (profiled_any(run))
        absent(p, asked, e);
    else
        (void)err_set(e, ST_FAILED, "%s", profiled_nothing(run));
    return NULL;
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
