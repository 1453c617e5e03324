#include "io/draft.h"

#include "base/buf.h"
#include "base/mem.h"
#include "io/litter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { LINK_TRIES = 8 };

/* The folder of a path, as text of its own. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return mem_dup(".", 1);
    return mem_dup(path, slash == path ? 1 : (size_t)(slash - path));
}

static int open_unnamed(struct draft *d)
{
    d->fd = open(d->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return d->fd < 0 ? -1 : 0;
}

/* True if two names are those of one file. */
static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return lstat(a, &x) == 0 && lstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Removes a TARGET.tmp that nobody holds, or that is one more name of its target, which who made
 * that was killed over. False if it is held or cannot be removed. */
static bool remove_left(const char *temp, const char *target)
{
    if (same_file(temp, target))
        return unlink(temp) == 0;
    int fd = open(temp, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool gone = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && unlink(temp) == 0;
    if (fd >= 0)
        close(fd);
    return gone;
}

static char *temp_of(const char *target)
{
    struct buf name = {0};
    buf_adds(&name, target);
    buf_adds(&name, ".tmp");
    buf_addc(&name, '\0');
    return (char *)name.p;
}

static int open_named(struct draft *d)
{
    d->temp = temp_of(d->target);
    for (int i = 0; i < 2; i++) {
        d->fd = litter_create(d->temp, O_RDWR | O_NOFOLLOW, 0600);
        if (d->fd >= 0 || errno != EEXIST || !remove_left(d->temp, d->target))
            break;
    }
    return d->fd < 0 ? -1 : flock(d->fd, LOCK_EX | LOCK_NB);
}

int draft_open(struct draft *d, const char *target, struct err *e)
{
    *d = (struct draft){
        .fd = -1, .target = mem_dup(target, strlen(target)), .folder = folder_of(target)};
    if (open_unnamed(d) == 0)
        return 0;
    bool lacking = errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL;
    if (lacking && open_named(d) == 0)
        return 0;
    err_sys(e, ST_FAILED, "%s", target);
    if (d->fd < 0) {
        free(d->temp); /* it is somebody else's */
        d->temp = NULL;
    }
    draft_drop(d);
    return -1;
}

/* A name for a file that has none, where nothing has that name. */
static int link_as(const struct draft *d, const char *name)
{
    char self[40];
    (void)snprintf(self, sizeof self, "/proc/self/fd/%d", d->fd);
    return linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

/* A link replaces nothing, so what is there goes first; another program may be faster to put its
 * own there, which is as good and goes too. */
static int link_name(const struct draft *d)
{
    for (int i = 0; i < LINK_TRIES; i++) {
        if (link_as(d, d->target) == 0)
            return 0;
        if (errno != EEXIST || unlink(d->target) < 0)
            return -1;
    }
    return -1;
}

int draft_publish(struct draft *d, mode_t mode, struct err *e)
{
    int rc = fchmod(d->fd, mode);
    if (rc == 0)
        rc = d->temp ? rename(d->temp, d->target) : link_name(d);
    if (rc < 0)
        err_sys(e, ST_FAILED, "%s", d->target);
    else if (d->temp)
        litter_forget(d->temp);
    if (rc == 0) {
        free(d->temp);
        d->temp = NULL;
    }
    draft_drop(d);
    return rc;
}

/* TARGET.tmp has no name in litter: no signal that can be caught comes between its two steps. */
static int link_over(const struct draft *d)
{
    sigset_t all, before;
    char *temp = temp_of(d->target);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = link_as(d, temp);
    if (rc < 0 && errno == EEXIST && remove_left(temp, d->target))
        rc = link_as(d, temp);
    if (rc == 0 && (rc = rename(temp, d->target)) < 0) {
        int error = errno;
        unlink(temp);
        errno = error;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    free(temp);
    return rc;
}

/* What the folder says now, it says after a loss of power too; if that fails, the old file may come
 * back then, which is whole as well. */
static void sync_folder(const struct draft *d)
{
    int fd = open(d->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

/* After the last step: the file has its name, or there is no file. rc as draft_create returns. */
static int settle(struct draft *d, int rc, struct err *e)
{
    if (rc < 0)
        err_sys(e, ST_FAILED, "%s", d->target);
    if (rc == 0)
        sync_folder(d);
    draft_drop(d);
    return rc;
}

int draft_replace(struct draft *d, const struct stat *old, struct err *e)
{
    if (fchown(d->fd, old->st_uid, old->st_gid) < 0)
        (void)!fchown(d->fd, (uid_t)-1, old->st_gid);
    int rc = fchmod(d->fd, old->st_mode & 07777);
    if (rc == 0)
        rc = fsync(d->fd);
    if (rc == 0)
        rc = d->temp ? rename(d->temp, d->target) : link_over(d);
    if (rc == 0 && d->temp) {
        litter_forget(d->temp);
        free(d->temp);
        d->temp = NULL;
    }
    return settle(d, rc, e);
}

int draft_create(struct draft *d, mode_t mode, struct err *e)
{
    int rc = fchmod(d->fd, mode);
    if (rc == 0)
        rc = fsync(d->fd);
    if (rc == 0)
        rc = d->temp ? link(d->temp, d->target) : link_as(d, d->target);
    return settle(d, rc < 0 && errno == EEXIST ? 1 : rc, e);
}

void draft_drop(struct draft *d)
{
    if (d->temp)
        litter_remove(d->temp);
    if (d->fd >= 0)
        close(d->fd);
    free(d->temp);
    free(d->folder);
    free(d->target);
    *d = (struct draft){.fd = -1};
}
