/* ids - a set of 64-bit ids: all are added, then looked up; 8 bytes each
 *
 * Sorted and not hashed: what a file chooses cannot make it slow.
 */
#ifndef TRS_IDS_H
#define TRS_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: empty. */
struct ids {
    uint64_t *at;
    size_t n, cap;
};

void ids_add(struct ids *s, uint64_t id);
void ids_settle(struct ids *s); /* after the last ids_add */
bool ids_has(const struct ids *s, uint64_t id);
void ids_free(struct ids *s);

#endif
