/* ahead - reading and decoding on a thread of its own, ahead of the reader
 *
 * Private to lib/io. The thread reads, through the codec if there is one, into a ring of blocks,
 * and the window lies in one of them. What the reader has not used goes into the margin before the
 * next block, so that bytes are not copied:
 *
 *     |.... margin ....|p= tail =|========== block ==========end|
 *
 * Each block comes with what belongs to it: bytes consumed, damage, an error. So the reader sees
 * the same bytes, cut into the same blocks, with the same outcome as without a thread.
 */
#ifndef TRS_AHEAD_H
#define TRS_AHEAD_H

#include "io/codec.h"

enum { AHEAD_FROM = 16 }; /* blocks are read in line first: a thread is not for little */

/* Starts reading what comes behind in->end. From then on codec and descriptor are the thread's.
 * NULL if no thread can be had. */
struct ahead *ahead_start(const struct input *in);

/* input_more by in->ahead. */
int ahead_more(struct input *in, struct err *e);

/* For the thread, before a read: waits for bytes; the reader may have all blocks that there are
 * meanwhile. False when the thread is to end. */
bool ahead_wait(struct ahead *a);

/* Ends the thread, also one that waits for bytes that never come, and frees what the window may
 * lie in. NULL is fine. */
void ahead_stop(struct ahead *a);

#endif
