#include "table/fold_events.h"

#include "trace/source.h"

/* So that all indices fit. They take 64 GB. */
static const uint64_t EVENTS_MAX = (uint64_t)1 << 31;

/* Intervals of the categories asked for, or of all kinds that come but annotations of the GPU. */
static bool wants(void *ctx, const struct stream *s, const struct track *t)
{
    const struct fold_events *f = ctx;
    bool of_gpu = slice_is(stream_word(s, t->cat), "gpu_user_annotation");
    return stream_has_interval(s, t, &f->cats) && (f->cats.n > 0 || !of_gpu);
}

void fold_events_open(struct fold_events *f, struct stacks *stacks)
{
    f->stacks = stacks;
    f->names.stacks = stacks;
    f->threads = (struct threads){.wants = wants, .ctx = f};
}

unsigned fold_events_kinds(const struct strtab *cats)
{
    unsigned kinds = 0;
    for (uint32_t id = 1; id <= cats->n; id++)
        kinds |= KIND_BIT(kind_of(slice_str("X"), strtab_get(cats, id)));
    return kinds;
}

static int add_events(struct fold_events *f, const struct stream *s, const struct batch *b,
                      struct err *e)
{
    for (uint32_t i = 0; i < b->n; i++) {
        struct record r = record_get(b->rows + (size_t)i * RECORD_BYTES);
        struct thread *thread = threads_find(&f->threads, s, b, r.track);
        if (!thread)
            continue;
        uint32_t frame = fold_name(&f->names, s, kind_role(b->kind), r.name);
        thread_add(thread, b->kind, &r, f->tag ? f->tag(f->ctx, frame, b, i) : frame);
        if (++f->nevents > EVENTS_MAX)
            return err_set(e, ST_FAILED, "more than 2^31 events; fold fewer of them at once");
    }
    return 0;
}

int fold_events_records(struct fold_events *f, const struct stream *s, const struct batch *b,
                        struct err *e)
{
    bool profile = KIND_BIT(b->kind) & KINDS_PROFILE;
    if (profile ? f->nevents > 0 || !f->columns : f->profiled)
        return err_set(e, ST_FAILED, "%s: both events and a profile; fold them one by one",
                       s->reader.in.name);
    f->profiled |= profile;
    return profile ? profile_records(&f->profile.profile, s, b, e) : add_events(f, s, b, e);
}

void fold_events_forget(struct fold_events *f)
{
    threads_forget(&f->threads);
    profile_forget(&f->profile.profile);
}

int fold_events_end(struct fold_events *f, const struct stream *s, struct err *e)
{
    threads_clear(&f->threads);
    fold_names_forget(&f->names);
    return f->profiled ? fold_profile_end(&f->profile, s, e) : 0;
}

void fold_events_free(struct fold_events *f)
{
    threads_free(&f->threads);
    fold_names_forget(&f->names);
    fold_profile_free(&f->profile);
    strtab_free(&f->cats);
}
