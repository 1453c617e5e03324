#include "trace/demangle.h"

#include <errno.h>
#include <libiberty/demangle.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* A question is a length and so many bytes; so is the answer, of length 0 where there is none. */
enum { HEAD = 4, STACK_MAX = 16 * 1024 * 1024, EXIT_BROKEN = 2 };

enum talk { SAID, GONE, BROKEN }; /* GONE: nobody is there any more */

static enum talk failure(void)
{
    return errno == EPIPE || errno == ECONNRESET ? GONE : BROKEN;
}

static enum talk receive(int fd, void *p, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t got = read(fd, (uint8_t *)p + at, n - at);
        if (got == 0 || (got < 0 && errno != EINTR))
            return got == 0 ? GONE : failure();
        at += got > 0 ? (size_t)got : 0;
    }
    return SAID;
}

static enum talk transmit(int fd, const void *p, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t put = send(fd, (const uint8_t *)p + at, n - at, MSG_NOSIGNAL);
        if (put < 0 && errno != EINTR)
            return failure();
        at += put > 0 ? (size_t)put : 0;
    }
    return SAID;
}

/* The process ---------------------------------------------------------------------------------- */

struct answer {
    uint8_t head[HEAD], bytes[DEMANGLE_OUT_MAX];
    size_t n;
};

static void collect(const char *piece, size_t n, void *ctx)
{
    struct answer *a = ctx;
    if (n > sizeof a->bytes - a->n)
        _exit(1);
    memcpy(a->bytes + a->n, piece, n);
    a->n += n;
}

/* It may die of anything, and in silence. */
static void be_mortal(void)
{
    static const int signals[] = {SIGHUP,  SIGINT, SIGTERM, SIGQUIT, SIGXCPU, SIGPROF,
                                  SIGSEGV, SIGBUS, SIGFPE,  SIGILL,  SIGABRT};
    const struct rlimit none = {0, 0}, stack = {STACK_MAX, STACK_MAX};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)setrlimit(RLIMIT_STACK, &stack);
}

static void allow_ms(long ms)
{
    const struct itimerval timer = {.it_value = {ms / 1000, ms % 1000 * 1000}};
    (void)setitimer(ITIMER_PROF, &timer, NULL);
}

static enum talk take_question(int fd, char *name)
{
    uint8_t head[HEAD];
    enum talk talk = receive(fd, head, HEAD);
    if (talk != SAID)
        return talk;
    if (get_u32(head) > DEMANGLE_MAX)
        return BROKEN;
    name[get_u32(head)] = '\0';
    return receive(fd, name, get_u32(head));
}

static enum talk answer_one(int fd, struct answer *a)
{
    static char name[DEMANGLE_MAX + 1];
    enum talk talk = take_question(fd, name);
    if (talk != SAID)
        return talk;
    a->n = 0;
    allow_ms(1000);
    if (!cplus_demangle_v3_callback(name, DMGL_PARAMS | DMGL_ANSI | DMGL_NO_RECURSE_LIMIT, collect,
                                    a))
        a->n = 0;
    allow_ms(0);
    put_u32(a->head, (uint32_t)a->n);
    talk = transmit(fd, a->head, HEAD);
    return talk == SAID ? transmit(fd, a->bytes, a->n) : talk;
}

static _Noreturn void serve(int fd)
{
    static struct answer a;
    enum talk talk;
    be_mortal();
    do
        talk = answer_one(fd, &a);
    while (talk == SAID);
    _exit(talk == BROKEN ? EXIT_BROKEN : 0);
}

/* Who asks ------------------------------------------------------------------------------------- */

static int start(struct demangler *d, struct err *e)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return err_sys(e, ST_FAILED, "demangling: no socket");
    d->pid = fork();
    if (d->pid < 0)
        err_sys(e, ST_FAILED, "demangling: no process");
    if (d->pid == 0) {
        close(fds[0]);
        serve(fds[1]);
    }
    close(fds[1]);
    d->fd = fds[0];
    if (d->pid < 0)
        close(d->fd);
    return d->pid < 0 ? -1 : 0;
}

/* True if it has ended as it should, or of a name. */
static bool stop(struct demangler *d)
{
    int status = 0;
    if (d->pid <= 0)
        return true;
    close(d->fd);
    while (waitpid(d->pid, &status, 0) < 0 && errno == EINTR)
        ;
    d->pid = 0;
    return !(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_BROKEN);
}

int demangle_open(struct demangler *d, struct err *e)
{
    *d = (struct demangler){0};
    return start(d, e);
}

static enum talk take_answer(struct demangler *d)
{
    uint8_t head[HEAD];
    enum talk talk = receive(d->fd, head, HEAD);
    if (talk != SAID)
        return talk;
    if (get_u32(head) > DEMANGLE_OUT_MAX)
        return BROKEN;
    d->out.n = 0;
    uint8_t *room = buf_room(&d->out, get_u32(head) + 1);
    d->out.n = get_u32(head);
    return receive(d->fd, room, d->out.n);
}

static enum talk ask(struct demangler *d, struct slice name)
{
    uint8_t head[HEAD];
    put_u32(head, (uint32_t)name.n);
    enum talk talk = transmit(d->fd, head, HEAD);
    if (talk == SAID)
        talk = transmit(d->fd, name.p, name.n);
    return talk == SAID ? take_answer(d) : talk;
}

static void give_up(struct demangler *d, const char *why)
{
    d->given_up = true;
    if (why)
        err_set(&d->broken, ST_FAILED, "%s", why);
    else
        msg_note("%u names take too much to be demangled; the rest of them stay as they are",
                 d->deaths);
}

/* The process is no more. If that was the name, another one goes on with the next. */
static void mourn(struct demangler *d, enum talk talk)
{
    struct err e;
    if (!stop(d) || talk == BROKEN)
        give_up(d, "demangling: the process that does it cannot be reached");
    else if (++d->deaths == DEMANGLE_DEATHS_MAX)
        give_up(d, NULL);
    else if (start(d, &e) < 0)
        give_up(d, e.text);
}

struct slice demangle_name(struct demangler *d, struct slice name)
{
    bool mangled = name.n > 2 && name.p[0] == '_' && name.p[1] == 'Z';
    if (!mangled || name.n > DEMANGLE_MAX || memchr(name.p, 0, name.n) || d->given_up)
        return name;
    enum talk talk = ask(d, name);
    if (talk == SAID)
        return d->out.n ? buf_slice(&d->out) : name;
    mourn(d, talk);
    return name;
}

int demangle_check(const struct demangler *d, struct err *e)
{
    if (d->broken.status == 0)
        return 0;
    *e = d->broken;
    return -1;
}

void demangle_close(struct demangler *d)
{
    (void)stop(d);
    buf_free(&d->out);
}
