/* base/process.h: running a program for what it prints. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include "base/buf.h"

/* Runs argv[0] (looked up in PATH, no shell) with `argv`, NULL-terminated, and this process's
 * environment; its input is empty, what it prints goes into `out` and `err`. More than `out`
 * may hold ends it; of a longer `err` the end is dropped. *ret_status is as waitpid(2) gives
 * it. The program is killed after `timeout_ms` and when `cancel_fd` (-1: none) becomes
 * readable; what it started itself is not waited for. 0; -ETIMEDOUT, -ECANCELED, -EFBIG (too
 * much output), -ENOMEM, or another -errno if it could not be started. Blocks. Any thread. */
int process_run(char *const *argv, int timeout_ms, int cancel_fd, struct buf *out,
                struct buf *err, int *ret_status);

#endif
