#include "io/behind.h"

#include "base/mem.h"
#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    BLOCK = 1024 * 1024,
    BLOCKS = 4,
    ALIGN = 4096,
    SLOW_NS = 20000000 /* for a block: less than 50 MB/s */
};

struct behind {
    int fd;
    uint8_t *ring;   /* BLOCKS blocks, aligned as O_DIRECT wants it */
    uint64_t added;  /* bytes; the owner's */
    uint64_t filled; /* blocks that are full, */
    uint64_t done;   /* and that are written */
    bool end;
    atomic_bool dropped;
    int error; /* of the first write that failed; the thread's until it has ended */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

static void pass_cache(int fd, bool on)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0)
        (void)fcntl(fd, F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT); /* a wish */
}

int behind_write(int fd, const void *bytes, size_t n, uint64_t off)
{
    const uint8_t *p = bytes;
    while (n > 0) {
        ssize_t put = pwrite(fd, p, n, (off_t)off);
        if (put < 0 && errno == EINVAL && fcntl(fd, F_GETFL) & O_DIRECT) {
            pass_cache(fd, false); /* other alignments than ours, or not at all */
        } else if (put == 0 || (put < 0 && errno != EINTR)) {
            return put == 0 ? EIO : errno;
        } else if (put > 0) {
            p += put;
            off += (uint64_t)put;
            n -= (size_t)put;
            if (n % ALIGN != 0)
                pass_cache(fd, false); /* it was a short write */
        }
    }
    return 0;
}

static uint8_t *block(const struct behind *b, uint64_t i)
{
    return b->ring + i % BLOCKS * BLOCK;
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* After an error nothing more is written. A slow disk is left to the cache, which takes at once
 * what the disk would be waited for. */
static void write_block(struct behind *b, uint64_t i, size_t n)
{
    int64_t begun_ns = now_ns();
    if (n % ALIGN != 0)
        pass_cache(b->fd, false);
    if (b->error == 0 && !b->dropped)
        b->error = behind_write(b->fd, block(b, i), n, i * BLOCK);
    if (now_ns() - begun_ns > SLOW_NS)
        pass_cache(b->fd, false);
}

static void *run(void *ctx)
{
    struct behind *b = ctx;
    pthread_mutex_lock(&b->lock);
    for (;;) {
        while (b->done == b->filled && !b->end)
            pthread_cond_wait(&b->changed, &b->lock);
        if (b->done == b->filled)
            break;
        pthread_mutex_unlock(&b->lock);
        write_block(b, b->done, BLOCK);
        pthread_mutex_lock(&b->lock);
        b->done++;
        pthread_cond_broadcast(&b->changed);
    }
    pthread_mutex_unlock(&b->lock);
    write_block(b, b->done, b->added % BLOCK); /* the owner waits in join */
    pass_cache(b->fd, false);
    return NULL;
}

static void release(struct behind *b)
{
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->lock);
    free(b->ring);
    free(b);
}

struct behind *behind_start(int fd, struct err *e)
{
    struct behind *b = mem_zalloc(1, sizeof *b);
    b->fd = fd;
    b->ring = aligned_alloc(ALIGN, (size_t)BLOCKS * BLOCK);
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, NULL);
    pass_cache(fd, true);
    errno = b->ring ? thread_start(&b->thread, run, b) : ENOMEM;
    if (errno == 0)
        return b;
    err_sys(e, ST_FAILED, "cannot start a thread that writes");
    pass_cache(fd, false);
    release(b);
    return NULL;
}

/* The block that was filled goes to the thread; the next one has to be free. */
static void hand_over(struct behind *b)
{
    pthread_mutex_lock(&b->lock);
    b->filled++;
    pthread_cond_broadcast(&b->changed);
    while (b->filled - b->done == BLOCKS)
        pthread_cond_wait(&b->changed, &b->lock);
    pthread_mutex_unlock(&b->lock);
}

void behind_add(struct behind *b, const void *p, size_t n)
{
    for (size_t done = 0; done < n;) {
        size_t at = b->added % BLOCK, some = n - done < BLOCK - at ? n - done : BLOCK - at;
        memcpy(block(b, b->added / BLOCK) + at, (const uint8_t *)p + done, some);
        b->added += some;
        done += some;
        if (at + some == BLOCK)
            hand_over(b);
    }
}

uint64_t behind_bytes(const struct behind *b)
{
    return b->added;
}

static void join(struct behind *b)
{
    pthread_mutex_lock(&b->lock);
    b->end = true;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
    pthread_join(b->thread, NULL);
}

int behind_end(struct behind *b, struct err *e)
{
    if (!b)
        return 0;
    join(b);
    errno = b->error;
    int rc = errno ? err_sys(e, ST_FAILED, "cannot write") : 0;
    release(b);
    return rc;
}

void behind_drop(struct behind *b)
{
    if (!b)
        return;
    b->dropped = true;
    join(b);
    release(b);
}
