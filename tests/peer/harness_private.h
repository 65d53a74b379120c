/* harness_private.h: what the files of the harness share. */
#ifndef PEER_HARNESS_PRIVATE_H
#define PEER_HARNESS_PRIVATE_H

#include "peer/harness.h"
#include "peer/peer_private.h"

/* Wait for the child, at most timeout_ms: its wait status in *ret_status, or -ETIME. */
int harness_wait(pid_t pid, int timeout_ms, int *ret_status);
int harness_exit_code(int wait_status); /* the exit status, or 128 + the signal's number */

/* Whether `dir` is a mount point of a FUSE filesystem now. */
bool harness_is_mounted(const char *dir);
void harness_unmount(const char *dir); /* lazily */
char *
harness_read_file(const char *path); /* NUL-terminated, to be freed; "" if it cannot be read */

#endif
