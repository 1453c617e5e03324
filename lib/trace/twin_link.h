/* twin_link - what GPU activity belongs to, in the text form of a stream: written and read
 *
 *   "link":{"launch":"cudaLaunchKernel","cpu_op":"aten::mm","module":"Block_3","step":"4",
 *           "stack":["python:train.py(3): f","cpu_op:aten::mm","runtime:cudaLaunchKernel"],
 *           "launched":true}
 *
 * The stack is one of twin_stack.h.
 */
#ifndef TRS_TWIN_LINK_H
#define TRS_TWIN_LINK_H

#include "trace/twin_stack.h"

enum { TWIN_LINK_TEXTS = 9 };

/* A link that was read. All zero is ready; it is used again and again. */
struct twin_link {
    struct slice texts[TWIN_LINK_TEXTS]; /* p == NULL where absent */
    struct buf decoded[TWIN_LINK_TEXTS]; /* what they point to where a text had to be decoded */
    uint32_t flags;
    struct twin_stack stack;
};

/* Appends the object of a link. */
void twin_link_add(struct buf *b, const struct stream *s, const struct link *link);

/* Reads what stands at c and passes it. Returns what is wrong with it, or NULL. It points into the
 * bytes of the cursor. */
const char *twin_link_take(struct json_cursor *c, struct twin_link *l);

/* Its id in the stream that is written. */
uint32_t twin_link_write(struct writer *w, const struct twin_link *l);

void twin_link_free(struct twin_link *l);

#endif
