/* run-queue - a plan of runs that workers share, and how far it is
 *   in: a plan, JSON     out: the plan, changed; or the id of a run, a field, a table of runs
 *   while id=$(run-queue p.json next); do ... && run-queue p.json done "$id" seconds=1.5; done   */
#include "base/err.h"
#include "base/mem.h"
#include "base/opts.h"
#include "plan/plan_file.h"
#include "plan/plan_given.h"
#include "plan/plan_run.h"
#include "plan/plan_text.h"
#include "plan/requires.h"
#include "plan/revision.h"
#include "table/plan_rows.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct tool tool = {"run-queue",
                                 "[OPTION]... PLAN next\n"
                                 "       run-queue PLAN start ID\n"
                                 "       run-queue PLAN done ID [KEY=VALUE]...\n"
                                 "       run-queue PLAN error ID [TEXT]\n"
                                 "       run-queue PLAN reset [ID]\n"
                                 "       run-queue [OPTION]... PLAN status\n"
                                 "       run-queue [OPTION]... PLAN get ID FIELD\n"
                                 "       run-queue PLAN add KEY=VALUE...\n"
                                 "       run-queue PLAN check",
                                 "Hand out the runs of a plan, each once, and keep what came of "
                                 "them. The options of tables are\n"
                                 "for status.",
                                 {table_options}};

struct queue {
    const char *path;
    int n; /* operands behind the command */
    char **operands;
    struct output out;
    bool out_closed; /* standard output was closed by who called us */
};

/* Opens the plan to be changed, and finds the run that the first operand names. */
static json_t *open_run(struct queue *q, struct plan_file *f)
{
    struct err e;
    const char *id = q->operands[0];
    if (plan_open(f, q->path, &e) < 0)
        die_err(&e);
    json_t *run = plan_find(&f->plan, id);
    if (!run)
        die(ST_FAILED, "%s: there is no run '%s'", q->path, id);
    return run;
}

static void save(struct plan_file *f)
{
    struct err e;
    if (plan_save(f, &e) < 0)
        die_err(&e);
}

static void print(struct queue *q, const struct buf *text)
{
    struct err e;
    if (output_write(&q->out, text->p, text->n, &e) < 0)
        die_err(&e);
}

/* next, start ---------------------------------------------------------------------------------- */

static void start_run(struct queue *q, json_t *run, const char *git)
{
    struct err e;
    if (run_start(run, git, &e) < 0)
        die(ST_FAILED, "%s: %s", q->path, e.text);
}

/* Nobody was told of a run that was started: others may have it, unless somebody has reset it. */
static int give_back(struct queue *q, const char *id, const char *start, const char *why)
{
    struct plan_file f;
    struct err e;
    if (plan_open(&f, q->path, &e) < 0)
        die(ST_FAILED, "%s; run '%s' stays running: %s", why, id, e.text);
    json_t *run = plan_find(&f.plan, id);
    const char *now = run ? run_text(run, "start") : NULL;
    bool ours = now && run_status(run) == RUN_RUNNING && strcmp(now, start) == 0;
    if (!ours)
        plan_close(&f);
    else if (run_reset(run) && plan_save(&f, &e) < 0)
        die(ST_FAILED, "%s; run '%s' stays running: %s", why, id, e.text);
    die(ST_FAILED, "%s%s%s%s", why, ours ? "; run '" : "", ours ? id : "",
        ours ? "' is pending again" : "");
}

/* Prints the id of a run that is ours by now. */
static int hand_out(struct queue *q, const char *id, const char *start)
{
    struct err e;
    char line[RUN_ID_MAX + 2];
    err_set(&e, ST_FAILED, "%s: nobody reads it", q->out.name);
    (void)signal(SIGPIPE, SIG_IGN);
    int n = snprintf(line, sizeof line, "%s\n", id);
    int rc = output_write(&q->out, line, (size_t)n, &e);
    if (rc == 0)
        rc = output_close(&q->out, &e);
    if (rc < 0 || q->out.reader_gone)
        return give_back(q, id, start, e.text);
    return ST_WHOLE;
}

static int next(struct queue *q)
{
    struct plan_file f;
    struct err e;
    if (q->out_closed)
        die(ST_FAILED, "standard output: cannot write: %s", strerror(EBADF));
    char *git = revision_here(); /* before others have to wait for us */
    if (plan_open(&f, q->path, &e) < 0)
        die_err(&e);
    json_t *run = plan_next(&f.plan);
    if (!run) {
        msg_detail("%s: nothing is pending", q->path);
        output_drop(&q->out);
        return ST_FAILED;
    }
    struct run_id id = run_id(run);
    start_run(q, run, git);
    const char *now = run_text(run, "start");
    char *start = mem_dup(now, strlen(now));
    save(&f);
    int status = hand_out(q, id.text, start);
    free(start);
    free(git);
    return status;
}

static int start(struct queue *q)
{
    struct plan_file f;
    char *git = revision_here();
    start_run(q, open_run(q, &f), git);
    free(git);
    save(&f);
    return ST_WHOLE;
}

/* done, error, reset --------------------------------------------------------------------------- */

static int end(struct queue *q, enum run_status as, json_t *results)
{
    struct plan_file f;
    struct err e;
    if (run_end(open_run(q, &f), as, results, &e) < 0)
        die(ST_FAILED, "%s: %s", q->path, e.text);
    save(&f);
    return ST_WHOLE;
}

static int done(struct queue *q)
{
    struct err e;
    json_t *results = given_results(q->n - 1, q->operands + 1, &e);
    if (!results)
        die_err(&e);
    return end(q, RUN_DONE, results);
}

static int error(struct queue *q)
{
    return end(q, RUN_ERROR, given_error(q->n > 1 ? q->operands[1] : NULL));
}

/* Those that were handed out and came to nothing. */
static size_t reset_all(const struct plan *p)
{
    size_t i, n = 0;
    json_t *run;
    json_array_foreach(p->runs, i, run)
    {
        if (run_status(run) != RUN_DONE)
            n += run_reset(run);
    }
    return n;
}

static int reset(struct queue *q)
{
    struct plan_file f;
    struct err e;
    size_t n;
    if (q->n > 0) {
        n = run_reset(open_run(q, &f));
    } else {
        if (plan_open(&f, q->path, &e) < 0)
            die_err(&e);
        n = reset_all(&f.plan);
    }
    if (n > 0)
        save(&f);
    else
        plan_close(&f);
    msg_note("%zu %s pending again", n, n == 1 ? "run is" : "runs are");
    return ST_WHOLE;
}

/* status --------------------------------------------------------------------------------------- */

static int status(struct queue *q)
{
    struct plan p;
    struct table t;
    struct err e;
    size_t counts[RUN_STATUSES] = {0};
    char said[200];
    if (table_open(&t, plan_columns, PLAN_COLUMNS, NULL, &e) < 0 || plan_read(&p, q->path, &e) < 0)
        die_err(&e);
    plan_rows(&t, &p, counts);
    (void)snprintf(said, sizeof said, "%zu pending, %zu running, %zu done, %zu errors",
                   counts[RUN_PENDING], counts[RUN_RUNNING], counts[RUN_DONE], counts[RUN_ERROR]);
    t.empty_note = said;
    if (table_print(&t, &q->out, &e) < 0)
        die_err(&e);
    if (table_rows(&t) > 0)
        msg_note("%s", said);
    table_free(&t);
    plan_free(&p);
    return ST_WHOLE;
}

/* get ------------------------------------------------------------------------------------------ */

/* What a run without it has, or NULL. */
static const char *fallback(const char *field)
{
    if (strcmp(field, "status") == 0)
        return run_statuses[RUN_PENDING];
    return strcmp(field, "phase") == 0 ? "0" : NULL;
}

static int get(struct queue *q)
{
    const char *id = q->operands[0], *field = q->operands[1];
    struct plan p;
    struct err e;
    struct buf text = {0};
    if (plan_read(&p, q->path, &e) < 0)
        die_err(&e);
    bool top = strcmp(id, "-") == 0;
    json_t *object = top ? p.root : plan_find(&p, id);
    if (!object)
        die(ST_FAILED, "%s: there is no run '%s'", q->path, id);
    json_t *value = run_member(object, field);
    const char *other = top ? NULL : fallback(field);
    if (value)
        plan_add_raw(&text, value);
    else if (other)
        buf_adds(&text, other);
    else
        msg_detail("%s: no '%s' there", q->path, field);
    if (value || other) {
        buf_addc(&text, '\n');
        print(q, &text);
    }
    buf_free(&text);
    plan_free(&p);
    return value || other ? ST_WHOLE : ST_FAILED;
}

/* add ------------------------------------------------------------------------------------------ */

/* Where there is no plan, one with this run: 1 if there is one by now. */
static int add_first(struct queue *q, json_t *run, struct err *e)
{
    struct plan p;
    plan_new(&p);
    json_array_append(p.runs, run);
    int rc = plan_create(&p, q->path, e);
    plan_free(&p);
    return rc;
}

static void add_to(struct queue *q, struct plan_file *f, json_t *run)
{
    const char *id = run_text(run, "id");
    if (plan_find(&f->plan, id))
        die(ST_FAILED, "%s: there is a run '%s' already", q->path, id);
    json_array_append(f->plan.runs, run);
    save(f);
}

static int add(struct queue *q)
{
    struct plan_file f;
    struct err e;
    int rc;
    json_t *run = given_run(q->n, q->operands, &e);
    if (!run)
        die_err(&e);
    do {
        rc = plan_open_if(&f, q->path, &e);
        if (rc == 0)
            add_to(q, &f, run);
        else if (rc == 1)
            rc = add_first(q, run, &e);
    } while (rc == 1);
    if (rc < 0)
        die_err(&e);
    json_decref(run);
    return ST_WHOLE;
}

/* check ---------------------------------------------------------------------------------------- */

static void broken(void *ctx, const char *what)
{
    const struct queue *q = ctx;
    msg_error("%s: %s", q->path, what);
}

static int check(struct queue *q)
{
    struct plan p;
    struct err e;
    if (plan_read(&p, q->path, &e) < 0)
        die_err(&e);
    size_t n = requires_check(&p, broken, q);
    plan_free(&p);
    return n > 0 ? ST_CHECK : ST_WHOLE;
}

/* Command line --------------------------------------------------------------------------------- */

#define COMMANDS "next start done error reset status get add check"

static const struct command {
    const char *name;
    int (*run)(struct queue *q);
    int least, most; /* operands */
    const char *takes;
    bool prints;
} commands[] = {{"next", next, 0, 0, "no operand", true},
                {"start", start, 1, 1, "an ID", false},
                {"done", done, 1, INT_MAX, "an ID and KEY=VALUE", false},
                {"error", error, 1, 2, "an ID and one TEXT", false},
                {"reset", reset, 0, 1, "at most an ID", false},
                {"status", status, 0, 0, "no operand", true},
                {"get", get, 2, 2, "an ID and a FIELD", true},
                {"add", add, 1, INT_MAX, "KEY=VALUE", false},
                {"check", check, 0, 0, "no operand", false}};

static const struct command *command_of(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    die(ST_USAGE, "unknown command '%s'; there are: " COMMANDS, name);
}

/* An option that the command would pass over in silence is wrong use. */
static void check_use(const struct command *c, const struct queue *q)
{
    if (q->n < c->least || q->n > c->most)
        die(ST_USAGE, "%s takes %s", c->name, c->takes);
    if (opts_common.output && !c->prints)
        die(ST_USAGE, "-o: %s has nothing to write", c->name);
    if (c->run != status &&
        (table_opts.format || table_opts.sort || table_opts.top || table_opts.no_header))
        die(ST_USAGE, "%s prints no table: --format --sort --top --no-header are for status",
            c->name);
}

int main(int argc, char **argv)
{
    struct queue q = {.out_closed = fcntl(STDOUT_FILENO, F_GETFD) < 0};
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    if (argc - first < 2)
        die(ST_USAGE, "%s is missing; usage: run-queue PLAN COMMAND; commands are: " COMMANDS,
            first == argc ? "a plan" : "a command");
    q.path = argv[first];
    q.n = argc - first - 2;
    q.operands = argv + first + 2;
    const struct command *c = command_of(argv[first + 1]);
    check_use(c, &q);
    if (c->prints && output_open(&q.out, opts_common.output, &e) < 0)
        die_err(&e);
    int result = c->run(&q);
    if (c->prints && c->run != next && output_close(&q.out, &e) < 0)
        die_err(&e);
    return result;
}
