/* named - which functions of a profile somebody means, and what they are called for short
 *
 *   /usr/lib/python3.11/copy.py:128(deepcopy)    deepcopy
 *   {built-in method builtins.len}               builtins.len
 *   {method 'append' of 'list' objects}          append
 *   deepcopy (copy.py:128)                       deepcopy
 *   main                                         main
 */
#ifndef TRS_NAMED_H
#define TRS_NAMED_H

#include "prof/profile.h"

/* Its bare name, a part of it. */
struct slice named_bare(struct slice function);

/* True for `file:line(name)`. */
bool named_has_place(struct slice function);

/* Sets marks[i] of each function i that is meant, and returns how many are: those that are called
 * so, in full, without the folders of the file, or by their bare name or the end of it behind a
 * dot. If there are none, those that fit it as a glob (*, ?, [a-z]), in full or by their bare name.
 * marks: one for each function, all false. */
uint32_t named_find(const struct profile *p, struct slice asked, bool *marks);

/* The same for one function, by its name; and by a glob. */
bool named_means(struct slice function, struct slice asked);
bool named_fits(struct slice function, struct slice asked);

/* Functions whose bare names look like it, the nearest first; returns how many, at most max. */
enum { NAMED_NEAREST = 3 };
uint32_t named_nearest(const struct profile *p, struct slice asked,
                       uint32_t functions[NAMED_NEAREST]);

bool named_glob(struct slice pattern, struct slice text);

#endif
