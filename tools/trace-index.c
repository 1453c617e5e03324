/* trace-index - the indexes of traces: made, checked, shown, cleared away
 *   in: traces, or their indexes     out: what was checked, shown or removed
 *   trace-index build *.json.gz && trace-index prune --older-than 30d                          */
#include "base/err.h"
#include "base/opts.h"
#include "base/text.h"
#include "format/index_place.h"
#include "format/index_prune.h"
#include "table/lines.h"
#include "trace/indexed.h"
#include "trace/chunks.h"
#include "trace/load.h"

#include <stdlib.h>
#include <time.h>

static uint64_t threads, max_bytes = UINT64_MAX;
static int64_t older_ns = -1;
static bool force, orphans, dry_run;
static const char *index_dir;

static const struct opt options[] = {
    {'j', "threads", OPT_COUNT, &threads, "N",
     "build: threads that read (default: one a core, at most 8)"},
    {0, "force", OPT_FLAG, &force, NULL, "build: make indexes anew that are valid"},
    {0, "index-dir", OPT_TEXT, &index_dir, "DIR", "build, verify, info: where indexes are"},
    {0, "older-than", OPT_AGE, &older_ns, "D",
     "prune: remove what was not used for so long: 12h, 30d, 4w"},
    {0, "max-bytes", OPT_SIZE, &max_bytes, "N",
     "prune: remove the longest unused until N bytes are left: 20G"},
    {0, "orphans", OPT_FLAG, &orphans, NULL, "prune: remove those whose trace is gone"},
    {0, "dry-run", OPT_FLAG, &dry_run, NULL, "prune: remove nothing, only say what would go"},
    {0}};

static const struct tool tool = {
    "trace-index",
    "build [OPTION]... FILE...\n"
    "       trace-index verify [OPTION]... FILE...\n"
    "       trace-index info [OPTION]... FILE...\n"
    "       trace-index prune [OPTION]... [DIR]",
    "Make, check, show and remove the indexes of traces. The options of tables are for info.",
    {options, table_options}};

/* Commands ------------------------------------------------------------------------------------- */

static int build(int n, char **files, struct output *out)
{
    struct load how = {.threads = chunks_threads(threads),
                       .index = force ? INDEX_REBUILD : INDEX_AUTO,
                       .index_dir = index_dir};
    struct err e;
    int worst = ST_WHOLE;
    (void)out;
    for (int i = 0; i < n; i++) {
        int status = load_index(&how, files[i], &e);
        if (status < 0)
            msg_error("%s", e.text);
        worst = status_worst(worst, status < 0 ? ST_FAILED : status);
    }
    return worst;
}

/* A line of the output; text is made fit to be shown. */
static void print(struct output *out, const char *text, const char *rest)
{
    struct buf line = {0};
    struct err e;
    text_add_tsv(&line, slice_str(text));
    buf_adds(&line, rest);
    buf_addc(&line, '\n');
    if (output_write(out, line.p, line.n, &e) < 0)
        die_err(&e);
    buf_free(&line);
}

static int verify(int n, char **files, struct output *out)
{
    struct indexed x;
    struct err e;
    int worst = ST_WHOLE;
    for (int i = 0; i < n; i++) {
        bool valid = indexed_open(&x, files[i], index_dir, &e) == 0 && indexed_check(&x, &e) == 0;
        indexed_close(&x);
        if (valid) {
            print(out, files[i], ": valid");
        } else {
            msg_error("%s", e.text);
            worst = ST_FAILED;
        }
    }
    return worst;
}

/* info ----------------------------------------------------------------------------------------- */

static void line_time(struct table *t, const char *key, int64_t ns)
{
    char text[64] = "";
    time_t seconds = (time_t)(ns / 1000000000 - (ns % 1000000000 < 0));
    struct tm utc;
    if (gmtime_r(&seconds, &utc))
        (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    line_text(t, key, slice_str(text));
}

static void line_valid(struct table *t, const struct indexed *x)
{
    struct buf text = {0};
    buf_adds(&text, x->valid ? "yes" : "no: ");
    if (!x->valid)
        buf_adds(&text, x->why.text);
    line_text(t, "valid", buf_slice(&text));
    buf_free(&text);
}

static void add_index(struct table *t, const struct indexed *x)
{
    const struct index_head *head = &x->ix.head;
    struct stat st;
    char reader[20];
    line_text(t, "index", slice_str(x->ix.path));
    line_text(t, "trace", slice_str(x->trace ? x->trace : head->trace));
    line_valid(t, x);
    line_number(t, "bytes", head->bytes, 0);
    line_number(t, "share", wide_ratio(head->bytes, head->id.size, 10000), 4);
    line_time(t, "seen", head->seen_ns);
    if (fstat(x->ix.fd, &st) == 0)
        line_time(t, "used", index_used_ns(&st));
    (void)snprintf(reader, sizeof reader, "%016llx", (unsigned long long)head->reader);
    line_text(t, "reader", slice_str(reader));
}

/* What there is of a kind, or of host names as kind 0. */
struct share {
    uint64_t rows, bytes;
    bool timed;
    int64_t first_ns, last_ns;
};

static void add_up(const struct index *ix, struct share shares[KINDS])
{
    for (uint32_t i = 0; i < ix->nextents; i++) {
        const struct extent *x = &ix->extents[i];
        struct share *s = &shares[x->kind];
        s->rows += x->rows;
        s->bytes += x->bytes;
        if (x->first_ns == 0 && x->last_ns == 0)
            continue; /* of records without a start */
        s->first_ns = s->timed && s->first_ns < x->first_ns ? s->first_ns : x->first_ns;
        s->last_ns = s->timed && s->last_ns > x->last_ns ? s->last_ns : x->last_ns;
        s->timed = true;
    }
}

static void add_kinds(struct table *t, const struct share *shares)
{
    for (unsigned kind = 1; kind < KINDS; kind++) {
        const struct share *s = &shares[kind];
        struct slice name = slice_str(kind_name(kind));
        if (s->rows == 0)
            continue;
        line_of(t, "events.", name, s->rows, 0);
        line_of(t, "bytes.", name, s->bytes, 0);
        if (s->timed) {
            line_of(t, "first_us.", name, s->first_ns, 3);
            line_of(t, "last_us.", name, s->last_ns, 3);
        }
    }
}

static void add_contents(struct table *t, const struct index *ix)
{
    struct share shares[KINDS] = {0};
    add_up(ix, shares);
    line_number(t, "status", ix->s.totals.status, 0);
    line_number(t, "events", ix->s.totals.events, 0);
    line_number(t, "lost", ix->s.totals.lost, 0);
    add_kinds(t, shares);
    line_number(t, "strings.gpu", ix->s.strings[ROLE_GPU].n, 0);
    line_number(t, "strings.host", shares[0].rows, 0);
    line_number(t, "strings.word", ix->s.strings[ROLE_WORD].n, 0);
    line_number(t, "tracks", ix->s.ntracks, 0);
}

static int info(int n, char **files, struct output *out)
{
    struct indexed x;
    struct table table;
    struct err e;
    int worst = ST_WHOLE;
    if (table_open(&table, line_columns, 2, NULL, &e) < 0)
        die_err(&e);
    for (int i = 0; i < n; i++) {
        if (indexed_open(&x, files[i], index_dir, &e) < 0) {
            msg_error("%s", e.text);
            worst = ST_FAILED;
            continue;
        }
        add_index(&table, &x);
        add_contents(&table, &x.ix);
        indexed_close(&x);
    }
    if (table_rows(&table) && table_print(&table, out, &e) < 0)
        die_err(&e);
    table_free(&table);
    return worst;
}

/* prune ---------------------------------------------------------------------------------------- */

static void on_removed(void *ctx, const char *path, uint64_t bytes)
{
    char rest[32];
    (void)snprintf(rest, sizeof rest, "\t%llu", (unsigned long long)bytes);
    print(ctx, path, rest);
}

static int prune(int n, char **folders, struct output *out)
{
    struct index_prune p = {.older_ns = older_ns,
                            .max_bytes = max_bytes,
                            .orphans = orphans,
                            .dry_run = dry_run,
                            .removed = on_removed,
                            .ctx = out};
    struct err e;
    bool there;
    char *folder = index_folder(n ? folders[0] : NULL);
    if (!folder)
        die(ST_USAGE, "which folder? There is no $TRS_INDEX_DIR, $XDG_CACHE_HOME or $HOME");
    int rc = index_prune(&p, folder, &there, &e);
    if (rc < 0)
        msg_error("%s", e.text);
    else if (!there)
        msg_note("%s: no such folder, nothing to do", folder);
    else
        msg_detail("%s: %llu indexes of %llu bytes are left", folder, (unsigned long long)p.left,
                   (unsigned long long)p.left_bytes);
    free(folder);
    return rc < 0 ? ST_FAILED : ST_WHOLE;
}

/* Command line --------------------------------------------------------------------------------- */

enum { BUILD, VERIFY, INFO, PRUNE, COMMANDS };

static const struct command {
    const char *name;
    int (*run)(int n, char **operands, struct output *out);
} commands[COMMANDS] = {{"build", build}, {"verify", verify}, {"info", info}, {"prune", prune}};

static unsigned command_of(const char *name)
{
    for (unsigned i = 0; i < COMMANDS; i++)
        if (strcmp(name, commands[i].name) == 0)
            return i;
    die(ST_USAGE, "unknown command '%s'; there are: build, verify, info, prune", name);
}

/* An option that the command would pass over in silence is wrong use. */
static void check_options(unsigned command)
{
    const struct {
        const char *name;
        bool given;
        unsigned fits; /* bits of commands */
    } given[] = {{"threads", threads > 0, 1 << BUILD},
                 {"force", force, 1 << BUILD},
                 {"index-dir", index_dir, 1 << BUILD | 1 << VERIFY | 1 << INFO},
                 {"older-than", older_ns >= 0, 1 << PRUNE},
                 {"max-bytes", max_bytes < UINT64_MAX, 1 << PRUNE},
                 {"orphans", orphans, 1 << PRUNE},
                 {"dry-run", dry_run, 1 << PRUNE},
                 {"format", table_opts.format, 1 << INFO},
                 {"sort", table_opts.sort, 1 << INFO},
                 {"top", table_opts.top > 0, 1 << INFO},
                 {"no-header", table_opts.no_header, 1 << INFO}};
    for (unsigned i = 0; i < sizeof given / sizeof *given; i++)
        if (given[i].given && !(given[i].fits & 1u << command))
            die(ST_USAGE, "--%s is not for %s", given[i].name, commands[command].name);
}

static void check_operands(unsigned command, int n)
{
    if (command != PRUNE && n == 0)
        die(ST_USAGE, "%s needs a FILE", commands[command].name);
    if (command == PRUNE && n > 1)
        die(ST_USAGE, "prune takes one folder, not %d", n);
    if (command == PRUNE && older_ns < 0 && max_bytes == UINT64_MAX && !orphans)
        die(ST_USAGE, "prune needs --older-than, --max-bytes or --orphans");
}

int main(int argc, char **argv)
{
    struct output out;
    struct err e;
    int first = opts_parse(&tool, argc, argv);
    if (first == argc)
        die(ST_USAGE, "a command is missing; there are: build, verify, info, prune");
    unsigned command = command_of(argv[first]);
    check_options(command);
    check_operands(command, argc - first - 1);
    if (output_open(&out, opts_common.output, &e) < 0)
        die_err(&e);
    int status = commands[command].run(argc - first - 1, argv + first + 1, &out);
    if (output_close(&out, &e) < 0)
        die_err(&e);
    return status;
}
