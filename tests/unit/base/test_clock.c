#include "unit/check.h"

#include "base/clock.h"

#include <time.h>

START_TEST(system_clock)
{
    int64_t first = clock_now_ns(&clock_system), second = clock_now_ns(&clock_system);
    ck_assert_int_gt(first, 0);
    ck_assert_int_ge(second, first);
    int64_t before = (int64_t)time(NULL);
    int64_t now = clock_realtime_s(&clock_system);
    ck_assert_int_ge(now, before - 1);
    ck_assert_int_le(now, (int64_t)time(NULL) + 1);
}
END_TEST

START_TEST(after)
{
    ck_assert_int_eq(clock_after_ms(5, 0), 5);
    ck_assert_int_eq(clock_after_ms(5, 3), 3000005);
    ck_assert_int_eq(clock_after_ms(5, -1), TIME_NEVER);
    ck_assert_int_eq(clock_after_ms(0, INT64_MAX), TIME_NEVER);
    ck_assert_int_eq(clock_after_ms(TIME_NEVER, 0), TIME_NEVER);
    ck_assert_int_eq(clock_after_ms(TIME_NEVER, 1), TIME_NEVER);
    ck_assert_int_eq(clock_after_ms(INT64_MAX - NS_PER_MS, 1), INT64_MAX);
}
END_TEST

SUITE_MAIN("base/clock", tcase_add_test(tc, system_clock); tcase_add_test(tc, after));
