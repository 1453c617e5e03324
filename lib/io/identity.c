#include "io/identity.h"

#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum {
    ENDS = 64 * 1024,        /* bytes of the head and of the tail */
    SAMPLES = 16,            /* places between, */
    SAMPLE_BYTES = 4 * 1024, /* and bytes of each */
    BLOCK = 256 * 1024
};

int64_t identity_ns(struct timespec t)
{
    int64_t ns;
    if (__builtin_mul_overflow((int64_t)t.tv_sec, 1000000000, &ns) ||
        __builtin_add_overflow(ns, (int64_t)t.tv_nsec, &ns))
        return t.tv_sec < 0 ? INT64_MIN : INT64_MAX;
    return ns;
}

/* Adds up to n bytes at off to a hash. Returns how many: fewer at the end of the file; -1. */
static ssize_t hash_bytes(int fd, XXH3_state_t *h, uint8_t *block, uint64_t off, size_t n)
{
    size_t done = 0;
    while (done < n) {
        ssize_t got = pread(fd, block, n - done, (off_t)(off + done));
        if (got == 0 || (got < 0 && errno != EINTR))
            return got < 0 ? -1 : (ssize_t)done;
        if (got > 0) {
            XXH3_128bits_update(h, block, (size_t)got);
            done += (size_t)got;
        }
    }
    return (ssize_t)done;
}

static XXH3_state_t *hash_begin(void)
{
    XXH3_state_t *h = XXH3_createState();
    if (!h)
        die(ST_FAILED, "out of memory");
    XXH3_128bits_reset(h);
    return h;
}

static void hash_end(XXH3_state_t *h, uint8_t hash[IDENTITY_HASH])
{
    XXH128_canonical_t bytes;
    XXH128_canonicalFromHash(&bytes, XXH3_128bits_digest(h));
    memcpy(hash, bytes.digest, IDENTITY_HASH);
    XXH3_freeState(h);
}

static int hash_samples(int fd, uint64_t size, uint8_t hash[IDENTITY_HASH])
{
    XXH3_state_t *h = hash_begin();
    uint8_t *block = mem_alloc(ENDS);
    ssize_t got = hash_bytes(fd, h, block, 0, ENDS);
    for (unsigned i = 1; got >= 0 && i <= SAMPLES && size > 2 * ENDS; i++)
        got = hash_bytes(fd, h, block, size / (SAMPLES + 1) * i, SAMPLE_BYTES);
    if (got >= 0 && size > ENDS)
        got = hash_bytes(fd, h, block, size - ENDS, ENDS);
    free(block);
    hash_end(h, hash);
    return got < 0 ? -1 : 0;
}

int identity_of(int fd, const char *name, struct identity *id, struct err *e)
{
    struct stat now;
    if (fstat(fd, &now) < 0)
        return err_sys(e, ST_FAILED, "%s", name);
    *id = (struct identity){.dev = (uint64_t)now.st_dev,
                            .ino = (uint64_t)now.st_ino,
                            .size = (uint64_t)now.st_size,
                            .mtime_ns = identity_ns(now.st_mtim),
                            .ctime_ns = identity_ns(now.st_ctim)};
    if (hash_samples(fd, id->size, id->samples) < 0)
        return err_sys(e, ST_FAILED, "%s: cannot read", name);
    return 0;
}

bool identity_eq(const struct identity *a, const struct identity *b)
{
    return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
           a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns &&
           memcmp(a->samples, b->samples, sizeof a->samples) == 0;
}

int identity_whole(int fd, const char *name, uint8_t hash[IDENTITY_HASH], struct err *e)
{
    XXH3_state_t *h = hash_begin();
    uint8_t *block = mem_alloc(BLOCK);
    ssize_t got = 1;
    for (uint64_t off = 0; got > 0; off += BLOCK)
        got = hash_bytes(fd, h, block, off, BLOCK);
    free(block);
    hash_end(h, hash);
    return got < 0 ? err_sys(e, ST_FAILED, "%s: cannot read", name) : 0;
}

bool identity_racy(const struct identity *id, int64_t seen_ns)
{
    int64_t changed = id->mtime_ns > id->ctime_ns ? id->mtime_ns : id->ctime_ns;
    return seen_ns < INT64_MIN + IDENTITY_TICK_NS || changed > seen_ns - IDENTITY_TICK_NS;
}
