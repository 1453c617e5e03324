/* err - what a program says and how it ends
 *
 * Library functions return 0 or -1 and fill a struct err; programs print it and end with its
 * status. The one exception is lack of memory, see mem.h.
 *
 * A message is one line, `program: file: byte 1234: what is wrong`, built in one buffer, with
 * control characters escaped, and goes out in one write: several programs of a pipe share a
 * terminal.
 */
#ifndef TRS_ERR_H
#define TRS_ERR_H

#include <stdarg.h>
#include <stdbool.h>

/* Exit statuses, the same in every program (GUARANTEES.md). */
enum {
    ST_WHOLE = 0,      /* every byte accounted for, every event in the result */
    ST_FAILED = 1,     /* nothing that may be trusted */
    ST_USAGE = 2,      /* wrong use */
    ST_INCOMPLETE = 3, /* a result was given, but something was lost, and it was said */
    ST_CHECK = 4,      /* a check did not hold */
    ST_PIPE = 141      /* the reader went away, as the shell reports SIGPIPE */
};

/* The worst of two statuses: failed, then incomplete, then whole. */
int status_worst(int a, int b);

struct err {
    int status; /* ST_FAILED, ST_USAGE, ... */
    char text[1000];
};

/* Fills e and returns -1, so that a function can end with `return err_set(...)`. The second form
 * appends ": " and the system's reason for errno. */
int err_set(struct err *e, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int err_sys(struct err *e, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Sets the name that stands before every message: the last component of argv0. */
void msg_init(const char *argv0);
const char *msg_program(void);

/* How much is said: -1 errors alone, 0 notes too, 1 details too. */
void msg_level(int level);
bool msg_quiet(void);

void msg_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void msg_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));   /* not with -q */
void msg_detail(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* only with -v */

/* Prints the message and ends the program with the status. */
_Noreturn void die(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void die_err(const struct err *e);

/* The result is out, whole: only extras can fail from here on, and whoever dies for lack of memory
 * ends with this status. */
void die_settled(int status);

#endif
