/* runner.h: running an example and comparing what it prints. */
#ifndef EXAMPLES_RUNNER_H
#define EXAMPLES_RUNNER_H

#include "peer/harness.h"
#include "suite.h"

#define RUN_MS 60000

/* The suite's main(): EXAMPLES_SUITE("s3", tcase_add_test(tc, ...)) */
#define EXAMPLES_SUITE(name, ...) SUITE_PROGRAM(name, 240, harness_begin(), __VA_ARGS__)

/* Runs an example with the arguments, in an environment of "NAME=value ..." and nothing else of
 * AWS's; fails the test unless it prints `output` ('*' stands for any text), on stdout and
 * stderr, and exits with that status. */
void run_example(const char *environment, const char *example, const char *arguments,
                 const char *output, int status);
/* The same with a dummy key pair and this endpoint. */
void run_example_at(const char *endpoint, const char *example, const char *arguments,
                    const char *output, int status);

#endif
