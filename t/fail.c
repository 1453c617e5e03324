/* fail - a library for LD_PRELOAD that makes one call of a program fail, built by tests
 *
 *   FAIL_CALL=write FAIL_AT=3 FAIL_HOW=ENOSPC FAIL_MARK=/tmp/mark LD_PRELOAD=fail.so trace-parse f
 *
 * The third write fails, and the file /tmp/mark appears. FAIL_HOW is the name of an error, or
 *   short    the call moves half of what was asked for
 *   shorts   each call from there on moves 7 bytes at most
 *   EINTRs   each second call from there on is interrupted
 *   slow     the call is made, 0.7 s later
 *   wait     the call is made when somebody has removed the mark, or after 10 s
 *   kill     the program is killed before the call, by SIGKILL; term: by SIGTERM
 *
 * FAIL_CALL=system is any call of those here that is not about memory. Of open, what asks for a
 * file without a name counts as tmpfile. FAIL_LACKS=1: the file system has none of those, in all
 * calls. FAIL_STAMP=INODE:NS: the file of that inode was changed at that time, whatever fstat
 * really says. FAIL_UNSYNCED=1: nothing waits for the disk.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);

static const char *call, *how, *mark;
static long at, count;
static int lacks, unsynced;
static unsigned long long stamp_inode, stamp_ns;

__attribute__((constructor)) static void begin(void)
{
    const char *n = getenv("FAIL_AT"), *stamp = getenv("FAIL_STAMP");
    char *colon = NULL;
    lacks = getenv("FAIL_LACKS") != NULL;
    unsynced = getenv("FAIL_UNSYNCED") != NULL;
    stamp_inode = stamp ? strtoull(stamp, &colon, 10) : 0;
    stamp_ns = colon ? strtoull(colon + 1, NULL, 10) : 0;
    how = getenv("FAIL_HOW");
    mark = getenv("FAIL_MARK");
    at = n ? atol(n) : 0;
    call = at > 0 ? getenv("FAIL_CALL") : NULL; /* the last: from here on calls are counted */
}

static int error_of(const char *name)
{
    static const struct {
        const char *name;
        int error;
    } errors[] = {
        {"ENOSPC", ENOSPC}, {"EIO", EIO},       {"ENOMEM", ENOMEM},         {"EINTR", EINTR},
        {"EINTRs", EINTR},  {"EACCES", EACCES}, {"EMFILE", EMFILE},         {"EBADF", EBADF},
        {"EAGAIN", EAGAIN}, {"EINVAL", EINVAL}, {"EOPNOTSUPP", EOPNOTSUPP}, {"EEXIST", EEXIST}};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (strcmp(name, errors[i].name) == 0)
            return errors[i].error;
    return EIO;
}

static void pause_ms(long ms)
{
    struct timespec wait = {0, ms * 1000000};
    nanosleep(&wait, NULL);
}

/* True if calls of this name are counted. */
static int counts(const char *name)
{
    if (!call || strcmp(call, name) == 0)
        return call != NULL;
    return strcmp(call, "system") == 0 && !strstr(name, "alloc");
}

/* 1 if this call is to fail, with errno set; *n is what it may move at most. */
static int fails(const char *name, size_t *n)
{
    if (!counts(name))
        return 0;
    long now = __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
    int on = strcmp(how, "shorts") == 0 || (strcmp(how, "EINTRs") == 0 && (now - at) % 2 == 0);
    if (now < at || (now > at && !on))
        return 0;
    if (now == at && mark)
        syscall(SYS_close, syscall(SYS_open, mark, O_CREAT | O_WRONLY, 0666));
    if (strcmp(how, "slow") == 0) {
        pause_ms(700);
        return 0;
    }
    if (strcmp(how, "wait") == 0) {
        for (int i = 0; i < 1000 && mark && access(mark, F_OK) == 0; i++)
            pause_ms(10);
        return 0;
    }
    if (strcmp(how, "kill") == 0 || strcmp(how, "term") == 0)
        kill(getpid(), *how == 'k' ? SIGKILL : SIGTERM);
    if (strncmp(how, "short", 5) == 0) {
        if (n && *n > 1)
            *n = how[5] ? (*n < 7 ? *n : 7) : *n / 2;
        return 0;
    }
    errno = error_of(how);
    return 1;
}

#define NEXT(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

void *malloc(size_t n)
{
    return fails("malloc", NULL) ? NULL : __libc_malloc(n);
}

void *calloc(size_t count_, size_t n)
{
    return fails("calloc", NULL) ? NULL : __libc_calloc(count_, n);
}

void *realloc(void *p, size_t n)
{
    return fails("realloc", NULL) ? NULL : __libc_realloc(p, n);
}

void *mmap(void *p, size_t n, int prot, int flags, int fd, off_t off)
{
    if (fails("mmap", NULL))
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, p, n, prot, flags, fd, off);
}

ssize_t read(int fd, void *p, size_t n)
{
    return fails("read", &n) ? -1 : (ssize_t)syscall(SYS_read, fd, p, n);
}

ssize_t write(int fd, const void *p, size_t n)
{
    return fails("write", &n) ? -1 : (ssize_t)syscall(SYS_write, fd, p, n);
}

ssize_t splice(int in, off_t *in_off, int out, off_t *out_off, size_t n, unsigned flags)
{
    return fails("splice", &n) ? -1
                               : (ssize_t)syscall(SYS_splice, in, in_off, out, out_off, n, flags);
}

/* Linux closes the descriptor in any case. */
int close(int fd)
{
    int failed = fails("close", NULL), error = errno;
    int rc = (int)syscall(SYS_close, fd);
    if (!failed)
        return rc;
    errno = error;
    return -1;
}

int poll(struct pollfd *fds, nfds_t n, int ms)
{
    return fails("poll", NULL) ? -1 : (int)syscall(SYS_poll, fds, n, ms);
}

int eventfd(unsigned value, int flags)
{
    return fails("eventfd", NULL) ? -1 : (int)syscall(SYS_eventfd2, value, flags);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *arg)
{
    return fails("pthread_create", NULL) ? errno : NEXT(pthread_create)(thread, attr, run, arg);
}

int fsync(int fd)
{
    if (fails("fsync", NULL))
        return -1;
    return unsynced ? 0 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return fails("fsync", NULL) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int rename(const char *from, const char *to)
{
    return fails("rename", NULL) ? -1 : (int)syscall(SYS_rename, from, to);
}

int dup2(int from, int to)
{
    return fails("dup2", NULL) ? -1 : (int)syscall(SYS_dup2, from, to);
}

off_t lseek(int fd, off_t off, int whence)
{
    return fails("lseek", NULL) ? -1 : (off_t)syscall(SYS_lseek, fd, off, whence);
}

int fstat(int fd, struct stat *st)
{
    int rc = fails("fstat", NULL) ? -1 : NEXT(fstat)(fd, st);
    if (rc == 0 && stamp_ns && st->st_ino == stamp_inode) {
        st->st_mtim.tv_sec = st->st_ctim.tv_sec = (time_t)(stamp_ns / 1000000000);
        st->st_mtim.tv_nsec = st->st_ctim.tv_nsec = (long)(stamp_ns % 1000000000);
    }
    return rc;
}

int stat(const char *path, struct stat *st)
{
    return fails("stat", NULL) ? -1 : NEXT(stat)(path, st);
}

int faccessat(int dir, const char *path, int mode, int flags)
{
    return fails("faccessat", NULL) ? -1 : NEXT(faccessat)(dir, path, mode, flags);
}

char *realpath(const char *path, char *out)
{
    return fails("realpath", NULL) ? NULL : NEXT(realpath)(path, out);
}

ssize_t pread(int fd, void *p, size_t n, off_t off)
{
    return fails("pread", &n) ? -1 : (ssize_t)syscall(SYS_pread64, fd, p, n, off);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t off)
{
    return fails("pwrite", &n) ? -1 : (ssize_t)syscall(SYS_pwrite64, fd, p, n, off);
}

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags)
{
    return fails("linkat", NULL) ? -1 : (int)syscall(SYS_linkat, from_dir, from, to_dir, to, flags);
}

int unlink(const char *path)
{
    return fails("unlink", NULL) ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int mkdir(const char *path, mode_t mode)
{
    return fails("mkdir", NULL) ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int link(const char *from, const char *to)
{
    return fails("linkat", NULL) ? -1 : (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int fchown(int fd, uid_t user, gid_t group)
{
    return fails("fchown", NULL) ? -1 : (int)syscall(SYS_fchown, fd, user, group);
}

int fchmod(int fd, mode_t mode)
{
    return fails("fchmod", NULL) ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

int flock(int fd, int operation)
{
    return fails("flock", NULL) ? -1 : (int)syscall(SYS_flock, fd, operation);
}

int fcntl(int fd, int command, ...)
{
    va_list ap;
    va_start(ap, command);
    void *argument = va_arg(ap, void *);
    va_end(ap);
    return fails("fcntl", NULL) ? -1 : (int)syscall(SYS_fcntl, fd, command, argument);
}

int mkostemp(char *path, int flags)
{
    return fails("open", NULL) ? -1 : NEXT(mkostemp)(path, flags);
}

int open(const char *path, int flags, ...)
{
    int unnamed = (flags & O_TMPFILE) == O_TMPFILE;
    va_list ap;
    va_start(ap, flags);
    mode_t mode = flags & O_CREAT || unnamed ? va_arg(ap, mode_t) : 0;
    va_end(ap);
    if (fails(unnamed ? "tmpfile" : "open", NULL))
        return -1;
    if (unnamed && lacks) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return (int)syscall(SYS_open, path, flags, mode);
}
