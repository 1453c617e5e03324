/* stream - a record stream as a sink sees it: names resolved, metadata kept
 *
 * sink_run is the loop of every sink: it reads each operand in turn, keeps strings, tracks,
 * labels and metadata, and hands over the records that the sink asked for. Where a table of
 * contents says that nothing wanted follows it stops at once and waits for no byte more.
 */
#ifndef TRS_STREAM_H
#define TRS_STREAM_H

#include "base/strtab.h"
#include "format/parts.h"
#include "format/reader.h"
#include "format/writer.h"

struct stream {
    struct reader reader;
    struct strtab strings[ROLES];
    struct track *tracks; /* tracks[id - 1] */
    uint32_t ntracks;
    struct label *labels;       /* labels[id] of GPU name id; op 0 for none */
    struct stack_frame *stacks; /* stacks[id - 1]; a parent stands before its children */
    struct link *links;         /* links[id - 1] */
    uint32_t nstacks, nlinks;
    struct strtab keys; /* what KEYS frames named */
    struct parts parts;
    uint32_t nparts;      /* one more than the highest part seen */
    struct totals totals; /* of the end mark, or of the contents where reading stopped early */

    /* Counts up when ids lose their meaning; who caches by id looks at these. */
    unsigned epoch_names, epoch_tracks, epoch_labels;
    unsigned epoch_stacks, epoch_links; /* who resets stacks resets links */

    unsigned begins_with; /* kind of its first records, 0 before start() and where there are none */

    bool contents; /* CONTENTS was seen: totals are known already */

    /* private */
    size_t tracks_cap, labels_cap, stacks_cap, links_cap;
    uint64_t records; /* so far, those of kinds of later versions with them */
    uint64_t awaited; /* after CONTENTS: records that the sink wants and that are still to come */
};

/* The records of one frame. Rows are borrowed until the callback returns. */
struct batch {
    unsigned kind;
    uint32_t part, n;
    const uint8_t *rows;           /* record_get(rows + i * RECORD_BYTES) */
    struct frame columns[COLUMNS]; /* columns[c].rows is 0 where there is no such column */
};

struct sink {
    void *ctx;
    unsigned kinds; /* KIND_BITs of the records wanted. Who wants some reads no further than a table
                     * of contents makes him; all or none of them: to the end mark */
    bool columns;   /* columns too */
    struct output *out; /* where records go on to: it ends with ST_PIPE as soon as nobody reads
                         * there (see reader_open); NULL for text */
    bool silent;        /* no note where a file is incomplete: another run over it will say so */

    /* Each may be NULL; -1 ends the run. */
    int (*start)(void *ctx, struct stream *s, struct err *e); /* before the first records */
    int (*records)(void *ctx, struct stream *s, const struct batch *b, struct err *e);
    int (*end)(void *ctx, struct stream *s, struct err *e); /* after the last frame that is read */

    /* Before ids that records had lose their meaning in mid-stream (a RESET): the last chance to
     * turn them into what they stand for. Labels are final then (FORMAT.md, LABELS). */
    void (*forget)(void *ctx, struct stream *s);
};

/* The note on a stream that is incomplete and was kept in a file. Of standard input the program
 * before this one has said it. */
void stream_say_incomplete(const char *path, uint64_t lost);

/* Runs over the n operands, or standard input if n is 0. Returns the worst status of the end
 * marks after --partial-ok and --strict (ST_WHOLE or ST_INCOMPLETE), or -1 with e filled. */
int sink_run(const struct sink *sink, int n, char **operands, struct err *e);

/* For readers of their own, such as an index: takes a verified frame that names things or counts
 * (STRINGS, TRACKS, LABELS, META, KEYS, CONTENTS, END), checks that the rows of a batch name what
 * came, and frees. s->reader.in.name stands in messages. */
int stream_take(struct stream *s, const struct frame *f, struct err *e);
int stream_check(const struct stream *s, const struct batch *b, struct err *e);
void stream_free(struct stream *s);

/* A row's name, borrowed; of the role that the kind has. */
struct slice stream_name(const struct stream *s, unsigned kind, uint32_t name);
struct slice stream_word(const struct stream *s, uint32_t word);

/* True if the records of a track are intervals (phase X) of one of these categories, `(none)` for
 * those without; of any, if there are none. */
bool stream_has_interval(const struct stream *s, const struct track *t, const struct strtab *cats);

/* The label of a GPU name, or NULL. */
const struct label *stream_label(const struct stream *s, uint32_t name);

/* The link of a record of a batch with columns, or NULL. */
const struct link *stream_link(const struct stream *s, const struct batch *b, uint32_t row);

/* The id of its stack, 0 for none. */
uint32_t stream_stack(const struct batch *b, uint32_t row);

/* True if the stream carries the key beyond those that all have. */
bool stream_has_key(const struct stream *s, struct slice key);

#endif
