/* litter - temporary files that go when the program ends, however it ends
 *
 * Private to lib/io. A few names are remembered; exit and deadly signals remove what they stand
 * for. SIGKILL cannot be caught.
 */
#ifndef TRS_LITTER_H
#define TRS_LITTER_H

enum { LITTER_MAX = 4 };

/* name has to live until it is removed or forgotten. More than LITTER_MAX are not remembered. */
void litter_add(char *name);
void litter_remove(char *name); /* removes the file now */
void litter_forget(char *name); /* the file stays, or has another name by now */

#endif
