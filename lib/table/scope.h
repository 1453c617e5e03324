/* scope - stacks and nested events as a file of speedscope
 *
 *     scope_open(&s, &out, &names);
 *     scope_sampled() or scope_evented() for each profile
 *     scope_close(&s, "title", &e);
 *
 * Frames are ids of names; those that were used stand at the end of the file, by their first use.
 * What comes is written as it comes: only numbers of frames are held.
 * Format: https://www.speedscope.app/file-format-schema.json
 */
#ifndef TRS_SCOPE_H
#define TRS_SCOPE_H

#include "link/nest.h"
#include "table/stacks.h"

struct scope {
    bool places; /* `file:line(name)` become three fields; set behind scope_open */

    /* private */
    struct output *out;
    const struct strtab *names;
    uint32_t *numbers; /* of name i: its frame plus 1, 0 for none yet */
    size_t numbers_cap;
    uint32_t *frames; /* names in the order of frames */
    size_t nframes, frames_cap;
    struct buf text; /* to be written */
    uint32_t *path;  /* of a sample */
    size_t path_cap;
    unsigned profiles;
};

/* Names may still grow; both are borrowed until scope_close. */
void scope_open(struct scope *s, struct output *out, const struct strtab *names);

/* Each stack that weighs something is a sample, its weight divided by 10^decimals. unit: one of
 * speedscope's. Names of the stacks are those of the scope. */
int scope_sampled(struct scope *s, struct slice name, const char *unit, const struct stacks *stacks,
                  unsigned decimals, struct err *e);

/* The events of a thread as nest_sort left them, tags being frames, each from its start up to the
 * end of the last one in it, so that they close in order. Times are ns after first_ns, which is not
 * after any of them. */
int scope_evented(struct scope *s, struct slice name, const struct nest_event *events, size_t n,
                  wide first_ns, struct err *e);

/* The end of the file, not of the output. */
int scope_close(struct scope *s, struct slice title, struct err *e);

void scope_free(struct scope *s);

#endif
