/* event - one object of traceEvents
 *
 * The general reader of an event: any key order, any spacing, repeated keys (the last wins),
 * keys written with escapes. It only notes where the fields stand; event_check gives them their
 * meaning and says what makes the event a loss.
 */
#ifndef TRS_EVENT_H
#define TRS_EVENT_H

#include "trace/json.h"
#include "trace/source.h"

enum event_field {
    EV_PH,
    EV_CAT,
    EV_NAME,
    EV_PID,
    EV_TID,
    EV_TS,
    EV_DUR,
    EV_ID,
    EV_BP,
    EV_DEVICE, /* from here on in args */
    EV_STREAM,
    EV_CORRELATION,
    EV_EXTERNAL_ID,
    EV_BYTES,
    EV_SEQUENCE, /* of operators alone */
    EV_FWD_THREAD,
    EV_FIELDS
};

/* Fields that are none in other events, as bits. */
enum { EVENT_OF_OPERATORS = 1u << EV_SEQUENCE | 1u << EV_FWD_THREAD };

struct event_text {
    struct json_value fields[EV_FIELDS];
    unsigned present;      /* bit per field */
    struct slice args;     /* the object as it stands, or empty */
    struct event_kin *kin; /* of an event that matched a shape (shape.h): SCAN_LITERAL bytes may be
                            * read from where each field begins; else NULL */
};

/* Reads the object at c, which is passed. False on a fault. */
bool event_read(struct json_cursor *c, struct event_text *t);

/* Reads the object at c, and says whether it is an event: it reads well and has a phase. */
bool event_is(struct json_cursor *c);

/* True for keys that event_read gives a meaning, in the event and in its args. */
bool event_uses(struct slice key);
bool event_uses_arg(struct slice key);

static inline bool event_has(const struct event_text *t, enum event_field f)
{
    return t->present >> f & 1;
}

/* Memory for decoded text, used again for each event. */
struct event_scratch {
    struct buf fields[EV_FIELDS], args;
};

/* What the fields mean. Slices point into the window or the scratch. Returns NULL, or why the
 * event is a loss; ph and cat are valid then too, if they are there. With keep_args the args that
 * have no field of their own become ev->args. */
const char *event_check(const struct event_text *t, bool keep_args, struct event_scratch *scratch,
                        struct event *ev);

void event_scratch_free(struct event_scratch *scratch);

#endif
