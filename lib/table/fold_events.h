/* fold_events - the host events of streams by thread, or profiles, for programs that show stacks
 *
 *   fold_events_records() for each batch of a sink, fold_events_forget()
 *   at the end of a stream: the threads are taken (thread_nest), then fold_events_end()
 *
 * Tags of events are frames: ids of the names of `stacks`. Events and a profile do not go together.
 */
#ifndef TRS_FOLD_EVENTS_H
#define TRS_FOLD_EVENTS_H

#include "link/threads.h"
#include "table/fold.h"
#include "table/fold_profile.h"

/* What is shown of a thread where nothing is asked for. */
#define FOLD_KINDS_HOST (KIND_BIT(KIND_CPU_OP) | KIND_BIT(KIND_PYTHON) | KIND_BIT(KIND_RUNTIME))

struct fold_events {
    struct strtab cats; /* --cat; empty: all that come, but annotations of the GPU */
    bool columns;       /* the sink has them, as profiles need it */
    struct stacks *stacks;

    /* Makes another tag of a frame; NULL for none. */
    uint32_t (*tag)(void *ctx, uint32_t frame, const struct batch *b, uint32_t row);
    void *ctx;

    struct threads threads;
    struct fold_profile profile;
    bool profiled;    /* records of profiles came */
    uint64_t nevents; /* so many others */

    /* private */
    struct fold_names names;
};

/* The rest of f is zero, or as the caller likes it. */
void fold_events_open(struct fold_events *f, struct stacks *stacks);

/* The kinds in which records of these categories come. */
unsigned fold_events_kinds(const struct strtab *cats);

int fold_events_records(struct fold_events *f, const struct stream *s, const struct batch *b,
                        struct err *e);
void fold_events_forget(struct fold_events *f);
int fold_events_end(struct fold_events *f, const struct stream *s, struct err *e);

void fold_events_free(struct fold_events *f);

#endif
