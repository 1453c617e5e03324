#include "table/fold.h"

#include "base/mem.h"

#include <stdlib.h>

uint32_t fold_name(struct fold_names *names, const struct stream *s, enum role role, uint32_t name)
{
    struct fold_name **at = &names->at[role];
    size_t *cap = &names->cap[role], before = *cap;
    if (name >= before)
        *at = mem_grow_zeroed(*at, cap, (size_t)name + 1, sizeof **at);
    if ((*at)[name].epoch != s->epoch_names + 1)
        (*at)[name] = (struct fold_name){
            s->epoch_names + 1, stacks_name(names->stacks, strtab_get(&s->strings[role], name))};
    return (*at)[name].frame;
}

void fold_names_forget(struct fold_names *names)
{
    for (unsigned role = 0; role < 2; role++) {
        free(names->at[role]);
        names->at[role] = NULL;
        names->cap[role] = 0;
    }
}

uint32_t fold_root_node(struct stacks *stacks, enum fold_root root, struct slice what)
{
    static const char *const keys[] = {"", "rank=", "pid=", "tid="};
    struct buf frame = {0};
    if (root == FOLD_ROOT_NONE)
        return STACKS_ROOT;
    buf_adds(&frame, keys[root]);
    buf_add(&frame, what.p, what.n);
    uint32_t node = stacks_push(stacks, STACKS_ROOT, stacks_name(stacks, buf_slice(&frame)));
    buf_free(&frame);
    return node;
}
