/* keys - by what records are grouped (TOOLS.md, group-by-op)
 *
 * A key gives each record one text. Where the record has none it is `(none)`, for the name
 * `(unnamed)`; GPU activity without a label is op and category `Other`, library `unknown`. What
 * launched GPU activity is `(unlinked)` where that is not known, and its phase `unknown`. What is
 * no GPU activity has neither labels nor links: `(none)`. Functions of profiles get their labels
 * from rules, by their names.
 */
#ifndef TRS_KEYS_H
#define TRS_KEYS_H

#include "format/stream.h"

enum key {
    KEY_OP,
    KEY_CATEGORY,
    KEY_LIBRARY,
    KEY_NAME,
    KEY_CAT,
    KEY_RANK,
    KEY_PID,
    KEY_TID,
    KEY_STREAM,
    KEY_DEVICE,
    KEY_CPU_OP, /* this and all that follow: of links */
    KEY_MODULE,
    KEY_ANNOTATION,
    KEY_PHASE,
    KEY_LAYER,
    KEY_STEP,
    KEY_LAUNCH,
    KEY_STACK,
    KEYS /* one more than the last */
};

struct keys {
    enum key list[KEYS];
    unsigned n;

    /* True if one of them follows from the name of GPU activity, the name of other records, the
     * track, the part, the link. */
    bool name, host_name, track, rank, link;
};

/* Reads a comma list. ST_USAGE, naming the known ones, for an unknown, doubled or missing key. */
int keys_parse(struct keys *keys, const char *list, struct err *e);

/* ST_USAGE if the stream does not carry one of them: `key 'op' needs kernel-classify before it`.
 * Labels that come from rules it need not carry. */
int keys_check(const struct keys *keys, const struct stream *s, bool ruled, struct err *e);

const char *key_name(enum key key);

/* The text of a key that is neither of links (links.h) nor KEY_RANK, which is known only at the end
 * (parts_rank). Name and track are ids of the stream; name may be 0 where no key follows from it,
 * track likewise. Borrowed. */
struct slice key_text(enum key key, const struct stream *s, enum role role, uint32_t name,
                      uint32_t track);

#endif
