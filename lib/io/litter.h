/* litter - temporary files that go when the program ends, however it ends
 *
 * Private to lib/io. A few names are remembered; exit and deadly signals remove what they stand
 * for. SIGKILL cannot be caught.
 */
#ifndef TRS_LITTER_H
#define TRS_LITTER_H

#include <sys/types.h>

enum { LITTER_MAX = 4 };

/* Opens a new file that is remembered from its first moment: no signal comes between. name has to
 * live until it is removed or forgotten. Returns the descriptor, -1 with errno if the file is there
 * or cannot be made. More than LITTER_MAX are not remembered. */
int litter_create(char *name, int flags, mode_t mode);
void litter_remove(char *name); /* removes the file now */
void litter_forget(char *name); /* the file stays, or has another name by now */

#endif
