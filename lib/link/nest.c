#include "link/nest.h"

#include "base/mem.h"

#include <stdlib.h>

/* By start, longer first. */
#define RUNS_TYPE struct nest_event
#define RUNS_IN_ORDER(a, b, ctx)                                                                   \
    ((a).start_ns < (b).start_ns || ((a).start_ns == (b).start_ns && (a).end_ns >= (b).end_ns))
#include "base/runs.h"

struct open {
    uint32_t *stack; /* indices, the last opened on top; those below may have ended already */
    size_t n, cap;
    int64_t now_ns;
};

/* Time passes up to t: it belongs to the last opened event that is still open. */
static void pass_until(struct open *o, struct nest_event *v, int64_t t_ns)
{
    while (o->n > 0) {
        struct nest_event *top = &v[o->stack[o->n - 1]];
        if (top->end_ns > o->now_ns) {
            int64_t until = top->end_ns < t_ns ? top->end_ns : t_ns;
            top->self_ns += (uint64_t)until - (uint64_t)o->now_ns; /* may span more than int64 */
            o->now_ns = until;
        }
        if (top->end_ns > t_ns)
            return;
        o->n--;
    }
    o->now_ns = t_ns;
}

void nest_sort(struct nest_event *v, size_t n)
{
    struct open o = {0};
    runs_sort(v, n, NULL);
    for (size_t i = 0; i < n; i++) {
        v[i].self_ns = 0;
        if (i == 0)
            o.now_ns = v[i].start_ns;
        pass_until(&o, v, v[i].start_ns);
        v[i].parent = o.n > 0 ? o.stack[o.n - 1] : NEST_NONE;
        if (o.n == o.cap)
            o.stack = mem_grow(o.stack, &o.cap, o.n + 1, sizeof *o.stack);
        o.stack[o.n++] = (uint32_t)i;
    }
    pass_until(&o, v, INT64_MAX);
    free(o.stack);
}
