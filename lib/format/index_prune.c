#include "format/index_prune.h"

#include "base/mem.h"
#include "format/index_head.h"
#include "format/index_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

enum { REST_S = 60 }; /* a temporary file is let alone so long: it may not be locked yet */

struct entry {
    char *path;
    const char *name; /* in path */
    uint64_t inode, bytes;
    int64_t used_ns, written_ns;
    bool goes; /* whatever its age */
};

struct folder {
    struct index_prune *p;
    const char *path;
    int fd;
    int64_t now_ns;
    struct entry *list;
    size_t n, cap;
};

/* Finding -------------------------------------------------------------------------------------- */

static bool ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n >= m && strcmp(name + n - m, end) == 0;
}

static bool is_ours(const struct stat *st)
{
    return S_ISREG(st->st_mode) && st->st_uid == geteuid();
}

/* The path as it is shown; *name is its last part. */
static char *path_of(const struct folder *f, const char *file, const char **name)
{
    struct buf b = {0};
    buf_adds(&b, f->path);
    if (!ends_in(f->path, "/"))
        buf_addc(&b, '/');
    size_t at = b.n;
    buf_adds(&b, file);
    buf_addc(&b, '\0');
    *name = (char *)b.p + at;
    return (char *)b.p;
}

static bool is_orphan(const char *path, const uint8_t *p, size_t n)
{
    struct index_head head;
    struct err e;
    if (index_head_get(&head, p, n, &e) < 0)
        return false;
    char *trace = index_trace(path, head.trace);
    bool orphan = *head.trace && !trace;
    free(head.trace);
    free(trace);
    return orphan;
}

/* Is it an index? *goes if it is one without a trace. */
static bool look_at_index(const struct folder *f, const struct entry *x, int fd, bool *goes)
{
    uint8_t head[INDEX_HEAD_MAX];
    ssize_t n = pread(fd, head, sizeof head, 0);
    if (n < 0 || !index_head_is(head, (size_t)n))
        return false;
    *goes = f->p->orphans && is_orphan(x->path, head, (size_t)n);
    return true;
}

/* Is it an index that will never be whole? Until it is, zeros stand where its head will be. */
static bool look_at_draft(const struct folder *f, int fd, const struct stat *st, bool *goes)
{
    static const uint8_t zeros[HEADER_BYTES];
    uint8_t head[HEADER_BYTES];
    ssize_t n = pread(fd, head, sizeof head, 0);
    *goes = true;
    return n >= 0 && (memcmp(head, zeros, (size_t)n) == 0 || index_head_is(head, (size_t)n)) &&
           identity_ns(st->st_mtim) < f->now_ns - REST_S * INT64_C(1000000000) &&
           flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* Where a file system knows no O_NOATIME, as NFS: to look is not to use. */
static void put_back(int fd, const struct stat *before)
{
    const struct timespec times[2] = {before->st_atim, {.tv_nsec = UTIME_OMIT}};
    struct stat now;
    if (fstat(fd, &now) == 0 && identity_ns(now.st_atim) != identity_ns(before->st_atim))
        (void)futimens(fd, times);
}

static bool look_at(const struct folder *f, struct entry *x, int fd, bool draft)
{
    struct stat st;
    if (fstat(fd, &st) < 0 || !is_ours(&st))
        return false;
    x->inode = (uint64_t)st.st_ino;
    x->bytes = (uint64_t)st.st_size;
    x->used_ns = index_used_ns(&st);
    x->written_ns = identity_ns(st.st_mtim);
    bool is_index = draft ? look_at_draft(f, fd, &st, &x->goes) : look_at_index(f, x, fd, &x->goes);
    put_back(fd, &st);
    return is_index;
}

static void add(struct folder *f, const char *name)
{
    bool draft = ends_in(name, INDEX_SUFFIX ".tmp");
    struct entry x = {0};
    struct stat st;
    if ((!draft && !ends_in(name, INDEX_SUFFIX)) ||
        fstatat(f->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !is_ours(&st))
        return;
    int fd = draft ? openat(f->fd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
                   : index_look(f->fd, name);
    if (fd < 0)
        return;
    x.path = path_of(f, name, &x.name);
    if (look_at(f, &x, fd, draft)) {
        f->list = mem_grow(f->list, &f->cap, f->n + 1, sizeof *f->list);
        f->list[f->n++] = x;
    } else {
        free(x.path);
    }
    close(fd);
}

static int read_folder(struct folder *f, DIR *dir, struct err *e)
{
    errno = 0;
    for (const struct dirent *d; (d = readdir(dir)); errno = 0)
        add(f, d->d_name);
    return errno ? err_sys(e, ST_FAILED, "%s", f->path) : 0;
}

/* Removing ------------------------------------------------------------------------------------- */

/* Not what was replaced since. */
static int remove_entry(const struct folder *f, const struct entry *x, struct err *e)
{
    struct stat st;
    int rc = fstatat(f->fd, x->name, &st, AT_SYMLINK_NOFOLLOW);
    bool same =
        rc == 0 && (uint64_t)st.st_ino == x->inode && identity_ns(st.st_mtim) == x->written_ns;
    if (!same || (!f->p->dry_run && unlinkat(f->fd, x->name, 0) < 0))
        return !same || errno == ENOENT ? 0 : err_sys(e, ST_FAILED, "%s", x->path);
    f->p->removed(f->p->ctx, x->path, x->bytes);
    return 0;
}

static int by_use(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->used_ns != y->used_ns)
        return x->used_ns < y->used_ns ? -1 : 1;
    return strcmp(x->path, y->path);
}

static bool is_old(const struct folder *f, const struct entry *x)
{
    return x->goes || (f->p->older_ns >= 0 && x->used_ns < f->now_ns - f->p->older_ns);
}

static int remove_all(struct folder *f, struct err *e)
{
    struct index_prune *p = f->p;
    if (f->n)
        qsort(f->list, f->n, sizeof *f->list, by_use);
    for (size_t i = 0; i < f->n; i++)
        if (!is_old(f, &f->list[i])) {
            p->left++;
            p->left_bytes += f->list[i].bytes;
        }
    for (size_t i = 0; i < f->n; i++) {
        const struct entry *x = &f->list[i];
        bool old = is_old(f, x);
        if (!old && p->left_bytes <= p->max_bytes)
            continue;
        p->left -= !old;
        p->left_bytes -= old ? 0 : x->bytes;
        if (remove_entry(f, x, e) < 0)
            return -1;
    }
    return 0;
}

int index_prune(struct index_prune *p, const char *folder, bool *there, struct err *e)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct folder f = {.p = p, .path = folder, .now_ns = identity_ns(now)};
    f.fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *there = f.fd >= 0 || errno != ENOENT;
    if (f.fd < 0)
        return *there ? err_sys(e, ST_FAILED, "%s", folder) : 0;
    DIR *dir = fdopendir(f.fd);
    int rc = dir ? read_folder(&f, dir, e) : err_sys(e, ST_FAILED, "%s", folder);
    if (rc == 0)
        rc = remove_all(&f, e);
    for (size_t i = 0; i < f.n; i++)
        free(f.list[i].path);
    free(f.list);
    if (dir)
        closedir(dir);
    else
        close(f.fd);
    return rc;
}
