/* fixture.h: what the suites of the program pail share: a fake S3 with the bucket "bkt", an
 * empty directory to run in, the program, and looking at what it left. Test code: failures of
 * the system fail the test. */
#ifndef CLI_FIXTURE_H
#define CLI_FIXTURE_H

#include "peer/harness.h"
#include "peer/s3.h"

#include "suite.h"

#include <string.h>

#define LONG_MS  30000 /* for what should take no time, on a busy machine */
#define TEXT_MAX 16384

/* The suite's main(): CLI_SUITE("cli/cp", tcase_add_test(tc, ...)). Each test between
 * fixture_setup and fixture_teardown. */
#define CLI_SUITE(name, ...)                                                                   \
    SUITE_PROGRAM(name, 120, harness_begin(),                                                  \
                  tcase_add_checked_fixture(tc, fixture_setup, fixture_teardown);              \
                  __VA_ARGS__)

extern struct peer_s3 *s3;
extern struct peer *peer;
extern char work[256];      /* the directory */
extern char said[TEXT_MAX]; /* by the last program: on standard output and error */

void fixture_setup(void);
void fixture_teardown(void);

/* Runs "pail ARGUMENTS", as a shell reads them, in the directory: the exit status, or 128 + a
 * signal's number. `before` is what the shell does first: "ulimit -f 64; ". */
int pail(const char *arguments);
int pail_after(const char *before, const char *arguments);
/* The same without waiting for it: the process is pail's own. */
struct harness_command *pail_start(const char *arguments);
int pail_join(struct harness_command *command);

/* `said` is one line of pail's, which starts with "pail: " and `start`. */
void check_said(const char *start);
/* How many lines of pail's it is. */
size_t said_lines(void);

/* A path in the directory, in one of a few buffers used in turn. */
const char *in_work(const char *name);
/* How many names are in a directory of it ("": itself). */
size_t names_in(const char *name);
void write_text(const char *name, const char *text);
void check_text(const char *name, const char *text);
/* The file is exactly `size` bytes of the generated stream. */
void check_generated(const char *name, uint64_t size, uint64_t seed);
void check_missing(const char *name);

#endif
