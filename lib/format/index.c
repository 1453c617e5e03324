#include "format/index.h"

#include "base/mem.h"
#include "format/index_place.h"
#include "format/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TAIL_MAX = 1 << 30,
    EXTENT_MAX = 1 << 30,
};

/* The tail ------------------------------------------------------------------------------------- */

/* Exactly n bytes at off, or -1. */
static int read_at(const struct index *ix, uint64_t off, void *out, size_t n, struct err *e)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = pread(ix->fd, (uint8_t *)out + done, n - done, (off_t)(off + done));
        if (got < 0 && errno != EINTR)
            return err_sys(e, ST_FAILED, "cannot be read");
        if (got == 0)
            return err_set(e, ST_FAILED, "cut");
        done += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

static int take_extents(struct index *ix, const struct frame *f, struct err *e)
{
    uint64_t at = HEADER_BYTES;
    if (f->length != (uint64_t)f->rows * EXTENT_BYTES || ix->extents)
        return err_set(e, ST_FAILED, "damaged");
    ix->extents = mem_zalloc(f->rows, sizeof *ix->extents);
    ix->nextents = f->rows;
    for (uint32_t i = 0; i < f->rows; i++) {
        const uint8_t *p = f->payload + (size_t)i * EXTENT_BYTES;
        struct extent x = {get_u32(p),      get_u32(p + 4),  get_u64(p + 8),
                           get_u64(p + 16), get_i64(p + 24), get_i64(p + 32)};
        if (x.kind >= KINDS || x.off_bytes < at || x.bytes > EXTENT_MAX || x.bytes < HEAD_BYTES ||
            x.off_bytes > ix->head.tail_off || x.bytes > ix->head.tail_off - x.off_bytes)
            return err_set(e, ST_FAILED, "damaged");
        at = x.off_bytes + x.bytes;
        ix->extents[i] = x;
    }
    return 0;
}

static int take_damages(struct index *ix, const struct frame *f, struct err *e)
{
    size_t at = 0;
    if ((uint64_t)f->rows * DAMAGE_BYTES > f->length || ix->damages)
        return err_set(e, ST_FAILED, "damaged");
    ix->damages = mem_zalloc(f->rows, sizeof *ix->damages);
    ix->ndamages = f->rows;
    for (uint32_t i = 0; i < f->rows; i++) {
        const uint8_t *p = f->payload + at;
        size_t left = f->length - at;
        uint32_t n = left < DAMAGE_BYTES ? 0 : get_u32(p + 20);
        if (left < DAMAGE_BYTES || n > left - DAMAGE_BYTES || get_u32(p + 8) >= KINDS ||
            get_u32(p + 12) > ix->s.strings[ROLE_WORD].n)
            return err_set(e, ST_FAILED, "damaged");
        ix->damages[i] = (struct index_damage){get_u64(p), get_u32(p + 8), get_u32(p + 12),
                                               get_u32(p + 16) != 0, slice_of(p + DAMAGE_BYTES, n)};
        at += (DAMAGE_BYTES + (size_t)n + 7) / 8 * 8;
    }
    return 0;
}

static int take_frame(struct index *ix, const struct frame *f, struct err *e)
{
    switch (f->type) {
    case INDEX_EXTENTS:
        return take_extents(ix, f, e);
    case INDEX_DAMAGE:
        return take_damages(ix, f, e);
    case FRAME_STRINGS:
        if (f->sub != ROLE_GPU && f->sub != ROLE_WORD)
            return err_set(e, ST_FAILED, "damaged");
        /* fall through */
    case FRAME_TRACKS:
    case FRAME_META:
    case FRAME_CONTENTS:
        return stream_take(&ix->s, f, e);
    default:
        return err_set(e, ST_FAILED, "damaged");
    }
}

/* The frame at offset *at of some bytes, verified; *at moves behind it. */
static int next_frame(struct slice bytes, size_t *at, struct frame *f, struct err *e)
{
    size_t left = bytes.n - *at;
    if (left < HEAD_BYTES)
        return err_set(e, ST_FAILED, "damaged");
    if (frame_get(bytes.p + *at, f, e) < 0)
        return -1;
    if (f->length > left - HEAD_BYTES)
        return err_set(e, ST_FAILED, "damaged");
    f->payload = bytes.p + *at + HEAD_BYTES;
    *at += HEAD_BYTES + f->length;
    return frame_verify(f, e);
}

/* Extents and counts have to speak of the same records. */
static int check_counts(const struct index *ix, struct err *e)
{
    uint64_t rows[KINDS] = {0}, events[KINDS] = {0}, all = 0;
    const struct totals *t = &ix->s.totals;
    for (uint32_t i = 0; i < ix->nextents; i++)
        rows[ix->extents[i].kind] += ix->extents[i].kind ? ix->extents[i].rows : 0;
    for (uint32_t i = 0; i < t->nrows; i++) {
        if (t->rows[i].kind >= KINDS)
            return err_set(e, ST_FAILED, "damaged");
        events[t->rows[i].kind] += t->rows[i].events;
        all += t->rows[i].events;
    }
    bool agree = ix->s.contents && all == t->events && memcmp(rows, events, sizeof rows) == 0;
    return agree ? 0 : err_set(e, ST_FAILED, "damaged");
}

static int read_tail(struct index *ix, struct err *e)
{
    uint64_t n = ix->head.bytes - ix->head.tail_off;
    struct frame f;
    if (ix->head.tail_off > ix->head.bytes || n > TAIL_MAX)
        return err_set(e, ST_FAILED, "damaged");
    (void)buf_room(&ix->tail, n);
    if (read_at(ix, ix->head.tail_off, ix->tail.p, n, e) < 0)
        return -1;
    ix->tail.n = n;
    for (size_t at = 0; at < n;)
        if (next_frame(buf_slice(&ix->tail), &at, &f, e) < 0 || take_frame(ix, &f, e) < 0)
            return -1;
    return check_counts(ix, e);
}

/* Opening -------------------------------------------------------------------------------------- */

/* Who could have written it? */
static int check_file(struct index *ix, struct stat *st, struct err *e)
{
    if (fstat(ix->fd, st) < 0)
        return err_sys(e, ST_FAILED, "cannot be read");
    if (!S_ISREG(st->st_mode))
        return err_set(e, ST_FAILED, "no regular file");
    if (st->st_uid != geteuid() && st->st_uid != 0)
        return err_set(e, ST_FAILED, "it belongs to somebody else");
    if (st->st_mode & (S_IWGRP | S_IWOTH))
        return err_set(e, ST_FAILED, "others may write it");
    ix->mtime_ns = identity_ns(st->st_mtim);
    return 0;
}

static int read_index(struct index *ix, struct err *e)
{
    struct stat st;
    uint8_t head[INDEX_HEAD_MAX];
    if (check_file(ix, &st, e) < 0)
        return -1;
    size_t n = (uint64_t)st.st_size < sizeof head ? (size_t)st.st_size : sizeof head;
    if (read_at(ix, 0, head, n, e) < 0 || index_head_get(&ix->head, head, n, e) < 0)
        return -1;
    if (ix->head.bytes != (uint64_t)st.st_size)
        return err_set(e, ST_FAILED, "cut");
    return read_tail(ix, e);
}

int index_open(struct index *ix, const char *path, bool *there, struct err *e)
{
    struct err why;
    *ix = (struct index){.path = mem_dup(path, strlen(path))};
    ix->s.reader.in.name = ix->path;
    ix->fd = index_look(AT_FDCWD, path);
    *there = ix->fd >= 0 || errno != ENOENT;
    if (ix->fd < 0)
        err_sys(e, ST_FAILED, "%s", path);
    else if (read_index(ix, &why) < 0)
        err_set(e, ST_FAILED, "%s: %s", path, why.text);
    else
        return 0;
    index_close(ix);
    return -1;
}

/* The trace has been compared whole just now, at a time when its stamps had come to rest: that is
 * noted in the head, so that later loads need not. If it cannot be, they compare again. */
static void note_seen(struct index *ix, int64_t seen_ns)
{
    struct stat ours, there;
    struct buf b = {0};
    int fd = open(ix->path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ix->head.seen_ns = seen_ns;
    index_head_put(&b, &ix->head);
    if (fd >= 0 && fstat(ix->fd, &ours) == 0 && fstat(fd, &there) == 0 &&
        ours.st_ino == there.st_ino && ours.st_dev == there.st_dev &&
        pwrite(fd, b.p, b.n, 0) != (ssize_t)b.n)
        msg_detail("%s: cannot be brought up to date", ix->path);
    if (fd >= 0)
        close(fd);
    buf_free(&b);
}

static int match_whole(struct index *ix, int fd, const char *name, struct err *e)
{
    uint8_t whole[IDENTITY_HASH];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (!ix->head.has_whole)
        return err_set(e, ST_FAILED, "%s: the trace may have changed since", ix->path);
    if (identity_whole(fd, name, whole, e) < 0)
        return -1;
    if (memcmp(whole, ix->head.whole, sizeof whole) != 0)
        return err_set(e, ST_FAILED, "%s: of other bytes than the trace has", ix->path);
    if (!identity_racy(&ix->head.id, identity_ns(now)))
        note_seen(ix, identity_ns(now));
    return 0;
}

int index_match(struct index *ix, int fd, const char *name, uint64_t reader, struct err *e)
{
    struct identity id;
    int64_t seen_ns = ix->head.seen_ns < ix->mtime_ns ? ix->head.seen_ns : ix->mtime_ns;
    if (ix->head.reader != reader)
        return err_set(e, ST_FAILED, "%s: made by another version of trs", ix->path);
    if (identity_of(fd, name, &id, e) < 0)
        return -1;
    if (!identity_eq(&id, &ix->head.id))
        return err_set(e, ST_FAILED, "%s: of another trace, or the trace has changed", ix->path);
    return identity_racy(&id, seen_ns) ? match_whole(ix, fd, name, e) : 0;
}

/* Records -------------------------------------------------------------------------------------- */

void extent_times(struct extent *x, const uint8_t *rows, uint32_t n, const uint8_t *starts)
{
    int64_t first = INT64_MAX, last = INT64_MIN, end;
    for (uint32_t i = 0; i < n; i++) {
        struct record r = record_get(rows + (size_t)i * RECORD_BYTES);
        if (!starts[r.track - 1])
            continue;
        if (__builtin_add_overflow(r.start_ns, r.dur_ns, &end))
            end = INT64_MAX;
        first = r.start_ns < first ? r.start_ns : first;
        last = end > last ? end : last;
    }
    x->first_ns = first <= last ? first : 0;
    x->last_ns = first <= last ? last : 0;
}

/* An index has no args, and nothing that trace-parse does not write. */
static bool is_column(unsigned column)
{
    return column == COLUMN_EXTERNAL_ID || column == COLUMN_BYTES || column == COLUMN_SEQUENCE ||
           column == COLUMN_FWD_THREAD;
}

static int take_column(struct index *ix, struct batch *b, const struct frame *f, struct err *e)
{
    if (f->type != INDEX_NUMBERS || !is_column(f->sub) || f->rows != b->n)
        return err_set(e, ST_FAILED, "damaged");
    size_t n = pack_numbers_bytes(f->rows);
    uint8_t *numbers = buf_room(&ix->columns[f->sub], n);
    if (unpack_numbers(slice_of(f->payload, f->length), f->rows, numbers) < 0)
        return err_set(e, ST_FAILED, "damaged");
    b->columns[f->sub] = (struct frame){.type = FRAME_COLUMN,
                                        .sub = f->sub,
                                        .rows = f->rows,
                                        .length = (uint32_t)n,
                                        .payload = numbers};
    return 0;
}

static int take_extent(struct index *ix, const struct extent *x, struct batch *b, struct err *e)
{
    struct slice bytes = slice_of(ix->body.p, x->bytes);
    struct frame f;
    size_t at = 0;
    if (next_frame(bytes, &at, &f, e) < 0)
        return -1;
    if (x->kind == 0) {
        bool names = f.type == FRAME_STRINGS && f.sub == ROLE_HOST && at == bytes.n;
        return names ? stream_take(&ix->s, &f, e) : err_set(e, ST_FAILED, "damaged");
    }
    if (f.type != INDEX_PACKED || f.sub != x->kind || f.rows != x->rows || f.rows > PACK_ROWS_MAX)
        return err_set(e, ST_FAILED, "damaged");
    *b = (struct batch){
        .kind = f.sub, .n = f.rows, .rows = buf_room(&ix->rows, (size_t)f.rows * RECORD_BYTES)};
    if (unpack_records(slice_of(f.payload, f.length), f.rows, ix->rows.p) < 0)
        return err_set(e, ST_FAILED, "damaged");
    while (at < bytes.n)
        if (next_frame(bytes, &at, &f, e) < 0 || take_column(ix, b, &f, e) < 0)
            return -1;
    return stream_check(&ix->s, b, e);
}

int index_extent(struct index *ix, uint32_t i, struct batch *b, struct err *e)
{
    const struct extent *x = &ix->extents[i];
    struct err why;
    *b = (struct batch){0};
    ix->body.n = 0;
    (void)buf_room(&ix->body, x->bytes);
    if (read_at(ix, x->off_bytes, ix->body.p, x->bytes, &why) < 0 ||
        take_extent(ix, x, b, &why) < 0)
        return err_set(e, ST_FAILED, "%s: byte %llu: %s", ix->path,
                       (unsigned long long)x->off_bytes, why.text);
    return 0;
}

void index_rewind(struct index *ix)
{
    strtab_clear(&ix->s.strings[ROLE_HOST]);
    ix->s.epoch_names++;
}

void index_close(struct index *ix)
{
    if (ix->fd >= 0)
        close(ix->fd);
    stream_free(&ix->s);
    buf_free(&ix->tail);
    buf_free(&ix->body);
    buf_free(&ix->rows);
    for (unsigned c = 0; c < COLUMNS; c++)
        buf_free(&ix->columns[c]);
    free(ix->extents);
    free(ix->damages);
    free(ix->head.trace);
    free(ix->path);
    *ix = (struct index){.fd = -1};
}
