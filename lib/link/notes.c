#include "link/notes.h"

#include "base/mem.h"
#include "link/phase.h"

#include <stdio.h>
#include <stdlib.h>

/* All of them; those that name a phase; those that name a step; and of those that name a phase the
 * ones that no other on their thread is around, which count as steps where no step is named. */
enum set { ALL, PHASES, STEPS, OUTERMOST };

/* How far away: on one thread, in one process, in the part. */
enum reach { THREAD, PROCESS, PART };

#define NOTE_NONE UINT32_MAX

/* Groups --------------------------------------------------------------------------------------- */

struct group_key {
    uint32_t set, reach, pid, tid;
};

static struct group_key key_of(enum set set, enum reach reach, uint32_t pid, uint32_t tid)
{
    return (struct group_key){set, reach, reach <= PROCESS ? pid : 0, reach == THREAD ? tid : 0};
}

static struct note_group *group_get(struct notes *n, struct group_key key)
{
    uint32_t id = strtab_intern(&n->groups, slice_of(&key, sizeof key));
    n->group = mem_grow_zeroed(n->group, &n->groups_cap, id, sizeof *n->group);
    return &n->group[id - 1];
}

/* Adds note i to the set, at all reaches. */
static void add_to(struct notes *n, enum set set, uint32_t i)
{
    const struct note *note = &n->at[i];
    for (enum reach reach = THREAD; reach <= PART; reach++) {
        struct note_group *g = group_get(n, key_of(set, reach, note->pid, note->tid));
        g->events = mem_grow(g->events, &g->cap, g->n + 1, sizeof *g->events);
        g->events[g->n++] =
            (struct nest_event){.start_ns = note->start_ns, .end_ns = note->end_ns, .tag = i};
    }
}

static void sort_sets(struct notes *n, enum set from, enum set to)
{
    for (uint32_t i = 0; i < n->groups.n; i++) {
        struct group_key key;
        memcpy(&key, strtab_get(&n->groups, i + 1).p, sizeof key);
        if (key.set >= from && key.set <= to)
            nest_sort(n->group[i].events, n->group[i].n);
    }
}

/* What is open when ------------------------------------------------------------------------------
 */

static void add_change(struct note_group *g, int64_t at_ns, uint32_t note)
{
    if (g->nchanges > 0 && g->changes[g->nchanges - 1].at_ns == at_ns)
        g->nchanges--;
    g->changes[g->nchanges++] = (struct note_change){at_ns, note};
}

/* Closes what has ended at t, the last opened first: what was opened before it and is still open
 * is the innermost one then. */
static size_t close_until(struct note_group *g, const uint32_t *open, size_t n, int64_t t_ns)
{
    while (n > 0 && g->events[open[n - 1]].end_ns <= t_ns) {
        int64_t end_ns = g->events[open[--n]].end_ns;
        while (n > 0 && g->events[open[n - 1]].end_ns <= end_ns)
            n--;
        add_change(g, end_ns, n ? g->events[open[n - 1]].tag : NOTE_NONE);
    }
    return n;
}

/* Which one is the innermost, from when on. An event that takes no time is never open. */
static void find_changes(struct note_group *g)
{
    size_t n = 0;
    uint32_t *open = mem_alloc(g->n * sizeof *open);
    g->changes = mem_zalloc(2 * g->n, sizeof *g->changes);
    for (size_t i = 0; i < g->n; i++) {
        const struct nest_event *e = &g->events[i];
        n = close_until(g, open, n, e->start_ns);
        if (e->end_ns == e->start_ns)
            continue;
        open[n++] = (uint32_t)i;
        add_change(g, e->start_ns, e->tag);
    }
    close_until(g, open, n, INT64_MAX);
    free(open);
}

static void drop_events(struct notes *n)
{
    for (uint32_t i = 0; i < n->groups.n; i++) {
        struct note_group *g = &n->group[i];
        find_changes(g);
        free(g->events);
        g->events = NULL;
        g->changes = mem_resize(g->changes, g->nchanges * sizeof *g->changes);
    }
}

/* The annotations ------------------------------------------------------------------------------ */

static uint32_t word(struct notes *n, struct slice text)
{
    return text.n ? writer_string(n->w, ROLE_WORD, text) : 0;
}

static void add_note(struct notes *n, const struct hold *hold, const struct record *r,
                     const struct track *t, struct buf *room)
{
    struct slice name = hold_name(hold, ROLE_HOST, r->name);
    struct note note = {.start_ns = r->start_ns, .pid = t->pid, .tid = t->tid, .name = r->name};
    if (__builtin_add_overflow(r->start_ns, r->dur_ns, &note.end_ns))
        note.end_ns = INT64_MAX;
    note.phase = word(n, phase_of(name, room));
    note.step = word(n, phase_step(name));
    n->at = mem_grow(n->at, &n->cap, n->n + 1, sizeof *n->at);
    n->at[n->n++] = note;
    add_to(n, ALL, (uint32_t)(n->n - 1));
    if (note.phase)
        add_to(n, PHASES, (uint32_t)(n->n - 1));
    if (note.step)
        add_to(n, STEPS, (uint32_t)(n->n - 1));
}

static void add_frame(struct notes *n, const struct hold *hold, const struct held_frame *f,
                      struct buf *room)
{
    for (uint32_t i = 0; i < f->n; i++) {
        struct record r = hold_record(hold, KIND_ANNOTATION, f->first + i);
        struct track t = hold_track(hold, r.track);
        if (slice_is(hold_name(hold, ROLE_WORD, t.cat), "user_annotation") &&
            slice_is(hold_name(hold, ROLE_WORD, t.ph), "X") && !(t.flags & TRACK_NO_START))
            add_note(n, hold, &r, &t, room);
    }
}

static void find_outermost(struct notes *n)
{
    uint32_t groups = n->groups.n; /* those of the set that is made are not looked at */
    for (uint32_t i = 0; i < groups; i++) {
        struct group_key key;
        memcpy(&key, strtab_get(&n->groups, i + 1).p, sizeof key);
        if (key.set != PHASES || key.reach != THREAD)
            continue;
        for (size_t k = 0; k < n->group[i].n; k++)
            if (n->group[i].events[k].parent == NEST_NONE)
                add_to(n, OUTERMOST, n->group[i].events[k].tag);
    }
}

/* From 0 for each process, as they open. */
static void number_outermost(struct notes *n)
{
    for (uint32_t i = 0; i < n->groups.n; i++) {
        struct group_key key;
        memcpy(&key, strtab_get(&n->groups, i + 1).p, sizeof key);
        for (size_t k = 0; key.set == OUTERMOST && key.reach == PROCESS && k < n->group[i].n; k++) {
            char text[24];
            int length = snprintf(text, sizeof text, "%zu", k);
            n->at[n->group[i].events[k].tag].next = word(n, slice_of(text, (size_t)length));
        }
    }
}

void notes_open(struct notes *n, const struct hold *hold, uint32_t part)
{
    size_t nframes;
    struct buf room = {0};
    const struct held_frame *f = hold_frames(hold, part, KIND_ANNOTATION, &nframes);
    *n = (struct notes){.w = hold->copy.w};
    for (size_t i = 0; i < nframes; i++)
        add_frame(n, hold, &f[i], &room);
    buf_free(&room);
    sort_sets(n, ALL, STEPS);
    find_outermost(n);
    sort_sets(n, OUTERMOST, OUTERMOST);
    number_outermost(n);
    drop_events(n);
}

/* Looking up ----------------------------------------------------------------------------------- */

struct note_view notes_view(const struct notes *n, uint32_t pid, uint32_t tid)
{
    struct note_view view = {{{NULL}}};
    for (enum set set = ALL; set <= OUTERMOST; set++)
        for (enum reach reach = THREAD; reach <= PART; reach++) {
            struct group_key key = key_of(set, reach, pid, tid);
            uint32_t id = strtab_find(&n->groups, slice_of(&key, sizeof key));
            view.groups[set][reach] = id ? &n->group[id - 1] : NULL;
        }
    return view;
}

/* The last opened event that is open at t, NULL for none. */
static const struct note_change *open_at(const struct note_group *g, int64_t t_ns)
{
    size_t low = 0, high = g ? g->nchanges : 0;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (g->changes[mid].at_ns <= t_ns)
            low = mid + 1;
        else
            high = mid;
    }
    return low && g->changes[low - 1].note != NOTE_NONE ? &g->changes[low - 1] : NULL;
}

static const struct note *find(const struct notes *n, const struct note_view *view, enum set set,
                               int64_t t_ns)
{
    for (enum reach reach = THREAD; reach <= PART; reach++) {
        const struct note_change *change = open_at(view->groups[set][reach], t_ns);
        if (change)
            return &n->at[change->note];
    }
    return NULL;
}

struct noted notes_at(const struct notes *n, const struct note_view *view, int64_t t_ns)
{
    const struct note *any = find(n, view, ALL, t_ns), *phase = find(n, view, PHASES, t_ns),
                      *step = find(n, view, STEPS, t_ns);
    struct noted out = {any ? any->name : 0, phase ? phase->phase : 0, step ? step->step : 0};
    if (!step && (step = find(n, view, OUTERMOST, t_ns)))
        out.step = step->next;
    return out;
}

void notes_close(struct notes *n)
{
    for (uint32_t i = 0; i < n->groups.n; i++) {
        free(n->group[i].events);
        free(n->group[i].changes);
    }
    free(n->group);
    free(n->at);
    strtab_free(&n->groups);
}
