/* source - a trace file on its way into the record stream
 *
 * The readers of the formats (chrome.c, rocprof.c) hand over events; here they become records:
 * names are interned, what was selected is kept, what was lost is counted by category.
 */
#ifndef TRS_SOURCE_H
#define TRS_SOURCE_H

#include "base/progress.h"
#include "format/tally.h"
#include "io/input.h"
#include "trace/json.h"

struct context;

/* What is kept, and how much of it. */
struct selection {
    struct strtab cats; /* --cat: exactly these; empty for all */
    bool gpu;           /* --gpu: GPU activity alone */
    bool args;          /* --args: the remaining args too */
    bool rest;          /* all but GPU activity and metadata, which are in the stream already */
};

/* What events of one shape have in common, kept by whoever reads them (shape.h). `known` is taken
 * back when phase, category, process, thread, device or stream change. */
struct event_kin {
    bool known;
    unsigned flags;
    uint32_t context; /* the reader's number for all that */
};

/* An event as its words stand in the file. A field that is missing has p == NULL. */
struct event {
    struct slice ph, cat, name, pid, tid, device, stream;
    int64_t start_ns, dur_ns;
    uint64_t correlation, external_id, bytes, sequence, fwd_thread;
    bool has_start, has_correlation, has_external_id, has_bytes, has_sequence, has_fwd_thread;
    bool enclosing;
    struct slice args;     /* JSON text, or empty */
    struct event_kin *kin; /* or NULL */
};

/* Where a loss of one kind and category was met first, or the file's own damage. */
struct damage {
    size_t tally;       /* source_tally_of what was lost; DAMAGE_STRUCTURAL: the file */
    uint64_t off_bytes; /* in the decoded bytes */
    char *why;
};
#define DAMAGE_STRUCTURAL SIZE_MAX

struct source {
    struct writer *w;
    const struct selection *select;
    uint32_t part;
    unsigned threads; /* 1: none reads ahead; 0: not even rows, but events in turn, for tests */

    /* Of the file at hand. */
    struct input in;
    char rank[64]; /* text that stands for a number; empty if the trace says none */
    struct progress progress;
    uint64_t kept, lost; /* events of the selection; those of unknown category count as lost */
    uint64_t unselected, lost_unselected;
    bool structural; /* the file is cut or has bytes that were not read */
    struct damages {
        struct damage *rows; /* as they were met: the first is the one to speak of */
        size_t n, cap;
    } damages;

    /* Of all files. */
    uint64_t skipped;
    struct tallies tallies;
    struct source_memo {
        struct strtab keys; /* what an event has in common with others, as one string */
        struct buf key;
        struct context *rows;
        size_t cap;
        unsigned epoch;
    } memo;
};

/* Kind of a record by its phase and category (FORMAT.md). */
enum kind kind_of(struct slice ph, struct slice cat);

/* Its args have the numbers that operators alone have, and what becomes of it is an operator if its
 * end is found. */
bool is_operator(struct slice ph, struct slice cat);

/* The selection wants events of this kind and category (p == NULL: they have none). */
bool selection_has(const struct selection *select, enum kind kind, struct slice cat);

/* Makes ready for the next file, which the caller opened as s->in. */
void source_begin(struct source *s, uint32_t part);

/* Events from here on belong to this part. */
void source_part(struct source *s, uint32_t part);

/* One event becomes a record, if it is selected. */
void source_event(struct source *s, const struct event *ev);

/* The same in parts, for those who have looked up context and name before (context.h, rows.h):
 * n events that are not selected; one that is, after writer_begin. */
void source_pass(struct source *s, uint64_t n);
void source_record(struct source *s, const struct context *c, const struct record *r);

/* Index of the count for the part at hand and a kind and category. */
size_t source_tally_of(struct source *s, enum kind kind, struct slice cat);

/* One event is lost, at this byte of the window, for this reason. cat (and ph) tell whether the
 * selection would have had it; without a category it counts for every selection. */
void source_lose(struct source *s, const uint8_t *at, const char *why, struct slice ph,
                 struct slice cat);

/* The file is cut or holds bytes that nobody read. */
void source_damage(struct source *s, const uint8_t *at, const char *why);

/* Keeps a top-level value of the trace. */
void source_meta(struct source *s, const char *key, struct slice json);

/* The trace names its rank. It is for the caller to decide what the part is called. */
void source_rank(struct source *s, struct slice rank);

/* Adds to the counts of a tally and to the damages what was known before they came here. */
void source_count(struct source *s, enum kind kind, struct slice cat, uint64_t events,
                  uint64_t lost);
void source_remember(struct source *s, size_t tally, uint64_t off_bytes, const char *why);

/* What is said about damage: the first, or what stands for it where none was noted. */
struct damage source_first_damage(const struct source *s);

/* Gets more bytes and shows progress, as input_more. */
int source_more(struct source *s, struct err *e);

/* Gets so much more that a value which did not fit the n bytes at hand can be tried again: twice
 * as much, at most max, so that trying costs no more than twice the value. Returns as input_more.
 */
int source_more_for(struct source *s, size_t n, size_t max, struct err *e);

/* The counts for the end mark, of all parts; the rows are freed by the caller. Their words need a
 * writer_begin before, but in a table of contents: what stands before it is not to start anew. */
struct tally *source_tally(struct source *s, uint32_t *n);

/* What a tally counts. Borrowed; cat.p is NULL for none. */
enum kind source_tally_kind(const struct source *s, size_t tally, struct slice *cat);

void source_free(struct source *s);

#endif
