/* twin - the text form of a record stream, as trace-dump prints it (TOOLS.md)
 *
 *   {"meta":{"keys":["op",…]}}          only if the stream names keys (FORMAT.md, KEYS)
 *   {"meta":{"rank":0,KEY:VALUE}}
 *   {"ph":"X","cat":"kernel","name":…,"ts_ns":…,"dur_ns":…,"pid":…,…,"rank":0,"op":…}
 *   {"kind":"function","name":…,"dur_ns":…,"rank":0,…}     of a profile, see twin_profile.h
 *   {"end":{"status":0,"events":N,"lost":N}}
 *
 * A record of GPU activity may have "link":{…} and "instance":N behind its label, see twin_link.h.
 * Lines of one rank belong to one part. `\udcHH` in a text is the byte HH.
 */
#ifndef TRS_TWIN_H
#define TRS_TWIN_H

#include "trace/source.h"

/* Reads the whole of s->in into records. Fills status and lost of *t from the end line; -1 with e
 * filled if a line is none of these forms, or if there is no end line. */
int twin_read(struct source *s, struct totals *t, struct err *e);

/* The bytes that a text means; they stand in the text or in scratch. Private to lib/trace. */
struct slice twin_text(struct json_string s, struct buf *scratch);

#endif
