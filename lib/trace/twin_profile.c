#include "trace/twin_profile.h"

#include "base/num.h"

static const struct number {
    const char *key;
    enum column column;
} numbers[TWIN_PROFILE_NUMBERS] = {
    {"calls", COLUMN_CALLS}, {"prim_calls", COLUMN_PRIM_CALLS}, {"cum_ns", COLUMN_CUM_NS}};

/* Writing -------------------------------------------------------------------------------------- */

void twin_profile_add(struct buf *b, const struct stream *s, const struct batch *batch,
                      uint32_t row)
{
    uint64_t value;
    for (unsigned i = 0; i < TWIN_PROFILE_NUMBERS; i++) {
        const struct frame *column = &batch->columns[numbers[i].column];
        if (column->rows && frame_number(column, row, &value))
            buf_addf(b, ",\"%s\":%llu", numbers[i].key, (unsigned long long)value);
    }
    uint32_t stack = stream_stack(batch, row);
    if (stack) {
        buf_adds(b, ",\"stack\":");
        twin_stack_add(b, s, stack, TWIN_FRAMES_OF_PROFILE);
    }
}

/* Reading -------------------------------------------------------------------------------------- */

void twin_profile_begin(struct twin_profile *p)
{
    p->kind = 0;
    p->has_stack = false;
    p->stack.n = p->stack.names.n = 0;
    memset(p->numbers, 0, sizeof p->numbers);
}

bool twin_profile_any(const struct twin_profile *p)
{
    bool any = p->kind || p->has_stack;
    for (unsigned i = 0; i < TWIN_PROFILE_NUMBERS; i++)
        any |= p->numbers[i].has;
    return any;
}

/* A scalar; of an object or array, an empty one. */
static struct slice take_scalar(struct json_cursor *c, enum json_type type)
{
    struct json_value v;
    if (!json_value(c, &v))
        return slice_str("");
    if (v.type == JSON_OBJECT || v.type == JSON_ARRAY)
        json_skip(c);
    return v.type == type ? v.text.raw : slice_str("");
}

static const char *take_kind(struct json_cursor *c, struct twin_profile *p)
{
    struct slice name = take_scalar(c, JSON_STRING);
    for (unsigned kind = KIND_FUNCTION; kind <= KIND_STACK; kind++)
        if (slice_is(name, kind_name(kind)))
            p->kind = kind;
    return p->kind ? NULL : "a kind that is not function, call or stack";
}

bool twin_profile_take(struct json_cursor *c, struct twin_profile *p, struct slice key,
                       const char **why)
{
    if (slice_is(key, "kind")) {
        *why = take_kind(c, p);
        return true;
    }
    if (slice_is(key, "stack")) {
        *why = twin_stack_take(c, &p->stack, TWIN_FRAMES_OF_PROFILE);
        p->has_stack = true;
        return true;
    }
    for (unsigned i = 0; i < TWIN_PROFILE_NUMBERS; i++)
        if (slice_is(key, numbers[i].key)) {
            p->numbers[i].has = true;
            bool good = num_u64(take_scalar(c, JSON_WORD), &p->numbers[i].value);
            *why = good ? NULL : "a count that is no whole number";
            return true;
        }
    return false;
}

void twin_profile_write(struct source *s, const struct twin_profile *p, struct slice name,
                        int64_t dur_ns)
{
    struct writer *w = s->w;
    const struct track track = {.flags = TRACK_NO_START};
    struct record r = {.dur_ns = dur_ns};
    writer_begin(w);
    uint32_t stack = twin_stack_write(w, &p->stack);
    r.name = name.p ? writer_string(w, ROLE_HOST, name) : 0;
    r.track = writer_track(w, &track);
    writer_record(w, p->kind, &r);
    source_count(s, p->kind, slice_of(NULL, 0), 1, 0);
    for (unsigned i = 0; i < TWIN_PROFILE_NUMBERS; i++)
        if (p->numbers[i].has)
            writer_number(w, p->kind, numbers[i].column, p->numbers[i].value);
    if (stack)
        writer_number(w, p->kind, COLUMN_STACK, stack);
}

void twin_profile_free(struct twin_profile *p)
{
    twin_stack_free(&p->stack);
    *p = (struct twin_profile){0};
}
