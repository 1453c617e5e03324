/* behind - writing a file on a thread of its own, behind the one who fills it
 *
 * Bytes go into a ring of blocks. Whole blocks are written past the page cache (O_DIRECT) where the
 * file system can do that: a file that is written beside other work and perhaps never read whole
 * should not cost that work its memory. If the disk is slow they go into the cache.
 */
#ifndef TRS_BEHIND_H
#define TRS_BEHIND_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct behind;

/* Begins at the first byte of a file that is open for writing. NULL with e filled if no thread can
 * be had. */
struct behind *behind_start(int fd, struct err *e);

/* Adds bytes. After an error they are dropped. */
void behind_add(struct behind *b, const void *p, size_t n);

/* Bytes added so far. */
uint64_t behind_bytes(const struct behind *b);

/* Writes what is left and frees. -1 if something could not be written. NULL is fine. */
int behind_end(struct behind *b, struct err *e);

/* The same as behind_end for a file that nobody wants any more. */
void behind_drop(struct behind *b);

/* All n bytes at an offset of a file, however often that takes: 0 or an errno. */
int behind_write(int fd, const void *p, size_t n, uint64_t off);

#endif
