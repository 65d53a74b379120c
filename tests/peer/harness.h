/* harness.h: mounts for tests, and system calls that cannot hang a test. A stuck mount fails a
 * test; it never hangs the machine. Nothing here sleeps: it waits on the event, with a time
 * limit.
 *
 * main() calls harness_begin first. Whatever is left when the process ends (mounts, processes,
 * files) is swept. Test code: failures of the system end the process with a message. */
#ifndef PEER_HARNESS_H
#define PEER_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Make the temporary directory that everything is in, and have it swept at exit (of forked
 * tests too). */
void harness_begin(void);
const char *harness_root(void);

/* NULL, or why mounts cannot work here: no /dev/fuse, no fusermount3, no pailfs. Tests then
 * fail with it. */
const char *harness_cannot_mount(void);
/* The pailfs that is mounted with: $PAILFS_BIN, or the build's. */
const char *harness_binary(void);

int64_t harness_now_ms(void);

/* The S3 server that scripts/test has started, as $AWS_ENDPOINT_URL and the keys name it: its
 * endpoint, and what to give a mount as its environment. NULL without one: tests that need it
 * then fail. */
const char *harness_server_endpoint(void);
const char *const *harness_server_environment(void);

/* ---- a mounted pailfs ---- */

struct harness_mount_config {
    const char *source;             /* "s3://bucket" */
    const char *endpoint;           /* for -o endpoint=; NULL: none */
    const char *options;            /* further -o options; NULL: none */
    bool daemon;                    /* without -f: it puts itself in the background */
    const char *const *arguments;   /* further ones, NULL-terminated; NULL: none */
    const char *const *environment; /* "NAME=value", NULL-terminated; NULL: none */
    int timeout_ms;                 /* until it is mounted; 0: 20 s */
};

/* Run pailfs ($PAILFS_BIN, or the build's) on a fresh directory and wait until it is mounted or
 * has ended. Its environment has HOME in a temporary directory, a dummy key pair and region,
 * nothing else of AWS's, and what the configuration adds. */
struct harness_mount *harness_mount_start(const struct harness_mount_config *config);

/* 0: mounted; -ECHILD: it ended without a mount, see _exit_status and _log; -ETIME: it took too
 * long. */
int harness_mount_state(const struct harness_mount *mount);
const char *harness_mount_dir(const struct harness_mount *mount);
pid_t harness_mount_pid(const struct harness_mount *mount); /* of the filesystem's process */
/* What it has written to stdout and stderr so far; the mount's, until the next call. */
const char *harness_mount_log(struct harness_mount *mount);
bool harness_mount_wait_log(struct harness_mount *mount, const char *text, int timeout_ms);
/* Wait until the process has ended: its exit status, 128 + a signal's number, or -ETIME. */
int harness_mount_exit_status(struct harness_mount *mount, int timeout_ms);
/* SIGTERM, wait 10 s, then lazy unmount and SIGKILL; remove its files. NULL is ignored. As
 * _exit_status, and -ETIME if it had to be killed; -EBUSY if it ended but its mount was still
 * there. */
int harness_mount_stop(struct harness_mount *mount);

/* ---- work in a child process ---- */

/* Call work(arg, result) in a forked child; `result` is zeroed shared memory of result_size
 * bytes. The child has none of the parent's sockets and must not call the peer. */
struct harness_job *harness_job_start(int (*work)(void *arg, void *result), void *arg,
                                      size_t result_size);
pid_t harness_job_pid(const struct harness_job *job);
/* Wait, at most timeout_ms, and end the job. What work returned, with *ret_result (if not NULL)
 * filled; -ETIME: it had to be killed; -EINTR: a signal ended it; -EDEADLK: not even SIGKILL
 * ended it within 5 s. (No filesystem error is ETIME or EDEADLK.) */
int harness_job_join(struct harness_job *job, void *ret_result, int timeout_ms);

/* Both at once. */
int harness_run(int (*work)(void *arg, void *result), void *arg, void *ret_result,
                size_t result_size, int timeout_ms);

/* Run a shell command in `dir`, in a process group of its own. */
struct harness_command *harness_command_start(const char *dir, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The shell's, or with "exec ..." the program's. */
pid_t harness_command_pid(const struct harness_command *command);
/* Wait, at most timeout_ms, and end it: its exit status, 128 + a signal's number, or -ETIME,
 * -EDEADLK. What it wrote (stdout and stderr) is in ret_output, cut to `size`, NUL-terminated.
 */
int harness_command_join(struct harness_command *command, int timeout_ms, char *ret_output,
                         size_t size);
/* Both at once. */
int harness_shell(const char *dir, int timeout_ms, char *ret_output, size_t size,
                  const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
