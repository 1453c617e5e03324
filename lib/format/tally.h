/* tally - records and losses counted by part, kind and category, for CONTENTS and END */
#ifndef TRS_TALLY_H
#define TRS_TALLY_H

#include "format/writer.h"

/* All zero: nothing is counted. */
struct tallies {
    struct strtab keys; /* part, kind, category */
    uint64_t *events, *lost;
    size_t cap;
};

/* Index into events and lost. cat.p is NULL for none. */
size_t tallies_at(struct tallies *t, uint32_t part, uint32_t kind, struct slice cat);

/* What a count is of; borrowed. */
uint32_t tallies_kind(const struct tallies *t, size_t i, struct slice *cat);

/* What there is of events and losses, as rows that the caller frees; *n is how many. Their words
 * need a writer_begin before, but in a table of contents: what stands before it is not to start
 * anew. */
struct tally *tallies_rows(const struct tallies *t, struct writer *w, uint32_t *n);

void tallies_free(struct tallies *t);

#endif
