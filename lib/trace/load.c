#include "trace/load.h"

#include "base/mem.h"
#include "base/opts.h"
#include "format/index_place.h"
#include "trace/chrome.h"
#include "trace/index_check.h"
#include "trace/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { AT_ONCE = 64, OTHERS = 16 }; /* files that are held open together; descriptors of others */

struct file {
    const char *path;
    struct input in;
    bool open, indexed;
    struct index ix;
    struct replay replay;
};

struct run {
    struct load *l;
    struct source s;
    struct strtab ranks; /* of the files so far */
    struct file *files;
    int n, status;
};

/* Opening and closing -------------------------------------------------------------------------- */

static bool is_selective(const struct selection *select)
{
    return select->gpu || select->cats.n > 0;
}

/* Makes the index first if that is wanted, then looks for it. *why if there is none. */
static int look_for_index(struct run *r, struct file *f, struct err *why)
{
    const struct load *l = r->l;
    struct load quiet = *l;
    quiet.silent = true; /* it is said below, of what was selected */
    if (!indexes_can(&f->in, f->path))
        return err_set(why, ST_FAILED, "%s: only a file can have an index", f->in.name);
    if (l->index == INDEX_REBUILD && load_index(&quiet, f->path, why) < 0)
        return -1;
    return indexes_find(&f->ix, &f->in, l->index_dir, why);
}

static int file_open(struct run *r, struct file *f, struct err *e)
{
    const struct load *l = r->l;
    struct err why;
    /* What reads all makes a new index as it goes. */
    bool use = l->index == INDEX_REBUILD ? is_selective(l->select) : l->index != INDEX_OFF;
    if (f->open)
        return 0;
    if (input_open(&f->in, f->path, e) < 0)
        return -1;
    f->open = true;
    if (!use || l->select->args)
        return 0;
    f->indexed = look_for_index(r, f, &why) == 0;
    if (f->indexed) {
        index_use(f->ix.fd);
        replay_begin(&f->replay, &r->s, &f->ix);
    } else if (l->index == INDEX_REQUIRE) {
        return err_set(e, ST_FAILED, "%s", why.text);
    } else {
        msg_detail("%s", why.text);
    }
    return 0;
}

static void forget_index(struct file *f)
{
    if (f->indexed) {
        replay_end(&f->replay);
        index_close(&f->ix);
    }
    f->indexed = false;
}

/* An index does not keep what its checksums promise: it goes, and the trace is read. */
static int distrust(struct run *r, struct file *f, const struct err *why, struct err *e)
{
    if (r->l->index == INDEX_REQUIRE)
        return err_set(e, ST_FAILED, "%s", why->text);
    msg_detail("%s; the trace is read", why->text);
    (void)unlink(f->ix.path);
    forget_index(f);
    return 0;
}

static int file_close(struct file *f, struct err *e)
{
    forget_index(f);
    f->open = false;
    return input_close(&f->in, e);
}

/* What is said of a file ----------------------------------------------------------------------- */

/* The rank that the part has in the end: --rank, what the trace says, the number of the file. */
static void say_rank(struct run *r)
{
    struct source *s = &r->s;
    char number[24];
    (void)snprintf(number, sizeof number, "%lu", (unsigned long)s->part);
    const char *rank = r->l->rank ? r->l->rank : s->rank[0] ? s->rank : number;
    unsigned same = 1;
    source_meta(s, "rank", slice_str(rank));
    for (uint32_t id = 1; id <= r->ranks.n; id++)
        same += slice_is(strtab_get(&r->ranks, id), rank);
    strtab_add(&r->ranks, slice_str(rank));
    if (same > 1)
        msg_note("%s: an earlier file has rank %s too; they are kept apart, this one as %s#%u",
                 s->in.name, rank, rank, same);
}

/* One line that says what was lost. -1 where --strict makes that a failure. */
static int say_lost(struct run *r, struct err *e)
{
    const struct source *s = &r->s;
    bool whole = !s->lost && !s->structural;
    if (r->l->silent)
        return 0;
    msg_detail("%s: %llu events kept, %llu left out by the selection, %llu lost", s->in.name,
               (unsigned long long)s->kept, (unsigned long long)s->unselected,
               (unsigned long long)s->lost);
    if (!whole) {
        struct damage first = source_first_damage(s);
        msg_error("%s: byte %llu: %s; %llu events kept, %llu lost", s->in.name,
                  (unsigned long long)first.off_bytes, first.why, (unsigned long long)s->kept,
                  (unsigned long long)s->lost);
    }
    int status = opts_settle(whole ? ST_WHOLE : ST_INCOMPLETE, s->in.name, e);
    r->status = status_worst(r->status, status);
    return status < 0 ? -1 : 0;
}

/* File after file ------------------------------------------------------------------------------ */

static void begin_part(struct run *r, const struct file *f)
{
    r->s.in = f->in;
    source_begin(&r->s, (uint32_t)(f - r->files));
}

/* Reads the trace of a file as a part of a source, which has the input meanwhile. */
static int parse(struct source *s, struct file *f, uint32_t part, struct err *e)
{
    s->in = f->in;
    source_begin(s, part);
    int rc = chrome_read(s, e);
    progress_end(&s->progress);
    f->in = s->in;
    if (!writer_stopped(s->w))
        return rc;
    *e = s->w->err;
    return -1;
}

/* The index of the file before gets its name by now: this file takes its time anyway. */
static void begin_index(struct run *r, const struct file *f)
{
    struct load *l = r->l;
    struct err e;
    bool large = l->index == INDEX_AUTO && f->in.size >= INDEX_AUTO_FROM;
    (void)load_finish(l, &e);
    if (!(large || l->index == INDEX_REBUILD) || is_selective(l->select) ||
        !indexes_can(&f->in, f->path))
        return;
    l->making = indexes_begin(&f->in, l->index_dir, r->s.w, &l->why);
    l->unmade |= !l->making;
}

static int parse_part(struct run *r, struct file *f, struct err *e)
{
    struct load *l = r->l;
    begin_index(r, f);
    int rc = parse(&r->s, f, (uint32_t)(f - r->files), e);
    if (l->making && rc == 0)
        indexes_seal(l->making, &r->s);
    else
        index_make_drop(l->making);
    l->made = rc == 0 ? l->making : NULL;
    l->making = NULL;
    r->s.w->tee = NULL;
    return rc;
}

static int replay_part(struct run *r, struct file *f, struct err *e)
{
    begin_part(r, f);
    replay_facts(&f->replay);
    return replay_records(&f->replay, KINDS_ALL, false, e);
}

static int load_part(struct run *r, struct file *f, struct err *e)
{
    struct err why;
    if (f->indexed && replay_prove(&f->replay, KINDS_ALL, &why) < 0 && distrust(r, f, &why, e) < 0)
        return -1;
    if ((f->indexed ? replay_part(r, f, e) : parse_part(r, f, e)) < 0)
        return -1;
    say_rank(r);
    return say_lost(r, e);
}

static int load_in_turn(struct run *r, struct err *e)
{
    for (int i = 0; i < r->n; i++) {
        struct file *f = &r->files[i];
        if (file_open(r, f, e) < 0 || load_part(r, f, e) < 0 || file_close(f, e) < 0)
            return -1;
    }
    return 0;
}

/* All from indexes ----------------------------------------------------------------------------- */

/* How many files can be held open with their indexes, by the limit for descriptors. */
static int at_once(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= 2 * AT_ONCE + OTHERS)
        return AT_ONCE;
    return limit.rlim_cur > OTHERS ? (int)(limit.rlim_cur - OTHERS) / 2 : 1;
}

/* True if each file has an index whose GPU activity can be trusted. -1 if a file cannot be opened.
 */
static int all_indexed(struct run *r, struct err *e)
{
    struct err why;
    int most = at_once();
    for (int i = 0; i < r->n && r->n <= most; i++) {
        struct file *f = &r->files[i];
        if (file_open(r, f, e) < 0)
            return -1;
        if (f->indexed && replay_prove(&f->replay, KINDS_GPU, &why) < 0 &&
            distrust(r, f, &why, e) < 0)
            return -1;
        if (!f->indexed)
            return 0;
    }
    return r->n <= most;
}

/* All but records, and the table of contents. */
static int announce(struct run *r, struct totals *t, struct err *e)
{
    for (int i = 0; i < r->n; i++) {
        begin_part(r, &r->files[i]);
        replay_facts(&r->files[i].replay);
        replay_names(&r->files[i].replay);
        say_rank(r);
        if (say_lost(r, e) < 0)
            return -1;
        t->events += r->s.kept;
        t->lost += r->s.lost;
    }
    t->status = r->status;
    t->skipped = r->s.skipped;
    struct tally *rows = source_tally(&r->s, &t->nrows);
    t->rows = rows;
    writer_contents(r->s.w, t);
    free(rows);
    t->rows = NULL;
    return 0;
}

/* What is no GPU activity, from the trace after all. */
static int parse_rest(struct run *r, struct file *f, struct err *e)
{
    struct selection rest = *r->l->select;
    struct source s = {.w = r->s.w, .select = &rest, .threads = r->s.threads};
    rest.rest = true;
    int rc = parse(&s, f, (uint32_t)(f - r->files), e);
    source_free(&s);
    return rc;
}

static int send_rest(struct run *r, struct file *f, struct err *e)
{
    unsigned rest = KINDS_ALL & ~(unsigned)KINDS_GPU;
    struct err why;
    if (!(f->replay.kinds & rest))
        return 0;
    source_part(&r->s, (uint32_t)(f - r->files));
    if (replay_prove(&f->replay, rest, &why) == 0)
        return replay_records(&f->replay, rest, false, e);
    return distrust(r, f, &why, e) < 0 ? -1 : parse_rest(r, f, e);
}

static int send_all(struct run *r, struct err *e)
{
    int rc = 0;
    for (int i = 0; i < r->n && rc == 0; i++) {
        source_part(&r->s, (uint32_t)i);
        rc = replay_records(&r->files[i].replay, KINDS_GPU, true, e);
    }
    for (int i = 0; i < r->n && rc == 0 && !writer_look(r->s.w); i++)
        rc = send_rest(r, &r->files[i], e);
    if (writer_dismissed(r->s.w))
        rc = 0;
    for (int i = 0; i < r->n && rc == 0; i++)
        rc = file_close(&r->files[i], e);
    return rc;
}

/* The whole ------------------------------------------------------------------------------------ */

static int end(struct run *r, const struct totals *announced, struct err *e)
{
    struct writer *w = r->s.w;
    struct totals t = {.status = r->status, .events = w->events, .skipped = r->s.skipped};
    writer_begin(w);
    struct tally *rows = source_tally(&r->s, &t.nrows);
    t.rows = rows;
    for (uint32_t i = 0; i < t.nrows; i++)
        t.lost += rows[i].lost;
    bool kept = !announced || announced->events == w->events || writer_dismissed(w);
    int rc =
        kept ? writer_end(w, &t, e) : err_set(e, ST_FAILED, "the trace is not what its index said");
    free(rows);
    return rc < 0 ? -1 : r->status;
}

static int run(struct run *r, struct err *e)
{
    struct totals announced = {0};
    int all = all_indexed(r, e);
    if (all < 0)
        return -1;
    if (!all)
        return load_in_turn(r, e) < 0 ? -1 : end(r, NULL, e);
    if (announce(r, &announced, e) < 0 || send_all(r, e) < 0)
        return -1;
    return end(r, &announced, e);
}

/* The work on n files, and what goes before and after. */
static int with_files(struct load *l, struct writer *w, int n, char **files,
                      int (*work)(struct run *r, struct err *e), struct err *e)
{
    struct run r = {.l = l,
                    .s = {.w = w, .select = l->select, .threads = l->threads},
                    .n = n ? n : 1,
                    .status = ST_WHOLE};
    r.files = mem_zalloc((size_t)r.n, sizeof *r.files);
    for (int i = 0; i < n; i++)
        r.files[i].path = files[i];
    int status = work(&r, e);
    for (int i = 0; i < r.n; i++) {
        forget_index(&r.files[i]);
        if (r.files[i].open)
            input_drop(&r.files[i].in);
    }
    if (status < 0)
        writer_drop(w);
    free(r.files);
    strtab_free(&r.ranks);
    source_free(&r.s);
    return status;
}

int load_run(struct load *l, struct writer *w, int n, char **files, struct err *e)
{
    return with_files(l, w, n, files, run, e);
}

int load_finish(struct load *l, struct err *e)
{
    if (l->made && index_make_publish(l->made, &l->why) < 0)
        l->unmade = true;
    l->made = NULL;
    if (l->unmade)
        *e = l->why;
    return l->unmade ? -1 : 0;
}

/* The index alone ------------------------------------------------------------------------------ */

/* A whole index, to its last byte, or none. */
static void check_index(struct run *r, struct file *f)
{
    struct err why;
    if (f->indexed && index_check(&f->ix, &why) < 0) {
        msg_detail("%s", why.text);
        forget_index(f);
    }
    r->l->index = INDEX_REBUILD;
}

static int index_one(struct run *r, struct err *e)
{
    struct file *f = r->files;
    if (indexes_may(f->path, e) < 0 || file_open(r, f, e) < 0)
        return -1;
    check_index(r, f);
    if (!f->indexed)
        return load_in_turn(r, e) < 0 ? -1 : end(r, NULL, e);
    msg_detail("%s: %s is valid", f->path, f->ix.path);
    begin_part(r, f);
    replay_facts(&f->replay);
    if (say_lost(r, e) < 0 || file_close(f, e) < 0)
        return -1;
    writer_drop(r->s.w);
    return r->status;
}

int load_index(const struct load *how, const char *file, struct err *e)
{
    static const struct selection all;
    struct load l = {.select = &all,
                     .threads = how->threads,
                     .index = how->index == INDEX_REBUILD ? INDEX_REBUILD : INDEX_AUTO,
                     .index_dir = how->index_dir,
                     .silent = how->silent};
    struct output *out = mem_zalloc(1, sizeof *out);
    struct writer w;
    char *files[] = {(char *)(uintptr_t)file};
    struct err why;
    int status = output_open(out, "/dev/null", e);
    if (status == 0) {
        writer_open(&w, out);
        status = with_files(&l, &w, 1, files, index_one, e);
        output_drop(out);
    }
    if (load_finish(&l, &why) < 0 && status >= 0) {
        *e = why;
        status = -1;
    }
    free(out);
    return status;
}
