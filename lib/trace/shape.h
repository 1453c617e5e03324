/* shape - events that look like one before them
 *
 * A program writes all events of a kind with the same bytes between the values. The first of a
 * kind is read by event_read, which knows no shapes; the bytes between its values are kept, and
 * the events that follow are compared with them in a few vector instructions:
 *
 *     {"ph": "X", "cat": "kernel", "name": "…", "pid": …, "ts": …, "args": {"grid": […], … }}
 *     `------------ literal ---------------' hole `-- literal --' hole
 *
 * Keys, phase and category are literal, so what a hole means is known by its number. A shape covers
 * the whole event and a hole takes only what event_read would take there: what matches is read
 * exactly as event_read reads it, and what does not match is read by it.
 */
#ifndef TRS_SHAPE_H
#define TRS_SHAPE_H

#include "trace/event.h"

enum { SHAPES_MAX = 32 };

struct shape;

struct shapes {
    struct shape *list[SHAPES_MAX];
    unsigned n;
    unsigned last;                /* the shape of the event before */
    uint8_t followed[SHAPES_MAX]; /* what came behind each shape the last time */
    unsigned credit;              /* events that may still be learned from without a match */
};

/* Reads the object at c as event_read, but for t->args, which is set only where no shape matched.
 * False on a fault. */
bool shapes_read(struct shapes *s, struct json_cursor *c, struct event_text *t);

/* The same for events of known shape alone: false, and c stays, for all others. */
bool shapes_match(struct shapes *s, struct json_cursor *c, struct event_text *t);

void shapes_free(struct shapes *s);

#endif
