#include "trace/chunks.h"

#include "base/mem.h"
#include "base/num.h"
#include "io/span.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

enum {
    THREADS_DEFAULT = 8, /* the one that writes cannot keep up with more */
    THREADS_MAX = 256,
    SLOTS_MORE = 2, /* chunks that are done or being written, beyond one for each thread */
    TRIES_MAX = 16, /* places in a chunk that are tried as the beginning of an event */
    ENOUGH = 8192   /* bytes to have at hand for a try */
};

/* Who may touch a slot: nobody else while a thread reads into it or the owner writes from it. */
enum slot_state { SLOT_FREE, SLOT_BUSY, SLOT_DONE };

struct slot {
    enum slot_state state;
    struct rows rows;
    struct span span;
    struct stretch *list;
    size_t n, cap;
    unsigned tries;
};

struct chunks {
    uint64_t bytes;      /* of a chunk */
    uint64_t begin, end; /* offsets in the file; `begin` is where the events begin */
    uint64_t n;          /* chunks */
    uint64_t first;      /* the first one that is not written, */
    uint64_t next;       /* and the next to be read */
    struct slot *slots;
    unsigned nslots, nthreads;
    pthread_t *threads;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stop;
    size_t asked; /* stretches of chunk `first` that were asked for or passed */
};

static uint64_t chunk_begin(const struct chunks *c, uint64_t i)
{
    return i == 0 ? c->begin : (c->begin / c->bytes + i) * c->bytes;
}

static uint64_t chunk_of(const struct chunks *c, uint64_t off)
{
    return off / c->bytes - c->begin / c->bytes;
}

static struct slot *slot_of(struct chunks *c, uint64_t i)
{
    return &c->slots[i % c->nslots];
}

/* Reading a chunk ------------------------------------------------------------------------------ */

/* The byte before p that is no space, in the window; 0 if there is none. *p is moved to it. */
static uint8_t solid_before(const struct span *s, const uint8_t **p)
{
    while (*p > s->base && json_is_space((*p)[-1]))
        (*p)--;
    return *p > s->base ? *--*p : 0;
}

/* A `{` behind `},` or `[`, as between events. */
static bool may_begin(const struct span *s, const uint8_t *p)
{
    uint8_t before = solid_before(s, &p);
    return before == '[' || (before == ',' && solid_before(s, &p) == '}');
}

/* Reads as an event of a length that rows take. */
static bool is_event(const struct span *s, const uint8_t *p)
{
    size_t n = (size_t)(s->end - p);
    struct json_cursor c = json_at(p, p + (n < ROWS_EVENT_MAX ? n : ROWS_EVENT_MAX));
    return event_is(&c);
}

/* Moves to the next event that begins before limit. A miss costs only time: the events are then
 * read in order. */
static bool find_event(struct slot *k, uint64_t limit)
{
    struct span *s = &k->span;
    while (k->tries < TRIES_MAX) {
        const uint8_t *p = memchr(s->p, '{', (size_t)(s->end - s->p));
        bool may = p && may_begin(s, p);
        s->p = p ? p : s->end;
        if (span_offset(s, s->p) >= limit)
            return false;
        if (s->end - s->p < ENOUGH && !span_more(s, limit) && !p)
            return false;
        if (may && is_event(s, s->p))
            return true;
        k->tries += may;
        s->p += p != NULL;
    }
    return false;
}

/* Passes commas and spaces, as between events. False if the bytes end. */
static bool pass_separators(struct span *s, uint64_t limit)
{
    for (;;) {
        s->p = json_gap(s->p, s->end);
        if (s->p < s->end)
            return true;
        if (!span_more(s, limit))
            return false;
    }
}

/* Reads events from where the window stands until one stops it; *after is where that ends. */
static enum rows_stop read_stretch(struct slot *k, uint64_t limit, const uint8_t **after)
{
    struct span *s = &k->span;
    enum rows_stop stop;
    do {
        struct json_cursor c = json_at(s->p, s->end);
        uint64_t here = span_offset(s, s->p), left = limit > here ? limit - here : 0;
        bool at_hand = left <= (size_t)(s->end - s->p);
        stop = rows_read(&k->rows, &c, at_hand ? s->p + left : NULL, after);
        s->p = c.p;
    } while (stop == ROWS_MORE && span_more(s, limit));
    if (stop == ROWS_LIMIT) /* up to where the stretch of the next chunk begins */
        (void)pass_separators(s, limit);
    return stop;
}

static void add_stretch(struct slot *k, uint64_t begin, struct rows_mark from)
{
    struct stretch st = {begin, span_offset(&k->span, k->span.p), from, rows_mark(&k->rows),
                         &k->rows};
    if (st.end == begin)
        return;
    if (k->n == k->cap)
        k->list = mem_grow(k->list, &k->cap, k->n + 1, sizeof *k->list);
    k->list[k->n++] = st;
}

/* All stretches from `begin` on whose events begin before limit. */
static void read_chunk(struct slot *k, uint64_t begin, uint64_t limit, bool exact)
{
    struct span *s = &k->span;
    const uint8_t *after;
    rows_clear(&k->rows);
    k->n = k->tries = 0;
    span_seek(s, begin);
    bool found = exact || find_event(k, limit);
    while (found && pass_separators(s, limit)) {
        struct rows_mark from = rows_mark(&k->rows);
        uint64_t at = span_offset(s, s->p);
        enum rows_stop stop = read_stretch(k, limit, &after);
        add_stretch(k, at, from);
        if (stop == ROWS_TURN) {
            s->p = after;
        } else if (stop == ROWS_BAD && s->p < s->end && *s->p != ']') {
            s->p++;
            found = find_event(k, limit);
        } else {
            break;
        }
    }
}

/* Threads -------------------------------------------------------------------------------------- */

/* The number of a chunk to read, whose slot is then busy. False at the end. Under the lock. */
static bool take_chunk(struct chunks *c, uint64_t *i)
{
    while (!c->stop && c->next < c->n && slot_of(c, c->next)->state != SLOT_FREE)
        pthread_cond_wait(&c->changed, &c->lock);
    if (c->stop || c->next == c->n)
        return false;
    *i = c->next++;
    slot_of(c, *i)->state = SLOT_BUSY;
    return true;
}

static void *run(void *ctx)
{
    struct chunks *c = ctx;
    uint64_t i;
    pthread_mutex_lock(&c->lock);
    while (take_chunk(c, &i)) {
        struct slot *k = slot_of(c, i);
        uint64_t limit = i + 1 < c->n ? chunk_begin(c, i + 1) : c->end;
        pthread_mutex_unlock(&c->lock);
        read_chunk(k, chunk_begin(c, i), limit, i == 0);
        pthread_mutex_lock(&c->lock);
        k->state = SLOT_DONE;
        pthread_cond_broadcast(&c->changed);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* Waits for the first chunk that is not written. */
static struct slot *wait_first(struct chunks *c)
{
    struct slot *k = slot_of(c, c->first);
    pthread_mutex_lock(&c->lock);
    while (k->state != SLOT_DONE)
        pthread_cond_wait(&c->changed, &c->lock);
    pthread_mutex_unlock(&c->lock);
    return k;
}

static void release_first(struct chunks *c)
{
    struct slot *k = wait_first(c);
    pthread_mutex_lock(&c->lock);
    k->state = SLOT_FREE;
    c->first++;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
    c->asked = 0;
}

/* Of the owner --------------------------------------------------------------------------------- */

const struct stretch *chunks_at(struct chunks *c, uint64_t off, uint64_t *limit)
{
    *limit = UINT64_MAX;
    while (c->first < c->n && c->first < chunk_of(c, off))
        release_first(c);
    if (c->first == c->n)
        return NULL;
    const struct slot *k = wait_first(c);
    while (c->asked < k->n && k->list[c->asked].begin < off)
        c->asked++;
    if (c->asked < k->n && k->list[c->asked].begin == off)
        return &k->list[c->asked++];
    *limit = c->asked < k->n ? k->list[c->asked].begin : chunk_begin(c, c->first + 1);
    return NULL;
}

static void init_slots(struct chunks *c, const struct input *in, const struct selection *select)
{
    c->slots = mem_zalloc(c->nslots, sizeof *c->slots);
    for (unsigned i = 0; i < c->nslots; i++) {
        rows_init(&c->slots[i].rows, select);
        span_init(&c->slots[i].span, in);
    }
}

/* TRS_CHUNK may make chunks smaller. */
static uint64_t chunk_bytes(void)
{
    uint64_t bytes;
    const char *wanted = getenv("TRS_CHUNK");
    bool smaller = wanted && num_u64(slice_str(wanted), &bytes) && bytes > 0 && bytes < CHUNK_BYTES;
    return smaller ? bytes : CHUNK_BYTES;
}

struct chunks *chunks_start(const struct input *in, const struct selection *select, uint64_t off,
                            unsigned threads)
{
    uint64_t bytes = chunk_bytes();
    if (threads < 2 || !input_is_file(in) || in->size < in->file_off + off + 2 * bytes)
        return NULL;
    struct chunks *c = mem_zalloc(1, sizeof *c);
    c->bytes = bytes;
    c->begin = off;
    c->end = in->size - in->file_off;
    c->n = chunk_of(c, c->end - 1) + 1;
    c->nslots = threads + SLOTS_MORE;
    c->threads = mem_zalloc(threads, sizeof *c->threads);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    init_slots(c, in, select);
    while (c->nthreads < threads && pthread_create(&c->threads[c->nthreads], NULL, run, c) == 0)
        c->nthreads++;
    if (c->nthreads > 0)
        return c;
    chunks_stop(c);
    return NULL;
}

void chunks_stop(struct chunks *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->stop = true;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
    for (unsigned i = 0; i < c->nthreads; i++)
        pthread_join(c->threads[i], NULL);
    for (unsigned i = 0; i < c->nslots; i++) {
        rows_free(&c->slots[i].rows);
        span_free(&c->slots[i].span);
        free(c->slots[i].list);
    }
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    free(c->threads);
    free(c->slots);
    free(c);
}

unsigned chunks_threads(uint64_t asked)
{
    cpu_set_t cores;
    unsigned n = 1;
    if (asked)
        return asked < THREADS_MAX ? (unsigned)asked : THREADS_MAX;
    if (sched_getaffinity(0, sizeof cores, &cores) == 0)
        n = (unsigned)CPU_COUNT(&cores);
    return n < THREADS_DEFAULT ? n : THREADS_DEFAULT;
}
