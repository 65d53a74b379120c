/* Walks over trees of a known shape, by a source whose answers take a known time: how many
 * requests they take, and how many of those one after another. */
#include "unit/fs/trips.h"

#include "fs/sweep.h"

#include <errno.h>
#include <stdio.h>

static struct fixture f;
static struct keys keys;

/* So many directories of so many directories of so many files. */
static void put_tree(unsigned top, unsigned sub, unsigned files)
{
    for (unsigned i = 0; i < top; i++)
        for (unsigned j = 0; j < sub; j++)
            for (unsigned k = 0; k < files; k++)
                keys_put(&keys, "t/a%03u/b%03u/f%02u", i, j, k);
}

/* ---- what a walk costs ---- */

static const struct {
    unsigned top, sub, files;
    size_t requests, trips; /* at most */
} shapes[] = {
    {100, 10, 20, 27, 6},   /* 20 pages */
    {100, 50, 20, 118, 25}, /* 100: a directory each */
    {300, 10, 10, 38, 10},  /* 30 */
    {5, 200, 100, 135, 38}, /* 100: the sweep grows into them */
    {2, 30, 1000, 80, 22},  /* 60: so do directories of a page each */
    {20, 1, 5, 3, 3},       /* one */
    {1, 1, 5, 3, 3},
};

START_TEST(walks)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    put_tree(shapes[_i].top, shapes[_i].sub, shapes[_i].files);
    struct walker w = {0};
    struct node *t = keys_top(&keys, &f);
    size_t before = f.source.count;
    size_t trips = (size_t)walk(&w, &f, &keys, t);
    ck_assert_int_eq(w.status, 0);
    walker_check(&w, &keys);
    ck_assert_uint_le(f.source.count - before, shapes[_i].requests);
    ck_assert_uint_le(trips, shapes[_i].trips);
    ck_assert_uint_eq(f.source.asked[SCRIPTED_LOOKUP], 1);
    walker_done(&w);
    keys_stop(&keys, &f);
}
END_TEST

/* ---- what is a walk ---- */

/* The directory below is read at once: the others will be too. */
START_TEST(goes_on_at_once)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    put_tree(3, 3, 3);
    struct node *t = keys_top(&keys, &f);
    keys_read(&keys, &f, t);
    ck_assert_uint_eq(asked(&f, true), 0);
    advance(&f, WALK_ON_MS - 1);
    struct listing *l = read_start(&f, known_child(&f, t, "a000"));
    listing_want(l, 0);
    ck_assert_uint_eq(asked(&f, true), 1);
    const struct scripted *s = scripted_last(&f.source);
    ck_assert_str_eq(s->path, "t");
    ck_assert_str_eq(s->start_after, "a000/");
    keys_answer_all(&keys, &f);
    ck_assert_str_eq(names_of(l), "b000/ b001/ b002/");
    listing_reader_gone(l);
    size_t before = f.source.count;
    keys_read(&keys, &f, known_child(&f, known_child(&f, t, "a002"), "b001"));
    ck_assert_uint_eq(f.source.count, before);
    keys_stop(&keys, &f);
}
END_TEST

/* Somebody takes his time: it is none before a third level. */
START_TEST(looks_around)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    put_tree(3, 3, 3);
    struct node *t = keys_top(&keys, &f);
    keys_read(&keys, &f, t);
    advance(&f, WALK_ON_MS);
    struct node *a = known_child(&f, t, "a000");
    keys_read(&keys, &f, a);
    ck_assert_uint_eq(asked(&f, true), 0);
    advance(&f, WALK_ON_MS);
    struct listing *l = read_start(&f, known_child(&f, a, "b000"));
    ck_assert_uint_eq(asked(&f, true), 1);
    ck_assert_str_eq(scripted_last(&f.source)->start_after, "a000/b000/");
    keys_answer_all(&keys, &f);
    listing_reader_gone(l);
    keys_stop(&keys, &f);
}
END_TEST

/* Nor is it one when that takes longer than a walk would. */
START_TEST(comes_back_later)
{
    keys_start(&keys, &f, -1);
    put_tree(3, 3, 3);
    struct node *t = keys_top(&keys, &f);
    keys_read(&keys, &f, t);
    advance(&f, WALK_MS);
    struct node *a = known_child(&f, t, "a000");
    keys_read(&keys, &f, a);
    advance(&f, WALK_MS);
    keys_read(&keys, &f, known_child(&f, a, "b000"));
    ck_assert_uint_eq(asked(&f, true), 0);
    keys_stop(&keys, &f);
}
END_TEST

/* ---- bounds ---- */

/* Until somebody has read what came there is one sweep, and it does not run far ahead. */
START_TEST(wrong_guess)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    put_tree(100, 10, 20);
    struct node *t = keys_top(&keys, &f);
    keys_read(&keys, &f, t);
    struct listing *l = read_start(&f, known_child(&f, t, "a000"));
    listing_want(l, 0);
    keys_answer_all(&keys, &f);
    /* The reader's own directory counts: it was read. */
    ck_assert_uint_le(asked(&f, true), 1 + SWEEP_AHEAD / KEYS_PAGE);
    ck_assert_uint_eq(f.fs.sweeps.count, 1);
    listing_reader_gone(l);
    advance(&f, SWEEP_IDLE_MS);
    ck_assert_uint_eq(f.fs.sweeps.count, 0);
    keys_stop(&keys, &f);
}
END_TEST

/* A reader that works for long on what it has: no more is listed than it comes to in time. */
START_TEST(slow_walker)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    put_tree(100, 10, 20);
    struct node *t = keys_top(&keys, &f);
    keys_read(&keys, &f, t);
    size_t files = 0;
    for (unsigned i = 0; i < 10; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "a%03u", i);
        keys_read(&keys, &f, known_child(&f, t, name));
        advance(&f, 250);
        files += 200;
    }
    /* 10 directories of 200 in 2.5 s: what half a TTL holds, and the first guess. */
    ck_assert_uint_le(asked(&f, true), 2 * files / KEYS_PAGE + 2 + SWEEP_AHEAD / KEYS_PAGE);
    keys_answer_all(&keys, &f);
    keys_stop(&keys, &f);
}
END_TEST

/* ---- falling back ---- */

/* The sweep is slow: the walker asks for its directory by itself, and after some such waits no
 * more. */
START_TEST(too_late)
{
    keys_start(&keys, &f, -1);
    put_tree(10, 1, 1);
    struct node *t = keys_top(&keys, &f);
    keys_read(&keys, &f, t);
    for (unsigned i = 0; i < SWEEP_LATE + 1; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "a%03u", i);
        size_t plain = asked(&f, false);
        struct listing *l = read_start(&f, known_child(&f, t, name));
        listing_want(l, 0);
        if (i < SWEEP_LATE) {
            ck_assert_uint_eq(asked(&f, false), plain);
            advance(&f, SWEEP_PATIENCE);
        }
        ck_assert_uint_eq(asked(&f, false), plain + 1);
        keys_answer(&keys, scripted_last(&f.source));
        settle(&f);
        ck_assert_str_eq(names_of(l), "b000/");
        listing_reader_gone(l);
        sweep_left(&f.fs, known_child(&f, t, name));
    }
    ck_assert_uint_eq(asked(&f, true), 1);
    keys_answer_all(&keys, &f);
    keys_stop(&keys, &f);
}
END_TEST

/* A flat page fails: directories are listed one by one, for a while. The source cannot list one
 * flat: then never, but those below it may do. */
START_TEST(fails)
{
    keys_start(&keys, &f, -1);
    put_tree(3, 2, 2);
    struct node *t = keys_top(&keys, &f);
    keys_read(&keys, &f, t);
    struct node *a = known_child(&f, t, "a000");
    struct listing *l = read_start(&f, a);
    scripted_fail(scripted_last(&f.source), _i ? -ENOTSUP : -EBUSY);
    settle(&f);
    listing_want(l, 0);
    ck_assert(!scripted_last(&f.source)->flat);
    keys_answer_all(&keys, &f);
    ck_assert_str_eq(names_of(l), "b000/ b001/");
    listing_reader_gone(l);
    sweep_left(&f.fs, a);
    keys_read(&keys, &f, known_child(&f, a, "b000"));
    ck_assert_uint_eq(asked(&f, true), _i ? 2 : 1);
    advance(&f, SWEEP_AGAIN_MS);
    keys_read(&keys, &f, t);
    l = read_start(&f, known_child(&f, t, "a001"));
    ck_assert_uint_eq(asked(&f, true), 2);
    keys_answer_all(&keys, &f);
    listing_reader_gone(l);
    keys_stop(&keys, &f);
}
END_TEST

/* Pages pass that are all below one directory of those that the walker reads: it gets the names
 * of the others without waiting for their files. */
START_TEST(outgrown)
{
    keys_start(&keys, &f, -1);
    put_tree(2, 20, 1000);
    struct node *t = keys_top(&keys, &f);
    keys_read(&keys, &f, t);
    struct listing *l = read_start(&f, known_child(&f, t, "a000"));
    listing_want(l, 0);
    for (int i = 0; i < 2; i++) {
        keys_answer(&keys, scripted_last(&f.source));
        settle(&f);
        ck_assert_int_eq(l->state, LISTING_RUNNING);
        ck_assert(scripted_last(&f.source)->flat || i == 1);
    }
    ck_assert_uint_eq(asked(&f, false), 2);
    for (size_t i = 0; i < f.source.count; i++) {
        struct scripted *s = &f.source.requests[i];
        if (!s->answered && !s->flat) {
            ck_assert_str_eq(s->path, "t/a000");
            keys_answer(&keys, s);
        }
    }
    settle(&f);
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    ck_assert_uint_eq(l->count, 20);
    listing_reader_gone(l);
    keys_answer_all(&keys, &f);
    keys_stop(&keys, &f);
}
END_TEST

/* Their pages come before the names of those directories, which are listed by themselves and
 * take longer: they are of use when these come. */
START_TEST(passed_before_they_were_named)
{
    keys_start(&keys, &f, -1);
    put_tree(5, 50, 20);
    struct node *root = root_of(&f), *t;
    keys_read(&keys, &f, root);
    t = known_child(&f, root, "t");
    struct listing *l = read_start(&f, t);
    listing_want(l, 0);
    for (size_t i = 0; i < f.source.count; i++) {
        if (!scripted_at(&f.source, i)->answered && scripted_at(&f.source, i)->flat)
            keys_answer(&keys, scripted_at(&f.source, i));
        settle(&f);
    }
    size_t pages = asked(&f, true);
    ck_assert_uint_ge(pages, 3);
    keys_answer_all(&keys, &f);
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    ck_assert_uint_eq(l->count, 5);
    listing_reader_gone(l);
    size_t plain = asked(&f, false);
    for (unsigned i = 0; i < pages; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "a%03u", i);
        struct node *dir = known_child(&f, t, name);
        keys_read(&keys, &f, dir);
        for (unsigned j = 0; j < 49; j++) {
            (void)snprintf(name, sizeof name, "b%03u", j);
            keys_read(&keys, &f, known_child(&f, dir, name));
        }
    }
    ck_assert_uint_eq(asked(&f, false), plain);
    keys_stop(&keys, &f);
}
END_TEST

SUITE_MAIN("fs/sweep", tcase_add_loop_test(tc, walks, 0, (int)ARRAY_LEN(shapes));
           tcase_add_test(tc, goes_on_at_once); tcase_add_test(tc, looks_around);
           tcase_add_test(tc, comes_back_later); tcase_add_test(tc, wrong_guess);
           tcase_add_test(tc, slow_walker); tcase_add_test(tc, too_late);
           tcase_add_loop_test(tc, fails, 0, 2); tcase_add_test(tc, outgrown);
           tcase_add_test(tc, passed_before_they_were_named));
