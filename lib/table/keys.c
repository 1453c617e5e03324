#include "table/keys.h"

static const char *const names[KEYS] = {
    "op",     "category", "library", "name",       "cat",   "rank",  "pid",  "tid",    "stream",
    "device", "cpu_op",   "module",  "annotation", "phase", "layer", "step", "launch", "stack"};

const char *key_name(enum key key)
{
    return names[key];
}

static int unknown(struct slice key, struct err *e)
{
    struct buf known = {0};
    int n = key.n < 200 ? (int)key.n : 200;
    for (unsigned i = 0; i < KEYS; i++)
        buf_addf(&known, " %s", names[i]);
    int rc = err_set(e, ST_USAGE, "unknown key '%.*s'; keys are%.*s", n, (const char *)key.p,
                     (int)known.n, (const char *)known.p);
    buf_free(&known);
    return rc;
}

static int add(struct keys *keys, struct slice name, struct err *e)
{
    unsigned key = 0;
    while (key < KEYS && !slice_is(name, names[key]))
        key++;
    if (key == KEYS)
        return unknown(name, e);
    for (unsigned i = 0; i < keys->n; i++)
        if (keys->list[i] == key)
            return err_set(e, ST_USAGE, "key '%s' is given twice", names[key]);
    keys->list[keys->n++] = key;
    keys->name |= key <= KEY_NAME;
    keys->host_name |= key == KEY_NAME;
    keys->rank |= key == KEY_RANK;
    keys->track |= key > KEY_NAME && key < KEY_CPU_OP && key != KEY_RANK;
    keys->link |= key >= KEY_CPU_OP;
    return 0;
}

int keys_parse(struct keys *keys, const char *list, struct err *e)
{
    *keys = (struct keys){.n = 0};
    for (const char *p = list;; p++) {
        size_t n = strcspn(p, ",");
        if (add(keys, slice_of(p, n), e) < 0)
            return -1;
        p += n;
        if (*p == '\0')
            return 0;
    }
}

/* The filter that gives a key, NULL for those that every stream has. */
static const char *filter_of(enum key key)
{
    return key <= KEY_LIBRARY ? "kernel-classify" : key >= KEY_CPU_OP ? "trace-link" : NULL;
}

int keys_check(const struct keys *keys, const struct stream *s, bool ruled, struct err *e)
{
    for (unsigned i = 0; i < keys->n; i++) {
        const char *name = names[keys->list[i]], *filter = filter_of(keys->list[i]);
        if (ruled && keys->list[i] <= KEY_LIBRARY)
            continue;
        if (filter && !stream_has_key(s, slice_str(name)))
            return err_set(e, ST_USAGE, "key '%s' needs %s before it", name, filter);
    }
    return 0;
}

static struct slice text_of(const struct strtab *t, uint32_t id, const char *missing)
{
    return id ? strtab_get(t, id) : slice_str(missing);
}

static struct slice label_text(enum key key, const struct stream *s, enum role role, uint32_t name)
{
    if (role != ROLE_GPU)
        return slice_str("(none)");
    const struct label *l = stream_label(s, name);
    uint32_t id = !l ? 0 : key == KEY_OP ? l->op : key == KEY_CATEGORY ? l->category : l->library;
    return text_of(&s->strings[ROLE_LABEL], id, key == KEY_LIBRARY ? "unknown" : "Other");
}

struct slice key_text(enum key key, const struct stream *s, enum role role, uint32_t name,
                      uint32_t track)
{
    if (key <= KEY_LIBRARY)
        return label_text(key, s, role, name);
    if (key == KEY_NAME)
        return text_of(&s->strings[role], name, "(unnamed)");
    const struct track *t = &s->tracks[track - 1];
    uint32_t word = key == KEY_CAT      ? t->cat
                    : key == KEY_PID    ? t->pid
                    : key == KEY_TID    ? t->tid
                    : key == KEY_STREAM ? t->stream
                                        : t->device;
    return text_of(&s->strings[ROLE_WORD], word, "(none)");
}
