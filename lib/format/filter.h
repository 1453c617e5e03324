/* filter - records in, the same records out, and something more
 *
 * filter_run is the loop of a filter that adds to a stream. Frames pass as they came, without a
 * look at their payload; only the strings of one role are shown to the step, which may label
 * them.
 */
#ifndef TRS_FILTER_H
#define TRS_FILTER_H

#include "format/reader.h"
#include "format/writer.h"

struct filter {
    void *ctx;
    const char *const *keys; /* the keys that this filter adds to the stream; NULL ends the list */

    /* The label of a GPU name; the slices have to live until the next call. */
    void (*label)(void *ctx, struct slice name, struct slice *op, struct slice *category,
                  struct slice *library);
};

/* Reads path (NULL: standard input), writes to out. Returns the status of the stream after
 * --partial-ok and --strict, which the end mark that it writes has too, or -1 with e filled.
 *
 * It ends as soon as nobody reads out any longer, also while it waits for input, and writes no end
 * mark then. If a table of contents went out before, that is no failure, and the status is what the
 * table says; else it is ST_PIPE. */
int filter_run(const struct filter *filter, const char *path, struct output *out, struct err *e);

#endif
