#include "io/input.h"

#include "base/mem.h"
#include "io/ahead.h"
#include "io/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIPE_UNCARED = 64 * 1024, PIPE_WANTED = 1024 * 1024 };

/* Where there are bytes, or their end, this is one quick call: the next write will tell if the
 * reader is gone. Where poll fails, read or write will say why. */
static int wait_to_feed(struct input *in, struct err *e)
{
    struct output *out = in->feeds;
    if (!out || S_ISREG(in->opened.st_mode))
        return 0;
    struct pollfd fds[] = {{.fd = in->fd, .events = POLLIN}, {.fd = out->fd}};
    if (poll(fds, 1, 0) != 0)
        return 0;
    if (output_flush(out, e) < 0)
        return -1;
    while (poll(fds, 2, -1) < 0 && errno == EINTR)
        ;
    out->reader_gone |= (fds[1].revents & (POLLERR | POLLHUP)) != 0;
    return out->reader_gone ? err_set(e, ST_PIPE, "the reader went away") : 0;
}

ssize_t input_read(struct input *in, void *out, size_t n, struct err *e)
{
    ssize_t got;
    if (in->ahead && !ahead_wait(in->ahead))
        return err_set(e, ST_FAILED, "%s: no longer wanted", in->name);
    if (wait_to_feed(in, e) < 0)
        return -1;
    do
        got = read(in->fd, out, n);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_sys(e, ST_FAILED, "%s: cannot read", in->name);
    in->consumed += (uint64_t)got;
    return got;
}

int raw_fill(struct input *in, struct raw *r, struct err *e)
{
    if (r->at < r->n || r->eof)
        return 0;
    ssize_t got = input_read(in, r->bytes, sizeof r->bytes, e);
    if (got < 0)
        return -1;
    r->at = 0;
    r->n = (size_t)got;
    r->eof = got == 0;
    return 0;
}

uint8_t *input_room(struct input *in)
{
    size_t held = input_at_hand(in), used = (size_t)(in->p - in->base);
    bool outside = in->base != in->own;
    if (outside || in->cap - used - held < INPUT_BLOCK) {
        if (held && !outside)
            memmove(in->own, in->p, held);
        in->own = mem_grow(in->own, &in->cap, held + INPUT_BLOCK, 1);
        if (held && outside)
            memcpy(in->own, in->p, held);
        in->base_off += used;
        in->base = in->p = in->own;
        in->end = in->own + held;
    }
    return in->own + (in->end - in->own);
}

ssize_t input_fill(struct input *in, uint8_t *out, size_t n, struct err *e)
{
    return in->codec ? in->codec->fill(in, out, n, e) : input_read(in, out, n, e);
}

static int fill_in_line(struct input *in, size_t max, struct err *e)
{
    uint8_t *room = input_room(in);
    ssize_t got = input_fill(in, room, in->codec ? INPUT_BLOCK : max, e);
    if (got < 0)
        return -1;
    in->end += got;
    in->eof = got == 0;
    return got > 0;
}

int input_some(struct input *in, size_t max, struct err *e)
{
    if (in->eof)
        return 0;
    if (in->in_line && --in->in_line == 0)
        in->ahead = ahead_start(in);
    return in->ahead ? ahead_more(in, e)
                     : fill_in_line(in, max < INPUT_BLOCK ? max : INPUT_BLOCK, e);
}

int input_more(struct input *in, struct err *e)
{
    return input_some(in, INPUT_BLOCK, e);
}

size_t input_splice(struct input *in, int pipe, size_t n)
{
    size_t moved = 0;
    struct err e;
    while (moved < n && !in->codec && in->p == in->end && wait_to_feed(in, &e) == 0) {
        ssize_t some = splice(in->fd, NULL, pipe, NULL, n - moved, 0);
        if (some <= 0 && !(some < 0 && errno == EINTR))
            break;
        moved += some > 0 ? (size_t)some : 0;
    }
    in->base_off += moved;
    in->consumed += moved;
    return moved;
}

bool input_is_file(const struct input *in)
{
    return S_ISREG(in->opened.st_mode) && !in->codec;
}

int input_pass(struct input *in, uint64_t off, struct err *e)
{
    uint64_t at = input_offset(in, in->p);
    if (off - at <= input_at_hand(in)) {
        in->p += off - at;
        return 0;
    }
    if (lseek(in->fd, (off_t)(in->file_off + off), SEEK_SET) < 0)
        return err_sys(e, ST_FAILED, "%s: cannot read", in->name);
    in->base_off = off;
    in->p = in->end = in->base;
    in->consumed = off;
    return 0;
}

bool input_reaches(const struct input *in, uint64_t off)
{
    return input_is_file(in) && in->file_off + off <= in->size;
}

int input_fd(const struct input *in)
{
    return in->fd;
}

static bool is_gzip(const uint8_t *p, size_t n)
{
    return n >= 2 && p[0] == 0x1F && p[1] == 0x8B;
}

static bool is_zstd(const uint8_t *p, size_t n)
{
    if (n < 4)
        return false;
    uint32_t magic = get_u32(p);
    return magic == 0xFD2FB528 || (magic & 0xFFFFFFF0) == 0x184D2A50; /* a frame, a skippable one */
}

/* A pipe may hand over the first bytes one by one; four are needed to tell what they are. */
static int read_first(struct input *in, struct err *e)
{
    while (input_at_hand(in) < 4) {
        int more = input_more(in, e);
        if (more <= 0)
            return more;
    }
    return 0;
}

static int choose_codec(struct input *in, struct err *e)
{
    size_t n = input_at_hand(in);
    if (is_gzip(in->p, n))
        in->codec = codec_gzip(in->p, n);
    else if (is_zstd(in->p, n))
        in->codec = codec_zstd(in->p, n);
    if (!in->codec)
        return 0;
    in->end = in->p;
    in->eof = false;
    return input_more(in, e) < 0 ? -1 : 0;
}

int input_open_feeding(struct input *in, const char *path, struct output *out, struct err *e)
{
    bool standard = !path || strcmp(path, "-") == 0;
    *in = (struct input){.name = standard ? "standard input" : path, .feeds = out};
    in->fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0 || fstat(in->fd, &in->opened) < 0)
        return err_sys(e, ST_FAILED, "%s", in->name);
    if (S_ISDIR(in->opened.st_mode)) {
        errno = EISDIR;
        return err_sys(e, ST_FAILED, "%s", in->name);
    }
    if (S_ISREG(in->opened.st_mode)) {
        off_t at = lseek(in->fd, 0, SEEK_CUR); /* standard input may stand anywhere */
        in->file_off = at > 0 ? (uint64_t)at : 0;
        in->size = (uint64_t)in->opened.st_size;
        (void)posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* only a hint */
    }
    return read_first(in, e) < 0 ? -1 : choose_codec(in, e);
}

int input_open(struct input *in, const char *path, struct err *e)
{
    return input_open_feeding(in, path, NULL, e);
}

void input_read_ahead(struct input *in)
{
    if (input_is_file(in))
        return;
    in->in_line = AHEAD_FROM;
    /* A writer that does not care leaves 64 KiB, and the two take turns; with a megabyte, the most
     * that Linux grants everybody, they work side by side. */
    if (S_ISFIFO(in->opened.st_mode) && fcntl(in->fd, F_GETPIPE_SZ) <= PIPE_UNCARED)
        (void)fcntl(in->fd, F_SETPIPE_SZ, PIPE_WANTED);
}

void input_drop(struct input *in)
{
    ahead_stop(in->ahead);
    if (in->codec)
        in->codec->free(in->codec);
    if (in->fd > STDIN_FILENO)
        close(in->fd);
    free(in->own);
    *in = (struct input){.fd = -1};
}

int input_close(struct input *in, struct err *e)
{
    struct stat now;
    int rc = 0;
    if (S_ISREG(in->opened.st_mode) && in->fd >= 0) {
        if (fstat(in->fd, &now) < 0)
            rc = err_sys(e, ST_FAILED, "%s", in->name);
        else if (now.st_size != in->opened.st_size ||
                 now.st_mtim.tv_sec != in->opened.st_mtim.tv_sec ||
                 now.st_mtim.tv_nsec != in->opened.st_mtim.tv_nsec)
            rc = err_set(e, ST_FAILED, "%s: file changed while it was read", in->name);
    }
    input_drop(in);
    return rc;
}
