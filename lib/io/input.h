/* input - bytes in, from a file or a pipe, plain or compressed
 *
 * A window [p, end) slides over the decoded bytes; gzip and zstd are told by content. The reader
 * moves p forward over what it has used and calls input_more when it needs bytes behind end:
 *
 *     |....used....|p======== at hand ========end|.... room ....|
 *                   ^ moves to the front when there is no room left
 *
 * The window grows only as far as the reader lets unused bytes stand in it, so memory is bound by
 * the longest thing that is held whole, not by the file.
 *
 * Blocks are read, not mapped: the copy stays in the second-level cache and costs what the page
 * faults of a mapping cost, and a file that shrinks under us is a short read instead of a SIGBUS.
 */
#ifndef TRS_INPUT_H
#define TRS_INPUT_H

#include "base/bytes.h"
#include "base/err.h"

#include <sys/stat.h>
#include <sys/types.h>

enum {
    INPUT_BLOCK = 256 * 1024,         /* read at once */
    INPUT_HOLD_MAX = 32 * 1024 * 1024 /* the most that a reader should keep in the window */
};

struct input_codec; /* gzip or zstd, see codec.h */
struct ahead;       /* reading on a thread, see ahead.h */
struct output;

struct input {
    const uint8_t *p;   /* next unused byte; the reader's to move */
    const uint8_t *end; /* one past the bytes at hand */

    const char *name;  /* for messages: the path, or "standard input" */
    char damage[120];  /* not empty: the bytes end early or are followed by garbage; say so */
    uint64_t size;     /* of a regular file, else 0 */
    uint64_t consumed; /* raw bytes read so far, for progress */

    /* private */
    int fd;
    uint64_t file_off; /* where the file's descriptor stood at first */
    bool eof;
    const uint8_t *base; /* where the window begins, in `own` or in a block of `ahead` */
    uint64_t base_off;   /* decoded offset of base */
    uint8_t *own;
    size_t cap;
    struct input_codec *codec;
    struct ahead *ahead;
    unsigned in_line;     /* blocks before `ahead` starts, if it is wanted */
    struct output *feeds; /* where what is read goes, or NULL */
    struct stat opened;   /* of a regular file, as it was found */
};

/* Opens path; NULL or "-" is standard input. Reads the first block. */
int input_open(struct input *in, const char *path, struct err *e);

/* The same for who hands on to out what it reads, from the first block on: before it waits for
 * bytes it flushes out, and it waits no longer than somebody reads there. Then a call that wants
 * bytes returns -1 with ST_PIPE, and out->reader_gone is set. Not with input_read_ahead. */
int input_open_feeding(struct input *in, const char *path, struct output *out, struct err *e);

/* For a reader whose work on the bytes takes its time: after the first few blocks, what is
 * compressed or comes through a pipe is read and decoded on a thread of its own meanwhile. What is
 * read stays the same. */
void input_read_ahead(struct input *in);

/* Gets at least one more byte behind end; p and end may move (offsets from p stay). Returns 1, or
 * 0 at the end of the bytes, or -1: a failed read, a wrong checksum. Never grows past what it
 * needs to keep [p, end) and one block. */
int input_more(struct input *in, struct err *e);

/* The same, but of what is not compressed it reads max > 0 bytes at most. */
int input_some(struct input *in, size_t max, struct err *e);

/* Moves up to n bytes to a pipe without a look at them, if none are at hand. Returns how many:
 * fewer at the end, after an error, and where the system cannot do it. input_more tells which. */
size_t input_splice(struct input *in, int pipe, size_t n);

/* True for a regular file that is read as it is: it can be read at several places at once. */
bool input_is_file(const struct input *in);

/* Goes on at a later offset of such a file; bytes between are not read. */
int input_pass(struct input *in, uint64_t off, struct err *e);

/* True if it is such a file and was at least so long when it was opened. */
bool input_reaches(const struct input *in, uint64_t off);

/* The descriptor, to look at the file beside the reader: with pread, which moves nothing. */
int input_fd(const struct input *in);

/* Offset of a byte of the window from the start of the decoded bytes. */
static inline uint64_t input_offset(const struct input *in, const uint8_t *at)
{
    return in->base_off + (uint64_t)(at - in->base);
}

static inline size_t input_at_hand(const struct input *in)
{
    return (size_t)(in->end - in->p);
}

/* Closes and frees. -1 if the file is no longer what it was when it was opened: what was read may
 * be half old, half new. input_drop closes without looking, after another error. */
int input_close(struct input *in, struct err *e);
void input_drop(struct input *in);

#endif
