/* writer - the record stream going out
 *
 *   writer_open(&w, &out);
 *   for each event:
 *       writer_begin(&w);
 *       r.name = writer_string(&w, ROLE_GPU, name);
 *       r.track = writer_track(&w, &track);
 *       writer_record(&w, KIND_KERNEL, &r);
 *       writer_number(&w, KIND_KERNEL, COLUMN_BYTES, n);
 *   writer_end(&w, &totals, &e);
 *
 * Errors stick: after the first, calls do nothing, and writer_end reports it. Records are held
 * per kind until a frame is full, so memory does not grow with the stream; string tables start
 * anew when they reach a limit.
 */
#ifndef TRS_WRITER_H
#define TRS_WRITER_H

#include "base/strtab.h"
#include "format/frame.h"
#include "io/input.h"
#include "io/output.h"

enum {
    WRITER_ROWS = 4096,                   /* records in a frame: 128 KiB stay in the cache */
    WRITER_TEXT_MAX = 1024 * 1024,        /* args in a frame */
    WRITER_STRINGS_MAX = 8 * 1024 * 1024, /* bytes of a role before it starts anew */
    WRITER_IDS_MAX = 256 * 1024           /* strings of a role, or rows of a table, likewise */
};

/* Counts of END and CONTENTS. The rows belong to the caller. */
struct totals {
    int status;
    uint64_t events, lost, skipped;
    const struct tally *rows;
    uint32_t nrows;
};

struct writer {
    struct output *out;
    uint32_t part;   /* of the records that are written; see writer_part */
    uint64_t events; /* records written so far */
    unsigned epoch;  /* changes when ids that were given before lose their meaning */

    /* If set, is shown each frame of STRINGS, TRACKS, META, RECORDS and COLUMN on its way. */
    void (*tee)(void *ctx, const struct frame *f);
    void *tee_ctx;

    /* private */
    struct writer_role {
        struct strtab names;
        uint32_t sent; /* strings that are in the stream already */
        bool reset;
    } roles[ROLES];
    struct writer_rows {
        struct strtab rows; /* as strings */
        uint32_t sent;
        bool reset;
    } tracks, stacks, links;
    struct writer_kind {
        uint8_t *rows;
        uint32_t n;
        struct writer_column {
            uint64_t *numbers, *present;
            uint32_t *ends;
            struct buf text;
            bool used;
        } columns[COLUMNS];
    } kinds[KINDS];
    struct err err;
    bool full; /* a table has reached its limit */
    bool failed;
    bool announced; /* CONTENTS was sent */
};

/* Opens the output of a program that writes records: refuses a terminal (ST_USAGE, naming a sink
 * to add), and takes a reader that goes away as an end, not as a signal. */
int writer_output(struct output *out, const char *path, struct err *e);

/* Writes the header. The output stays the caller's, to be closed after writer_end. */
void writer_open(struct writer *w, struct output *out);

/* Every record from here on belongs to this part. */
void writer_part(struct writer *w, uint32_t part);

/* Sends what is pending and starts all tables anew: what follows can be read without what came
 * before. Nothing is written if they are empty. */
void writer_restart(struct writer *w);

/* Sends what is pending and starts full tables anew; private to writer_begin. */
void writer_renew(struct writer *w);

/* Before the strings and tracks of each record: ids stay valid until the next call. */
static inline void writer_begin(struct writer *w)
{
    if (w->full)
        writer_renew(w);
}
uint32_t writer_string(struct writer *w, enum role role, struct slice s);

/* A string that gets an id of its own, whether its bytes are there or not. */
static inline uint32_t writer_string_new(struct writer *w, enum role role, struct slice s)
{
    struct strtab *names = &w->roles[role].names;
    w->full |= names->bytes.n + s.n > WRITER_STRINGS_MAX || names->n + 1 >= WRITER_IDS_MAX;
    return strtab_add(names, s);
}

uint32_t writer_track(struct writer *w, const struct track *t);
uint32_t writer_stack(struct writer *w, const struct stack_frame *f);
uint32_t writer_stack_new(struct writer *w,
                          const struct stack_frame *f); /* not looked up: of its own */
uint32_t writer_link(struct writer *w, const struct link *l);

/* What these ids stand for, and the highest one; strings are borrowed until the next one. */
static inline struct slice writer_string_get(const struct writer *w, enum role role, uint32_t id)
{
    return strtab_get(&w->roles[role].names, id);
}

static inline uint32_t writer_strings(const struct writer *w, enum role role)
{
    return w->roles[role].names.n;
}

static inline uint32_t writer_tracks(const struct writer *w)
{
    return w->tracks.rows.n;
}

static inline struct track writer_track_get(const struct writer *w, uint32_t id)
{
    return track_get(strtab_get(&w->tracks.rows, id).p);
}

void writer_record(struct writer *w, enum kind kind, const struct record *r);

/* True if the next record of this kind sends those before it. */
static inline bool writer_is_due(const struct writer *w, enum kind kind)
{
    const struct writer_kind *k = &w->kinds[kind];
    return k->n == WRITER_ROWS || k->columns[COLUMN_ARGS].text.n > WRITER_TEXT_MAX;
}

/* A value for the record that was written last for this kind. */
void writer_number(struct writer *w, enum kind kind, enum column column, uint64_t value);
void writer_text(struct writer *w, enum kind kind, enum column column, struct slice text);

void writer_meta(struct writer *w, uint32_t part, struct slice key, struct slice json);
void writer_keys(struct writer *w, const struct strtab *keys);
void writer_labels(struct writer *w, const struct label *labels, uint32_t n);

/* True when nobody reads on or an error has come: the rest of the work can be left out. */
static inline bool writer_stopped(const struct writer *w)
{
    return w->failed;
}

/* The same, after a look whether somebody still reads. */
bool writer_look(struct writer *w);

/* True if it stopped because nobody reads on, after CONTENTS had said all: that is success. */
bool writer_dismissed(const struct writer *w);

/* CONTENTS; announces the rest. From then on a reader that goes away is no failure. */
void writer_contents(struct writer *w, const struct totals *t);

/* A frame as it came from a reader: head and payload together. */
void writer_raw(struct writer *w, const uint8_t *frame, size_t n);

/* Bytes of a frame that go from an input to a pipe without a look, see input_splice. Returns how
 * many went; the rest is for writer_raw. */
size_t writer_splice(struct writer *w, struct input *in, size_t n);

/* Sends what is pending: records, with the strings and tracks that they use. */
void writer_flush(struct writer *w);

/* Writes END and frees the writer. t->events is taken from the caller. -1 after any error; then
 * there is no end mark. writer_drop frees without an end mark. */
int writer_end(struct writer *w, const struct totals *t, struct err *e);

/* The same for a stream whose END went through writer_raw. */
int writer_finish(struct writer *w, struct err *e);
void writer_drop(struct writer *w);

#endif
