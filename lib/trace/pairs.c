#include "trace/pairs.h"

#include "base/mem.h"

#include <stdlib.h>

/* More calls than any program has open at once; a file full of B events must not fill the memory:
 * when there are so many, none of them counts as open any more. */
enum { OPEN_MAX = 128 * 1024 };

/* How far out the partner of an E may be: each E of a hostile file would search the whole depth. */
enum { SEARCH_MAX = 256 };

struct pairs_thread {
    struct event *open; /* with slices of their own */
    size_t n, cap;
};

static struct slice own(struct slice s)
{
    return s.p ? slice_of(mem_dup(s.p, s.n), s.n) : s;
}

static void disown(struct slice s)
{
    free((void *)(uintptr_t)s.p);
}

static struct event event_copy(const struct event *ev)
{
    struct event c = *ev;
    c.ph = own(ev->ph);
    c.cat = own(ev->cat);
    c.name = own(ev->name);
    c.pid = own(ev->pid);
    c.tid = own(ev->tid);
    c.device = own(ev->device);
    c.stream = own(ev->stream);
    c.args = own(ev->args);
    return c;
}

static void event_free(struct event *ev)
{
    struct slice all[] = {ev->ph,  ev->cat,    ev->name,   ev->pid,
                          ev->tid, ev->device, ev->stream, ev->args};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        disown(all[i]);
}

static struct pairs_thread *thread_of(struct pairs *p, const struct event *ev)
{
    struct buf key = {0};
    uint8_t head[5] = {ev->pid.p != NULL};
    put_u32(head + 1, (uint32_t)ev->pid.n);
    buf_add(&key, head, sizeof head);
    buf_add(&key, ev->pid.p, ev->pid.n);
    buf_addc(&key, ev->tid.p ? 1 : 0);
    buf_add(&key, ev->tid.p, ev->tid.n);
    uint32_t before = p->threads.n, id = strtab_intern(&p->threads, buf_slice(&key));
    buf_free(&key);
    p->stacks = mem_grow(p->stacks, &p->cap, id, sizeof *p->stacks);
    if (id > before)
        p->stacks[id - 1] = (struct pairs_thread){0};
    return &p->stacks[id - 1];
}

static void give_up(struct pairs *p, struct source *s, struct event *ev)
{
    p->unmatched++;
    source_event(s, ev);
    event_free(ev);
}

static void give_up_all(struct pairs *p, struct source *s)
{
    for (uint32_t thread = 0; thread < p->threads.n; thread++) {
        struct pairs_thread *t = &p->stacks[thread];
        for (size_t i = 0; i < t->n; i++)
            give_up(p, s, &t->open[i]);
        free(t->open);
    }
    strtab_clear(&p->threads);
    p->open = 0;
}

void pairs_begin(struct pairs *p, struct source *s, const struct event *ev)
{
    if (p->open == OPEN_MAX || p->threads.n == OPEN_MAX)
        give_up_all(p, s);
    struct pairs_thread *t = thread_of(p, ev);
    if (t->n == t->cap) { /* from 1: there may be a thread for each B */
        t->cap = t->cap ? 2 * t->cap : 1;
        t->open = mem_resize(t->open, t->cap * sizeof *t->open);
    }
    t->open[t->n++] = event_copy(ev);
    p->open++;
}

/* Index one above the open event that ev ends, or 0. */
static size_t partner(const struct pairs_thread *t, const struct event *ev)
{
    size_t stop = t->n > SEARCH_MAX ? t->n - SEARCH_MAX : 0;
    for (size_t i = t->n; i > stop; i--)
        if (!ev->name.p || slice_eq(t->open[i - 1].name, ev->name))
            return i;
    return 0;
}

void pairs_end(struct pairs *p, struct source *s, const struct event *ev)
{
    struct pairs_thread *t = thread_of(p, ev);
    size_t i = partner(t, ev);
    struct event whole = i ? t->open[i - 1] : *ev;
    if (i == 0 || ev->start_ns < whole.start_ns ||
        __builtin_sub_overflow(ev->start_ns, whole.start_ns, &whole.dur_ns)) {
        p->unmatched++;
        source_event(s, ev);
        return;
    }
    whole.ph = slice_str("X");
    source_event(s, &whole);
    event_free(&t->open[i - 1]);
    memmove(&t->open[i - 1], &t->open[i], (t->n - i) * sizeof *t->open);
    t->n--;
    p->open--;
}

void pairs_finish(struct pairs *p, struct source *s)
{
    give_up_all(p, s);
    strtab_free(&p->threads);
    free(p->stacks);
    p->stacks = NULL;
    p->cap = 0;
}
