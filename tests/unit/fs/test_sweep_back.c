/* Walks that go backwards, as shells read the directories of a pattern: how many requests they
 * take, and how many of those one after another. */
#include "unit/fs/trips.h"

#include "fs/sweep.h"
#include "fs/sweep_back.h"

#include <errno.h>
#include <stdio.h>

static struct fixture f;
static struct keys keys;

/* So many directories of so many files, and so many files after each of them. */
static void put_level(unsigned directories, unsigned files, unsigned between)
{
    for (unsigned i = 0; i < directories; i++) {
        for (unsigned k = 0; k < files; k++)
            keys_put(&keys, "t/a%04u/f%04u", i, k);
        for (unsigned k = 0; k < between; k++)
            keys_put(&keys, "t/a%04u_%04u", i, k);
    }
}

/* Starts with that, its directory "t" read. */
static struct node *start_level(int64_t ttl_ms, unsigned directories, unsigned files)
{
    keys_start(&keys, &f, ttl_ms);
    put_level(directories, files, 0);
    struct node *t = keys_top(&keys, &f);
    keys_read(&keys, &f, t);
    return t;
}

static const struct {
    unsigned directories, files, between;
    size_t requests, trips; /* at most */
} shapes[] = {
    {20, 100, 0, 5, 3},     /* 2 pages */
    {200, 100, 0, 25, 6},   /* 20 */
    {1000, 3, 0, 7, 5},     /* 3 */
    {20, 2500, 0, 62, 13},  /* 50 */
    {2, 5, 0, 3, 3},        /* one */
    {200, 100, 50, 48, 13}, /* 20 and 10 of the files between */
    {40, 20, 900, 80, 45},  /* as many as each by itself: a page each */
};

START_TEST(walks_back)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    put_level(shapes[_i].directories, shapes[_i].files, shapes[_i].between);
    struct walker w = {.backwards = true};
    struct node *t = keys_top(&keys, &f);
    size_t before = f.source.count;
    size_t trips = (size_t)walk(&w, &f, &keys, t);
    ck_assert_int_eq(w.status, 0);
    walker_check(&w, &keys);
    ck_assert_uint_le(f.source.count - before, shapes[_i].requests);
    ck_assert_uint_le(trips, shapes[_i].trips);
    walker_done(&w);
    keys_stop(&keys, &f);
}
END_TEST

/* Reads the directories of put_level from the one to the other, so long after one another. */
static void read_back(struct node *t, unsigned from, unsigned to, int64_t wait_ms)
{
    for (unsigned i = from; i >= to; i--) {
        char name[16];
        (void)snprintf(name, sizeof name, "a%04u", i);
        advance(&f, wait_ms);
        keys_read(&keys, &f, known_child(&f, t, name));
    }
}

/* Of who goes back neither, and nothing at all is listed ahead of one that takes longer from
 * one directory to the next than absent names are believed in. */
START_TEST(back_wrong_guess)
{
    struct node *t = start_level(FIXTURE_TTL_MS, 100, 200);
    read_back(t, 99, 97, _i ? FIXTURE_NEGATIVE_MS : WALK_ON_MS);
    keys_answer_all(&keys, &f);
    ck_assert_uint_le(asked(&f, true),
                      _i ? 0 : 2 + (SWEEP_AHEAD + 2 * 200 * SWEEP_GAIN) / KEYS_PAGE);
    ck_assert_uint_ge(asked(&f, true), _i ? 0 : 2);
    keys_stop(&keys, &f);
}
END_TEST

/* Directories that went meanwhile are not asked for again and again. */
START_TEST(back_asks_once)
{
    struct node *t = start_level(FIXTURE_TTL_MS, 40, 20);
    for (unsigned i = 0; i < 35; i++)
        for (unsigned k = 0; k < 20; k++) {
            char name[32];
            (void)snprintf(name, sizeof name, "t/a%04u/f%04u", i, k);
            keys_remove(&keys, name);
        }
    advance(&f, WALK_ON_MS);
    for (unsigned i = 39; i >= 35; i--) {
        read_back(t, i, i, 0);
        keys_answer_all(&keys, &f);
    }
    ck_assert_uint_eq(asked(&f, true), 1);
    read_back(t, 34, 20, 0);
    ck_assert_uint_eq(asked(&f, true), 2);
    keys_stop(&keys, &f);
}
END_TEST

/* What is too old when the reader comes is listed ahead once more. */
START_TEST(back_too_old)
{
    struct node *t = start_level(FIXTURE_NEGATIVE_MS, 20, 20);
    advance(&f, WALK_ON_MS);
    read_back(t, 19, 17, 0);
    ck_assert_uint_eq(asked(&f, true), 1);
    struct node *dirs[17];
    for (unsigned i = 0; i < 17; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "a%04u", i);
        dirs[i] = known_child(&f, t, name);
    }
    advance(&f, FIXTURE_NEGATIVE_MS);
    size_t plain = asked(&f, false);
    for (unsigned i = 17; i-- > 0;)
        keys_read(&keys, &f, dirs[i]);
    ck_assert_uint_le(asked(&f, true), 6);
    ck_assert_uint_le(asked(&f, false) - plain, 3);
    keys_stop(&keys, &f);
}
END_TEST

/* There is so much below each that ranges do not come in time: nobody waits for them for long.
 */
START_TEST(back_deep)
{
    struct node *t = start_level(FIXTURE_TTL_MS, 40, 300);
    unsigned waits = 0;
    for (unsigned i = 40; i-- > 0;) {
        char name[16];
        (void)snprintf(name, sizeof name, "a%04u", i);
        size_t plain = asked(&f, false);
        struct listing *l = read_start(&f, known_child(&f, t, name));
        listing_want(l, 0);
        if (asked(&f, false) == plain) {
            waits++;
            advance(&f, SWEEP_PATIENCE);
        }
        ck_assert_uint_eq(asked(&f, false), plain + 1);
        for (size_t k = 0; k < f.source.count; k++) {
            struct scripted *s = scripted_at(&f.source, k);
            if (!s->answered && !s->flat)
                keys_answer(&keys, s);
        }
        settle(&f);
        ck_assert_int_eq(l->state, LISTING_COMPLETE);
        listing_reader_gone(l);
    }
    ck_assert_uint_ge(waits, 1);
    ck_assert_uint_le(waits, SWEEP_LATE + SWEEPS_MAX);
    keys_answer_all(&keys, &f);
    keys_stop(&keys, &f);
}
END_TEST

/* Whoever jumps does not go backwards. */
START_TEST(back_in_small_steps)
{
    static const unsigned order[] = {399, 300, 299, 298, 200, 201, 199};
    static const bool back[] = {false, false, true, true, false, false, true};
    struct node *t = start_level(FIXTURE_TTL_MS, 400, 1);
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "a%04u", order[i]);
        struct node *dir = known_child(&f, t, name);
        advance(&f, WALK_ON_MS);
        keys_read(&keys, &f, dir);
        ck_assert_int_eq(sweep_goes_back(&f.fs, dir, t), back[i]);
    }
    keys_answer_all(&keys, &f);
    keys_stop(&keys, &f);
}
END_TEST

/* A flat page fails, or the source has none: they are listed one by one. */
START_TEST(back_fails)
{
    struct node *t = start_level(FIXTURE_TTL_MS, 10, 20);
    advance(&f, WALK_ON_MS);
    keys_read(&keys, &f, known_child(&f, t, "a0009"));
    struct listing *l = read_start(&f, known_child(&f, t, "a0008"));
    ck_assert_uint_eq(asked(&f, true), 1);
    for (size_t i = 0; i < f.source.count; i++) {
        struct scripted *s = scripted_at(&f.source, i);
        if (s->flat)
            scripted_fail(s, _i ? -ENOTSUP : -EBUSY);
    }
    settle(&f);
    listing_reader_gone(l);
    read_back(t, 8, 1, 0);
    ck_assert_uint_eq(asked(&f, true), 1);
    keys_stop(&keys, &f);
}
END_TEST

SUITE_MAIN("fs/sweep_back", tcase_add_loop_test(tc, walks_back, 0, (int)ARRAY_LEN(shapes));
           tcase_add_loop_test(tc, back_wrong_guess, 0, 2); tcase_add_test(tc, back_asks_once);
           tcase_add_test(tc, back_too_old); tcase_add_test(tc, back_deep);
           tcase_add_test(tc, back_in_small_steps); tcase_add_loop_test(tc, back_fails, 0, 2));
