/* fuzz-plan - plans of runs
 *
 * Whatever is read as a plan is written as one that says the same, also after a run was started,
 * ended and reset.
 */
#include "fuzz.h"

#include "plan/plan_run.h"
#include "plan/plan_text.h"

/* Reads what the plan is written as; that is written the same, byte for byte. */
static void check_round(const struct plan *p)
{
    struct buf first = {0}, second = {0};
    struct plan again;
    struct err e;
    plan_add_json(&first, p->root);
    fuzz_check(plan_parse(&again, buf_slice(&first), "fuzz", &e) == 0,
               "what is written is no plan");
    plan_add_json(&second, again.root);
    fuzz_check(json_equal(p->root, again.root), "what is written says something else");
    fuzz_check(slice_eq(buf_slice(&first), buf_slice(&second)), "it is written in another way");
    plan_free(&again);
    buf_free(&first);
    buf_free(&second);
}

static void check_steps(struct plan *p, json_t *run)
{
    struct err e;
    struct buf raw = {0};
    struct run_id id = run_id(run);
    fuzz_check(run_id_valid(id.text) && plan_find(p, id.text) == run,
               "a run is not found by its id");
    fuzz_check(run_start(run, "abc", &e) == 0 && run_start(run, NULL, &e) < 0, "started twice");
    check_round(p);
    fuzz_check(run_end(run, RUN_DONE, json_object(), &e) == 0, "a run does not end");
    fuzz_check(run_end(run, RUN_ERROR, json_object(), &e) < 0, "a run ends twice");
    check_round(p);
    fuzz_check(run_reset(run) && !run_reset(run), "a run is not reset");
    plan_add_raw(&raw, p->root);
    buf_free(&raw);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct plan p;
    struct err e;
    if (plan_parse(&p, slice_of(data, n), "fuzz", &e) < 0)
        return 0;
    check_round(&p);
    json_t *run = plan_next(&p);
    if (run)
        check_steps(&p, run);
    plan_free(&p);
    return 0;
}
