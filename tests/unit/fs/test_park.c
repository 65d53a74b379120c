#include "unit/check.h"

#include "base/cleanup.h"
#include "fs/park.h"

#include <errno.h>

#define LOOK_NS (100 * INT64_C(1000)) /* what one look costs in the tests */

static int64_t now_ns;

static int64_t test_monotonic_ns(const struct clock *clock)
{
    (void)clock;
    return now_ns;
}

static const struct clock test_clock = {.monotonic_ns = test_monotonic_ns};

struct wait {
    struct parked parked;
    int ended; /* how often */
    int sys;
    struct wait *takes_along; /* unparked by give_up, as requests for one page are */
};

static struct timers timers;
static struct parking lot;
static pid_t looked[4096];
static size_t looks;
static pid_t impatient_tid;

static bool test_impatient(pid_t tid)
{
    now_ns += LOOK_NS;
    if (looks < 4096)
        looked[looks++] = tid;
    return tid == impatient_tid;
}

static void give_up(struct parked *parked, int sys)
{
    struct wait *wait = CONTAINER_OF(parked, struct wait, parked);
    ck_assert_ptr_null(parked->lot);
    wait->ended++;
    wait->sys = sys;
    if (wait->takes_along)
        unpark(&wait->takes_along->parked);
}

static void setup(void)
{
    now_ns = 1000 * NS_PER_SEC;
    timers = (struct timers){0};
    looks = 0;
    impatient_tid = -1;
    parking_init(&lot, &timers, &test_clock);
    lot.impatient = test_impatient;
}

static void wait_start(struct wait *wait, pid_t caller, int64_t timeout_ms)
{
    *wait = (struct wait){.parked = {.give_up = give_up}};
    park(&lot, &wait->parked, "read", caller, timeout_ms);
}

static void advance(int64_t ms)
{
    now_ns += ms * NS_PER_MS;
    timers_run(&timers, now_ns);
}

START_TEST(deadline_ends_it_once)
{
    setup();
    struct wait wait;
    wait_start(&wait, 0, 200);
    advance(199);
    ck_assert_int_eq(wait.ended, 0);
    ck_assert_int_eq(parking_oldest_ms(&lot), 199);
    advance(1);
    ck_assert_int_eq(wait.ended, 1);
    ck_assert_int_eq(wait.sys, ETIMEDOUT);
    advance(1000);
    unpark(&wait.parked);
    park_interrupted(&wait.parked);
    parking_close(&lot, EIO);
    ck_assert_int_eq(wait.ended, 1);
    ck_assert_uint_eq(lot.count, 0);
    ck_assert_int_eq(parking_oldest_ms(&lot), 0);
}
END_TEST

START_TEST(negative_timeout_never_ends)
{
    setup();
    struct wait wait;
    wait_start(&wait, 7, -1);
    advance(1000000);
    ck_assert_int_eq(wait.ended, 0);
    unpark(&wait.parked);
}
END_TEST

START_TEST(no_timer_runs_while_nothing_is_parked)
{
    setup();
    ck_assert_int_eq(timers_next(&timers), TIME_NEVER);
    struct wait wait[2];
    wait_start(&wait[0], 7, 1000);
    wait_start(&wait[1], 8, 1000);
    ck_assert_int_ne(timers_next(&timers), TIME_NEVER);
    unpark(&wait[0].parked);
    unpark(&wait[0].parked);
    ck_assert_int_ne(timers_next(&timers), TIME_NEVER);
    unpark(&wait[1].parked);
    ck_assert_int_eq(timers_next(&timers), TIME_NEVER);
    ck_assert_int_eq(wait[0].ended + wait[1].ended, 0);
}
END_TEST

START_TEST(young_waits_are_not_looked_at)
{
    setup();
    struct wait young, old;
    wait_start(&old, 7, 10000);
    ck_assert_int_eq(timers_next(&timers), now_ns + PARK_GRACE_MS * NS_PER_MS);
    advance(PARK_GRACE_MS - 10);
    ck_assert_uint_eq(looks, 0);
    wait_start(&young, 8, 10000);
    advance(10);
    ck_assert_uint_eq(looks, 1);
    ck_assert_int_eq(looked[0], 7);
    advance(PARK_TICK_MS);
    ck_assert_uint_eq(looks, 2);
    ck_assert_int_eq(looked[1], 7);
    advance(PARK_TICK_MS);
    ck_assert_uint_eq(looks, 4);
    parking_close(&lot, EIO);
}
END_TEST

START_TEST(impatient_caller_gets_eintr)
{
    setup();
    struct wait wait[4];
    for (int i = 0; i < 4; i++)
        wait_start(&wait[i], i == 2 ? 0 : 10 + i % 2, 10000);
    advance(PARK_GRACE_MS);
    ck_assert_uint_eq(looks, 2); /* 10 once, 11 once for two waits, 0 never */
    impatient_tid = 11;
    advance(PARK_TICK_MS);
    ck_assert_uint_eq(looks, 4);
    ck_assert_int_eq(wait[1].sys, EINTR);
    ck_assert_int_eq(wait[3].sys, EINTR);
    ck_assert_int_eq(wait[0].ended + wait[2].ended, 0);
    ck_assert_uint_eq(lot.count, 2);
    parking_close(&lot, EIO);
    ck_assert_int_eq(wait[0].sys, EIO);
    ck_assert_int_eq(wait[2].sys, EIO);
}
END_TEST

START_TEST(the_only_one_leaves)
{
    setup();
    struct wait wait;
    wait_start(&wait, 7, 10000);
    impatient_tid = 7;
    advance(PARK_GRACE_MS);
    ck_assert_int_eq(wait.sys, EINTR);
    ck_assert_int_eq(timers_next(&timers), TIME_NEVER);
}
END_TEST

START_TEST(interrupt_looks_at_once)
{
    setup();
    struct wait known, foreign;
    wait_start(&known, 7, 10000);
    wait_start(&foreign, 0, 10000);
    park_interrupted(&known.parked);
    ck_assert_int_eq(known.ended, 0);
    impatient_tid = 7;
    park_interrupted(&known.parked);
    ck_assert_int_eq(known.sys, EINTR);
    park_interrupted(&foreign.parked);
    ck_assert_int_eq(foreign.sys, EINTR);
    ck_assert_int_eq(timers_next(&timers), TIME_NEVER);
}
END_TEST

/* libfuse may know of it before there is a wait. */
START_TEST(interrupted_before_it_waits)
{
    setup();
    struct wait foreign = {.parked = {.give_up = give_up}}, patient = foreign;
    park_interrupted(&foreign.parked);
    park_interrupted(&patient.parked);
    park(&lot, &foreign.parked, "read", 0, 10000);
    park(&lot, &patient.parked, "read", 7, 10000);
    ck_assert_int_eq(foreign.ended, 0);
    advance(PARK_GRACE_MS);
    ck_assert_int_eq(foreign.sys, EINTR);
    /* The one who can be looked at has no signal pending any more. */
    ck_assert_int_eq(patient.ended, 0);
    parking_close(&lot, EIO);
    ck_assert_int_eq(foreign.ended + patient.ended, 2);
}
END_TEST

START_TEST(look_is_bounded_and_rotates)
{
    setup();
    enum { WAITS = 100 };
    static struct wait wait[WAITS];
    for (int i = 0; i < WAITS; i++)
        wait_start(&wait[i], 1000 + i, 1000000);
    size_t a_tick = PARK_LOOK_US * NS_PER_US / LOOK_NS;
    advance(PARK_GRACE_MS);
    ck_assert_uint_eq(looks, a_tick);
    for (size_t ticks = 1; ticks < WAITS / a_tick; ticks++)
        advance(PARK_REST_MS);
    ck_assert_uint_eq(looks, WAITS);
    /* All were looked at: it begins anew after a while. */
    advance(PARK_REST_MS);
    ck_assert_uint_eq(looks, WAITS);
    advance(PARK_TICK_MS - PARK_REST_MS);
    for (size_t ticks = 1; ticks < WAITS / a_tick; ticks++)
        advance(PARK_REST_MS);
    ck_assert_uint_eq(looks, 2 * WAITS);
    for (int i = 0; i < 2 * WAITS; i++)
        ck_assert_int_eq(looked[i], 1000 + i % WAITS);
    /* The one that comes next goes away: the rotation goes on behind it. */
    advance(PARK_TICK_MS);
    unpark(&wait[a_tick].parked);
    advance(PARK_REST_MS);
    ck_assert_int_eq(looked[2 * WAITS + a_tick], 1001 + (int)a_tick);
    parking_close(&lot, EIO);
    for (size_t i = 0; i < WAITS; i++)
        ck_assert(i == a_tick || (wait[i].ended == 1 && wait[i].sys == EIO));
}
END_TEST

/* A round that does not end in one go: who leaves meanwhile, looked at or not, moves nobody,
 * and who has come since it began waits for the next one. */
START_TEST(a_round_looks_at_each_once)
{
    enum { SLICE = PARK_LOOK_US * NS_PER_US / LOOK_NS, OLD = 3 * SLICE - 1, GONE = OLD - 2 };
    setup();
    struct wait old[OLD], young, late;
    for (int i = 0; i < OLD; i++)
        wait_start(&old[i], 1000 + i, 1000000);
    advance(PARK_REST_MS);
    wait_start(&young, 1000 + OLD, 1000000);
    advance(PARK_GRACE_MS - PARK_REST_MS);
    ck_assert_uint_eq(looks, SLICE);
    ck_assert_int_eq(timers_next(&timers), now_ns + PARK_REST_MS * NS_PER_MS);
    unpark(&old[GONE].parked);
    unpark(&old[0].parked);
    advance(PARK_REST_MS);
    ck_assert_uint_eq(looks, 2 * SLICE);
    advance(PARK_REST_MS);
    ck_assert_int_ge(now_ns - young.parked.since_ns, PARK_GRACE_MS * NS_PER_MS);
    ck_assert_uint_eq(looks, OLD - 1);
    for (int i = 0, tid = 1000; i < OLD - 1; i++, tid++) {
        tid += i == GONE;
        ck_assert_int_eq(looked[i], tid);
    }
    /* The next one comes in its time, whoever begins to wait. */
    ck_assert_int_eq(timers_next(&timers), now_ns + PARK_TICK_MS * NS_PER_MS);
    wait_start(&late, 7, 1000000);
    advance(PARK_TICK_MS - 1);
    ck_assert_uint_eq(looks, OLD - 1);
    advance(1);
    for (int i = 1; i < 3; i++)
        advance(PARK_REST_MS);
    ck_assert_uint_eq(looks, 2 * OLD - 2);
    ck_assert_int_eq(looked[OLD - 1], 1001);
    ck_assert_int_eq(looked[2 * OLD - 3], 1000 + OLD);
    parking_close(&lot, EIO);
}
END_TEST

/* Nobody is taken for another whose number ends alike. */
START_TEST(callers_are_told_apart)
{
    setup();
    struct wait wait[3];
    for (int i = 0; i < 3; i++)
        wait_start(&wait[i], i == 1 ? 7 + (1 << 16) : 7, 10000);
    impatient_tid = 7;
    advance(PARK_GRACE_MS);
    ck_assert_int_eq(wait[0].sys, EINTR);
    ck_assert_int_eq(wait[1].ended, 0);
    ck_assert_int_eq(wait[2].sys, EINTR);
    parking_close(&lot, EIO);
}
END_TEST

START_TEST(give_up_may_take_others_out)
{
    setup();
    struct wait wait[3];
    for (int i = 0; i < 3; i++)
        wait_start(&wait[i], 20 + i, 10000);
    wait[0].takes_along = &wait[1];
    impatient_tid = 20;
    advance(PARK_GRACE_MS);
    ck_assert_int_eq(wait[0].ended, 1);
    ck_assert_int_eq(wait[1].ended, 0);
    ck_assert_ptr_null(wait[1].parked.lot);
    ck_assert_uint_eq(looks, 2);
    ck_assert_int_eq(looked[1], 22);
    wait[2].takes_along = &wait[2];
    parking_close(&lot, EIO);
    ck_assert_int_eq(wait[2].ended, 1);
}
END_TEST

SUITE_MAIN("fs/park", tcase_add_test(tc, deadline_ends_it_once);
           tcase_add_test(tc, negative_timeout_never_ends);
           tcase_add_test(tc, no_timer_runs_while_nothing_is_parked);
           tcase_add_test(tc, young_waits_are_not_looked_at);
           tcase_add_test(tc, impatient_caller_gets_eintr);
           tcase_add_test(tc, the_only_one_leaves); tcase_add_test(tc, interrupt_looks_at_once);
           tcase_add_test(tc, interrupted_before_it_waits);
           tcase_add_test(tc, look_is_bounded_and_rotates);
           tcase_add_test(tc, a_round_looks_at_each_once);
           tcase_add_test(tc, callers_are_told_apart);
           tcase_add_test(tc, give_up_may_take_others_out));
