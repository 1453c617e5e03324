/* context - what many events have in common
 *
 * Kind, track, selection and count follow from phase, category, process, thread, device, stream and
 * a few flags. An event is known by one string made of all these, its key, and each key is looked
 * into once.
 */
#ifndef TRS_CONTEXT_H
#define TRS_CONTEXT_H

#include "trace/source.h"

/* Flags of a key beyond those of a track (record.h): which columns the record has. A forward thread
 * may be 0 and is no value then: operators that have one and those that have none alternate. */
enum {
    CONTEXT_SEQUENCE = 0x08,
    CONTEXT_FWD_THREAD = 0x10,
    CONTEXT_EXTERNAL_ID = 0x20,
    CONTEXT_BYTES = 0x40,
    CONTEXT_ARGS = 0x80,
    CONTEXT_NUMBERS = CONTEXT_SEQUENCE | CONTEXT_FWD_THREAD | CONTEXT_EXTERNAL_ID | CONTEXT_BYTES
};

struct context {
    uint32_t track; /* of the stream; 0 if not selected */
    enum kind kind;
    unsigned flags;
    bool selected;
    size_t tally;
};

unsigned context_flags(const struct event *ev);

/* Writes the key of an event into key, over what was there. */
void context_key(struct buf *key, const struct event *ev);

/* Kind, flags and selection of a key. */
struct context context_read(const struct selection *select, struct slice key);

/* All of it, for the part and the stream at hand; valid until the next writer_begin or call. */
const struct context *context_of(struct source *s, struct slice key);

#endif
