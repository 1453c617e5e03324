#include "io/litter.h"

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

void litter_add(char *name)
{
    sweep_at_exit();
    for (int i = 0; i < LITTER_MAX; i++)
        if (!names[i]) {
            names[i] = name;
            return;
        }
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
