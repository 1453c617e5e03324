/* threads - the events of a stream by the thread they ran on, ready to be nested
 *
 * A thread is a part, pid and tid; for GPU activity also a device and stream, so that each queue
 * is a thread of its own. Words are compared as text: `7` and `"7"` are one, whatever their ids.
 *
 *     struct thread *thread = threads_find(&t, s, b, record.track);
 *     if (thread)
 *         thread_add(thread, b->kind, &record, tag);
 *     ...
 *     struct nest_event *events = thread_nest(thread, &n);
 *
 * Order of events that start and end together: a stream keeps the order of the file within a kind
 * alone, and what encloses the others comes first: annotations, Python functions, operators,
 * runtime calls, then the other kinds by number; within a kind the order of the file. So the answer
 * does not depend on how the writer cut the stream into frames.
 *
 * Takes 32 bytes an event, and while a thread is nested up to 32 more for each of its events.
 */
#ifndef TRS_THREADS_H
#define TRS_THREADS_H

#include "format/stream.h"
#include "link/nest.h"

struct thread {
    uint32_t part, pid, tid; /* words of struct threads, 0 for none */
    bool gpu;                /* of GPU activity: these too */
    uint32_t device, stream;

    /* private */
    struct thread_events {
        struct nest_event *at;
        size_t n, cap;
    } kinds[KINDS];
};

struct threads {
    /* Says of a track whether its records count; asked once for each track
     * of a part, mostly. */
    bool (*wants)(void *ctx, const struct stream *s, const struct track *t);
    void *ctx;

    struct strtab words; /* texts of pids and tids */
    struct thread *at;   /* in order of first sight */
    uint32_t n;

    /* private */
    size_t cap;
    struct strtab keys; /* thread i is string i + 1 */
    struct threads_of {
        uint32_t answer; /* a thread plus 2, or one of two things that are none */
        uint32_t part;   /* to which it holds */
    } * of_track;        /* of track i at i */
    size_t tracks_cap;
};

/* The thread of a record of the batch with this track, NULL if that is not wanted. Borrowed until
 * the next call. */
struct thread *threads_find(struct threads *t, const struct stream *s, const struct batch *b,
                            uint32_t track);

/* Adds an event; one that ends after all time ends with it. */
void thread_add(struct thread *thread, unsigned kind, const struct record *r, uint32_t tag);

/* Takes the thread's events, nested (nest.h); the caller frees them. The thread is empty then. */
struct nest_event *thread_nest(struct thread *thread, size_t *n);

/* Before ids of tracks lose their meaning, and at the end of a stream. */
void threads_forget(struct threads *t);

/* Drops all threads, with the events that nobody took. */
void threads_clear(struct threads *t);
void threads_free(struct threads *t);

#endif
