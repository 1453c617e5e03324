#include "io/litter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static char *volatile names[LITTER_MAX];

static void sweep(void)
{
    for (int i = 0; i < LITTER_MAX; i++)
        if (names[i])
            unlink(names[i]);
}

static void sweep_and_die(int sig)
{
    sweep(); /* unlink is async-signal-safe, as are the next two */
    signal(sig, SIG_DFL);
    raise(sig);
}

static void sweep_at_exit(void)
{
    static const int deadly[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGQUIT, SIGXCPU, SIGXFSZ};
    static bool done;
    if (done)
        return;
    done = true;
    (void)atexit(sweep);
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) {
        struct sigaction old, act = {.sa_handler = sweep_and_die};
        if (sigaction(deadly[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
            (void)sigaction(deadly[i], &act, NULL);
    }
}

static void remember(char *name)
{
    for (int i = 0; i < LITTER_MAX; i++)
        if (!names[i]) {
            names[i] = name;
            return;
        }
}

int litter_create(char *name, int flags, mode_t mode)
{
    sigset_t all, before;
    sweep_at_exit();
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int fd = open(name, flags | O_CREAT | O_EXCL | O_CLOEXEC, mode), error = errno;
    if (fd >= 0)
        remember(name);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return fd;
}

void litter_forget(char *name)
{
    for (int i = 0; i < LITTER_MAX; i++)
        if (names[i] == name)
            names[i] = NULL;
}

void litter_remove(char *name)
{
    unlink(name);
    litter_forget(name);
}
