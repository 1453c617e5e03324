/* index - a trace that was parsed, kept in a file (FORMAT.md, "The index")
 *
 * What it says of the trace is read at once; records are read extent by extent, when they are asked
 * for. Everything is read, not mapped: a file that is cut under us is an error, not a SIGBUS.
 * Nothing in it is believed before its checksum and its bounds are right.
 */
#ifndef TRS_INDEX_H
#define TRS_INDEX_H

#include "base/buf.h"
#include "format/index_head.h"
#include "format/stream.h"

/* Frames of records of one kind, behind each other in the file; or of host names. */
struct extent {
    uint32_t kind; /* 0: a STRINGS frame of role host */
    uint32_t rows;
    uint64_t off_bytes, bytes;
    int64_t first_ns, last_ns; /* of records with a start: the earliest start, the latest end */
};

/* Fills in first_ns and last_ns from n rows of RECORDS; starts[track - 1] tells whether records of
 * a track have a start. */
void extent_times(struct extent *x, const uint8_t *rows, uint32_t n, const uint8_t *starts);

/* Where events of a kind and category were lost first. */
struct index_damage {
    uint64_t off_bytes; /* in the decoded bytes of the trace */
    uint32_t kind, cat; /* cat: a word; both 0 where they are not known */
    bool structural;    /* of the file itself */
    struct slice why;   /* borrowed */
};

enum {
    INDEX_EXTENTS = 11, /* types of frames that only an index has, see also index_head.h */
    INDEX_DAMAGE,
    INDEX_PACKED,       /* RECORDS, see pack.h */
    INDEX_NUMBERS = 16, /* COLUMN; 14 and 15 are found in streams */
    EXTENT_BYTES = 40,
    DAMAGE_BYTES = 24 /* and its text */
};

struct index {
    struct index_head head;
    struct stream s; /* names, tracks, metadata, counts of the trace, as part 0 */
    struct extent *extents;
    struct index_damage *damages;
    uint32_t nextents, ndamages;

    /* private */
    int fd;
    char *path;
    struct buf tail, body, rows, columns[COLUMNS];
    int64_t mtime_ns;
};

/* Opens an index: a regular file, ours or root's, that nobody else may write, no symbolic link.
 * Reads and checks all but records. *there tells whether there was anything. On -1 nothing is left
 * open. */
int index_open(struct index *ix, const char *path, bool *there, struct err *e);

/* True if it was made by this version of the readers from the very trace that is open as fd. -1
 * with the reason if not. Reads the whole trace where time stamps cannot tell, and notes in the
 * index that they can from now on. */
int index_match(struct index *ix, int fd, const char *name, uint64_t reader, struct err *e);

/* Extent i, read and checked: its records, borrowed until the next call. Host names go into
 * ix->s, and b->n is 0; they have to be read in order. */
int index_extent(struct index *ix, uint32_t i, struct batch *b, struct err *e);

/* Forgets host names: extents are read from the beginning again. */
void index_rewind(struct index *ix);

void index_close(struct index *ix);

#endif
