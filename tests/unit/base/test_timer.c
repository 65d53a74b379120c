#include "base/timer.h"

#include "base/cleanup.h"
#include "base/random.h"
#include "unit/check.h"

enum { MANY = 500 };

struct probe {
    struct timer timer;
    int id;
};

static struct timers timers;
static int fired[4 * MANY];
static size_t fired_count;
static struct timer *victim;

static void reset(void)
{
    timers = (struct timers){0};
    fired_count = 0;
    victim = NULL;
}

static void note(struct timer *timer)
{
    fired[fired_count++] = CONTAINER_OF(timer, struct probe, timer)->id;
}

static void note_and_again(struct timer *timer)
{
    note(timer);
    timer_set(&timers, timer, timer->at_ns);
}

static void note_and_cancel_victim(struct timer *timer)
{
    note(timer);
    timer_cancel(&timers, victim);
}

static void note_and_free(struct timer *timer)
{
    note(timer);
    free(CONTAINER_OF(timer, struct probe, timer));
}

START_TEST(fires_in_order_and_only_what_is_due)
{
    reset();
    struct probe p[] = {{{.fire = note}, 0}, {{.fire = note}, 1}, {{.fire = note}, 2}};
    ck_assert_int_eq(timers_next(&timers), TIME_NEVER);
    timer_set(&timers, &p[2].timer, 10);
    timer_set(&timers, &p[0].timer, 30);
    timer_set(&timers, &p[1].timer, 20);
    ck_assert_int_eq(timers_next(&timers), 10);
    timers_run(&timers, 9);
    ck_assert_uint_eq(fired_count, 0);
    timers_run(&timers, 20);
    ck_assert_uint_eq(fired_count, 2);
    ck_assert_int_eq(fired[0], 2);
    ck_assert_int_eq(fired[1], 1);
    ck_assert(!p[1].timer.set && p[0].timer.set);
    ck_assert_int_eq(timers_next(&timers), 30);
    timers_run(&timers, TIME_NEVER - 1);
    ck_assert_uint_eq(fired_count, 3);
    ck_assert_int_eq(timers_next(&timers), TIME_NEVER);
}
END_TEST

START_TEST(setting_moves_and_never_cancels)
{
    reset();
    struct probe p[] = {{{.fire = note}, 0}, {{.fire = note}, 1}};
    timer_set(&timers, &p[0].timer, 10);
    timer_set(&timers, &p[1].timer, 20);
    timer_set(&timers, &p[0].timer, 30);
    ck_assert_int_eq(timers_next(&timers), 20);
    timer_set(&timers, &p[1].timer, TIME_NEVER);
    ck_assert_int_eq(timers_next(&timers), 30);
    timer_cancel(&timers, &p[0].timer);
    timer_cancel(&timers, &p[0].timer);
    ck_assert_int_eq(timers_next(&timers), TIME_NEVER);
    timers_run(&timers, 100);
    ck_assert_uint_eq(fired_count, 0);
}
END_TEST

START_TEST(one_set_while_firing_waits_for_the_next_run)
{
    reset();
    struct probe p[] = {{{.fire = note_and_again}, 0}, {{.fire = note}, 1}};
    timer_set(&timers, &p[0].timer, 10);
    timer_set(&timers, &p[1].timer, 11);
    timers_run(&timers, 50);
    ck_assert_uint_eq(fired_count, 2);
    ck_assert_int_eq(timers_next(&timers), 10);
    timers_run(&timers, 50);
    ck_assert_uint_eq(fired_count, 3);
    ck_assert_int_eq(fired[2], 0);
    timer_cancel(&timers, &p[0].timer);
}
END_TEST

START_TEST(fire_may_cancel_another_that_is_due)
{
    reset();
    struct probe p[] = {
        {{.fire = note_and_cancel_victim}, 0}, {{.fire = note}, 1}, {{.fire = note}, 2}};
    for (int i = 0; i < 3; i++)
        timer_set(&timers, &p[i].timer, 10 + i);
    victim = &p[1].timer;
    timers_run(&timers, 50);
    ck_assert_uint_eq(fired_count, 2);
    ck_assert_int_eq(fired[1], 2);
}
END_TEST

START_TEST(fire_may_release_its_owner)
{
    reset();
    struct probe *p = calloc(1, sizeof(*p));
    ck_assert_ptr_nonnull(p);
    p->timer.fire = note_and_free;
    timer_set(&timers, &p->timer, 1);
    timers_run(&timers, 1);
    ck_assert_uint_eq(fired_count, 1);
}
END_TEST

/* Against the plain rule: after random sets, moves and cancels, what is set fires in order,
 * once. */
START_TEST(random_operations)
{
    reset();
    static struct probe p[MANY];
    struct random r;
    random_seed(&r, (uint64_t)_i + 1);
    for (int i = 0; i < MANY; i++)
        p[i] = (struct probe){{.fire = note}, i};
    int64_t now = 0;
    for (int step = 0; step < 4000; step++) {
        struct timer *timer = &p[random_u64(&r) % MANY].timer;
        switch (random_u64(&r) % 8) {
        case 0:
        case 1:
            timer_cancel(&timers, timer);
            break;
        case 2:
            now += 7;
            fired_count = 0;
            timers_run(&timers, now);
            for (size_t i = 0; i < fired_count; i++) {
                ck_assert(p[fired[i]].timer.at_ns <= now);
                ck_assert(i == 0 || p[fired[i - 1]].timer.at_ns <= p[fired[i]].timer.at_ns);
                ck_assert(!p[fired[i]].timer.set);
            }
            for (int i = 0; i < MANY; i++)
                ck_assert(!p[i].timer.set || p[i].timer.at_ns > now);
            break;
        default:
            timer_set(&timers, timer, now + (int64_t)(random_u64(&r) % 400));
        }
        int64_t least = TIME_NEVER;
        for (int i = 0; i < MANY; i++)
            if (p[i].timer.set && p[i].timer.at_ns < least)
                least = p[i].timer.at_ns;
        ck_assert_int_eq(timers_next(&timers), least);
    }
}
END_TEST

START_TEST(poll_time)
{
    static const struct {
        int64_t at, now;
        int ms;
    } rows[] = {
        {TIME_NEVER, 5, -1},
        {5, 5, 0},
        {4, 5, 0},
        {6, 5, 1},
        {NS_PER_MS, 0, 1},
        {NS_PER_MS + 1, 0, 2},
        {TIME_NEVER - 1, 0, INT32_MAX},
        {TIME_NEVER - 1, INT64_MIN, INT32_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_int_eq(timers_poll_ms(rows[i].at, rows[i].now), rows[i].ms);
}
END_TEST

SUITE_MAIN("base/timer", tcase_add_test(tc, fires_in_order_and_only_what_is_due);
           tcase_add_test(tc, setting_moves_and_never_cancels);
           tcase_add_test(tc, one_set_while_firing_waits_for_the_next_run);
           tcase_add_test(tc, fire_may_cancel_another_that_is_due);
           tcase_add_test(tc, fire_may_release_its_owner);
           tcase_add_loop_test(tc, random_operations, 0, 10); tcase_add_test(tc, poll_time));
