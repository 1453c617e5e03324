#include "io/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { IN, OUT, SAID, STREAMS, PIECE = 64 * 1024 };

/* Its standard streams, ours and its end of each; -1: closed. */
struct ends {
    int ours[STREAMS], its[STREAMS];
};

static void shut(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void shut_all(struct ends *ends)
{
    for (unsigned i = 0; i < STREAMS; i++) {
        shut(&ends->ours[i]);
        shut(&ends->its[i]);
    }
}

/* A socket takes what is sent without SIGPIPE when nobody reads. */
static int open_ends(struct ends *ends)
{
    int fds[2];
    *ends = (struct ends){{-1, -1, -1}, {-1, -1, -1}};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return -1;
    ends->ours[IN] = fds[1];
    ends->its[IN] = fds[0];
    for (unsigned i = OUT; i < STREAMS; i++) {
        if (pipe2(fds, O_CLOEXEC) < 0)
            return -1;
        ends->ours[i] = fds[0];
        ends->its[i] = fds[1];
    }
    return 0;
}

static int start(const char *const *argv, const struct ends *ends, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc)
        return rc;
    for (int i = 0; i < STREAMS && rc == 0; i++)
        rc = posix_spawn_file_actions_adddup2(&actions, ends->its[i], i);
    if (rc == 0)
        rc = posix_spawnp(pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return rc;
}

/* Talking -------------------------------------------------------------------------------------- */

static void give(int *fd, struct slice *in)
{
    ssize_t put = send(*fd, in->p, in->n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put > 0)
        *in = slice_of(in->p + put, in->n - (size_t)put);
    if (in->n == 0 || (put < 0 && errno != EINTR && errno != EAGAIN))
        shut(fd);
}

static int take(int *fd, struct buf *out)
{
    ssize_t got = read(*fd, buf_room(out, PIECE), PIECE);
    if (got < 0 && errno != EINTR)
        return -1;
    if (got == 0)
        shut(fd);
    out->n += got > 0 ? (size_t)got : 0;
    return 0;
}

static int talk(struct ends *ends, struct slice in, struct buf *out, struct buf *said)
{
    if (in.n == 0)
        shut(&ends->ours[IN]);
    while (ends->ours[OUT] >= 0 || ends->ours[SAID] >= 0) {
        struct pollfd fds[STREAMS];
        for (unsigned i = 0; i < STREAMS; i++)
            fds[i] = (struct pollfd){.fd = ends->ours[i], .events = i == IN ? POLLOUT : POLLIN};
        if (poll(fds, STREAMS, -1) < 0 && errno != EINTR)
            return -1;
        if (fds[IN].revents)
            give(&ends->ours[IN], &in);
        if ((fds[OUT].revents && take(&ends->ours[OUT], out) < 0) ||
            (fds[SAID].revents && take(&ends->ours[SAID], said) < 0))
            return -1;
    }
    return 0;
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int child_run(const char *const *argv, struct slice in, struct buf *out, struct buf *said,
              struct err *e)
{
    struct ends ends;
    pid_t pid;
    (void)signal(SIGCHLD, SIG_DFL); /* ignored, as some parents leave it, nobody is waited for */
    int rc = open_ends(&ends) < 0 ? errno : start(argv, &ends, &pid);
    if (rc) {
        shut_all(&ends);
        errno = rc;
        return rc == ENOENT ? CHILD_ABSENT : err_sys(e, ST_FAILED, "%s: cannot be run", argv[0]);
    }
    for (unsigned i = 0; i < STREAMS; i++)
        shut(&ends.its[i]);
    int talked = talk(&ends, in, out, said);
    if (talked < 0)
        err_sys(e, ST_FAILED, "%s: cannot be reached", argv[0]);
    shut_all(&ends);
    int status = wait_for(pid);
    if (talked == 0 && status < 0)
        err_sys(e, ST_FAILED, "%s: its end cannot be told", argv[0]);
    return talked < 0 ? -1 : status;
}
