/* tap - C tests that speak TAP, for prove
 *
 *   ok(n == 3, "three of %s", name);
 *   is_text(line, "a\tb\n", "a line");
 *   return done_testing();
 */
#ifndef TRS_TAP_H
#define TRS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_run, tap_failed;

/* One test: prints its line and returns whether it held. */
__attribute__((format(printf, 2, 3))) static inline bool ok(bool holds, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    printf("%sok %d - ", holds ? "" : "not ", ++tap_run);
    vprintf(fmt, ap);
    putchar('\n');
    va_end(ap);
    tap_failed += !holds;
    return holds;
}

/* Text as a comment, with a # before each of its lines. */
static inline void tap_show(const char *what, const char *text)
{
    printf("# %s: ", what);
    for (const char *p = text; *p; p++) {
        putchar(*p);
        if (*p == '\n' && p[1])
            printf("#   ");
    }
    if (!*text || text[strlen(text) - 1] != '\n')
        putchar('\n');
}

/* The two are the same; shows both if they are not. */
static inline bool is_text(const char *got, const char *want, const char *what)
{
    bool same = ok(strcmp(got, want) == 0, "%s", what);
    if (!same) {
        tap_show("got", got);
        tap_show("want", want);
    }
    return same;
}

/* Prints the plan; the status to exit with. */
static inline int done_testing(void)
{
    printf("1..%d\n", tap_run);
    return tap_failed ? 1 : 0;
}

#endif
