/* chunks - the events of a file, read ahead by several threads
 *
 * The file is cut every CHUNK_BYTES, whatever the number of threads (TRS_CHUNK=BYTES in the
 * environment makes it less, so that tests can cut small files everywhere). Each thread takes the
 * next chunk, guesses where its first event begins, and reads those that begin in it into rows:
 *
 *     chunk i                 |chunk i+1                |
 *     …},{ event },{ event },{ event },{ event },{ B },{ event },{ event },{
 *        `------ stretch ------------'`--------'       `-----------------'
 *
 * A stretch is a run of events without one that has to wait for its turn (rows.h). Whoever reads
 * the file in order asks at each event whether a stretch begins exactly there: only then its rows
 * count. Where a guess was wrong nobody ever asks for the stretch, and the events are read in
 * order.
 */
#ifndef TRS_CHUNKS_H
#define TRS_CHUNKS_H

#include "trace/rows.h"

enum { CHUNK_BYTES = 4 * 1024 * 1024 };

struct chunks;

struct stretch {
    uint64_t begin, end; /* offsets; end is where the next event begins, or something else */
    struct rows_mark from, to;
    struct rows *rows;
};

/* Starts to read ahead from offset off of a file whose events begin there. NULL where it is not
 * worth it or cannot be done: one thread, a small rest, a pipe, compressed bytes, no threads to be
 * had. */
struct chunks *chunks_start(const struct input *in, const struct selection *select, uint64_t off,
                            unsigned threads);

/* The stretch that begins at off, valid until the next call; waits for it if need be. NULL if
 * there is none; the next may begin at *limit or behind it. off never goes back. */
const struct stretch *chunks_at(struct chunks *c, uint64_t off, uint64_t *limit);

/* How many threads are to read: as many as were asked for, within reason; if that is 0, one for
 * each core that this process may use, up to what is of use. */
unsigned chunks_threads(uint64_t asked);

/* Ends the threads and frees everything. NULL is allowed. */
void chunks_stop(struct chunks *c);

#endif
