/* cli/pail_output.h: what pail's commands print. Main thread. */
#ifndef CLI_PAIL_OUTPUT_H
#define CLI_PAIL_OUTPUT_H

#include "cli/pail_arguments.h"

#include <pail/error.h>

/* Writes all of it to standard output. EXIT_OK, or EXIT_FAILED with run->line filled. */
int pail_print(struct pail_run *run, struct pail_str text);

/* Appends a name: as it is, or for a terminal with control characters escaped. */
void pail_add_name(struct buf *b, struct pail_str name);

/* Fills run->line with the failure of a call about s3://bucket/key. The exit status. */
int pail_fail(struct pail_run *run, struct pail_str bucket, struct pail_str key,
              const struct pail_error *error);
/* The same for a failure of this program. EXIT_FAILED. */
int pail_fail_memory(struct pail_run *run);

#endif
