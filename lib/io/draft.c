#include "io/draft.h"

#include "base/buf.h"
#include "base/mem.h"
#include "io/litter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
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
    char *folder = folder_of(d->target);
    d->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    free(folder);
    return d->fd < 0 ? -1 : 0;
}

/* Removes a TARGET.tmp that nobody holds. False if it is held or cannot be removed. */
static bool remove_left(const char *temp)
{
    int fd = open(temp, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool gone = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && unlink(temp) == 0;
    if (fd >= 0)
        close(fd);
    return gone;
}

static int open_named(struct draft *d)
{
    struct buf name = {0};
    buf_adds(&name, d->target);
    buf_adds(&name, ".tmp");
    buf_addc(&name, '\0');
    d->temp = (char *)name.p;
    for (int i = 0; i < 2; i++) {
        d->fd = litter_create(d->temp, O_RDWR | O_NOFOLLOW, 0600);
        if (d->fd >= 0 || errno != EEXIST || !remove_left(d->temp))
            break;
    }
    return d->fd < 0 ? -1 : flock(d->fd, LOCK_EX | LOCK_NB);
}

int draft_open(struct draft *d, const char *target, struct err *e)
{
    *d = (struct draft){.fd = -1, .target = mem_dup(target, strlen(target))};
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

/* A link replaces nothing, so what is there goes first; another program may be faster to put its
 * own there, which is as good and goes too. */
static int link_name(const struct draft *d)
{
    char self[40];
    (void)snprintf(self, sizeof self, "/proc/self/fd/%d", d->fd);
    for (int i = 0; i < LINK_TRIES; i++) {
        if (linkat(AT_FDCWD, self, AT_FDCWD, d->target, AT_SYMLINK_FOLLOW) == 0)
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

void draft_drop(struct draft *d)
{
    if (d->temp)
        litter_remove(d->temp);
    if (d->fd >= 0)
        close(d->fd);
    free(d->temp);
    free(d->target);
    *d = (struct draft){.fd = -1};
}
