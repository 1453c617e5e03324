/* rules - classing names of kernels, and of functions (DEFINITIONS.md 6)
 *
 * A rule is a line `op TAB category TAB library TAB pattern`; `#` begins a comment line. A pattern
 * is globs (`*`, `?`, not anchored, case-insensitive over ASCII) joined by `&`, which binds
 * tighter, and `|`; `!` negates the glob after it; `\` takes the next character as it is. The
 * first rule that matches wins.
 */
#ifndef TRS_RULES_H
#define TRS_RULES_H

#include "base/err.h"
#include "base/bytes.h"

struct rule {
    struct slice op, category, library, pattern; /* borrowed from the text of the rules */
    const char *file;
    unsigned line;
    uint32_t terms, nterms; /* private: into the terms of struct rules */
};

struct rules;

struct rules *rules_new(void);

/* Adds the rules of a text behind those that are there. The text has to live as long as the
 * rules. -1 with `file:line: what` on a line that is no rule. */
int rules_add(struct rules *r, const char *file, struct slice text, struct err *e);

/* The same of a file, which is read whole and kept. The path has to live as long as the rules. */
int rules_add_file(struct rules *r, const char *path, struct err *e);

/* Adds rules that are compiled in, line by line up to a NULL. */
void rules_add_lines(struct rules *r, const char *file, const char *const *lines);

/* Adds a pattern alone, as one rule without op, category and library. -1 with what is wrong. */
int rules_add_pattern(struct rules *r, struct slice pattern, struct err *e);

/* The same for those of GPU activity, from kernel.rules. */
void rules_add_builtin(struct rules *r);

/* The first rule that matches, or NULL. */
const struct rule *rules_match(struct rules *r, struct slice name);

/* What that rule says of a name, or where there is none `Other` and library `unknown`; borrowed
 * from the rules. */
void rules_label(struct rules *r, struct slice name, struct slice *op, struct slice *category,
                 struct slice *library);

size_t rules_count(const struct rules *r);
const struct rule *rules_at(const struct rules *r, size_t i);

void rules_free(struct rules *r);

#endif
