#include "link/ops.h"

#include "base/mem.h"
#include "link/layers.h"
#include "trace/rules.h"

#include <stdlib.h>

static struct label *label_room(struct ops *o, uint32_t id)
{
    o->at = mem_grow_zeroed(o->at, &o->cap, (size_t)id + 1, sizeof *o->at);
    return &o->at[id];
}

static uint32_t label_word(const struct hold *hold, struct slice text)
{
    return text.p ? writer_string(hold->copy.w, ROLE_LABEL, text) : 0;
}

void ops_take(struct ops *o, const struct hold *hold, const struct stream *s)
{
    const struct copy_ids *known = &hold->copy.names[ROLE_GPU];
    const struct strtab *texts = &s->strings[ROLE_LABEL];
    o->given |= stream_has_key(s, slice_str("op"));
    if (hold->copy.epoch_names != s->epoch_names)
        return; /* ids have another meaning since the last records, whose labels were taken then */
    for (uint32_t id = 1; id <= s->strings[ROLE_GPU].n && id < known->cap; id++) {
        const struct label *l = stream_label(s, id);
        if (!l || !copy_known(known->ids[id]))
            continue;
        *label_room(o, known->ids[id]) =
            (struct label){known->ids[id], label_word(hold, strtab_get(texts, l->op)),
                           label_word(hold, strtab_get(texts, l->category)),
                           label_word(hold, strtab_get(texts, l->library))};
    }
}

static void classify(struct ops *o, const struct hold *hold, uint32_t names)
{
    struct rules *rules = rules_new();
    rules_add_builtin(rules);
    for (uint32_t id = 1; id <= names; id++) {
        struct slice op, category, library;
        rules_label(rules, hold_name(hold, ROLE_GPU, id), &op, &category, &library);
        o->at[id] = (struct label){id, label_word(hold, op), label_word(hold, category),
                                   label_word(hold, library)};
    }
    rules_free(rules);
}

void ops_settle(struct ops *o, const struct hold *hold)
{
    uint32_t names = writer_strings(hold->copy.w, ROLE_GPU);
    (void)label_room(o, names);
    if (!o->given)
        classify(o, hold, names);
}

bool *ops_heavy(const struct ops *o, const struct hold *hold)
{
    bool *heavy = mem_zalloc((size_t)writer_strings(hold->copy.w, ROLE_LABEL) + 1, sizeof *heavy);
    for (uint32_t id = 1; id <= writer_strings(hold->copy.w, ROLE_GPU); id++)
        heavy[o->at[id].op] |= layers_heavy(hold_name(hold, ROLE_LABEL, o->at[id].category));
    return heavy;
}

void ops_write(const struct ops *o, struct writer *w)
{
    uint32_t n = 0, names = writer_strings(w, ROLE_GPU);
    struct label *labels = mem_alloc(names * sizeof *labels);
    for (uint32_t id = 1; id <= names; id++)
        if (o->at[id].name)
            labels[n++] = o->at[id];
    if (n > 0)
        writer_labels(w, labels, n);
    free(labels);
}

void ops_free(struct ops *o)
{
    free(o->at);
}
