/* base/thread.h: how every thread of the project is started. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

/* Starts `fn(arg)` in a thread named `name` (cut to 15 characters) that takes no signals but
 * those a fault of its own raises, so that the program's signalfd gets the rest. It must be
 * joined, not detached. Any thread. 0 or -errno. */
int thread_start(pthread_t *ret, const char *name, void *(*fn)(void *), void *arg);

#endif
