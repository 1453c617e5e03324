/* reader_id - which version of the readers this is: a hash of their source text, made by the
 * Makefile. What another version read from a trace may not be what this one reads. */
#ifndef TRS_READER_ID_H
#define TRS_READER_ID_H

#include <stdint.h>

extern const uint64_t reader_id;

#endif
