/* notes - the annotations of a part, and which of them is open when something is launched
 * (DEFINITIONS of the project, "Phases, steps, layers"; LINKING.md, R11 to R13)
 *
 * Of the annotations that are asked for, it is the last opened one that is open on the thread; if
 * there is none on this thread, on one of its process; if none, on any of the part. That holds for
 * each of the three by itself: an annotation of the own thread that names no phase does not hide
 * the phase that another thread is in.
 */
#ifndef TRS_NOTES_H
#define TRS_NOTES_H

#include "link/hold.h"
#include "link/nest.h"

struct notes {
    struct writer *w;
    struct note {
        int64_t start_ns, end_ns;
        uint32_t pid, tid;    /* words of the writer */
        uint32_t name;        /* host */
        uint32_t phase, step; /* words; 0 where it names none */
        uint32_t next; /* step for what is in it, by the order of phases: a word, 0 for none */
    } * at;
    size_t n;

    /* private */
    size_t cap;
    struct strtab groups; /* group i is string i + 1 */
    struct note_group {
        struct nest_event *events;
        size_t n, cap;
    } * group;
    size_t groups_cap;
};

/* What is open around a launch; 0 for none. */
struct noted {
    uint32_t annotation;  /* name, host */
    uint32_t phase, step; /* words */
};

/* Where annotations are looked up for a thread. */
struct note_view {
    const struct note_group *groups[4][3];
};

/* Takes the annotations of a part: intervals with the category user_annotation. */
void notes_open(struct notes *n, const struct hold *hold, uint32_t part);

struct note_view notes_view(const struct notes *n, uint32_t pid, uint32_t tid);
struct noted notes_at(const struct notes *n, const struct note_view *view, int64_t t_ns);

void notes_close(struct notes *n);

#endif
