#include "base/err.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *program = "trs";
static int level;
static int settled = -1;

int status_worst(int a, int b)
{
    if (a == ST_WHOLE || b == ST_WHOLE)
        return a == ST_WHOLE ? b : a;
    return a < b ? a : b; /* failed and usage are below incomplete */
}

int err_set(struct err *e, int status, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    e->status = status;
    (void)vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    return -1;
}

int err_sys(struct err *e, int status, const char *fmt, ...)
{
    int saved = errno;
    va_list ap;
    va_start(ap, fmt);
    e->status = status;
    int n = vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof e->text)
        (void)snprintf(e->text + n, sizeof e->text - (size_t)n, ": %s", strerror(saved));
    return -1;
}

void msg_init(const char *argv0)
{
    const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
    if (argv0)
        program = slash ? slash + 1 : argv0;
}

const char *msg_program(void)
{
    return program;
}

void msg_level(int new_level)
{
    level = new_level;
}

bool msg_quiet(void)
{
    return level < 0;
}

/* Without malloc, so that lack of memory can be reported too. */
static void say(const char *fmt, va_list ap)
{
    char raw[2000], line[8200];
    int n = snprintf(raw, sizeof raw, "%s: ", program);
    if (n >= 0 && (size_t)n < sizeof raw)
        (void)vsnprintf(raw + n, sizeof raw - (size_t)n, fmt, ap);
    size_t len = text_escape_into(line, sizeof line - 1, raw, strlen(raw));
    line[len++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, len);
    (void)ignored; /* nowhere left to complain to */
}

#define SAY()                                                                                      \
    do {                                                                                           \
        va_list ap;                                                                                \
        va_start(ap, fmt);                                                                         \
        say(fmt, ap);                                                                              \
        va_end(ap);                                                                                \
    } while (0)

void msg_error(const char *fmt, ...)
{
    SAY();
}

void msg_note(const char *fmt, ...)
{
    if (level >= 0)
        SAY();
}

void msg_detail(const char *fmt, ...)
{
    if (level > 0)
        SAY();
}

void die_settled(int status)
{
    settled = status;
}

_Noreturn void die(int status, const char *fmt, ...)
{
    SAY();
    exit(settled >= 0 ? settled : status);
}

_Noreturn void die_err(const struct err *e)
{
    if (e->status == ST_PIPE)
        exit(ST_PIPE); /* as silent as SIGPIPE */
    die(e->status, "%s", e->text);
}
