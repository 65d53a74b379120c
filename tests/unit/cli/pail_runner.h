/* unit/cli/pail_runner.h: pail's commands run inside a test, from the command line to what is
 * printed. */
#ifndef UNIT_CLI_PAIL_RUNNER_H
#define UNIT_CLI_PAIL_RUNNER_H

#include "cli/pail_output.h"

/* What the last command printed, and what it complained of. */
extern char pail_printed[1024 * 1024], pail_said[4096];
/* Becomes the next commands' standard output, if it is >= 0. */
extern int pail_no_reader;
/* Allocations that the next commands are granted; -1: all. */
extern long pail_allocations;

/* Dummy keys and a region in the environment, and nothing from anybody's files. */
void pail_use_test_keys(void);

/* Reads a command line with single blanks between its words, as pail_arguments_parse. */
int pail_parse_line(struct pail_arguments *arguments, const char *line, struct buf *reason);

/* "pail ls s3://bkt", with words between single blanks ('~' in one stands for a blank): the
 * exit status. `endpoint` NULL: as configured. The command line and, where the command does not
 * make it itself, the client must be good. */
int pail_run_line(const char *line, const char *endpoint);

#endif
