/* intake - a profiler's file on its way into the record stream
 *
 *     intake_open(&s, path, &w, &e);
 *     intake_part(&s, "folded", "samples");
 *     emit_stack(&s.emit, ...);
 *     intake_lose(&s, "line", n, "no number behind a stack");     one row is lost
 *     intake_end(&s, &t, &e);
 *
 * The readers of the formats hand rows to emit.h; here parts are opened and counted, and what was
 * lost is said in one line.
 */
#ifndef TRS_INTAKE_H
#define TRS_INTAKE_H

#include "base/progress.h"
#include "prof/emit.h"

struct intake {
    struct input in;
    struct writer *w;
    struct emit emit; /* of the part at hand */
    uint64_t line;    /* number of the line at hand */
    uint64_t lost;    /* rows of the file */
    uint64_t clipped; /* times below zero that became 0 */

    /* private */
    struct progress progress;
    bool in_part;
    uint32_t parts, ntally;
    size_t tally_cap;
    struct tally *tally;
    uint64_t kept;    /* of parts before */
    bool damaged;     /* something was lost or not read; the first of it: */
    char damage[200]; /* "byte 12: what is wrong" */
};

/* Opens the file; NULL or "-" is standard input. */
int intake_open(struct intake *s, const char *path, struct writer *w, struct err *e);

/* What follows is a part of its own; see emit_open. */
void intake_part(struct intake *s, const char *format, const char *weight);

/* More bytes, as input_more, with progress. */
int intake_more(struct intake *s, struct err *e);

/* The next line, see line.h; its number is s->line. */
int intake_line(struct intake *s, struct slice *line, struct err *e);

/* A row is lost; what is not read beyond rows. unit is "byte" or "line". */
void intake_lose(struct intake *s, const char *unit, uint64_t at, const char *why);
void intake_damage(struct intake *s, const char *unit, uint64_t at, const char *why);

/* Seconds as ns, rounded half up, exactly; below zero is 0 and is counted. False if it is no
 * number, or more than 2^63 - 1. */
bool intake_seconds(struct intake *s, double seconds, uint64_t *ns);

/* Says what was lost, fills t but for its events, and closes the file. t->rows live until
 * intake_free. */
int intake_end(struct intake *s, struct totals *t, struct err *e);
void intake_free(struct intake *s);

#endif
