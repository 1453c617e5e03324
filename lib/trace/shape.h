/* shape - events that look like one before them
 *
 * A program writes all events of a kind with the same bytes between the values. The first of a
 * kind is read by event_read, which knows no shapes; its text with the values taken out is kept as
 * a form (form.h), and the events that follow are compared with it in a few vector instructions:
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
#include "trace/form.h"

enum { SHAPES_MAX = 32 };

struct shape;

struct shapes {
    struct shape *list[SHAPES_MAX];
    unsigned n;
    unsigned last;                /* the shape of the event before */
    uint8_t followed[SHAPES_MAX]; /* what came behind each shape the last time */
    unsigned credit;              /* events that may still be learned from without a match */
    unsigned passed;              /* events that were not compared */
    bool learns;                  /* from the event at hand, if it matches no shape */
};

/* An event that matched. */
struct shape_event {
    struct shape *shape;
    struct form_match match;
    bool passed; /* it is plain, and its shape was said to be unwanted: it has no values */
};

/* Reads the object at c, which is passed, if it is an event of known shape. False, and c stays, for
 * all others. */
bool shapes_match(struct shapes *s, struct json_cursor *c, struct shape_event *ev);

/* The fields of a matched event, as event_read gives them, but without args. */
void shape_text(const struct shape_event *ev, struct event_text *t);

/* What nearly every event is: an interval whose numbers are digits and no more. */
struct shape_plain {
    int64_t start_ns, dur_ns;
    uint64_t correlation, external_id, bytes, sequence, fwd_thread; /* 0 for none: see flags */
    struct slice name;
    unsigned flags; /* context_flags of the event */
};

/* The meaning of a matched event, as event_check gives it; false for events that are not plain. */
bool shape_plain(const struct shape_event *ev, struct shape_plain *p);

/* What the events of a shape have in common. */
struct event_kin *shape_kin(const struct shape_event *ev);

/* This event is one that becomes a record, but nobody wants those of its shape: they are passed
 * from now on, as long as their numbers are numbers. */
void shape_unwanted(const struct shape_event *ev);

/* Makes a shape of an event that event_read read and that did not match. */
void shapes_learn(struct shapes *s, struct slice event, const struct event_text *t);

void shapes_free(struct shapes *s);

#endif
