/* links - what the links of GPU activity say under the keys that are asked for (keys.h)
 *
 * A trace has a hundred thousand links, and three phases: links that say the same under the keys
 * that are asked for become one small number, a *saying*, once for each link. Sayings become texts
 * only when they are about to lose their meaning; call stacks become nodes of a tree, since their
 * texts together are many times larger than it.
 *
 * Takes 8 bytes a link, and for stacks 8 a frame and 60 a frame of the tree.
 *
 * A struct links that is all zero is empty and ready.
 */
#ifndef TRS_LINKS_H
#define TRS_LINKS_H

#include "table/keys.h"
#include "table/stacks.h"

enum { LINK_KEYS = KEYS - KEY_CPU_OP };

struct links {
    /* private */
    bool open, asked[LINK_KEYS]; /* which keys are, from KEY_CPU_OP on */
    struct strtab sayings;
    unsigned epoch; /* of the stream, for which they hold */
    struct links_memo {
        struct links_known {
            uint32_t epoch, id; /* epoch of the stream plus 1 */
        } * at;
        size_t cap;
    } of_link, of_stack, of_name; /* saying, node, name of a node */
    struct stacks stacks;         /* of all streams */
    uint32_t *path;               /* while a stack becomes a node */
    size_t path_cap;
};

/* Before the first record of each batch; keys are the same each time. */
void links_ready(struct links *l, const struct keys *keys, const struct stream *s);

/* What a link says, one of s->links, or NULL for activity without one. Never 0, which is for what
 * is no GPU activity. Holds until links_ready after a RESET. */
uint32_t links_saying(struct links *l, const struct stream *s, const struct link *link);

/* The text of a key but KEY_STACK, borrowed. */
struct slice links_text(const struct links *l, const struct stream *s, enum key key,
                        uint32_t saying);

/* The stack of a saying, a node that lasts, and its frames joined with `;`, outermost first. */
uint32_t links_stack(struct links *l, const struct stream *s, uint32_t saying);
void links_add_stack(const struct links *l, uint32_t node, struct buf *text);

/* At the end of a stream. */
void links_end(struct links *l);

void links_free(struct links *l);

#endif
