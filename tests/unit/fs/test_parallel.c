/* How many requests are under way at a time, over links of several kinds. */
#include "unit/check.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "fs/parallel.h"

#define MIB  (1024.0 * 1024)
#define PART (UINT64_C(8) << 20)
#define ROOM (UINT64_C(64) << 20) /* for all parts under way */
#define STEP (UINT64_C(128) << 10)

static uint64_t turn_of(unsigned parts)
{
    return parts * PART < ROOM ? parts * PART : ROOM;
}

/* Bytes a second. */
struct link {
    double each;  /* of a connection */
    double whole; /* of all together */
    double delay; /* seconds of a request until bytes come */
};

/* What so many requests at a time bring. */
static double rate_of(const struct link *link, unsigned parts)
{
    double size = (double)turn_of(parts) / parts;
    double each = size / (size / link->each + link->delay);
    return each * parts < link->whole ? each * parts : link->whole;
}

/* Reads so many bytes, while the reader waits or does not. */
static void read_on(struct parallel *p, const struct link *link, uint64_t bytes, bool waits,
                    unsigned max, int64_t *now_ns)
{
    for (uint64_t at = 0; at < bytes; at += STEP) {
        *now_ns += (int64_t)((double)STEP * 1e9 / rate_of(link, p->parts));
        parallel_came(p, STEP, waits, turn_of(p->parts), max, *now_ns);
    }
}

static const struct {
    const char *what;
    struct link link;
    bool waits;
    unsigned max, parts; /* that come of it after 4 GiB */
} links[] = {
    {"a share of its own for each", {90 * MIB, 1e12, 0}, true, 32, 32},
    {"and an end to it", {90 * MIB, 700 * MIB, 0}, true, 32, 8},
    {"no more than as many as are of use", {90 * MIB, 1e12, 0}, true, 12, 8},
    {"a wire that is full", {1e12, 700 * MIB, 0}, true, 32, 4},
    {"nearly full", {90 * MIB, 380 * MIB, 0}, true, 32, 4},
    {"a long way to go", {700 * MIB, 1e12, 0.1}, true, 32, 8},
    {"who does not wait needs no more", {90 * MIB, 1e12, 0}, false, 32, 4},
};

START_TEST(as_many_as_bring_more)
{
    struct parallel p;
    int64_t now_ns = 0;
    parallel_init(&p, 4);
    read_on(&p, &links[_i].link, UINT64_C(4) << 30, links[_i].waits, links[_i].max, &now_ns);
    ck_assert_msg(p.proven == links[_i].parts, "%s: %u", links[_i].what, p.proven);
    /* Twice as many are on trial at most. */
    ck_assert_uint_le(p.parts, 2 * p.proven);
}
END_TEST

/* A trial that brings nothing costs one turn in PARALLEL_HOLD. */
START_TEST(tried_now_and_then)
{
    const struct link full = {1e12, 700 * MIB, 0};
    struct parallel p;
    int64_t now_ns = 0;
    parallel_init(&p, 4);
    unsigned trials = 0;
    bool before = false;
    while (now_ns < 8 * PARALLEL_HOLD * PARALLEL_TURN_MS * NS_PER_MS) {
        read_on(&p, &full, STEP, true, 32, &now_ns);
        trials += p.parts > p.proven && !before;
        before = p.parts > p.proven;
    }
    ck_assert_uint_ge(trials, 6);
    ck_assert_uint_le(trials, 8);
}
END_TEST

/* The link gives more than before: that is found. */
START_TEST(found_later)
{
    const struct link full = {90 * MIB, 360 * MIB, 0}, free = {90 * MIB, 1e12, 0};
    struct parallel p;
    int64_t now_ns = 0;
    parallel_init(&p, 4);
    read_on(&p, &full, 4 * turn_of(4), true, 32, &now_ns);
    ck_assert_uint_eq(p.proven, 4);
    read_on(&p, &free, PARALLEL_HOLD * 360 * (uint64_t)MIB / 4 + 16 * ROOM, true, 32, &now_ns);
    ck_assert_uint_eq(p.proven, 32);
}
END_TEST

/* A reader that rests now and then has not shown that the link is slow, nor has one whose link
 * stalls for half a second while it waits. */
static const struct {
    double rate;
    uint64_t bytes, more; /* until it rests, each time more */
    int64_t rest_ms;
} rests[] = {
    {700 * MIB, UINT64_C(32) << 20, 10 * STEP, 2 * PARALLEL_PAUSE_MS},
    {100 * MIB, UINT64_C(300) << 20, 7 * STEP, 500},
};

START_TEST(rests_are_not_slow)
{
    const struct link full = {1e12, rests[_i].rate, 0};
    struct parallel p;
    int64_t now_ns = 0;
    parallel_init(&p, 4);
    for (uint64_t i = 0; i < 200; i++) {
        read_on(&p, &full, rests[_i].bytes + i * rests[_i].more, true, 32, &now_ns);
        now_ns += rests[_i].rest_ms * NS_PER_MS;
    }
    ck_assert_uint_eq(p.proven, 4);
}
END_TEST

/* Of a clock that stands still nothing is concluded. */
START_TEST(in_no_time)
{
    struct parallel p;
    parallel_init(&p, 4);
    for (int i = 0; i < 100; i++)
        parallel_came(&p, ROOM, true, ROOM, 32, 5);
    ck_assert_uint_eq(p.parts, 4);
}
END_TEST

/* What was worth it long ago may be no more. */
START_TEST(how_many_to_begin_with)
{
    static const struct {
        unsigned proven;
        int64_t passed_ms;
        unsigned first;
    } cases[] = {
        {32, 0, 32},
        {32, PARALLEL_KEPT_MS - 1, 32},
        {32, PARALLEL_KEPT_MS, 16},
        {32, 3 * PARALLEL_KEPT_MS - 1, 8},
        {32, INT64_MAX / NS_PER_MS, PARALLEL_FIRST},
        {PARALLEL_FIRST, 10 * PARALLEL_KEPT_MS, PARALLEL_FIRST},
        {2, PARALLEL_KEPT_MS, 2},
    };
    ck_assert_uint_eq(parallel_first(cases[_i].proven, cases[_i].passed_ms * NS_PER_MS),
                      cases[_i].first);
}
END_TEST

SUITE_MAIN("fs/parallel", tcase_add_loop_test(tc, as_many_as_bring_more, 0, ARRAY_LEN(links));
           tcase_add_test(tc, tried_now_and_then); tcase_add_test(tc, found_later);
           tcase_add_loop_test(tc, rests_are_not_slow, 0, (int)ARRAY_LEN(rests));
           tcase_add_test(tc, in_no_time);
           tcase_add_loop_test(tc, how_many_to_begin_with, 0, 7));
