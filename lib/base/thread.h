/* thread - a thread that takes no signals: those are for the threads that are there already */
#ifndef TRS_THREAD_H
#define TRS_THREAD_H

#include <pthread.h>

/* As pthread_create: 0 or an errno. A write beyond the limit of the file size is an error there,
 * not a SIGXFSZ. */
int thread_start(pthread_t *thread, void *(*run)(void *), void *ctx);

#endif
