#include "trace/rocprof.h"

#include "base/mem.h"
#include "base/num.h"
#include "io/output.h"
#include "trace/resync.h"
#include "trace/rocprof_names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* One row of a buffer, as numbers; what has to be looked up comes later. */
struct row {
    uint64_t kernel, kind, operation; /* kernel is used for dispatches, the pair for all others */
    uint64_t thread, correlation, agent, queue, bytes;
    int64_t start_ns, end_ns;
    uint32_t buffer; /* id of the buffer's name */
    bool has_kernel, has_start, has_end, has_thread, has_correlation, has_agent, has_queue,
        has_bytes;
    bool bad; /* a number that is none, or does not fit */
};

/* One process. */
struct process {
    struct source *s;
    struct rocprof_names names;
    struct strtab buffers;
    bool has_metadata, has_agents, has_symbols, has_strings;
    struct resync resync;
    FILE *waiting; /* rows that came before the names */
    struct err *e;
};

static bool ready(const struct process *p)
{
    return p->has_metadata && p->has_agents && p->has_symbols && p->has_strings;
}

/* Reading a row ------------------------------------------------------------------------------ */

/* The text of a number, in quotes or not; what holds containers is no number. */
static bool take_scalar(struct json_cursor *c, struct slice *text)
{
    struct json_value v;
    if (!json_value(c, &v))
        return false;
    if (v.type == JSON_OBJECT || v.type == JSON_ARRAY) {
        json_skip(c);
        return false;
    }
    *text = v.text.raw;
    return true;
}

static void take_number(struct json_cursor *c, struct row *r, uint64_t *out, bool *has)
{
    struct slice text;
    if (!take_scalar(c, &text))
        return;
    *has = num_u64(text, out);
    r->bad |= !*has;
}

static void take_time(struct json_cursor *c, struct row *r, int64_t *out, bool *has)
{
    struct slice text;
    if (!take_scalar(c, &text))
        return;
    *has = num_scaled(text, 0, out) == NUM_OK;
    r->bad |= !*has;
}

/* {"handle": 7}, {"internal": 7, …}: the member of that name. */
static void take_inner(struct json_cursor *c, const char *name, struct row *r, uint64_t *out,
                       bool *has)
{
    struct json_string key;
    if (*c->p != '{') {
        take_number(c, r, out, has);
        return;
    }
    for (json_enter(c); json_member(c, &key);)
        if (slice_is(key.raw, name))
            take_number(c, r, out, has);
        else
            json_skip(c);
}

static void row_field(struct json_cursor *c, struct slice key, struct row *r)
{
    bool ignored;
    if (slice_is(key, "start_timestamp"))
        take_time(c, r, &r->start_ns, &r->has_start);
    else if (slice_is(key, "end_timestamp"))
        take_time(c, r, &r->end_ns, &r->has_end);
    else if (slice_is(key, "thread_id"))
        take_number(c, r, &r->thread, &r->has_thread);
    else if (slice_is(key, "kind"))
        take_number(c, r, &r->kind, &ignored);
    else if (slice_is(key, "operation"))
        take_number(c, r, &r->operation, &ignored);
    else if (slice_is(key, "correlation_id"))
        take_inner(c, "internal", r, &r->correlation, &r->has_correlation);
    else if (slice_is(key, "kernel_id"))
        take_number(c, r, &r->kernel, &r->has_kernel);
    else if (slice_is(key, "queue_id"))
        take_inner(c, "handle", r, &r->queue, &r->has_queue);
    else if (slice_is(key, "agent_id") || slice_is(key, "dst_agent_id"))
        take_inner(c, "handle", r, &r->agent, &r->has_agent);
    else if (slice_is(key, "bytes") || slice_is(key, "allocation_size"))
        take_number(c, r, &r->bytes, &r->has_bytes);
    else
        json_skip(c);
}

static bool row_piece(struct json_cursor *c, void *ctx)
{
    struct row *r = ctx;
    struct json_string key, inner;
    uint32_t buffer = r->buffer;
    *r = (struct row){.buffer = buffer};
    if (*c->p != '{')
        return json_skip(c);
    for (json_enter(c); json_member(c, &key);) {
        if (!slice_is(key.raw, "dispatch_info") || *c->p != '{') {
            row_field(c, key.raw, r);
            continue;
        }
        for (json_enter(c); json_member(c, &inner);)
            row_field(c, inner.raw, r);
    }
    return !c->fault;
}

/* From a row to an event --------------------------------------------------------------------- */

static const char *cat_of(struct slice buffer)
{
    static const char *const cats[][2] = {{"kernel_dispatch", "kernel"},
                                          {"memory_copy", "gpu_memcpy"},
                                          {"hip_api", "cuda_runtime"},
                                          {"marker_api", "user_annotation"}};
    for (size_t i = 0; i < sizeof cats / sizeof *cats; i++)
        if (slice_is(buffer, cats[i][0]))
            return cats[i][1];
    return NULL;
}

/* The decimal text of a number, kept in out. */
static struct slice decimal(uint64_t v, char *out, size_t size)
{
    return slice_of(out, (size_t)snprintf(out, size, "%llu", (unsigned long long)v));
}

static void emit(struct process *p, const struct row *r, const uint8_t *at)
{
    char tid[24], queue[24], agent[24];
    struct slice buffer = strtab_get(&p->buffers, r->buffer);
    const char *cat = cat_of(buffer);
    struct event ev = {.ph = slice_str("X"), .cat = cat ? slice_str(cat) : buffer};
    ev.pid = rocprof_pid(&p->names);
    if (r->has_thread)
        ev.tid = decimal(r->thread, tid, sizeof tid);
    if (r->has_queue)
        ev.stream = decimal(r->queue, queue, sizeof queue);
    if (r->has_agent)
        ev.device = decimal(rocprof_device(&p->names, r->agent), agent, sizeof agent);
    ev.name = r->has_kernel ? rocprof_kernel(&p->names, r->kernel)
                            : rocprof_operation(&p->names, r->kind, r->operation);
    ev.correlation = r->correlation;
    ev.has_correlation = r->has_correlation;
    ev.bytes = r->bytes;
    ev.has_bytes = r->has_bytes;
    ev.start_ns = r->start_ns;
    ev.has_start = true;
    bool late = __builtin_sub_overflow(r->end_ns, r->start_ns, &ev.dur_ns) || ev.dur_ns < 0;
    const char *why = r->bad                         ? "a number that is none, or does not fit"
                      : !r->has_start || !r->has_end ? "a record without times"
                      : late                         ? "a record that ends before it starts"
                                                     : NULL;
    if (why)
        source_lose(p->s, at, why, ev.ph, ev.cat);
    else
        source_event(p->s, &ev);
}

/* Records before the names ------------------------------------------------------------------- */

static int wait_for_names(struct process *p, const struct row *r)
{
    if (!p->waiting) {
        int fd = temp_file(p->e);
        if (fd < 0)
            return -1;
        p->waiting = fdopen(fd, "w+b");
        if (!p->waiting) {
            close(fd);
            return err_sys(p->e, ST_FAILED, "temporary file");
        }
    }
    /* Read back by this same process: the struct as it stands in memory is fine here. */
    if (fwrite(r, sizeof *r, 1, p->waiting) != 1)
        return err_sys(p->e, ST_FAILED, "cannot write to a temporary file");
    return 0;
}

static int emit_waiting(struct process *p)
{
    struct row r;
    if (!p->waiting)
        return 0;
    if (fflush(p->waiting) != 0 || fseek(p->waiting, 0, SEEK_SET) != 0)
        return err_sys(p->e, ST_FAILED, "cannot write to a temporary file");
    while (fread(&r, sizeof r, 1, p->waiting) == 1)
        emit(p, &r, p->s->in.p);
    return ferror(p->waiting) ? err_sys(p->e, ST_FAILED, "cannot read a temporary file") : 0;
}

/* Walking the file ---------------------------------------------------------------------------- */

/* Runs over the array at in.p; element is called with in.p before each one. */
static enum pull each_element(struct process *p,
                              enum pull (*element)(struct process *, void *, struct pull_fault *),
                              void *ctx, struct pull_fault *fault)
{
    struct source *s = p->s;
    s->in.p++;
    for (;;) {
        enum pull r = pull_space(s, true, p->e);
        if (r == PULL_OK && *s->in.p == ']') {
            s->in.p++;
            return PULL_OK;
        }
        if (r == PULL_OK)
            r = element(p, ctx, fault);
        if (r != PULL_OK)
            return r;
        if (writer_stopped(s->w))
            return PULL_ERROR;
    }
}

/* Runs over the object at in.p; member is called with in.p before each value. */
static enum pull each_member(struct process *p,
                             enum pull (*member)(struct process *, const char *,
                                                 struct pull_fault *),
                             struct pull_fault *fault)
{
    struct buf key = {0};
    bool first = true, done = false;
    enum pull r;
    p->s->in.p++;
    for (;;) {
        r = pull_key(p->s, &first, &key, &done, fault, p->e);
        if (r != PULL_OK || done)
            break;
        buf_addc(&key, '\0');
        r = member(p, (char *)key.p, fault);
        if (r != PULL_OK)
            break;
    }
    buf_free(&key);
    return r;
}

static bool is_row(struct json_cursor *c)
{
    struct row r = {.buffer = 0};
    return row_piece(c, &r) && (r.has_start || r.has_end);
}

static enum pull read_row(struct process *p, void *ctx, struct pull_fault *fault)
{
    struct source *s = p->s;
    struct row r = {.buffer = *(uint32_t *)ctx};
    uint64_t begin = input_offset(&s->in, s->in.p);
    enum pull got = pull(s, row_piece, &r, resync_limit(&p->resync), fault, p->e);
    if (got == PULL_ERROR)
        return got;
    if (got != PULL_OK) {
        source_lose(s, s->in.p + fault->at, "a record that cannot be read", slice_of(NULL, 0),
                    slice_of(NULL, 0));
        resync_charge(&p->resync, fault->tried);
        return resync(&p->resync, s, p->e);
    }
    resync_earn(&p->resync, (size_t)(input_offset(&s->in, s->in.p) - begin));
    if (!ready(p))
        return wait_for_names(p, &r) < 0 ? PULL_ERROR : PULL_OK;
    emit(p, &r, s->in.p);
    return PULL_OK;
}

static enum pull read_buffer(struct process *p, const char *key, struct pull_fault *fault)
{
    uint32_t buffer = strtab_intern(&p->buffers, slice_str(key));
    if (*p->s->in.p != '[')
        return pull_skip(p->s, fault, p->e);
    return each_element(p, read_row, &buffer, fault);
}

static enum pull read_symbol(struct process *p, void *ctx, struct pull_fault *fault)
{
    (void)ctx;
    return pull(p->s, rocprof_symbol_piece, &p->names, INPUT_HOLD_MAX, fault, p->e);
}

static enum pull read_agent(struct process *p, void *ctx, struct pull_fault *fault)
{
    (void)ctx;
    return pull(p->s, rocprof_agent_piece, &p->names, INPUT_HOLD_MAX, fault, p->e);
}

static enum pull read_member(struct process *p, const char *key, struct pull_fault *fault)
{
    bool array = *p->s->in.p == '[', object = *p->s->in.p == '{';
    enum pull r = PULL_BAD;
    if (strcmp(key, "metadata") == 0 && object) {
        r = pull(p->s, rocprof_metadata_piece, &p->names, INPUT_HOLD_MAX, fault, p->e);
        p->has_metadata = true;
        if (r == PULL_OK)
            source_meta(p->s, "metadata", buf_slice(&p->names.metadata));
    } else if (strcmp(key, "agents") == 0 && array) {
        r = each_element(p, read_agent, NULL, fault);
        p->has_agents = true;
    } else if (strcmp(key, "kernel_symbols") == 0 && array) {
        r = each_element(p, read_symbol, NULL, fault);
        p->has_symbols = true;
    } else if (strcmp(key, "strings") == 0 && object) {
        r = pull(p->s, rocprof_strings_piece, &p->names, INPUT_HOLD_MAX, fault, p->e);
        p->has_strings = true;
    } else if (strcmp(key, "buffer_records") == 0 && object) {
        r = each_member(p, read_buffer, fault);
    } else {
        r = pull_skip(p->s, fault, p->e);
    }
    return r;
}

static enum pull read_process(struct source *s, struct pull_fault *fault, struct err *e)
{
    struct process p = {.s = s, .resync = {is_row, RESYNC_CREDIT}, .e = e};
    enum pull r = *s->in.p == '{' ? each_member(&p, read_member, fault) : pull_skip(s, fault, e);
    /* Also when the file ends too early: what was read is worth keeping. */
    if (r != PULL_ERROR && emit_waiting(&p) < 0)
        r = PULL_ERROR;
    rocprof_meta(&p.names, s);
    if (p.waiting)
        fclose(p.waiting);
    rocprof_names_free(&p.names);
    strtab_free(&p.buffers);
    return r;
}

enum pull rocprof_read(struct source *s, struct pull_fault *fault, struct err *e)
{
    for (;;) {
        enum pull r = pull_space(s, true, e);
        if (r == PULL_OK && *s->in.p == ']') {
            s->in.p++;
            return PULL_OK;
        }
        if (r == PULL_OK)
            r = read_process(s, fault, e);
        if (r != PULL_OK)
            return r;
    }
}
