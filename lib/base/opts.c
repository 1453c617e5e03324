#include "base/opts.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef TRS_VERSION
#define TRS_VERSION "0"
#endif

enum { TABLES = 4, OPTIONS_MAX = 64 };

struct opts_common opts_common;

static bool help, version, quiet, verbose;

static const struct opt common[] = {
    {'o', "output", OPT_TEXT, &opts_common.output, "FILE", "write there, atomically"},
    {'q', "quiet", OPT_FLAG, &quiet, NULL, "no notes, no progress"},
    {'v', "verbose", OPT_FLAG, &verbose, NULL, "say more"},
    {0, "partial-ok", OPT_FLAG, &opts_common.partial_ok, NULL,
     "exit 0, not 3, when something was lost"},
    {0, "strict", OPT_FLAG, &opts_common.strict, NULL,
     "exit 1 and give no result when something was lost"},
    {'h', "help", OPT_FLAG, &help, NULL, "print this and exit"},
    {'V', "version", OPT_FLAG, &version, NULL, "print the version and exit"},
    {0}};

/* All options of the tool in one list, for getopt and for messages. */
struct options {
    const struct opt *at[OPTIONS_MAX];
    int n;
};

static void options_add(struct options *o, const struct opt *table)
{
    for (; table && table->name; table++)
        if (o->n < OPTIONS_MAX)
            o->at[o->n++] = table;
}

static struct options options_of(const struct tool *tool)
{
    struct options o = {.n = 0};
    for (int t = 0; t < TABLES - 1; t++)
        options_add(&o, tool->tables[t]);
    options_add(&o, common);
    return o;
}

static void print_help(const struct tool *tool, const struct options *o)
{
    printf("usage: %s %s\n%s\n\n", tool->name, tool->synopsis, tool->summary);
    for (int i = 0; i < o->n; i++) {
        const struct opt *p = o->at[i];
        char left[80];
        char letter[] = {p->letter ? '-' : ' ', p->letter ? p->letter : ' ', p->letter ? ',' : ' ',
                         '\0'};
        (void)snprintf(left, sizeof left, "%s --%s%s%s", letter, p->name, p->arg ? " " : "",
                       p->arg ? p->arg : "");
        printf("  %-28s  %s\n", left, p->help);
    }
}

static _Noreturn void bad_option(const struct tool *tool, const struct options *o, char **argv)
{
    struct buf known = {0};
    for (int i = 0; i < o->n; i++)
        buf_addf(&known, " --%s", o->at[i]->name);
    buf_addc(&known, '\0');
    char letter[] = {'-', (char)optopt, '\0'};
    const char *what = optopt ? letter : argv[optind - 1];
    for (int i = 0; i < o->n; i++)
        if (optopt == 1000 + i || (optopt && optopt == o->at[i]->letter))
            die(ST_USAGE, "option '--%s' %s", o->at[i]->name,
                o->at[i]->arg ? "needs an argument" : "takes no argument");
    die(ST_USAGE, "unknown option '%s'; %s has%s", what, tool->name, (char *)known.p);
}

static bool set_number(const struct opt *o, const char *arg)
{
    switch (o->kind) {
    case OPT_COUNT:
        return num_u64(slice_str(arg), o->target) && arg[0] != '0';
    case OPT_NUMBER:
        return num_u64(slice_str(arg), o->target);
    case OPT_SIZE:
        return num_size(slice_str(arg), o->target);
    case OPT_AGE:
        return num_age(slice_str(arg), o->target);
    case OPT_DURATION:
        return num_duration(slice_str(arg), o->target) && *(int64_t *)o->target >= 0;
    default:
        return false;
    }
}

static void set(const struct opt *o, const char *arg)
{
    static const char *const needs[] = {
        [OPT_COUNT] = "a whole number above zero",
        [OPT_NUMBER] = "a whole number",
        [OPT_SIZE] = "a number of bytes, such as 4096 or 20G (K M G T: powers of 1024)",
        [OPT_AGE] = "a time, such as 12h, 30d or 4w",
        [OPT_DURATION] = "a length of time, such as 500ns, 10us, 1.5ms or 2s (without a unit: us)"};
    if (o->kind == OPT_FLAG)
        *(bool *)o->target = true;
    else if (o->kind == OPT_TEXT)
        *(const char **)o->target = arg;
    else if (o->kind == OPT_TEXTS)
        (void)strtab_add(o->target, slice_str(arg));
    else if (!set_number(o, arg))
        die(ST_USAGE, "option '--%s' needs %s, not '%s'", o->name, needs[o->kind], arg);
}

/* A descriptor 0-2 that is closed would be given to the first file that is opened, and messages
 * would end in it. */
static void open_standard_descriptors(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO && fcntl(fd, F_SETFD, 0) == 0);
    if (fd >= 0)
        close(fd);
}

/* getopt's two tables, made from ours. Long options answer 1000 + index. */
static void getopt_tables(const struct options *o, struct option *longs, char *shorts)
{
    *shorts++ = ':';
    for (int i = 0; i < o->n; i++) {
        const struct opt *p = o->at[i];
        longs[i] =
            (struct option){p->name, p->arg ? required_argument : no_argument, NULL, 1000 + i};
        if (p->letter)
            *shorts++ = p->letter;
        if (p->letter && p->arg)
            *shorts++ = ':';
    }
    longs[o->n] = (struct option){0};
    *shorts = '\0';
}

int opts_parse(const struct tool *tool, int argc, char **argv)
{
    open_standard_descriptors();
    msg_init(tool->name);
    struct options o = options_of(tool);
    struct option longs[OPTIONS_MAX + 1];
    char shorts[2 * OPTIONS_MAX + 2];
    getopt_tables(&o, longs, shorts);
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, shorts, longs, NULL)) != -1;) {
        if (c == '?' || c == ':')
            bad_option(tool, &o, argv);
        for (int i = 0; i < o.n; i++)
            if (c == 1000 + i || (c < 1000 && c == o.at[i]->letter))
                set(o.at[i], optarg);
    }
    msg_level(quiet ? -1 : verbose);
    if (help)
        print_help(tool, &o);
    else if (version)
        printf("%s (trs) %s\n", tool->name, opts_version());
    if ((help || version) && fflush(stdout) != 0)
        die(ST_FAILED, "standard output: cannot write");
    if (help || version)
        exit(ST_WHOLE);
    if (opts_common.partial_ok && opts_common.strict)
        die(ST_USAGE, "--partial-ok and --strict exclude each other");
    return optind;
}

int opts_settle(int status, const char *name, struct err *e)
{
    if (status != ST_INCOMPLETE || opts_common.partial_ok)
        return status == ST_INCOMPLETE ? ST_WHOLE : status;
    if (opts_common.strict)
        return err_set(e, ST_FAILED, "%s: incomplete, and --strict was given", name);
    return status;
}

void opts_list(const char *option, const char *list, struct strtab *out)
{
    for (const char *p = list;; p++) {
        size_t n = strcspn(p, ",");
        if (n == 0)
            die(ST_USAGE, "--%s: an empty item in '%s'", option, list);
        strtab_intern(out, slice_of(p, n));
        p += n;
        if (*p == '\0')
            return;
    }
}

unsigned opts_choice(const char *option, const char *value, const char *const *known)
{
    struct buf list = {0};
    for (unsigned i = 0; known[i]; i++) {
        if (strcmp(value, known[i]) == 0) {
            buf_free(&list);
            return i;
        }
        buf_addf(&list, "%s%s", i ? " " : "", known[i]);
    }
    buf_addc(&list, '\0');
    die(ST_USAGE, "unknown %s '%.200s'; known are %s", option, value, (const char *)list.p);
}

const char *opts_version(void)
{
    return TRS_VERSION;
}
