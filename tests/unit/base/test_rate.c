#include "base/rate.h"

#include "base/clock.h"
#include "unit/check.h"

#define MS(n) ((n)*NS_PER_MS)

START_TEST(one_at_a_time)
{
    struct rate rate;
    rate_init(&rate, 5, 1);
    int64_t now = MS(1000);
    ck_assert_int_eq(rate_take(&rate, now), 0);
    ck_assert_int_eq(rate_take(&rate, now), MS(200));
    ck_assert_int_eq(rate_take(&rate, now + MS(150)), MS(50));
    ck_assert_int_eq(rate_take(&rate, now + MS(200)), 0);
    /* What was not taken is not saved up beyond the burst. */
    now += MS(100000);
    ck_assert_int_eq(rate_take(&rate, now), 0);
    ck_assert_int_eq(rate_take(&rate, now), MS(200));
}
END_TEST

START_TEST(several_at_once)
{
    struct rate rate;
    rate_init(&rate, 10, 3);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(rate_take(&rate, MS(7)), 0);
    ck_assert_int_eq(rate_take(&rate, MS(7)), MS(100));
    ck_assert_int_eq(rate_take(&rate, MS(107)), 0);
    ck_assert_int_eq(rate_take(&rate, MS(107)), MS(100));
    ck_assert_int_eq(rate_take(&rate, MS(1000)), 0);
    ck_assert_int_eq(rate_take(&rate, MS(1000)), 0);
}
END_TEST

/* Whenever it is asked, no window of a second has more calls than the burst and the rate. */
START_TEST(holds_the_rate)
{
    struct rate rate;
    int64_t taken[200], now = 0;
    size_t count = 0;
    rate_init(&rate, 5, 2);
    while (count < 200) {
        int64_t wait = rate_take(&rate, now);
        if (wait == 0)
            taken[count++] = now;
        else
            now += count % 3 ? wait : MS(17);
    }
    for (size_t i = 0; i + 7 < count; i++)
        ck_assert_int_gt(taken[i + 7] - taken[i], MS(1000));
    ck_assert_int_le(taken[199], MS(200 * 220));
}
END_TEST

SUITE_MAIN("base/rate", tcase_add_test(tc, one_at_a_time); tcase_add_test(tc, several_at_once);
           tcase_add_test(tc, holds_the_rate));
