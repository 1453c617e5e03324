#include "plan/plan_file.h"

#include "base/mem.h"
#include "io/draft.h"
#include "io/symlink.h"
#include "plan/plan_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

/* Reading -------------------------------------------------------------------------------------- */

static int read_all(int fd, const char *name, struct buf *text, struct err *e)
{
    enum { PIECE = 64 * 1024 };
    for (;;) {
        ssize_t got = read(fd, buf_room(text, PIECE), PIECE);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_sys(e, ST_FAILED, "%s: cannot read", name);
        if (got == 0)
            return 0;
        text->n += (size_t)got;
        if (text->n > PLAN_BYTES_MAX)
            return err_set(e, ST_FAILED, "%s: larger than %d MB, which no plan is", name,
                           PLAN_BYTES_MAX >> 20);
    }
}

static int parse_file(struct plan *p, int fd, const char *name, struct err *e)
{
    struct buf text = {0};
    int rc = read_all(fd, name, &text, e);
    if (rc == 0)
        rc = plan_parse(p, buf_slice(&text), name, e);
    buf_free(&text);
    return rc;
}

/* A FIFO would let us wait for ever. */
static int open_regular(const char *path, int flags, const char *name, struct stat *st,
                        struct err *e)
{
    int fd = open(path, flags | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return err_sys(e, ST_FAILED, "%s", name);
    int rc = fstat(fd, st);
    if (rc < 0)
        err_sys(e, ST_FAILED, "%s", name);
    else if (!S_ISREG(st->st_mode))
        rc = err_set(e, ST_FAILED, "%s: %s", name,
                     S_ISDIR(st->st_mode) ? "Is a directory" : "not a regular file");
    if (rc == 0)
        return fd;
    close(fd);
    return -1;
}

int plan_read(struct plan *p, const char *path, struct err *e)
{
    struct stat st;
    int fd = open_regular(path, O_RDONLY, path, &st, e);
    if (fd < 0)
        return -1;
    int rc = parse_file(p, fd, path, e);
    close(fd);
    return rc;
}

/* Changing ------------------------------------------------------------------------------------- */

static int lock(int fd, const char *name, struct err *e)
{
    while (flock(fd, LOCK_EX) < 0)
        if (errno != EINTR)
            return err_sys(e, ST_FAILED, "%s: cannot lock", name);
    return 0;
}

/* 1 if the file still has the name that it was opened by: while we waited for the lock, it may have
 * been replaced, and then the lock is one on nothing. */
static int still_there(const struct plan_file *f, struct err *e)
{
    struct stat now;
    if (stat(f->path, &now) < 0)
        return errno == ENOENT ? 0 : err_sys(e, ST_FAILED, "%s", f->name);
    return now.st_dev == f->st.st_dev && now.st_ino == f->st.st_ino;
}

/* One try: 1 if the lock is ours, 0 if the file was replaced meanwhile. For writing, because some
 * network file systems lock no file that is open for reading. */
static int open_locked(struct plan_file *f, struct err *e)
{
    f->path = symlink_end(f->name);
    f->fd = open_regular(f->path, O_RDWR, f->name, &f->st, e);
    int rc = f->fd < 0 ? -1 : lock(f->fd, f->name, e);
    if (rc == 0)
        rc = still_there(f, e);
    if (rc == 1)
        return 1;
    plan_close(f);
    return rc;
}

int plan_open(struct plan_file *f, const char *path, struct err *e)
{
    int rc;
    do {
        *f = (struct plan_file){.name = path, .fd = -1};
        rc = open_locked(f, e);
    } while (rc == 0);
    if (rc < 0)
        return -1;
    rc = parse_file(&f->plan, f->fd, path, e);
    if (rc < 0)
        plan_close(f);
    return rc;
}

int plan_open_if(struct plan_file *f, const char *path, struct err *e)
{
    struct stat st;
    if (stat(path, &st) < 0 && errno == ENOENT)
        return 1;
    return plan_open(f, path, e);
}

void plan_close(struct plan_file *f)
{
    if (f->fd >= 0)
        close(f->fd); /* and with it goes the lock */
    plan_free(&f->plan);
    free(f->path);
    *f = (struct plan_file){.fd = -1};
}

/* Writing -------------------------------------------------------------------------------------- */

static int write_all(int fd, struct slice text, const char *name, struct err *e)
{
    for (size_t at = 0; at < text.n;) {
        ssize_t put = pwrite(fd, text.p + at, text.n - at, (off_t)at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return err_sys(e, ST_FAILED, "%s: cannot write", name);
        at += (size_t)put;
    }
    return 0;
}

/* Begins a draft at path with the plan in it. */
static int write_draft(struct draft *d, const struct plan *p, const char *path, const char *name,
                       struct err *e)
{
    struct buf text = {0};
    int rc = -1;
    plan_add_json(&text, p->root);
    buf_addc(&text, '\n');
    if (text.n > PLAN_BYTES_MAX)
        err_set(e, ST_FAILED, "%s: would be larger than %d MB", name, PLAN_BYTES_MAX >> 20);
    else if (draft_open(d, path, e) == 0) {
        rc = write_all(d->fd, buf_slice(&text), name, e);
        if (rc < 0)
            draft_drop(d);
    }
    buf_free(&text);
    return rc;
}

int plan_save(struct plan_file *f, struct err *e)
{
    struct draft d;
    int rc = write_draft(&d, &f->plan, f->path, f->name, e);
    if (rc == 0)
        rc = draft_replace(&d, &f->st, e);
    plan_close(f);
    return rc;
}

/* What open would give a new file. */
static mode_t new_mode(void)
{
    mode_t mask = umask(0);
    (void)umask(mask);
    return 0666 & ~mask;
}

int plan_create(const struct plan *p, const char *path, struct err *e)
{
    struct draft d;
    char *at = symlink_end(path);
    int rc = write_draft(&d, p, at, path, e);
    if (rc == 0)
        rc = draft_create(&d, new_mode(), e);
    free(at);
    return rc;
}
