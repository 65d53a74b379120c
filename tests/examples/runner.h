/* runner.h: running an example and comparing what it prints. */
#ifndef EXAMPLES_RUNNER_H
#define EXAMPLES_RUNNER_H

#include "peer/harness.h"

#include <check.h>

#define RUN_MS 60000

/* The suite's main(): EXAMPLES_SUITE("s3", tcase_add_test(tc, ...)) */
#define EXAMPLES_SUITE(name, ...)                                                              \
    int main(void)                                                                             \
    {                                                                                          \
        harness_begin();                                                                       \
        Suite *suite_ = suite_create(name);                                                    \
        TCase *tc = tcase_create(name);                                                        \
        tcase_set_timeout(tc, 240);                                                            \
        __VA_ARGS__;                                                                           \
        suite_add_tcase(suite_, tc);                                                           \
        SRunner *runner_ = srunner_create(suite_);                                             \
        srunner_run_all(runner_, CK_NORMAL);                                                   \
        int failures_ = srunner_ntests_failed(runner_);                                        \
        srunner_free(runner_);                                                                 \
        return failures_ != 0;                                                                 \
    }                                                                                          \
    int main(void)

/* Runs an example with the arguments, in an environment of "NAME=value ..." and nothing else of
 * AWS's; fails the test unless it prints `output` ('*' stands for any text), on stdout and
 * stderr, and exits with that status. */
void run_example(const char *environment, const char *example, const char *arguments,
                 const char *output, int status);
/* The same with a dummy key pair and this endpoint. */
void run_example_at(const char *endpoint, const char *example, const char *arguments,
                    const char *output, int status);

#endif
