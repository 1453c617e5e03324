/* opts - the command line
 *
 * A tool describes its options in one table; parsing and --help both come from it. Every program
 * has the common options on top: -o -h -V -q -v --partial-ok --strict.
 *
 *   static const char *by = "op";
 *   static const struct opt options[] = {
 *       {0, "by", OPT_TEXT, &by, "KEYS", "group by these, a comma list (default op)"},
 *       {0}};
 *   static const struct tool tool = {"group-by-op", "[OPTION]... [FILE]...",
 *                                    "group GPU activity and add up", {options, table_options}};
 *   int n = opts_parse(&tool, argc, argv, operands);
 */
#ifndef TRS_OPTS_H
#define TRS_OPTS_H

#include "base/err.h"
#include "base/strtab.h"

#include <stdint.h>

enum opt_kind {
    OPT_FLAG,    /* bool *: set to true */
    OPT_TEXT,    /* const char **: points into argv */
    OPT_TEXTS,   /* struct strtab *: may be given again and again */
    OPT_COUNT,   /* uint64_t *: a decimal number, 1 or more */
    OPT_NUMBER,  /* uint64_t *: a decimal number, 0 allowed */
    OPT_SIZE,    /* uint64_t *: bytes, see num_size */
    OPT_AGE,     /* int64_t *: ns, see num_age */
    OPT_DURATION /* int64_t *: ns, not negative, see num_duration */
};

struct opt {
    char letter;      /* short form, or 0 */
    const char *name; /* long form without dashes; NULL ends the table */
    enum opt_kind kind;
    void *target;
    const char *arg;  /* what --help calls the argument, NULL for a flag */
    const char *help; /* one line */
};

struct tool {
    const char *name;
    const char *synopsis;        /* what follows the name on the usage line */
    const char *summary;         /* one line, begins with a verb */
    const struct opt *tables[3]; /* the tool's own table first; unused ones NULL */
};

/* The options that every program has. */
struct opts_common {
    const char *output; /* -o FILE, or NULL */
    bool partial_ok;    /* status 3 becomes 0 */
    bool strict;        /* status 3 becomes 1, and no result */
};
extern struct opts_common opts_common;

/* Parses argv (it may be reordered), handles --help and --version, and makes sure that
 * descriptors 0 to 2 are open. Ends the program with ST_USAGE and one line on wrong use. Returns
 * the index of the first operand; the operands are argv[index .. argc-1]. */
int opts_parse(const struct tool *tool, int argc, char **argv);

/* The status after --partial-ok and --strict: -1 with e filled where --strict makes it a failure.
 * name says what is incomplete. */
int opts_settle(int status, const char *name, struct err *e);

/* Adds the items of a comma list to out. Ends the program with ST_USAGE if one is empty. */
void opts_list(const char *option, const char *list, struct strtab *out);

/* The place of value among the known ones, which NULL ends. Ends the program with ST_USAGE, naming
 * them, if it is none. */
unsigned opts_choice(const char *option, const char *value, const char *const *known);

/* The version of all programs. */
const char *opts_version(void);

#endif
