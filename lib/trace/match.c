#include "trace/match.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/opts.h"
#include "trace/rules.h"

#include <stdlib.h>

enum { UNKNOWN, NO, YES };

/* What is asked -------------------------------------------------------------------------------- */

static bool read_end(struct slice text, bool *has, int64_t *ns)
{
    *has = text.n > 0;
    return !*has || num_duration(text, ns);
}

static void read_time(struct match *m, const char *text)
{
    const char *dots = strstr(text, "..");
    if (!dots || !read_end(slice_of(text, (size_t)(dots - text)), &m->has_from, &m->from_ns) ||
        !read_end(slice_str(dots + 2), &m->has_to, &m->to_ns) || !(m->has_from || m->has_to))
        die(ST_USAGE,
            "option '--time' needs A..B, two times from the beginning of the trace, such as "
            "1.5ms..2ms, 10s.. or ..500 (without a unit: us), not '%s'",
            text);
    if (m->has_from && m->has_to && m->from_ns >= m->to_ns)
        die(ST_USAGE, "option '--time': nothing lies between the ends of '%s'", text);
}

static void read_list(const char *option, const char *text, struct strtab *out)
{
    if (text)
        opts_list(option, text, out);
}

static void read_name(struct match *m, const char *text)
{
    struct err e;
    m->name = rules_new();
    if (rules_add_pattern(m->name, slice_str(text), &e) < 0)
        die(ST_USAGE, "option '--name': %s in '%s'", e.text, text);
}

void match_open(struct match *m, const struct match_asked *asked)
{
    *m = (struct match){.asked = asked};
    read_list("cat", asked->cat, &m->cats);
    read_list("pid", asked->pid, &m->pids);
    read_list("tid", asked->tid, &m->tids);
    read_list("rank", asked->rank, &m->ranks);
    if (asked->name)
        read_name(m, asked->name);
    if (asked->time)
        read_time(m, asked->time);
}

/* The stream as a whole ------------------------------------------------------------------------ */

bool match_needs_look(const struct match *m)
{
    return m->asked->time != NULL;
}

void match_look(struct match *m, const struct stream *s, const struct batch *b)
{
    begins_look(&m->begins, s, b);
}

static int64_t add_at_most(int64_t a, int64_t b)
{
    int64_t sum;
    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return b > 0 ? INT64_MAX : INT64_MIN;
}

static bool has(const struct strtab *list, struct slice text)
{
    return list->n == 0 || strtab_find(list, text);
}

static void settle_part(struct match *m, uint32_t part, struct slice rank)
{
    struct match_part *p = &m->parts[part];
    int64_t first_ns = begins_of(&m->begins, part);
    p->wanted = has(&m->ranks, rank);
    p->from_ns = m->has_from ? add_at_most(first_ns, m->from_ns) : INT64_MIN;
    p->to_ns = m->has_to ? add_at_most(first_ns, m->to_ns) : INT64_MAX;
}

static int check_key(const struct strtab *keys, const char *asked, const char *key, struct err *e)
{
    return !asked || strtab_find(keys, slice_str(key))
               ? 0
               : err_set(e, ST_USAGE, "--%s needs trace-link before it", key);
}

int match_settle(struct match *m, const struct parts *parts, uint32_t nparts,
                 const struct strtab *keys, struct err *e)
{
    struct strtab ranks = {0};
    if (check_key(keys, m->asked->phase, "phase", e) < 0 ||
        check_key(keys, m->asked->step, "step", e) < 0)
        return -1;
    m->parts = mem_zalloc(nparts, sizeof *m->parts);
    begins_join(&m->begins, parts);
    parts_ranks(parts, nparts, &ranks);
    for (uint32_t part = 0; part < nparts; part++)
        settle_part(m, part, strtab_get(&ranks, part + 1));
    strtab_free(&ranks);
    return 0;
}

/* One record ----------------------------------------------------------------------------------- */

static void keep_up(struct match_memo *memo, unsigned epoch, size_t n)
{
    size_t before = memo->cap;
    if (memo->known && memo->epoch != epoch)
        memset(memo->known, UNKNOWN, memo->cap);
    memo->epoch = epoch;
    memo->known = mem_grow(memo->known, &memo->cap, n + 1, 1);
    memset(memo->known + before, UNKNOWN, memo->cap - before);
}

void match_batch(struct match *m, const struct stream *s)
{
    keep_up(&m->tracks, s->epoch_tracks, s->ntracks);
    for (unsigned role = ROLE_GPU; role <= ROLE_HOST; role++)
        keep_up(&m->names[role], s->epoch_names, s->strings[role].n);
}

static bool has_word(const struct strtab *list, const struct stream *s, uint32_t word)
{
    return list->n == 0 || has(list, word ? stream_word(s, word) : slice_str("(none)"));
}

static bool track_matches(struct match *m, const struct stream *s, uint32_t id)
{
    const struct track *t = &s->tracks[id - 1];
    uint8_t *known = &m->tracks.known[id];
    if (*known == UNKNOWN)
        *known = has_word(&m->cats, s, t->cat) && has_word(&m->pids, s, t->pid) &&
                         has_word(&m->tids, s, t->tid)
                     ? YES
                     : NO;
    return *known == YES;
}

static bool name_matches(struct match *m, const struct stream *s, unsigned kind, uint32_t id)
{
    uint8_t *known = &m->names[kind_role(kind)].known[id];
    if (!m->name)
        return true;
    if (*known == UNKNOWN) {
        struct slice name = id ? stream_name(s, kind, id) : slice_str("(unnamed)");
        *known = rules_match(m->name, name) ? YES : NO;
    }
    return *known == YES;
}

/* The start belongs to the range, the end does not; what takes no time is at its start. */
static bool in_time(const struct match_part *p, const struct record *r)
{
    int64_t end_ns = add_at_most(r->start_ns, r->dur_ns);
    bool before_end = r->start_ns < p->to_ns || p->to_ns == INT64_MAX;
    return before_end && (end_ns > p->from_ns || (r->dur_ns == 0 && r->start_ns >= p->from_ns));
}

static bool word_is(const struct stream *s, uint32_t word, const char *missing, const char *asked)
{
    return !asked || slice_is(word ? stream_word(s, word) : slice_str(missing), asked);
}

/* Of GPU activity alone, by what group-by-op calls it. */
static bool link_matches(const struct match *m, const struct stream *s, const struct batch *b,
                         uint32_t row)
{
    static const struct link none = {0};
    const struct link *link = stream_link(s, b, row);
    if (!m->asked->phase && !m->asked->step)
        return true;
    if (!link)
        link = &none;
    return KIND_BIT(b->kind) & KINDS_GPU && word_is(s, link->phase, "unknown", m->asked->phase) &&
           word_is(s, link->step, "(none)", m->asked->step);
}

/* What names processes and threads has no time of its own: --time leaves it alone. */
static bool time_matches(const struct match *m, const struct stream *s, const struct batch *b,
                         const struct record *r)
{
    if (!m->asked->time || b->kind == KIND_META)
        return true;
    return !(s->tracks[r->track - 1].flags & TRACK_NO_START) && in_time(&m->parts[b->part], r);
}

/* --time --invert is the rest of the trace, and needs these names too. */
static bool asks_time_alone(const struct match *m)
{
    const struct match_asked *a = m->asked;
    return a->time && !a->cat && !a->name && !a->pid && !a->tid && !a->rank && !a->phase &&
           !a->step && a->min_dur_ns == 0;
}

bool match_row(struct match *m, const struct stream *s, const struct batch *b, uint32_t row,
               const struct record *r)
{
    if (b->kind == KIND_META && asks_time_alone(m))
        return true;
    bool matches = m->parts[b->part].wanted && r->dur_ns >= m->asked->min_dur_ns &&
                   track_matches(m, s, r->track) && time_matches(m, s, b, r) &&
                   name_matches(m, s, b->kind, r->name) && link_matches(m, s, b, row);
    return matches != m->asked->invert;
}

void match_free(struct match *m)
{
    strtab_free(&m->cats);
    strtab_free(&m->pids);
    strtab_free(&m->tids);
    strtab_free(&m->ranks);
    rules_free(m->name);
    begins_free(&m->begins);
    free(m->parts);
    free(m->tracks.known);
    free(m->names[ROLE_GPU].known);
    free(m->names[ROLE_HOST].known);
}
