#include "io/output.h"

#include "base/buf.h"
#include "base/mem.h"
#include "io/symlink.h"
#include "io/litter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

static bool ends_in(const char *s, const char *tail)
{
    size_t n = strlen(s), t = strlen(tail);
    return n >= t && strcmp(s + n - t, tail) == 0;
}

static int open_beside(struct output *o, const char *path, struct err *e)
{
    struct buf name = {0};
    o->target = symlink_end(path);
    buf_addf(&name, ".tmp.%ld", (long)getpid());
    buf_addc(&name, '\0');
    size_t n = strlen(o->target);
    o->temp = mem_alloc(n + name.n);
    memcpy(o->temp, o->target, n);
    memcpy(o->temp + n, name.p, name.n);
    buf_free(&name);
    o->fd = litter_create(o->temp, O_WRONLY, 0666);
    if (o->fd >= 0)
        return 0;
    free(o->temp); /* it is somebody else's */
    o->temp = NULL;
    return err_sys(e, ST_FAILED, "%s", path);
}

int output_open(struct output *o, const char *path, struct err *e)
{
    struct stat st;
    bool standard = !path || strcmp(path, "-") == 0;
    memset(o, 0, offsetof(struct output, block));
    o->n = 0;
    o->zstd = NULL;
    o->failed = false;
    o->name = standard ? "standard output" : path;
    o->fd = STDOUT_FILENO;
    if (standard)
        return 0;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        o->fd = open(path, O_WRONLY | O_CLOEXEC);
    else if (open_beside(o, path, e) < 0)
        return -1;
    if (o->fd < 0)
        return err_sys(e, ST_FAILED, "%s", path);
    if (ends_in(path, ".zst") && !(o->zstd = ZSTD_createCCtx()))
        die(ST_FAILED, "out of memory (zstd)");
    return 0;
}

static int write_all(struct output *o, const uint8_t *p, size_t n, struct err *e)
{
    while (n > 0 && !o->reader_gone) {
        ssize_t put = write(o->fd, p, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && errno == EPIPE) {
            o->reader_gone = true;
            break;
        }
        if (put < 0) {
            o->failed = true;
            return err_sys(e, ST_FAILED, "%s: cannot write", o->name);
        }
        p += put;
        n -= (size_t)put;
    }
    return 0;
}

static int compress(struct output *o, const void *p, size_t n, ZSTD_EndDirective how, struct err *e)
{
    ZSTD_inBuffer in = {p, n, 0};
    for (size_t left = 1; left || in.pos < in.size;) {
        uint8_t packed[16 * 1024];
        ZSTD_outBuffer out = {packed, sizeof packed, 0};
        left = ZSTD_compressStream2(o->zstd, &out, &in, how);
        if (ZSTD_isError(left))
            return err_set(e, ST_FAILED, "%s: zstd: %s", o->name, ZSTD_getErrorName(left));
        if (write_all(o, packed, out.pos, e) < 0)
            return -1;
        if (how == ZSTD_e_continue && in.pos == in.size)
            break;
    }
    return 0;
}

static int pass_on(struct output *o, const void *p, size_t n, struct err *e)
{
    return o->zstd ? compress(o, p, n, ZSTD_e_continue, e) : write_all(o, p, n, e);
}

int output_flush(struct output *o, struct err *e)
{
    size_t n = o->n;
    o->n = 0;
    return pass_on(o, o->block, n, e);
}

int output_write(struct output *o, const void *p, size_t n, struct err *e)
{
    if (n >= OUTPUT_BLOCK / 2) /* large pieces need no second copy */
        return o->n && output_flush(o, e) < 0 ? -1 : pass_on(o, p, n, e);
    if (o->n + n > OUTPUT_BLOCK && output_flush(o, e) < 0)
        return -1;
    if (n)
        memcpy(o->block + o->n, p, n);
    o->n += n;
    return 0;
}

void output_drop(struct output *o)
{
    if (o->fd > STDERR_FILENO)
        close(o->fd);
    if (o->temp)
        litter_remove(o->temp);
    ZSTD_freeCCtx(o->zstd);
    free(o->temp);
    free(o->target);
    o->zstd = NULL;
    o->temp = o->target = NULL;
    o->fd = -1;
}

static int finish(struct output *o, struct err *e)
{
    if (output_flush(o, e) < 0 || (o->zstd && compress(o, "", 0, ZSTD_e_end, e) < 0))
        return -1;
    int fd = o->fd;
    o->fd = -1;
    if (close(fd) < 0 && errno != EINTR)
        return err_sys(e, ST_FAILED, "%s: cannot write", o->name);
    if (o->temp && rename(o->temp, o->target) < 0)
        return err_sys(e, ST_FAILED, "%s", o->name);
    if (o->temp)
        litter_forget(o->temp);
    free(o->temp);
    o->temp = NULL;
    return 0;
}

int output_close(struct output *o, struct err *e)
{
    int rc = finish(o, e);
    output_drop(o);
    return rc;
}

bool output_look(struct output *o)
{
    struct pollfd out = {.fd = o->fd}; /* of a pipe, that is POLLERR, which need not be asked for */
    if (poll(&out, 1, 0) == 1 && out.revents & POLLERR)
        o->reader_gone = true;
    return o->reader_gone;
}

bool output_is_terminal(const struct output *o)
{
    return o->fd >= 0 && isatty(o->fd);
}

int temp_file(struct err *e)
{
    const char *dir = getenv("TMPDIR");
    struct buf path = {0};
    buf_adds(&path, dir && *dir ? dir : "/tmp");
    buf_adds(&path, "/trs.XXXXXX");
    buf_addc(&path, '\0');
    int fd = mkostemp((char *)path.p, O_CLOEXEC);
    if (fd < 0)
        err_sys(e, ST_FAILED, "%s", (char *)path.p);
    else
        unlink((char *)path.p);
    buf_free(&path);
    return fd;
}
