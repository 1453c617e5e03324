#include "io/ahead.h"

#include "base/mem.h"
#include "base/thread.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    BLOCKS = 8,
    MARGIN = 64 * 1024 /* a longer tail is moved to the input's own memory, with all that follows */
};

struct block {
    uint8_t *bytes; /* margin and block */
    ssize_t n;      /* as input_fill returned it */
    uint64_t consumed;
    bool last;
};

struct ahead {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t room, ready; /* the thread waits for the one, the reader for the other */
    unsigned made, freed;       /* blocks so far; under the lock, as are the next three */
    bool ended, idle, stop;
    int stopped;    /* readable when the thread is to end */
    unsigned taken; /* the reader's */
    struct block ring[BLOCKS];
    struct input in; /* the thread's, as is err, until the last block is made */
    struct err err;
};

static unsigned filled(const struct ahead *a)
{
    return a->made - a->freed;
}

static bool wait_for_room(struct ahead *a)
{
    pthread_mutex_lock(&a->lock);
    if (filled(a) == BLOCKS)
        while (filled(a) > BLOCKS / 2 && !a->stop)
            pthread_cond_wait(&a->room, &a->lock);
    bool go = !a->stop;
    pthread_mutex_unlock(&a->lock);
    return go;
}

static void wait_for_block(struct ahead *a)
{
    pthread_mutex_lock(&a->lock);
    if (a->made == a->taken)
        while (filled(a) <= BLOCKS / 2 && !a->ended && (!a->idle || a->made == a->taken))
            pthread_cond_wait(&a->ready, &a->lock);
    pthread_mutex_unlock(&a->lock);
}

/* Who waits, waits for the ring to be half full: so the two take turns less often than at each
 * block. */
static void count_made(struct ahead *a, unsigned n, bool last)
{
    pthread_mutex_lock(&a->lock);
    a->made = n;
    a->ended = last;
    bool enough = last || filled(a) > BLOCKS / 2;
    pthread_mutex_unlock(&a->lock);
    if (enough)
        pthread_cond_signal(&a->ready);
}

static void count_freed(struct ahead *a, unsigned n)
{
    pthread_mutex_lock(&a->lock);
    a->freed = n;
    bool enough = filled(a) <= BLOCKS / 2;
    pthread_mutex_unlock(&a->lock);
    if (enough)
        pthread_cond_signal(&a->room);
}

static void set_idle(struct ahead *a, bool idle)
{
    pthread_mutex_lock(&a->lock);
    a->idle = idle;
    pthread_mutex_unlock(&a->lock);
    if (idle)
        pthread_cond_signal(&a->ready);
}

bool ahead_wait(struct ahead *a)
{
    struct pollfd fds[] = {{.fd = a->in.fd, .events = POLLIN},
                           {.fd = a->stopped, .events = POLLIN}};
    if (!S_ISREG(a->in.opened.st_mode) && poll(fds, 2, 0) <= 0) {
        set_idle(a, true);
        while (poll(fds, 2, -1) < 0 && errno == EINTR)
            ;
        set_idle(a, false);
    }
    return fds[1].revents == 0;
}

static void *read_on(void *arg)
{
    struct ahead *a = arg;
    bool last = false;
    for (unsigned i = 0; !last && wait_for_room(a); i++) {
        struct block *b = &a->ring[i % BLOCKS];
        b->n = input_fill(&a->in, b->bytes + MARGIN, INPUT_BLOCK, &a->err);
        b->consumed = a->in.consumed;
        last = b->last = b->n <= 0 || a->in.damage[0];
        count_made(a, i + 1, last);
    }
    return NULL;
}

static void ahead_free(struct ahead *a)
{
    for (unsigned i = 0; i < BLOCKS; i++)
        free(a->ring[i].bytes);
    if (a->stopped >= 0)
        close(a->stopped);
    pthread_cond_destroy(&a->room);
    pthread_cond_destroy(&a->ready);
    pthread_mutex_destroy(&a->lock);
    free(a);
}

struct ahead *ahead_start(const struct input *in)
{
    struct ahead *a = mem_zalloc(1, sizeof *a);
    a->in = *in;
    a->in.ahead = a;
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->room, NULL);
    pthread_cond_init(&a->ready, NULL);
    for (unsigned i = 0; i < BLOCKS; i++)
        a->ring[i].bytes = mem_alloc(MARGIN + INPUT_BLOCK);
    a->stopped = eventfd(0, EFD_CLOEXEC);
    if (a->stopped >= 0 && thread_start(&a->thread, read_on, a) == 0)
        return a;
    ahead_free(a);
    return NULL;
}

/* The window moves to block i, or to the input's own memory where the margin is too small. */
static void move_window(struct input *in, unsigned i)
{
    struct ahead *a = in->ahead;
    struct block *b = &a->ring[i % BLOCKS];
    size_t n = (size_t)b->n, held = input_at_hand(in);
    if (held > MARGIN) {
        uint8_t *room = input_room(in);
        memcpy(room, b->bytes + MARGIN, n);
        in->end = room + n;
        count_freed(a, i + 1);
        return;
    }
    uint8_t *p = b->bytes + MARGIN - held;
    if (held)
        memcpy(p, in->p, held);
    in->base_off = input_offset(in, in->p);
    in->base = in->p = p;
    in->end = p + held + n;
    count_freed(a, i);
}

int ahead_more(struct input *in, struct err *e)
{
    struct ahead *a = in->ahead;
    wait_for_block(a);
    const struct block *b = &a->ring[a->taken % BLOCKS];
    in->consumed = b->consumed;
    in->eof = b->last && b->n >= 0;
    if (b->last)
        memcpy(in->damage, a->in.damage, sizeof in->damage);
    if (b->n < 0)
        *e = a->err;
    if (b->n <= 0)
        return (int)b->n;
    move_window(in, a->taken++);
    return 1;
}

void ahead_stop(struct ahead *a)
{
    uint64_t one = 1;
    if (!a)
        return;
    pthread_mutex_lock(&a->lock);
    a->stop = true;
    pthread_cond_signal(&a->room);
    pthread_mutex_unlock(&a->lock);
    ssize_t put = write(a->stopped, &one, sizeof one);
    (void)put;
    pthread_join(a->thread, NULL);
    ahead_free(a);
}
