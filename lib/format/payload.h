/* payload - what stands in frames, as bytes (FORMAT.md); each function adds to b */
#ifndef TRS_PAYLOAD_H
#define TRS_PAYLOAD_H

#include "base/strtab.h"
#include "format/writer.h"

/* STRINGS and KEYS: the strings of a table from id sent + 1 up to `to`. */
void payload_strings(struct buf *b, const struct strtab *t, uint32_t sent, uint32_t to);

/* One row of META. */
void payload_meta(struct buf *b, struct slice key, struct slice json);

/* CONTENTS and END. */
void payload_totals(struct buf *b, const struct totals *t);

#endif
