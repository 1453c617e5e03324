/* fold - records as frames of stacks: what they weigh, where stacks begin, what names look like */
#ifndef TRS_FOLD_H
#define TRS_FOLD_H

#include "format/stream.h"
#include "table/stacks.h"

enum fold_weight { FOLD_DUR, FOLD_COUNT, FOLD_BYTES };
enum fold_root { FOLD_ROOT_NONE, FOLD_ROOT_RANK, FOLD_ROOT_PID, FOLD_ROOT_TID };

/* Frames of the names of a stream, each looked up once while its id has its meaning. */
struct fold_names {
    struct stacks *stacks; /* whose frames they are */
    struct fold_name {
        uint32_t epoch, frame; /* epoch of the stream plus 1 */
    } * at[2];                 /* of name i of the role at i */
    size_t cap[2];
};

/* The frame of a name; role is that of GPU activity or of hosts. */
uint32_t fold_name(struct fold_names *names, const struct stream *s, enum role role, uint32_t name);

/* At the end of a stream. */
void fold_names_forget(struct fold_names *names);

/* The node where stacks begin, such as that of `pid=12`. */
uint32_t fold_root_node(struct stacks *stacks, enum fold_root root, struct slice what);

#endif
