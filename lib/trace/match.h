/* match - which records are asked for, by time, track, name, rank and link
 *
 *   match_open(&m, &asked, &e);
 *   a run over the stream:   match_look() with all records, match_settle() at its end
 *   a second one:            match_row() of each record
 *
 * Ranks and the beginning of the trace are known at the end of the first run alone.
 */
#ifndef TRS_MATCH_H
#define TRS_MATCH_H

#include "trace/begins.h"

/* As on the command line; NULL where nothing is asked. */
struct match_asked {
    const char *time, *cat, *name, *pid, *tid, *rank, *phase, *step;
    int64_t min_dur_ns; /* 0: any */
    bool invert;
};

struct rules;

struct match {
    /* private */
    const struct match_asked *asked;
    struct strtab cats, pids, tids, ranks;
    struct rules *name;
    bool has_from, has_to;
    int64_t from_ns, to_ns; /* from the beginning */
    struct begins begins;
    struct match_part {
        bool wanted; /* its rank is asked for */
        int64_t from_ns, to_ns;
    } * parts;
    struct match_memo { /* what is known of an id: 0 nothing */
        uint8_t *known;
        size_t cap;
        unsigned epoch;
    } tracks, names[2];
};

/* Reads what is asked. Ends the program with ST_USAGE if it cannot be understood. */
void match_open(struct match *m, const struct match_asked *asked);

/* True if match_look has to see the records. */
bool match_needs_look(const struct match *m);
void match_look(struct match *m, const struct stream *s, const struct batch *b);

/* What the stream says of itself. -1 with ST_USAGE if it cannot know what is asked. */
int match_settle(struct match *m, const struct parts *parts, uint32_t nparts,
                 const struct strtab *keys, struct err *e);

/* Before the rows of a batch, whose part is below nparts. */
void match_batch(struct match *m, const struct stream *s);

/* True if it is what was asked for, --invert included. */
bool match_row(struct match *m, const struct stream *s, const struct batch *b, uint32_t row,
               const struct record *r);

void match_free(struct match *m);

#endif
