#include "plan/revision.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { WAIT_MS = 10000, HASH_MAX = 64 };

/* One call says both; it takes no lock of the repository that other programs could stumble on. */
static char *const git[] = {"git", "--no-optional-locks", "status", "--porcelain=v2", "--branch",
                            NULL};

static pid_t spawn(int out)
{
    posix_spawn_file_actions_t to;
    pid_t pid = -1;
    if (posix_spawn_file_actions_init(&to) != 0)
        return -1;
    if (posix_spawn_file_actions_addopen(&to, STDIN_FILENO, "/dev/null", O_RDWR, 0) != 0 ||
        posix_spawn_file_actions_adddup2(&to, STDIN_FILENO, STDERR_FILENO) != 0 ||
        posix_spawn_file_actions_adddup2(&to, out, STDOUT_FILENO) != 0 ||
        posix_spawnp(&pid, git[0], &to, NULL, git, environ) != 0)
        pid = -1;
    (void)posix_spawn_file_actions_destroy(&to);
    return pid;
}

static long now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* True if all that comes from in was read before the time is over. */
static bool read_until(int in, struct buf *said, long deadline)
{
    enum { PIECE = 4096 };
    for (long left; (left = deadline - now_ms()) > 0;) {
        struct pollfd p = {.fd = in, .events = POLLIN};
        int ready = poll(&p, 1, (int)left);
        ssize_t got = ready == 1 ? read(in, buf_room(said, PIECE), PIECE) : -1;
        if (got == 0)
            return true;
        if (got > 0)
            said->n += (size_t)got;
        else if (errno != EINTR)
            return false;
    }
    return false;
}

/* What git says, with a NUL behind it; false if it fails. */
static bool ask(struct buf *said)
{
    int ends[2], status = 0;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    pid_t pid = spawn(ends[1]);
    close(ends[1]);
    bool whole = pid > 0 && read_until(ends[0], said, now_ms() + WAIT_MS);
    close(ends[0]);
    if (pid > 0 && !whole)
        kill(pid, SIGKILL);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    buf_addc(said, '\0');
    return whole && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* `# branch.oid HASH` and other lines with a #; each line without one is a file that differs. */
static void read_status(const char *line, struct buf *out)
{
    static const char key[] = "# branch.oid ";
    bool dirty = false;
    while (*line) {
        size_t n = strcspn(line, "\n");
        if (strncmp(line, key, sizeof key - 1) == 0) {
            size_t hash = strspn(line + sizeof key - 1, "0123456789abcdef");
            buf_add(out, line + sizeof key - 1, hash <= HASH_MAX ? hash : 0);
        }
        dirty |= *line != '#' && n > 0;
        line += n + (line[n] != '\0');
    }
    if (out->n > 0 && dirty)
        buf_adds(out, "-dirty");
}

char *revision_here(void)
{
    struct buf said = {0}, revision = {0};
    if (ask(&said))
        read_status((const char *)said.p, &revision);
    buf_free(&said);
    if (revision.n == 0) {
        buf_free(&revision);
        return NULL;
    }
    buf_addc(&revision, '\0');
    return (char *)revision.p;
}
