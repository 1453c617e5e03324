#include "format/labels.h"

#include "base/mem.h"

#include <stdlib.h>

static struct slice text_of(const struct stream *s, uint32_t id)
{
    return strtab_get(&s->strings[ROLE_LABEL], id);
}

/* The texts of the label, each behind its length, then the name. */
static void make_key(struct labels *l, const struct stream *s, const struct label *label,
                     struct slice name)
{
    uint32_t ids[3] = {0};
    if (label)
        memcpy(ids, (uint32_t[]){label->op, label->category, label->library}, sizeof ids);
    l->key.n = 0;
    buf_addc(&l->key, label != NULL);
    for (unsigned i = 0; i < 3; i++) {
        struct slice text = text_of(s, ids[i]);
        put_u32(buf_room(&l->key, 4), (uint32_t)text.n);
        l->key.n += 4;
        buf_add(&l->key, text.p, text.n);
    }
    buf_add(&l->key, name.p, name.n);
}

static void push(struct labels *l, struct writer *w, const struct stream *s, uint32_t id,
                 const struct label *label)
{
    const uint32_t ids[3] = {label->op, label->category, label->library};
    uint32_t out[3];
    for (unsigned i = 0; i < 3; i++)
        out[i] = ids[i] ? writer_string(w, ROLE_LABEL, text_of(s, ids[i])) : 0;
    l->pending = mem_grow(l->pending, &l->pending_cap, l->npending + 1, sizeof *l->pending);
    l->pending[l->npending++] = (struct label){id, out[0], out[1], out[2]};
}

static struct labels_name *name_of_key(struct labels *l, uint32_t key)
{
    l->names = mem_grow_zeroed(l->names, &l->names_cap, (size_t)key + 1, sizeof *l->names);
    return &l->names[key];
}

static void forget(struct labels *l)
{
    strtab_clear(&l->keys);
    if (l->names)
        memset(l->names, 0, l->names_cap * sizeof *l->names);
}

uint32_t labels_name(struct labels *l, struct writer *w, const struct stream *s, uint32_t id,
                     struct slice text)
{
    const struct label *label = stream_label(s, id);
    if (l->epoch_writer != w->epoch)
        forget(l);
    l->epoch_writer = w->epoch;
    make_key(l, s, label, strtab_get(&s->strings[ROLE_GPU], id));
    uint32_t key = strtab_intern(&l->keys, buf_slice(&l->key));
    struct labels_name *name = name_of_key(l, key);
    if (name->id == 0) {
        *name = (struct labels_name){.id = writer_string_new(w, ROLE_GPU, text)};
        if (label)
            push(l, w, s, name->id, label);
    }
    name->users++;
    l->seen = mem_grow(l->seen, &l->seen_cap, (size_t)id + 1, sizeof *l->seen);
    l->seen[id] = label ? *label : (struct label){0};
    l->seen[id].name = key;
    return name->id;
}

void labels_send(struct labels *l, struct writer *w)
{
    if (l->npending > 0)
        writer_labels(w, l->pending, (uint32_t)l->npending);
    l->npending = 0;
}

/* A name that stands for others too cannot have another label for itself. One that does not is no
 * longer what its key says. */
static void relabel(struct labels *l, struct writer *w, const struct stream *s, uint32_t id,
                    uint32_t out)
{
    const struct label *now = stream_label(s, id);
    struct label *seen = &l->seen[id];
    if (!now ||
        (now->op == seen->op && now->category == seen->category && now->library == seen->library))
        return;
    if (seen->name && l->names[seen->name].users > 1) {
        l->conflict = true;
        return;
    }
    l->names[seen->name] = (struct labels_name){0};
    *seen = *now;
    seen->name = 0;
    push(l, w, s, out, now);
}

void labels_settle(struct labels *l, struct writer *w, const struct stream *s, const uint32_t *ids,
                   size_t nids)
{
    if (l->epoch_labels == s->epoch_labels)
        return;
    l->epoch_labels = s->epoch_labels;
    for (uint32_t id = 1; id < nids && id <= s->strings[ROLE_GPU].n; id++)
        if (ids[id] != 0 && ids[id] != UINT32_MAX)
            relabel(l, w, s, id, ids[id]);
}

void labels_begin(struct labels *l)
{
    l->epoch_labels = 0;
}

int labels_end(const struct labels *l, struct err *e)
{
    return l->conflict
               ? err_set(e, ST_FAILED,
                         "a label comes behind records that it is for, and another stream has the "
                         "same name without it; run kernel-classify on what comes out")
               : 0;
}

void labels_free(struct labels *l)
{
    strtab_free(&l->keys);
    free(l->names);
    free(l->seen);
    free(l->pending);
    buf_free(&l->key);
    *l = (struct labels){0};
}
