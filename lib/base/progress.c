#include "base/progress.h"

#include "base/err.h"
#include "base/text.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void put(const char *s, size_t n)
{
    ssize_t ignored = write(STDERR_FILENO, s, n);
    (void)ignored; /* a lost progress line is no loss */
}

void progress_begin(struct progress *p, const char *what, uint64_t total)
{
    *p = (struct progress){.what = what, .total = total};
    p->on = !msg_quiet() && isatty(STDERR_FILENO);
    if (p->on)
        p->begun = now();
}

static int estimate(const struct progress *p, uint64_t done, double rate, char *out, size_t size)
{
    if (p->total == 0 || done == 0)
        return snprintf(out, size, "  %.0f MB/s", rate / 1e6);
    double left = (double)(p->total > done ? p->total - done : 0) / rate;
    return snprintf(out, size, " of %.0f MB  %.0f %%  %.0f MB/s  %.0f s left",
                    (double)p->total / 1e6, 100.0 * (double)done / (double)p->total, rate / 1e6,
                    left);
}

void progress_at(struct progress *p, uint64_t done)
{
    char name[200], tail[120], line[400];
    if (!p->on)
        return;
    double t = now();
    if (t - p->begun < 0.5 || t - p->shown < 0.1)
        return;
    p->shown = t;
    name[text_escape_into(name, sizeof name - 1, p->what, strlen(p->what))] = '\0';
    (void)estimate(p, done, (double)done / (t - p->begun), tail, sizeof tail);
    int n = snprintf(line, sizeof line, "\r\033[K%s: %s: %.0f MB%s", msg_program(), name,
                     (double)done / 1e6, tail);
    put(line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

void progress_end(struct progress *p)
{
    if (p->on && p->shown > 0)
        put("\r\033[K", 4);
    p->on = false;
}
