/* layer_class - the class of module whose instances are the layers of a model (DEFINITIONS of the
 * project, "Layer")
 *
 * Frames `nn.Module: TransformerBlock_17` say it themselves where Python was traced. Of the classes
 * that have two instances or more under one parent and hold at least half of the linked GPU time,
 * it is the outermost; then the one with most time; then the first by name.
 *
 * The layer of an activity is then the number of the outermost frame of this class around its
 * launch; without one it has none.
 */
#ifndef TRS_LAYER_CLASS_H
#define TRS_LAYER_CLASS_H

#include "base/strtab.h"

/* One frame in the chain of module frames of a GPU activity: those around its launch, or if there
 * are none those of its forward op, outermost first. Frames that split are given, others only
 * count for depth and as parents.
 *
 * Frames with the same class, number, depth and parent may be given once, with the sum of their
 * times, or one by one: the answer is the same. Each frame that has an activity must be given, if
 * all its times are 0 too; frames without activities must not. */
struct module_frame {
    uint32_t cls;     /* id of the class in a strtab of the caller */
    uint32_t number;  /* of the instance */
    uint32_t depth;   /* place in the chain; the outermost frame, whatever it is, has 0 */
    uint32_t parent;  /* id of the *name* of the frame before it in the chain (two frames with the
                       * name `Stack_0` are one parent); not looked at where depth is 0 */
    uint64_t time_ns; /* durations of the activities whose outermost frame of this class this is:
                       * a class in itself must not count an activity twice */
};

/* A name without `nn.Module: ` into class and number: `Block_17` is instance 17 of Block, and so is
 * `Block_017`. False for a name that has no number, or one of 2^32 - 1 or more. */
bool layer_class_split(struct slice name, struct slice *cls, uint32_t *number);

/* The id of the class among those of the n frames, 0 if none fits. linked_ns: the durations of all
 * activities that have a launch, whether in a module or not; with 0 none fits. Sums stop at
 * 2^64 - 1. */
uint32_t layer_class_choose(const struct module_frame *frames, size_t n, uint64_t linked_ns,
                            const struct strtab *classes);

#endif
