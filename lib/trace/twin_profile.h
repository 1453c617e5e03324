/* twin_profile - records of profiles in the text form of a stream: written and read
 *
 *   {"kind":"function","name":"a.py:3(f)","dur_ns":1200,"rank":0,"calls":5,"prim_calls":4,
 *    "cum_ns":9000}
 *   {"kind":"call",…,"stack":["main.py:1(<module>)","a.py:3(f)"]}
 *   {"kind":"stack","name":"leaf","dur_ns":1000,"rank":0,"stack":["main","leaf"]}
 *
 * Such a line has its kind in the place of phase and category, since these records have none.
 */
#ifndef TRS_TWIN_PROFILE_H
#define TRS_TWIN_PROFILE_H

#include "trace/source.h"
#include "trace/twin_stack.h"

enum { TWIN_PROFILE_NUMBERS = 3 };

/* What a line has beyond name, duration and rank. All zero is ready; it is used again and again. */
struct twin_profile {
    unsigned kind; /* 0: the line is no record of a profile */
    struct {
        bool has;
        uint64_t value;
    } numbers[TWIN_PROFILE_NUMBERS];
    bool has_stack;
    struct twin_stack stack;
};

/* Appends what stands behind the rank, a comma before each member. */
void twin_profile_add(struct buf *b, const struct stream *s, const struct batch *batch,
                      uint32_t row);

void twin_profile_begin(struct twin_profile *p);

/* Reads the value at c and passes it, if the key is one of a profile's; else returns false. *why is
 * set to what is wrong with it. */
bool twin_profile_take(struct json_cursor *c, struct twin_profile *p, struct slice key,
                       const char **why);

/* True if something of a profile was there. */
bool twin_profile_any(const struct twin_profile *p);

/* Becomes a record; name.p is NULL for none. */
void twin_profile_write(struct source *s, const struct twin_profile *p, struct slice name,
                        int64_t dur_ns);

void twin_profile_free(struct twin_profile *p);

#endif
