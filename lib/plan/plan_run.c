#include "plan/plan_run.h"

#include <time.h>

static const char time_form[] = "%Y-%m-%dT%H:%M:%SZ"; /* UTC */

static void set_time(json_t *run, const char *field)
{
    char text[64] = "";
    struct tm utc;
    time_t now = time(NULL);
    if (gmtime_r(&now, &utc))
        (void)strftime(text, sizeof text, time_form, &utc);
    json_object_set_new(run, field, json_string(text));
}

static void set_status(json_t *run, enum run_status status)
{
    json_object_set_new(run, "status", json_string(run_statuses[status]));
}

json_t *plan_next(const struct plan *p)
{
    json_t *run, *next = NULL;
    size_t i;
    json_array_foreach(p->runs, i, run)
    {
        if (run_status(run) == RUN_PENDING && (!next || run_phase(run) < run_phase(next)))
            next = run;
    }
    return next;
}

/* Why a run cannot be started or ended. */
static int refuse(const json_t *run, enum run_status wanted, struct err *e)
{
    struct run_id id = run_id(run);
    enum run_status is = run_status(run);
    const char *start = run_text(run, "start");
    if (is == RUN_RUNNING && start)
        return err_set(e, ST_FAILED, "run '%s' is running since %s", id.text, start);
    return err_set(e, ST_FAILED, "run '%s' is %s%s, not %s", id.text, is == RUN_ERROR ? "in " : "",
                   run_statuses[is], run_statuses[wanted]);
}

int run_start(json_t *run, const char *git, struct err *e)
{
    if (run_status(run) != RUN_PENDING)
        return refuse(run, RUN_PENDING, e);
    run_reset(run); /* of what somebody may have written into it */
    set_status(run, RUN_RUNNING);
    set_time(run, "start");
    if (git)
        json_object_set_new(run, "git", json_string(git));
    return 0;
}

int run_end(json_t *run, enum run_status as, json_t *results, struct err *e)
{
    if (run_status(run) != RUN_RUNNING) {
        json_decref(results);
        return refuse(run, RUN_RUNNING, e);
    }
    set_status(run, as);
    set_time(run, "end");
    if (results)
        json_object_set_new(run, "results", results);
    return 0;
}

bool run_reset(json_t *run)
{
    static const char *const gone[] = {"start", "end", "git", "results"};
    bool was = run_status(run) != RUN_PENDING;
    if (was)
        set_status(run, RUN_PENDING);
    for (unsigned i = 0; i < sizeof gone / sizeof *gone; i++)
        json_object_del(run, gone[i]);
    return was;
}

static bool read_time(const char *text, int64_t *seconds)
{
    struct tm utc = {0};
    const char *end = text ? strptime(text, time_form, &utc) : NULL;
    if (!end || *end)
        return false;
    *seconds = timegm(&utc);
    return true;
}

int64_t run_seconds(const json_t *run)
{
    int64_t start, end;
    if (!read_time(run_text(run, "start"), &start) || !read_time(run_text(run, "end"), &end) ||
        end < start)
        return -1;
    return end - start;
}
