/* replay - the records of an index into the stream, as if the trace had been read
 *
 * Nothing of an index goes out before it was proved: read once, checked, and what it uses noted.
 * Where that fails the trace itself is read. Ids of the index become ids of the stream, so that
 * several traces share one table, and a selection sends the names that it uses and no others.
 */
#ifndef TRS_REPLAY_H
#define TRS_REPLAY_H

#include "format/copy.h"
#include "format/index.h"
#include "trace/source.h"

struct replay {
    struct source *s;
    struct index *ix;
    unsigned kinds; /* KIND_BITs of what is selected and there */

    /* private */
    struct copy copy;
    uint8_t *track_kinds; /* by track: the kind of its records */
    uint8_t *selected;    /* by track; NULL if kinds say all */
};

void replay_begin(struct replay *r, struct source *s, struct index *ix);

/* Reads and checks all records of the kinds. -1 if something is damaged. Stops, with 0, when the
 * writer has been dismissed. */
int replay_prove(struct replay *r, unsigned kinds, struct err *e);

/* Counts, losses, damage and metadata go to the source and the stream, as the selection has them;
 * the rank to s->rank. */
void replay_facts(struct replay *r);

/* Names and tracks of what was proved get their ids of the stream. */
void replay_names(struct replay *r);

/* Records of the kinds, which were proved, go out. -1 if the index is no longer what it was. The
 * writer starts no table anew if `announced`. */
int replay_records(struct replay *r, unsigned kinds, bool announced, struct err *e);

void replay_end(struct replay *r);

#endif
