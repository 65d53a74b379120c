/* suite.h: the main() of every suite. */
#ifndef SUITE_H
#define SUITE_H

#include <check.h>

/* A program of one suite with one case `tc`: `before` once, then the statements that fill the
 * case, then its tests:
 *
 *     SUITE_PROGRAM("base/str", 60, (void)0, tcase_add_test(tc, compares);
 *                   tcase_add_loop_test(tc, ...)) */
#define SUITE_PROGRAM(name_, timeout_s_, before_, ...)                                         \
    int main(void)                                                                             \
    {                                                                                          \
        before_;                                                                               \
        Suite *suite_ = suite_create(name_);                                                   \
        TCase *tc = tcase_create(name_);                                                       \
        tcase_set_timeout(tc, timeout_s_);                                                     \
        __VA_ARGS__;                                                                           \
        suite_add_tcase(suite_, tc);                                                           \
        SRunner *runner_ = srunner_create(suite_);                                             \
        srunner_run_all(runner_, CK_NORMAL);                                                   \
        int failures_ = srunner_ntests_failed(runner_);                                        \
        srunner_free(runner_);                                                                 \
        return failures_ != 0;                                                                 \
    }                                                                                          \
    int main(void)

#endif
