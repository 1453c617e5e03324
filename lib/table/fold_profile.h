/* fold_profile - a profile as folded stacks: its stacks as they are, its totals by their edges
 *
 * The callbacks of a sink with KINDS_PROFILE and columns, and the stacks at its end.
 */
#ifndef TRS_FOLD_PROFILE_H
#define TRS_FOLD_PROFILE_H

#include "prof/profile.h"
#include "prof/weight.h"
#include "table/stacks.h"

struct fold_profile {
    struct profile profile;
    enum weight weight; /* what its times are */
};

/* At the end of a stream. -1 if the weights of its parts, or those of streams before it, are no
 * sum. */
int fold_profile_end(struct fold_profile *f, const struct stream *s, struct err *e);

/* When all streams are read. Says on standard error what is not exact. Weights are as in records:
 * ns, or thousandths of samples or bytes. */
int fold_profile_stacks(struct fold_profile *f, struct stacks *stacks, struct err *e);

/* Makes whole samples or bytes of the thousandths, if all are, else says that they are none. */
void fold_profile_whole(const struct fold_profile *f, struct stacks *stacks);

void fold_profile_free(struct fold_profile *f);

#endif
