/* parts - what the input files of a stream said of themselves
 *
 * Metadata may come at any point of a stream, so sinks resolve it at the end.
 */
#ifndef TRS_PARTS_H
#define TRS_PARTS_H

#include "base/strtab.h"

#include <stdio.h>

struct parts {
    struct meta {
        uint32_t part;
        struct slice key, json; /* owned */
    } * rows;                   /* in order of first arrival */
    size_t n, cap;
    struct strtab keys; /* private: of part and key; the id is the place in rows, from 1 */
};

/* Keeps copies; a later value for the same part and key replaces the earlier one. */
void parts_set(struct parts *p, uint32_t part, struct slice key, struct slice json);

/* Borrowed JSON text, empty if there is none. */
struct slice parts_get(const struct parts *p, uint32_t part, const char *key);

/* How a part is called in the column `rank`: its rank as text, or its number where it has none;
 * of several parts with the same rank the second is `RANK#2`, and so on, so that they stay apart.
 * Writes at most size bytes with a NUL; returns the length. */
size_t parts_rank(const struct parts *p, uint32_t part, char *out, size_t size);

/* The same of the parts 0 to n - 1 at once: string part + 1 of out. */
void parts_ranks(const struct parts *p, uint32_t n, struct strtab *out);

void parts_free(struct parts *p);

#endif
