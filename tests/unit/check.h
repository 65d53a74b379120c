/* unit/check.h: what every suite shares: its main(), comparisons of pail_str, and allocations
 * that fail on demand. */
#ifndef UNIT_CHECK_H
#define UNIT_CHECK_H

#include "suite.h"

#include <pail/types.h>
#include <string.h>

#define CASE_TIMEOUT_S 60 /* sanitizers on a busy machine are slow */

/* The suite's main(): SUITE_MAIN("base/str", tcase_add_test(tc, compares);
 * tcase_add_loop_test(tc, ...)) */
#define SUITE_MAIN(name, ...) SUITE_PROGRAM(name, CASE_TIMEOUT_S, (void)0, __VA_ARGS__)

/* `actual` is present and holds exactly the bytes of the string literal (NULs inside count). */
#define check_str(actual, literal)                                                             \
    do {                                                                                       \
        struct pail_str actual_ = (actual);                                                    \
        ck_assert_ptr_nonnull(actual_.ptr);                                                    \
        ck_assert_msg(actual_.len == sizeof("" literal) - 1 &&                                 \
                          memcmp(actual_.ptr, literal, actual_.len) == 0,                      \
                      "\"%.*s\" is not \"%s\"", (int)actual_.len, actual_.ptr, literal);       \
    } while (0)
#define check_absent(actual) ck_assert_ptr_null((actual).ptr)

/* From now on `count` calls of malloc, calloc, realloc, strdup, and of base/secret.h's, by the
 * project's code succeed, then all fail; -1: none fails. So a test can walk through every
 * failure. libcheck allocates too: no ck_assert before the -1. */
void alloc_fail_after(long count);
/* Calls run(user) with no allocation granted, then one, two... until it returns another value
 * than -ENOMEM, which must be `expected`. Returns how often it returned -ENOMEM. `run` has no
 * ck_assert, and has released what it made when it returns. */
long alloc_fail_each(int (*run)(void *user), void *user, int expected);
/* While on, this thread's allocations succeed and are not counted: for what stands in a test
 * for the world outside. */
void alloc_spare(bool on);

#endif
