#include "format/index_make.h"

#include "base/mem.h"
#include "format/pack.h"
#include "format/payload.h"
#include "io/behind.h"
#include "io/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct index_maker {
    struct draft draft;
    struct index_head head;
    int fd; /* of the trace, our own */
    mode_t mode;
    struct behind *out;
    struct buf frame; /* the one that is being made */
    struct buf names; /* the frames that go into the tail */
    struct extent *extents;
    size_t n, cap;
    struct buf starts; /* a byte for each track: whether its records have a start */
    unsigned named;    /* roles, and tracks as bit ROLES, of which a frame came */
    bool failed;
    struct err why;
};

static void give_up(struct index_maker *m, const char *what)
{
    if (!m->failed)
        err_set(&m->why, ST_FAILED, "%s", what);
    m->failed = true;
}

/* A frame as part 0: an index knows of one trace. */
static void add_frame(struct buf *b, struct frame f)
{
    f.part = 0;
    frame_put(buf_room(b, HEAD_BYTES), &f);
    b->n += HEAD_BYTES;
    buf_add(b, f.payload, f.length);
}

/* A frame with a payload that is then freed. */
static void add_payload(struct buf *b, unsigned type, uint32_t rows, struct buf *payload)
{
    add_frame(
        b, (struct frame){
               .type = type, .rows = rows, .length = (uint32_t)payload->n, .payload = payload->p});
    buf_free(payload);
}

/* Beginning ------------------------------------------------------------------------------------ */

/* When the trace was looked at, by the clock of the file system as well as by ours. */
static int64_t time_seen(int fd)
{
    struct timespec now;
    struct stat st;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t ours = identity_ns(now), theirs = fstat(fd, &st) < 0 ? ours : identity_ns(st.st_mtim);
    return ours < theirs ? ours : theirs;
}

/* Readable by others only if the trace is. */
static mode_t mode_for(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && st.st_mode & S_IROTH ? 0644 : 0600;
}

static int look_at_trace(struct index_maker *m, const char *trace, struct err *e)
{
    struct index_head *h = &m->head;
    if (identity_of(m->fd, trace, &h->id, e) < 0)
        return -1;
    h->seen_ns = time_seen(m->draft.fd);
    h->has_whole = identity_racy(&h->id, h->seen_ns);
    return h->has_whole ? identity_whole(m->fd, trace, h->whole, e) : 0;
}

static void put_head(struct index_maker *m)
{
    index_head_put(&m->frame, &m->head);
    behind_add(m->out, m->frame.p, m->frame.n);
}

struct index_maker *index_make(const char *path, int fd, const char *trace, uint64_t reader,
                               struct err *e)
{
    struct index_maker *m = mem_zalloc(1, sizeof *m);
    char *whole = realpath(trace, NULL);
    m->head = (struct index_head){.reader = reader, .trace = whole ? whole : mem_dup("", 0)};
    m->draft.fd = -1;
    m->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    m->mode = mode_for(fd);
    if (m->fd < 0) {
        err_sys(e, ST_FAILED, "%s", trace);
    } else if (draft_open(&m->draft, path, e) == 0 && look_at_trace(m, trace, e) == 0 &&
               (m->out = behind_start(m->draft.fd, e)) != NULL) {
        put_head(m); /* its place; the values come last */
        return m;
    }
    index_make_drop(m);
    return NULL;
}

/* The records ---------------------------------------------------------------------------------- */

static struct extent *add_extent(struct index_maker *m, const struct frame *f)
{
    m->extents = mem_grow(m->extents, &m->cap, m->n + 1, sizeof *m->extents);
    struct extent *x = &m->extents[m->n++];
    *x = (struct extent){.kind = f->type == FRAME_RECORDS ? f->sub : 0,
                         .rows = f->rows,
                         .off_bytes = behind_bytes(m->out)};
    return x;
}

static void add_tracks(struct index_maker *m, const struct frame *f)
{
    if (f->flags & FRAME_RESET)
        m->starts.n = 0;
    for (uint32_t i = 0; i < f->rows; i++) {
        struct track t = track_get(f->payload + (size_t)i * TRACK_BYTES);
        buf_addc(&m->starts, !(t.flags & TRACK_NO_START));
    }
}

/* Names of GPU activity, words and tracks stand in the tail, once: they must not start anew. */
static void add_names(struct index_maker *m, const struct frame *f)
{
    unsigned bit = f->type == FRAME_META ? 0 : f->type == FRAME_TRACKS ? 1u << ROLES : 1u << f->sub;
    if (f->flags & FRAME_RESET && m->named & bit)
        give_up(m, "too many different names for an index");
    m->named |= bit;
    if (f->type == FRAME_TRACKS)
        add_tracks(m, f);
    add_frame(&m->names, *f);
}

static void add_packed(struct buf *b, const struct frame *f)
{
    size_t at = b->n + HEAD_BYTES;
    bool column = f->type == FRAME_COLUMN;
    b->n = at;
    if (column)
        pack_numbers(b, f->payload, f->rows);
    else
        pack_records(b, f->payload, f->rows);
    frame_put(b->p + at - HEAD_BYTES, &(struct frame){.type = column ? INDEX_NUMBERS : INDEX_PACKED,
                                                      .sub = f->sub,
                                                      .rows = f->rows,
                                                      .length = (uint32_t)(b->n - at),
                                                      .payload = b->p + at});
}

static void add_to_body(struct index_maker *m, const struct frame *f)
{
    struct extent *x = f->type == FRAME_COLUMN ? &m->extents[m->n - 1] : add_extent(m, f);
    m->frame.n = 0;
    (void)buf_room(&m->frame, HEAD_BYTES + (size_t)f->length + PACK_MORE);
    if (f->type == FRAME_RECORDS)
        extent_times(x, f->payload, f->rows, m->starts.p);
    if (f->type == FRAME_STRINGS)
        add_frame(&m->frame, *f);
    else
        add_packed(&m->frame, f);
    behind_add(m->out, m->frame.p, m->frame.n);
    x->bytes += m->frame.n;
}

void index_make_tee(void *ctx, const struct frame *f)
{
    struct index_maker *m = ctx;
    bool host = f->type == FRAME_STRINGS && f->sub == ROLE_HOST;
    if (m->failed || (f->type == FRAME_COLUMN && column_is_text(f->sub)))
        return; /* args are not kept */
    if (f->type == FRAME_RECORDS || f->type == FRAME_COLUMN || host)
        add_to_body(m, f);
    else
        add_names(m, f);
}

/* The end -------------------------------------------------------------------------------------- */

static void put_contents(struct buf *b, const struct index_contents *c)
{
    struct tally *rows = mem_zalloc(c->totals.nrows, sizeof *rows);
    struct totals t = {.status = c->structural ? ST_INCOMPLETE : ST_WHOLE, .rows = rows};
    for (uint32_t i = 0; i < c->totals.nrows; i++) {
        struct tally row = c->totals.rows[i];
        if (row.part != c->part)
            continue;
        row.part = 0;
        rows[t.nrows++] = row;
        t.events += row.events;
        t.lost += row.lost;
    }
    if (t.lost > 0)
        t.status = ST_INCOMPLETE;
    struct buf payload = {0};
    payload_totals(&payload, &t);
    add_payload(b, FRAME_CONTENTS, t.nrows, &payload);
    free(rows);
}

static void put_rank(struct buf *b, const char *rank)
{
    struct buf payload = {0};
    if (!*rank)
        return;
    payload_meta(&payload, slice_str("rank"), slice_str(rank));
    add_payload(b, FRAME_META, 1, &payload);
}

static void put_damages(struct buf *b, const struct index_contents *c)
{
    struct buf payload = {0};
    for (uint32_t i = 0; i < c->ndamages; i++) {
        const struct index_damage *d = &c->damages[i];
        uint8_t *p = buf_room(&payload, DAMAGE_BYTES);
        put_u64(p, d->off_bytes);
        put_u32(p + 8, d->kind);
        put_u32(p + 12, d->cat);
        put_u32(p + 16, d->structural);
        put_u32(p + 20, (uint32_t)d->why.n);
        payload.n += DAMAGE_BYTES;
        buf_add(&payload, d->why.p, d->why.n);
        buf_pad8(&payload);
    }
    add_payload(b, INDEX_DAMAGE, c->ndamages, &payload);
}

static void put_extents(struct buf *b, const struct extent *list, size_t n)
{
    struct buf payload = {0};
    for (size_t i = 0; i < n; i++, payload.n += EXTENT_BYTES) {
        uint8_t *p = buf_room(&payload, EXTENT_BYTES);
        put_u32(p, list[i].kind);
        put_u32(p + 4, list[i].rows);
        put_u64(p + 8, list[i].off_bytes);
        put_u64(p + 16, list[i].bytes);
        put_i64(p + 24, list[i].first_ns);
        put_i64(p + 32, list[i].last_ns);
    }
    add_payload(b, INDEX_EXTENTS, (uint32_t)n, &payload);
}

void index_make_seal(struct index_maker *m, const struct index_contents *c)
{
    m->head.structural = c->structural;
    m->head.tail_off = behind_bytes(m->out);
    put_rank(&m->names, c->rank);
    put_contents(&m->names, c);
    put_damages(&m->names, c);
    put_extents(&m->names, m->extents, m->n);
    behind_add(m->out, m->names.p, m->names.n);
    m->head.bytes = behind_bytes(m->out);
    buf_free(&m->names);
}

/* What was read may be half old, half new, where time stamps cannot tell. */
static int check_trace(const struct index_maker *m, struct err *e)
{
    struct identity id;
    uint8_t whole[IDENTITY_HASH];
    const struct index_head *h = &m->head;
    if (identity_of(m->fd, h->trace, &id, e) < 0)
        return -1;
    bool same = identity_eq(&id, &h->id);
    if (same && h->has_whole) {
        if (identity_whole(m->fd, h->trace, whole, e) < 0)
            return -1;
        same = memcmp(whole, h->whole, sizeof whole) == 0;
    }
    return same ? 0 : err_set(e, ST_FAILED, "the trace changed while it was read");
}

/* The head with its values, when all else is in the file. */
static int write_head(struct index_maker *m, struct err *e)
{
    struct behind *out = m->out;
    m->out = NULL;
    if (behind_end(out, e) < 0)
        return -1;
    m->frame.n = 0;
    index_head_put(&m->frame, &m->head);
    errno = behind_write(m->draft.fd, m->frame.p, m->frame.n, 0);
    return errno ? err_sys(e, ST_FAILED, "cannot write") : 0;
}

static int publish(struct index_maker *m, struct err *e)
{
    char *path = mem_dup(m->draft.target, strlen(m->draft.target));
    int rc = draft_publish(&m->draft, m->mode, e);
    if (rc == 0)
        msg_detail("%s: an index of %llu bytes was made", path, (unsigned long long)m->head.bytes);
    free(path);
    return rc;
}

int index_make_publish(struct index_maker *m, struct err *e)
{
    int rc = -1;
    if (m->failed)
        *e = m->why;
    else if (write_head(m, e) == 0 && check_trace(m, e) == 0)
        rc = publish(m, e);
    index_make_drop(m);
    return rc;
}

void index_make_drop(struct index_maker *m)
{
    if (!m)
        return;
    behind_drop(m->out);
    draft_drop(&m->draft);
    if (m->fd >= 0)
        close(m->fd);
    buf_free(&m->frame);
    buf_free(&m->names);
    buf_free(&m->starts);
    free(m->extents);
    free(m->head.trace);
    free(m);
}
