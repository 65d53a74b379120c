/* cli/daemon.h: going into the background with a start that is reported: the command ends when
 * the daemon is ready, or says why it is not. */
#ifndef CLI_DAEMON_H
#define CLI_DAEMON_H

#include <stdbool.h>
#include <stddef.h>

struct daemon {
    int report_fd; /* to the process that waits; -1: none */
    bool in_front;
};

/* Not in front: forks. The only thread there is calls it. In the new process, or in front,
 * returns 0; the process that was there before waits until the new one is ready, has failed or
 * has died, prints what it was told to standard error after `program`, and does not return: it
 * exits. If it is killed meanwhile, so is the new process. -errno if there is no new process.
 */
int daemon_begin(struct daemon *daemon, bool in_front, const char *program);

/* The work has begun: the process that waits exits with 0. Not in front: standard input, output
 * and error become /dev/null and the directory becomes "/". */
void daemon_ready(struct daemon *daemon);

/* The work cannot be done: the process that waits prints `line` and exits with `status`; in
 * front, or after daemon_ready, `line` goes to this process's standard error. Returns `status`.
 */
int daemon_failed(struct daemon *daemon, const char *program, int status, const char *line);

#endif
