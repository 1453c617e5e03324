/* index_head - what an index begins with: which trace it is of, and who made it (FORMAT.md) */
#ifndef TRS_INDEX_HEAD_H
#define TRS_INDEX_HEAD_H

#include "base/buf.h"
#include "format/record.h"
#include "io/identity.h"

enum {
    INDEX_HEAD = 10, /* type of its frame */
    INDEX_HEAD_BYTES = 112,
    INDEX_TRACE_MAX = 4096, /* bytes of the path */
    INDEX_HEAD_MAX = HEADER_BYTES + HEAD_BYTES + INDEX_HEAD_BYTES + INDEX_TRACE_MAX
};

struct index_head {
    uint64_t reader; /* which version of the readers made it */
    uint64_t bytes;  /* of the whole index */
    uint64_t tail_off;
    struct identity id;           /* of the trace */
    uint8_t whole[IDENTITY_HASH]; /* of all its bytes, */
    bool has_whole;               /* if that was needed */
    bool structural;              /* the trace is cut or has bytes that were not read */
    int64_t seen_ns;              /* when the trace was known to be so */
    char *trace;                  /* its path then; owned */
};

/* Header and first frame as bytes. The number of bytes depends on the path alone. */
void index_head_put(struct buf *b, const struct index_head *head);

/* True if bytes, of the beginning of a file, are those of an index. */
bool index_head_is(const uint8_t *p, size_t n);

/* Checks and reads them; head->trace is then to be freed. */
int index_head_get(struct index_head *head, const uint8_t *p, size_t n, struct err *e);

#endif
