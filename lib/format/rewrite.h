/* rewrite - streams in, one stream out, record by record
 *
 *   rewrite_open(&r, n, operands, &out, &look, &e);   what the streams say of themselves
 *   ...                                               a look at r.parts, more runs: rewrite_run
 *   status = rewrite_write(&r, &out, &e);
 *   rewrite_free(&r);
 *
 * The loop of filters that leave records out or change them, and of those that join streams. The
 * parts of all inputs are counted through, those of the first one first. Since ranks and clocks are
 * known at the end of a stream alone, each is read more than once (spool).
 */
#ifndef TRS_REWRITE_H
#define TRS_REWRITE_H

#include "format/copy.h"
#include "format/spool.h"
#include "format/tally.h"

/* Shown a batch with its columns; its part is that of the output. -1 ends the run. */
typedef int rewrite_look(void *ctx, const struct stream *s, const struct batch *b, struct err *e);

struct rewrite {
    void *ctx;

    /* Before the rows of a batch; may be NULL. */
    rewrite_look *batch;
    /* 1: the record goes out, as it is in *rec by then; 0: it does not; -1 ends the run. */
    int (*keep)(void *ctx, const struct stream *s, const struct batch *b, uint32_t row,
                struct record *rec, struct err *e);
    /* What a name becomes, as in copy; may be NULL. Bound to ctx too. */
    struct slice (*rename)(void *ctx, enum role role, struct slice name);
    /* Before the end mark: -1 and there is none; may be NULL. */
    int (*check)(void *ctx, struct err *e);

    /* Of all inputs, after rewrite_open. */
    struct parts parts; /* what goes out: may be changed */
    uint32_t nparts;
    struct strtab keys; /* those that all have */
    uint64_t came, kept;

    /* private */
    struct rewrite_file {
        struct spool in;
        uint32_t part, nparts; /* the first of its parts, in the output */
        bool contents;
        uint64_t came;
        struct strtab keys;
    } * files, *file; /* file: the one at hand */
    int nfiles;
    bool opened;
    int status;
    uint64_t lost, skipped;
    struct tallies counts;
    struct rewrite_counter {
        uint64_t batch;
        size_t at;
    } * counters; /* by track: what it counts as in the batch at hand */
    size_t counters_cap;
    uint64_t batches;
    bool announcing, announced;
    uint64_t instances;
    struct writer w;
    struct copy copy;
    struct labels labels;
};

/* Opens n streams, or standard input if n is 0, and reads them for the first time; look, which may
 * be NULL, is shown all records meanwhile. Who writes names the output, as for spool_open. -1 also
 * where --strict makes the status of one a failure. */
int rewrite_open(struct rewrite *r, int n, char **operands, struct output *out, rewrite_look *look,
                 struct err *e);

/* Another run over all of them. */
int rewrite_run(struct rewrite *r, unsigned kinds, rewrite_look *look, struct err *e);

/* The last ones. Where all inputs have a table of contents, the output has one. Returns the status,
 * which is in its end mark too, or -1. */
int rewrite_write(struct rewrite *r, struct output *out, struct err *e);

void rewrite_free(struct rewrite *r);

#endif
