/* identity - whether a file is still the one that it was
 *
 * What the system says of a regular file, and hashes of its bytes (XXH3-128). Time stamps move in
 * ticks: a file that was changed within IDENTITY_TICK_NS of the moment at which it was looked at
 * can be changed again without a trace of that, and only the whole content tells.
 */
#ifndef TRS_IDENTITY_H
#define TRS_IDENTITY_H

#include "base/err.h"

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

enum { IDENTITY_HASH = 16 };
#define IDENTITY_TICK_NS INT64_C(2000000000)

struct identity {
    uint64_t dev, ino, size;
    int64_t mtime_ns, ctime_ns;
    uint8_t samples[IDENTITY_HASH]; /* of head, tail and places between */
};

/* Looks at a regular file; name is for messages. Reads some 200 KB of it, and does not move where
 * the descriptor stands. */
int identity_of(int fd, const char *name, struct identity *id, struct err *e);
bool identity_eq(const struct identity *a, const struct identity *b);

/* The hash of all its bytes. */
int identity_whole(int fd, const char *name, uint8_t hash[IDENTITY_HASH], struct err *e);

/* True if the file may have changed unseen after `seen_ns`, when it was looked at. */
bool identity_racy(const struct identity *id, int64_t seen_ns);

/* A time of struct stat or of the system's clock, in ns; the ends of int64 where it does not fit.
 */
int64_t identity_ns(struct timespec t);

#endif
