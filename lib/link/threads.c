#include "link/threads.h"

#include "base/mem.h"

#include <stdlib.h>

enum { NOT_ASKED, UNWANTED, FIRST }; /* struct threads_of */

/* What encloses the others first. */
static const uint8_t order[KINDS - 1] = {KIND_ANNOTATION, KIND_PYTHON,  KIND_CPU_OP, KIND_RUNTIME,
                                         KIND_KERNEL,     KIND_MEMCPY,  KIND_MEMSET, KIND_FLOW,
                                         KIND_COUNTER,    KIND_INSTANT, KIND_META,   KIND_OTHER,
                                         KIND_FUNCTION,   KIND_CALL,    KIND_STACK};

/* Which thread ------------------------------------------------------------------------------- */

static uint32_t word_of(struct threads *t, const struct stream *s, uint32_t word)
{
    return word ? strtab_intern(&t->words, stream_word(s, word)) : 0;
}

static uint32_t find_thread(struct threads *t, const struct stream *s, const struct batch *b,
                            const struct track *track)
{
    bool on_gpu = KIND_BIT(b->kind) & KINDS_GPU;
    uint32_t key[] = {b->part,
                      word_of(t, s, track->pid),
                      word_of(t, s, track->tid),
                      on_gpu,
                      on_gpu ? word_of(t, s, track->device) : 0,
                      on_gpu ? word_of(t, s, track->stream) : 0};
    uint32_t id = strtab_intern(&t->keys, slice_of(key, sizeof key));
    if (id > t->n) {
        t->at = mem_grow(t->at, &t->cap, id, sizeof *t->at);
        t->at[t->n++] = (struct thread){.part = key[0],
                                        .pid = key[1],
                                        .tid = key[2],
                                        .gpu = on_gpu,
                                        .device = key[4],
                                        .stream = key[5]};
    }
    return id - 1;
}

static uint32_t ask(struct threads *t, const struct stream *s, const struct batch *b,
                    uint32_t track)
{
    const struct track *at = &s->tracks[track - 1];
    return t->wants(t->ctx, s, at) ? find_thread(t, s, b, at) + FIRST : UNWANTED;
}

static void grow_tracks(struct threads *t, uint32_t ntracks)
{
    t->of_track =
        mem_grow_zeroed(t->of_track, &t->tracks_cap, (size_t)ntracks + 1, sizeof *t->of_track);
}

struct thread *threads_find(struct threads *t, const struct stream *s, const struct batch *b,
                            uint32_t track)
{
    if (track >= t->tracks_cap)
        grow_tracks(t, s->ntracks);
    struct threads_of *of = &t->of_track[track];
    if (of->answer == NOT_ASKED || of->part != b->part)
        *of = (struct threads_of){ask(t, s, b, track), b->part};
    return of->answer == UNWANTED ? NULL : &t->at[of->answer - FIRST];
}

/* Events ------------------------------------------------------------------------------------- */

void thread_add(struct thread *thread, unsigned kind, const struct record *r, uint32_t tag)
{
    struct thread_events *v = &thread->kinds[kind];
    int64_t end_ns;
    if (__builtin_add_overflow(r->start_ns, r->dur_ns, &end_ns))
        end_ns = INT64_MAX;
    if (v->n == v->cap)
        v->at = mem_grow(v->at, &v->cap, v->n + 1, sizeof *v->at);
    v->at[v->n++] = (struct nest_event){.start_ns = r->start_ns, .end_ns = end_ns, .tag = tag};
}

static void drop_events(struct thread *thread)
{
    for (unsigned kind = 0; kind < KINDS; kind++)
        free(thread->kinds[kind].at);
    memset(thread->kinds, 0, sizeof thread->kinds);
}

/* Makes room around the events of the kind that has most, so that only the others are copied. */
static struct nest_event *make_room(struct thread *thread, size_t *n)
{
    struct thread_events *most = &thread->kinds[order[0]];
    size_t before = 0;
    *n = 0;
    for (unsigned i = 0; i < KINDS - 1; i++) {
        struct thread_events *v = &thread->kinds[order[i]];
        if (v->n > most->n) {
            most = v;
            before = *n;
        }
        *n += v->n;
    }
    struct nest_event *all = mem_resize(most->at, *n * sizeof *all);
    most->at = NULL;
    memmove(all + before, all, most->n * sizeof *all);
    return all;
}

/* All events in one array, the kinds in order, so that a stable sort keeps it. */
static struct nest_event *gather(struct thread *thread, size_t *n)
{
    struct nest_event *all = make_room(thread, n);
    size_t at = 0;
    for (unsigned i = 0; i < KINDS - 1; i++) {
        struct thread_events *v = &thread->kinds[order[i]];
        if (v->at)
            memcpy(all + at, v->at, v->n * sizeof *all);
        at += v->n;
    }
    drop_events(thread);
    return all;
}

struct nest_event *thread_nest(struct thread *thread, size_t *n)
{
    struct nest_event *all = gather(thread, n);
    nest_sort(all, *n);
    return all;
}

void threads_forget(struct threads *t)
{
    if (t->tracks_cap)
        memset(t->of_track, 0, t->tracks_cap * sizeof *t->of_track);
}

void threads_clear(struct threads *t)
{
    for (uint32_t i = 0; i < t->n; i++)
        drop_events(&t->at[i]);
    t->n = 0;
    strtab_clear(&t->words);
    strtab_clear(&t->keys);
    threads_forget(t);
}

void threads_free(struct threads *t)
{
    threads_clear(t);
    strtab_free(&t->words);
    strtab_free(&t->keys);
    free(t->at);
    free(t->of_track);
}
