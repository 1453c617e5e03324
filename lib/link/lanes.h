/* lanes - the host events of each thread, by kind, as numbers of struct hold
 *
 * A lane is a part, pid and tid. Its events are walked in the order in which they open: by start,
 * longer first; of those that start and end together Python functions, then operators, then runtime
 * calls, and within a kind as they came (threads.h has the same order).
 *
 * Takes 4 bytes an event: profilers write them in this order, and those that are not are sorted
 * when all are there.
 */
#ifndef TRS_LANES_H
#define TRS_LANES_H

#include "link/hold.h"

/* What encloses the others first. */
enum lane_kind { LANE_PYTHON, LANE_CPU_OP, LANE_RUNTIME, LANE_KINDS };

struct lane {
    uint32_t part, pid, tid; /* words of the writer */
    struct lane_events {
        uint32_t *numbers;
        size_t n, cap;
        bool unsorted;
    } kinds[LANE_KINDS];
};

struct lanes {
    struct lane *at; /* after lanes_sort by part, then by first sight */
    uint32_t n;

    /* private */
    size_t cap;
    struct strtab keys; /* lane i is string i + 1 */
    struct lane_of_track {
        uint32_t answer; /* a lane plus 2, or one of two things that are none */
        uint32_t part;   /* to which it holds */
    } * of_track;
    size_t tracks_cap;
};

/* A host event: start <= end. */
struct lane_event {
    int64_t start_ns, end_ns;
    uint32_t number, name;
};

static inline enum kind lane_kind(enum lane_kind kind)
{
    return kind == LANE_PYTHON ? KIND_PYTHON : kind == LANE_CPU_OP ? KIND_CPU_OP : KIND_RUNTIME;
}

struct lane_event lane_event(const struct hold *hold, enum lane_kind kind, uint32_t number);

/* Takes n records of a kind that are held, from number first on; of kinds that are none of a lane
 * and of tracks that are no intervals it takes none. */
void lanes_add(struct lanes *l, const struct hold *hold, uint32_t part, unsigned kind,
               uint64_t first, uint32_t n);

/* When all are there. */
void lanes_sort(struct lanes *l, const struct hold *hold);

/* The lanes of a part, n of them; NULL if there are none. */
const struct lane *lanes_of(const struct lanes *l, uint32_t part, size_t *n);

void lanes_free(struct lanes *l);

#endif
