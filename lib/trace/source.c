#include "trace/source.h"

#include "base/mem.h"
#include "trace/context.h"

#include <stdlib.h>
#include <stdio.h>

static const struct {
    const char *cat;
    enum kind kind;
} cat_kinds[] = {
    {"kernel", KIND_KERNEL},
    {"python_function", KIND_PYTHON},
    {"cpu_op", KIND_CPU_OP},
    {"cuda_runtime", KIND_RUNTIME},
    {"cuda_driver", KIND_RUNTIME},
    {"gpu_memcpy", KIND_MEMCPY},
    {"gpu_memset", KIND_MEMSET},
    {"user_annotation", KIND_ANNOTATION},
    {"gpu_user_annotation", KIND_ANNOTATION},
    {"mtia_ccp_events", KIND_KERNEL},
    {"mtia_runtime", KIND_RUNTIME},
    {"hip_runtime", KIND_RUNTIME},
    {"hsa_api", KIND_RUNTIME},
    {"xpu_runtime", KIND_RUNTIME},
    {"xpu_driver", KIND_RUNTIME},
    {"privateuse1_runtime", KIND_RUNTIME},
    {"privateuse1_driver", KIND_RUNTIME},
    {"Kernel", KIND_KERNEL},
    {"Memcpy", KIND_MEMCPY},
    {"Memset", KIND_MEMSET},
    {"Runtime", KIND_RUNTIME},
    {"Operator", KIND_CPU_OP},
};

static enum kind kind_of_interval(struct slice cat)
{
    for (size_t i = 0; i < sizeof cat_kinds / sizeof *cat_kinds; i++)
        if (slice_is(cat, cat_kinds[i].cat))
            return cat_kinds[i].kind;
    return KIND_OTHER;
}

enum kind kind_of(struct slice ph, struct slice cat)
{
    if (ph.n != 1)
        return KIND_OTHER;
    switch (ph.p[0]) {
    case 'X':
        return kind_of_interval(cat);
    case 's':
    case 't':
    case 'f':
        return KIND_FLOW;
    case 'C':
        return KIND_COUNTER;
    case 'i':
    case 'I':
    case 'R':
        return KIND_INSTANT;
    case 'M':
        return KIND_META;
    default:
        return KIND_OTHER;
    }
}

bool is_operator(struct slice ph, struct slice cat)
{
    return (slice_is(ph, "X") || slice_is(ph, "B")) && kind_of_interval(cat) == KIND_CPU_OP;
}

/* `(none)` on the command line stands for no category. */
bool selection_has(const struct selection *select, enum kind kind, struct slice cat)
{
    bool on_gpu = KIND_BIT(kind) & KINDS_GPU;
    if ((select->gpu && !on_gpu) || (select->rest && on_gpu))
        return false;
    if (select->cats.n == 0)
        return true;
    struct slice wanted = cat.p ? cat : slice_str("(none)");
    for (uint32_t id = 1; id <= select->cats.n; id++)
        if (slice_eq(strtab_get(&select->cats, id), wanted))
            return true;
    return false;
}

size_t source_tally_of(struct source *s, enum kind kind, struct slice cat)
{
    return tallies_at(&s->tallies, s->part, kind, cat);
}

void source_part(struct source *s, uint32_t part)
{
    s->part = part;
    strtab_clear(&s->memo.keys); /* its rows hold counters of the part before */
    writer_part(s->w, part);
}

void source_remember(struct source *s, size_t tally, uint64_t off_bytes, const char *why)
{
    struct damages *d = &s->damages;
    d->rows = mem_grow(d->rows, &d->cap, d->n + 1, sizeof *d->rows);
    d->rows[d->n++] = (struct damage){tally, off_bytes, mem_dup(why, strlen(why))};
}

struct damage source_first_damage(const struct source *s)
{
    static char unknown[] = "events that cannot be read";
    return s->damages.n ? s->damages.rows[0] : (struct damage){DAMAGE_STRUCTURAL, 0, unknown};
}

static void forget_damages(struct damages *d)
{
    while (d->n > 0)
        free(d->rows[--d->n].why);
}

void source_begin(struct source *s, uint32_t part)
{
    s->rank[0] = '\0';
    s->structural = false;
    s->kept = s->lost = s->unselected = s->lost_unselected = 0;
    forget_damages(&s->damages);
    source_part(s, part);
    progress_begin(&s->progress, s->in.name, s->in.size);
}

void source_event(struct source *s, const struct event *ev)
{
    if (!selection_has(s->select, kind_of(ev->ph, ev->cat), ev->cat)) {
        source_pass(s, 1);
        return;
    }
    writer_begin(s->w);
    context_key(&s->memo.key, ev);
    const struct context *c = context_of(s, buf_slice(&s->memo.key));
    struct record r = {ev->start_ns, ev->dur_ns, ev->correlation, 0, c->track};
    if (ev->name.p)
        r.name = writer_string(s->w, kind_role(c->kind), ev->name);
    source_record(s, c, &r);
    if (ev->has_external_id)
        writer_number(s->w, c->kind, COLUMN_EXTERNAL_ID, ev->external_id);
    if (ev->has_bytes)
        writer_number(s->w, c->kind, COLUMN_BYTES, ev->bytes);
    if (ev->has_sequence)
        writer_number(s->w, c->kind, COLUMN_SEQUENCE, ev->sequence);
    if (ev->fwd_thread)
        writer_number(s->w, c->kind, COLUMN_FWD_THREAD, ev->fwd_thread);
    if (ev->args.n)
        writer_text(s->w, c->kind, COLUMN_ARGS, ev->args);
}

void source_pass(struct source *s, uint64_t n)
{
    s->unselected += n;
    s->skipped += n;
}

void source_record(struct source *s, const struct context *c, const struct record *r)
{
    s->kept++;
    s->tallies.events[c->tally]++;
    writer_record(s->w, c->kind, r);
}

void source_lose(struct source *s, const uint8_t *at, const char *why, struct slice ph,
                 struct slice cat)
{
    enum kind kind = 0;
    if (cat.p) {
        kind = kind_of(ph.p ? ph : slice_str("X"), cat);
        if (!selection_has(s->select, kind, cat)) {
            s->lost_unselected++;
            return;
        }
    }
    size_t tally = source_tally_of(s, kind, cat);
    if (s->tallies.lost[tally] == 0)
        source_remember(s, tally, input_offset(&s->in, at), why);
    s->tallies.lost[tally]++;
    s->lost++;
}

void source_count(struct source *s, enum kind kind, struct slice cat, uint64_t events,
                  uint64_t lost)
{
    size_t tally = source_tally_of(s, kind, cat);
    s->kept += events;
    s->lost += lost;
    s->tallies.events[tally] += events;
    s->tallies.lost[tally] += lost;
}

void source_damage(struct source *s, const uint8_t *at, const char *why)
{
    if (!s->structural)
        source_remember(s, DAMAGE_STRUCTURAL, input_offset(&s->in, at), why);
    s->structural = true;
}

void source_meta(struct source *s, const char *key, struct slice json)
{
    if (!s->select->rest)
        writer_meta(s->w, s->part, slice_str(key), json);
}

void source_rank(struct source *s, struct slice rank)
{
    (void)snprintf(s->rank, sizeof s->rank, "%.*s", rank.n < 60 ? (int)rank.n : 60,
                   (const char *)rank.p);
}

int source_more(struct source *s, struct err *e)
{
    int more = input_more(&s->in, e);
    progress_at(&s->progress, s->in.consumed);
    return more;
}

int source_more_for(struct source *s, size_t n, size_t max, struct err *e)
{
    size_t want = n < max / 2 ? 2 * n : max;
    int more = source_more(s, e), got = more;
    while (more > 0 && input_at_hand(&s->in) < want)
        more = source_more(s, e);
    return more < 0 ? -1 : got;
}

enum kind source_tally_kind(const struct source *s, size_t tally, struct slice *cat)
{
    return (enum kind)tallies_kind(&s->tallies, tally, cat);
}

struct tally *source_tally(struct source *s, uint32_t *n)
{
    return tallies_rows(&s->tallies, s->w, n);
}

void source_free(struct source *s)
{
    tallies_free(&s->tallies);
    forget_damages(&s->damages);
    free(s->damages.rows);
    strtab_free(&s->memo.keys);
    free(s->memo.rows);
    buf_free(&s->memo.key);
}
