/* mem - memory that is there, or the end of the program
 *
 * Lack of memory is the one error that a library function does not return: these functions
 * print one line and exit with ST_FAILED. Output files that were begun are removed on the way
 * (see io/output.h). Everything they return is freed with free().
 */
#ifndef TRS_MEM_H
#define TRS_MEM_H

#include <stddef.h>

void *mem_alloc(size_t bytes);               /* uninitialised */
void *mem_zalloc(size_t count, size_t size); /* zeroed; count * size is checked */
void *mem_resize(void *p, size_t bytes);     /* as realloc */
void *mem_dup(const void *p, size_t bytes);  /* a copy, with a NUL behind it */

/* Makes room in the growing array *p of *cap elements for `need` elements of `size` bytes; grows
 * by half as much again. */
void *mem_grow(void *p, size_t *cap, size_t need, size_t size);

/* The same, with zeros in what is new. */
void *mem_grow_zeroed(void *p, size_t *cap, size_t need, size_t size);

#endif
