/* folded - folded stacks, line by line
 *
 *   main;read_file;parse 120       frames from the root, then after the last blank a number
 *   main;read_file;parse 120 90    with numbers = 2, as difffolded.pl writes them
 *
 *   if (folded_open(&f, path, 1, &e) < 0) ...
 *   while ((got = folded_next(&f, &e)) > 0)
 *       for (struct slice rest = f.stack, frame; folded_frame(&rest, &frame);)
 *           ...
 *
 * Lines come in any order, the same stack as often as it likes. Blank lines, blanks and CR at the
 * end of a line and a BOM are passed over. A line without its numbers is an error, with the number
 * of the line; who likes goes on behind it. A frame may be empty and may hold any byte but `;` and
 * newline.
 *
 * Some collapsers write decimals. They stay exact: values are whole numbers of 10^-decimals, and a
 * line with more decimals than any before it makes that unit smaller, from that line on. Beyond
 * FOLDED_DECIMALS they are rounded half up.
 */
#ifndef TRS_FOLDED_H
#define TRS_FOLDED_H

#include "base/progress.h"
#include "io/input.h"

enum { FOLDED_NUMBERS = 2, FOLDED_DECIMALS = 9 };

struct folded {
    struct slice stack;              /* the line at hand; borrowed until the next */
    uint64_t values[FOLDED_NUMBERS]; /* its numbers, in units of 10^-decimals */
    unsigned decimals;               /* 0 to FOLDED_DECIMALS; never falls */
    uint64_t line;                   /* its number, from 1 */
    uint64_t stacks;                 /* lines with a stack so far */
    uint64_t rounded;                /* numbers that had more decimals than are kept */
    uint64_t pairs;                  /* lines with one more number than was asked for */
    const char *wrong;               /* after -1: what is wrong with this line alone, or NULL */
    struct input in;                 /* after the last line in.damage may say that more is lost */

    /* private */
    unsigned numbers; /* set, with `in`, before folded_begin */
    struct progress progress;
};

/* path NULL or "-" is standard input; plain, gzip or zstd. numbers: how many a line ends with. */
int folded_open(struct folded *f, const char *path, unsigned numbers, struct err *e);

/* The same for an input that is open: struct folded f = {.in = in, .numbers = 1}. */
void folded_begin(struct folded *f);

/* The next line that holds a stack: 1, or 0 at the end, or -1. Where the bytes are cut off, as
 * in.damage then says, a torn last line is left out. */
int folded_next(struct folded *f, struct err *e);

/* Takes the first frame off the rest of a stack; false if there is none left. */
static inline bool folded_frame(struct slice *rest, struct slice *frame)
{
    if (!rest->p)
        return false;
    const uint8_t *end = rest->n ? memchr(rest->p, ';', rest->n) : NULL;
    *frame = end ? slice_of(rest->p, (size_t)(end - rest->p)) : *rest;
    *rest = end ? slice_of(end + 1, rest->n - frame->n - 1) : slice_of(NULL, 0);
    return true;
}

int folded_close(struct folded *f, struct err *e);

#endif
