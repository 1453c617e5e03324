/* source - a trace file on its way into the record stream
 *
 * The readers of the formats (chrome.c, rocprof.c) hand over events; here they become records:
 * names are interned, what was selected is kept, what was lost is counted by category.
 */
#ifndef TRS_SOURCE_H
#define TRS_SOURCE_H

#include "base/progress.h"
#include "format/writer.h"
#include "io/input.h"
#include "trace/json.h"

struct context;

/* What is kept, and how much of it. */
struct selection {
    struct strtab cats; /* --cat: exactly these; empty for all */
    bool gpu;           /* --gpu: GPU activity alone */
    bool args;          /* --args: the remaining args too */
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
    uint64_t correlation, external_id, bytes;
    bool has_start, has_correlation, has_external_id, has_bytes, enclosing;
    struct slice args;     /* JSON text, or empty */
    struct event_kin *kin; /* or NULL */
};

/* What went wrong first, for the one line that is said about a file. */
struct damage {
    uint64_t off_bytes; /* in the decoded bytes */
    char why[160];
};

struct source {
    struct writer *w;
    const struct selection *select;
    uint32_t part;
    unsigned threads; /* 1: none reads ahead; 0: not even rows, but events in turn, for tests */

    /* Of the file at hand. */
    struct input in;
    bool rank_given; /* --rank: what the trace says does not count */
    char rank[64];   /* as it goes into the stream, empty if not known yet */
    struct progress progress;
    uint64_t kept, lost; /* events of the selection; those of unknown category count as lost */
    uint64_t unselected, lost_unselected;
    bool structural;     /* the file is cut or has bytes that were not read */
    struct damage first; /* the first loss or structural damage */

    /* Of all files. */
    uint64_t skipped;
    struct source_tallies {
        struct strtab keys; /* part, kind, category */
        uint64_t *events, *lost;
        size_t cap;
    } tallies;
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

/* n events of unknown category were lost before they came here. */
void source_lost_before(struct source *s, uint64_t n);

/* The file is cut or holds bytes that nobody read. */
void source_damage(struct source *s, const uint8_t *at, const char *why);

/* Keeps a top-level value of the trace. */
void source_meta(struct source *s, const char *key, struct slice json);

/* The rank of the file at hand: text that stands for a number. */
void source_rank(struct source *s, struct slice rank);

/* Gets more bytes and shows progress, as input_more. */
int source_more(struct source *s, struct err *e);

/* Gets so much more that a value which did not fit the n bytes at hand can be tried again: twice
 * as much, at most max, so that trying costs no more than twice the value. Returns as input_more.
 */
int source_more_for(struct source *s, size_t n, size_t max, struct err *e);

/* The counts for the end mark; the rows are freed by the caller. */
struct tally *source_tally(struct source *s, uint32_t *n);

void source_free(struct source *s);

#endif
