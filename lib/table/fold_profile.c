#include "table/fold_profile.h"

#include "base/mem.h"
#include "table/fold_edges.h"

#include <stdlib.h>

enum { SAMPLE_NS = 1000 };

/* Weights -------------------------------------------------------------------------------------- */

int fold_profile_end(struct fold_profile *f, const struct stream *s, struct err *e)
{
    profile_forget(&f->profile);
    return weight_end(&f->weight, s, e);
}

void fold_profile_whole(const struct fold_profile *f, struct stacks *stacks)
{
    if (f->weight <= WEIGHT_NS)
        return;
    for (uint32_t i = 1; i < stacks->n; i++)
        if (stacks->nodes[i].weight % SAMPLE_NS) {
            msg_note("not all weights are whole: these are thousandths");
            return;
        }
    for (uint32_t i = 1; i < stacks->n; i++)
        stacks->nodes[i].weight /= SAMPLE_NS;
}

/* Stacks --------------------------------------------------------------------------------------- */

static void copy_stacks(const struct profile *p, struct stacks *stacks)
{
    uint32_t *names = mem_zalloc((size_t)p->names.n + 1, sizeof *names);
    uint32_t *at = mem_zalloc(p->nnodes + 1, sizeof *at); /* of node i at i + 1 */
    for (size_t i = 0; i < p->nnodes; i++) {
        const struct profile_node *node = &p->nodes[i];
        if (!names[node->function])
            names[node->function] = stacks_name(stacks, profile_name(p, node->function));
        at[i + 1] = stacks_push(stacks, at[node->parent], names[node->function]);
        stacks->nodes[at[i + 1]].weight += node->self_ns;
    }
    free(names);
    free(at);
}

static void approximate(struct profile *p, struct stacks *stacks)
{
    profile_settle(p);
    uint64_t cut = fold_edges(p, stacks);
    msg_note("approximated: a profile of totals does not know its stacks, only who called whom");
    if (cut)
        msg_note("%llu stacks begin too late: there are more ways to them than can be followed",
                 (unsigned long long)cut);
}

int fold_profile_stacks(struct fold_profile *f, struct stacks *stacks, struct err *e)
{
    const struct profile *p = &f->profile;
    if (p->has_calls && p->has_stacks)
        return err_set(e, ST_FAILED, "a profile of totals and one of stacks; fold them one by one");
    if (p->has_stacks)
        copy_stacks(p, stacks);
    else
        approximate(&f->profile, stacks);
    return 0;
}

void fold_profile_free(struct fold_profile *f)
{
    profile_free(&f->profile);
}
