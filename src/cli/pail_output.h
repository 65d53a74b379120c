/* cli/pail_output.h: what pail's commands share: printing, failing, going through URLs. Main
 * thread. */
#ifndef CLI_PAIL_OUTPUT_H
#define CLI_PAIL_OUTPUT_H

#include "cli/failure_line.h"
#include "cli/pail_command.h"

#include <pail/call.h>
#include <signal.h>

/* Nobody reads what is printed any more. Nothing is said about it; the program ends as SIGPIPE
 * would have ended it. */
#define EXIT_PIPE (128 + SIGPIPE)

/* Writes all of it to `fd`, waiting where it must. 0 or -errno. Any thread. */
int pail_write(int fd, const void *data, size_t len);
/* Writes all of it to standard output. EXIT_OK; or EXIT_FAILED with run->line filled, or
 * EXIT_PIPE. */
int pail_print(struct pail_run *run, struct pail_str text);

/* Appends a name: as it is, or for a terminal with control characters escaped. */
void pail_add_name(struct buf *b, struct pail_str name);

/* Where the command has several URLs: prints this one as a heading, after an empty line where
 * it is not the first. As pail_print. */
int pail_print_heading(struct pail_run *run, struct pail_str bucket, struct pail_str key);

/* Waits. EXIT_OK; or EXIT_PIPE, as soon as the reader of standard output has gone. */
int pail_pause(int64_t ns);

/* Fills run->line with the failure of a call about `subject`. The exit status. */
int pail_fail_at(struct pail_run *run, const char *subject, const struct pail_error *error);
/* The same with words of this program's, and the status given. */
int pail_fail_saying(struct pail_run *run, const char *subject, const char *words, int status);
/* The same of an answer that the library took and that makes no sense: EXIT_FAILED. */
int pail_fail_malformed(struct pail_run *run, const char *subject, const char *reason);
/* The same about s3://bucket/key. */
int pail_fail(struct pail_run *run, struct pail_str bucket, struct pail_str key,
              const struct pail_error *error);
int pail_fail_because(struct pail_run *run, struct pail_str bucket, struct pail_str key,
                      const char *words, int status);
/* The same for want of memory: EXIT_FAILED. */
/* A command of objects was given a bucket alone. */
int pail_fail_keyless(struct pail_run *run, struct pail_str bucket);
int pail_fail_memory(struct pail_run *run);
/* Says run->line, if there is one, on standard error and empties it. Returns `status`. */
int pail_complain(struct pail_run *run, int status);

/* Calls `one` for each of the command's words, which must be URLs, and complains of each
 * failure, as cat(1) does. The first one's exit status. */
int pail_each_url(struct pail_run *run, int (*one)(struct pail_run *run, struct pail_str bucket,
                                                   struct pail_str key));

/* --timeout, for a call that answers with one document: how long that may take in all; and for
 * one that answers with a body of any length: how long to wait for the next byte of it. */
struct pail_call_options pail_limits(const struct pail_run *run);
struct pail_call_options pail_limits_of_stream(const struct pail_run *run);

#endif
