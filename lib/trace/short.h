/* short - names of C++ functions without template arguments and function arguments
 *
 *   void at::native::(anonymous namespace)::reduce_kernel<512, 1, at::Op<float> >(at::Op<float>)
 *   at::native::(anonymous namespace)::reduce_kernel
 *
 * What is no such name, or has brackets that do not match, stays as it is.
 */
#ifndef TRS_SHORT_H
#define TRS_SHORT_H

#include "base/buf.h"

enum { SHORT_MAX = 1024 * 1024 }; /* longer names stay */

/* All zero is ready. */
struct shortener {
    struct buf out;
    uint32_t *matches; /* for each opening bracket, where it is closed; 0: it is none */
    uint32_t *open;    /* those that are open */
    size_t matches_cap, open_cap;
};

/* Borrowed: from the name, or until the next call. */
struct slice short_name(struct shortener *s, struct slice name);
void short_free(struct shortener *s);

#endif
