/* twin_stack - call stacks in the text form of a stream: written and read
 *
 *   ["python:train.py(3): f","cpu_op:aten::mm"]     of a link: a frame is its kind and its name
 *   ["main.py:1(<module>)","a.py:3(f)"]             of a profile: all frames are functions
 *
 * The outermost frame comes first. One without a name is its kind and the colon alone; of a profile
 * it is null, where a name may be empty.
 */
#ifndef TRS_TWIN_STACK_H
#define TRS_TWIN_STACK_H

#include "format/stream.h"
#include "trace/json.h"

enum twin_frames { TWIN_FRAMES_OF_LINK, TWIN_FRAMES_OF_PROFILE };

/* A stack that was read. All zero is ready; it is used again and again. */
struct twin_stack {
    struct twin_frame {
        uint32_t kind;
        bool named;
        size_t end; /* of its name, which begins where the one before ends */
    } * frames;
    size_t n, cap;
    struct buf names;
};

/* Appends the array of a stack. */
void twin_stack_add(struct buf *b, const struct stream *s, uint32_t stack, enum twin_frames form);

/* Reads what stands at c and passes it. Returns what is wrong with it, or NULL. */
const char *twin_stack_take(struct json_cursor *c, struct twin_stack *k, enum twin_frames form);

/* Its id in the stream that is written; 0 for one without frames. */
uint32_t twin_stack_write(struct writer *w, const struct twin_stack *k);

void twin_stack_free(struct twin_stack *k);

#endif
