/* base/secret.h: memory for keys. It is left out of core dumps, wiped before it is given back,
 * and not swapped out as far as the process may lock memory. Each piece takes whole pages of
 * its own: for few and long-lived things. Any thread. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/cleanup.h"
#include "base/str.h"

/* Zeroed memory, aligned for any type. NULL on ENOMEM. */
void *secret_alloc(size_t size);
/* NULL-safe. */
void secret_free(void *memory);
/* A NUL-terminated copy, NULL on ENOMEM; an absent str gives "". */
char *secret_dup(struct pail_str s);

/* Moves the value of an environment variable into such memory, and wipes it where it was: from
 * then on it is neither in a core dump nor in /proc/PID/environ, while getenv(3) and programs
 * that are started still find it. For programs, once, before there is a second thread. 0, also
 * if the variable is not set, or -ENOMEM. */
int secret_environment(const char *name);

DEFINE_CLEANUP(secret, void *, secret_free);

#endif
