/* Walks over trees of a known shape, by a source whose answers take a known time: how many
 * requests they take, and how many of those one after another. */
#include "unit/fs/keys.h"

#include "fs/sweep.h"
#include "fs/sweep_back.h"

#include <errno.h>
#include <stdio.h>

#define TRIP_MS 20 /* from a request to its answer, however many there are */

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

/* The oldest request that waits; NULL: none. */
static struct scripted *oldest(size_t *first)
{
    while (*first < f.source.count && f.source.requests[*first].answered)
        ++*first;
    return *first < f.source.count ? &f.source.requests[*first] : NULL;
}

/* Walks; returns how many trips one after another it took. */
static int64_t walk(struct walker *w, struct node *dir)
{
    size_t first = 0;
    int64_t began_ns = f.now_ns;
    walker_start(w, &f, dir);
    for (;;) {
        settle(&f);
        if (w->over)
            return (f.now_ns - began_ns + TRIP_MS * NS_PER_MS - 1) / (TRIP_MS * NS_PER_MS);
        struct scripted *s = oldest(&first);
        int64_t timer_ns = timers_next(&f.fs.timers);
        int64_t due_ns = s ? s->request->started_ns + TRIP_MS * NS_PER_MS : TIME_NEVER;
        ck_assert_msg(s || timer_ns != TIME_NEVER, "the walker waits for nothing");
        if (timer_ns < due_ns) {
            f.now_ns = timer_ns > f.now_ns ? timer_ns : f.now_ns;
            continue;
        }
        f.now_ns = due_ns > f.now_ns ? due_ns : f.now_ns;
        keys_answer(&keys, s);
    }
}

/* The directory "t", looked up. */
static struct node *top(void)
{
    struct look look;
    look_start(&f, &look, root_of(&f), "t");
    keys_answer(&keys, scripted_last(&f.source));
    settle(&f);
    ck_assert_int_eq(look.status, 0);
    return look.node;
}

static size_t asked(bool flat)
{
    size_t count = 0;
    for (size_t i = 0; i < f.source.count; i++)
        count +=
            f.source.requests[i].kind == SCRIPTED_LIST && f.source.requests[i].flat == flat;
    return count;
}

/* Reads a directory to its end and closes it, answering whatever is asked for. */
static void read_whole(struct node *dir)
{
    struct listing *l = read_start(&f, dir);
    listing_want(l, 0);
    while (l->state == LISTING_RUNNING) {
        ck_assert(keys_answer_next(&keys, &f));
        listing_want(l, l->count);
    }
    ck_assert_int_eq(l->state, LISTING_COMPLETE);
    listing_reader_gone(l);
    sweep_left(&f.fs, dir);
}

static struct node *child(struct node *dir, const char *name)
{
    struct node *node;
    ck_assert_int_eq(look_known(&f, dir, name, &node), 0);
    return node;
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
    struct node *t = top();
    size_t before = f.source.count;
    size_t trips = (size_t)walk(&w, t);
    ck_assert_int_eq(w.status, 0);
    walker_check(&w, &keys);
    ck_assert_uint_le(f.source.count - before, shapes[_i].requests);
    ck_assert_uint_le(trips, shapes[_i].trips);
    ck_assert_uint_eq(f.source.asked[SCRIPTED_LOOKUP], 1);
    walker_done(&w);
    keys_stop(&keys, &f);
}
END_TEST

/* The same from the last to the first, as shells read the directories of a pattern. */
static const struct {
    unsigned directories, files;
    size_t requests, trips; /* at most */
} back_shapes[] = {
    {20, 100, 5, 3}, {200, 100, 25, 6}, {1000, 3, 7, 5}, {20, 2500, 62, 13}, {2, 5, 3, 3},
};

/* So many directories of so many files. */
static void put_level(unsigned directories, unsigned files)
{
    for (unsigned i = 0; i < directories; i++)
        for (unsigned k = 0; k < files; k++)
            keys_put(&keys, "t/a%04u/f%04u", i, k);
}

START_TEST(walks_back)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    put_level(back_shapes[_i].directories, back_shapes[_i].files);
    struct walker w = {.backwards = true};
    struct node *t = top();
    size_t before = f.source.count;
    size_t trips = (size_t)walk(&w, t);
    ck_assert_int_eq(w.status, 0);
    walker_check(&w, &keys);
    ck_assert_uint_le(f.source.count - before, back_shapes[_i].requests);
    ck_assert_uint_le(trips, back_shapes[_i].trips);
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
    struct node *t = top();
    read_whole(t);
    ck_assert_uint_eq(asked(true), 0);
    advance(&f, WALK_ON_MS - 1);
    struct listing *l = read_start(&f, child(t, "a000"));
    listing_want(l, 0);
    ck_assert_uint_eq(asked(true), 1);
    const struct scripted *s = scripted_last(&f.source);
    ck_assert_str_eq(s->path, "t");
    ck_assert_str_eq(s->start_after, "a000/");
    keys_answer_all(&keys, &f);
    ck_assert_str_eq(names_of(l), "b000/ b001/ b002/");
    listing_reader_gone(l);
    size_t before = f.source.count;
    read_whole(child(child(t, "a002"), "b001"));
    ck_assert_uint_eq(f.source.count, before);
    keys_stop(&keys, &f);
}
END_TEST

/* Somebody takes his time: it is none before a third level. */
START_TEST(looks_around)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    put_tree(3, 3, 3);
    struct node *t = top();
    read_whole(t);
    advance(&f, WALK_ON_MS);
    struct node *a = child(t, "a000");
    read_whole(a);
    ck_assert_uint_eq(asked(true), 0);
    advance(&f, WALK_ON_MS);
    struct listing *l = read_start(&f, child(a, "b000"));
    ck_assert_uint_eq(asked(true), 1);
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
    struct node *t = top();
    read_whole(t);
    advance(&f, WALK_MS);
    struct node *a = child(t, "a000");
    read_whole(a);
    advance(&f, WALK_MS);
    read_whole(child(a, "b000"));
    ck_assert_uint_eq(asked(true), 0);
    keys_stop(&keys, &f);
}
END_TEST

/* ---- bounds ---- */

/* Until somebody has read what came there is one sweep, and it does not run far ahead. */
START_TEST(wrong_guess)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    put_tree(100, 10, 20);
    struct node *t = top();
    read_whole(t);
    struct listing *l = read_start(&f, child(t, "a000"));
    listing_want(l, 0);
    keys_answer_all(&keys, &f);
    /* The reader's own directory counts: it was read. */
    ck_assert_uint_le(asked(true), 1 + SWEEP_AHEAD / KEYS_PAGE);
    ck_assert_uint_eq(f.fs.sweeps.count, 1);
    listing_reader_gone(l);
    advance(&f, SWEEP_IDLE_MS);
    ck_assert_uint_eq(f.fs.sweeps.count, 0);
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
        read_whole(child(t, name));
    }
}

/* Of who goes back neither, and nothing at all is listed ahead of one that takes longer from
 * one directory to the next than absent names are believed in. */
START_TEST(back_wrong_guess)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    put_level(100, 200);
    struct node *t = top();
    read_whole(t);
    read_back(t, 99, 97, _i ? FIXTURE_NEGATIVE_MS : WALK_ON_MS);
    keys_answer_all(&keys, &f);
    ck_assert_uint_le(asked(true),
                      _i ? 0 : 2 + (SWEEP_AHEAD + 2 * 200 * SWEEP_GAIN) / KEYS_PAGE);
    ck_assert_uint_ge(asked(true), _i ? 0 : 2);
    keys_stop(&keys, &f);
}
END_TEST

/* Directories that went meanwhile are not asked for again and again. */
START_TEST(back_asks_once)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    put_level(40, 20);
    struct node *t = top();
    read_whole(t);
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
    ck_assert_uint_eq(asked(true), 1);
    keys_stop(&keys, &f);
}
END_TEST

/* Whoever jumps does not go backwards. */
START_TEST(back_in_small_steps)
{
    static const unsigned order[] = {399, 300, 299, 298, 200, 201, 199};
    static const bool back[] = {false, false, true, true, false, false, true};
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    put_level(400, 1);
    struct node *t = top();
    read_whole(t);
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "a%04u", order[i]);
        struct node *dir = child(t, name);
        advance(&f, WALK_ON_MS);
        read_whole(dir);
        ck_assert_int_eq(sweep_goes_back(&f.fs, dir, t), back[i]);
    }
    keys_answer_all(&keys, &f);
    keys_stop(&keys, &f);
}
END_TEST

/* A flat page fails, or the source has none: they are listed one by one. */
START_TEST(back_fails)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    put_level(10, 20);
    struct node *t = top();
    read_whole(t);
    advance(&f, WALK_ON_MS);
    read_whole(child(t, "a0009"));
    struct listing *l = read_start(&f, child(t, "a0008"));
    ck_assert_uint_eq(asked(true), 1);
    for (size_t i = 0; i < f.source.count; i++) {
        struct scripted *s = scripted_at(&f.source, i);
        if (s->flat)
            scripted_fail(s, _i ? -ENOTSUP : -EBUSY);
    }
    settle(&f);
    listing_reader_gone(l);
    read_back(t, 8, 1, 0);
    ck_assert_uint_eq(asked(true), 1);
    keys_stop(&keys, &f);
}
END_TEST

/* A reader that works for long on what it has: no more is listed than it comes to in time. */
START_TEST(slow_walker)
{
    keys_start(&keys, &f, FIXTURE_TTL_MS);
    put_tree(100, 10, 20);
    struct node *t = top();
    read_whole(t);
    size_t files = 0;
    for (unsigned i = 0; i < 10; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "a%03u", i);
        read_whole(child(t, name));
        advance(&f, 250);
        files += 200;
    }
    /* 10 directories of 200 in 2.5 s: what half a TTL holds, and the first guess. */
    ck_assert_uint_le(asked(true), 2 * files / KEYS_PAGE + 2 + SWEEP_AHEAD / KEYS_PAGE);
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
    struct node *t = top();
    read_whole(t);
    for (unsigned i = 0; i < SWEEP_LATE + 1; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "a%03u", i);
        size_t plain = asked(false);
        struct listing *l = read_start(&f, child(t, name));
        listing_want(l, 0);
        if (i < SWEEP_LATE) {
            ck_assert_uint_eq(asked(false), plain);
            advance(&f, SWEEP_PATIENCE);
        }
        ck_assert_uint_eq(asked(false), plain + 1);
        keys_answer(&keys, scripted_last(&f.source));
        settle(&f);
        ck_assert_str_eq(names_of(l), "b000/");
        listing_reader_gone(l);
        sweep_left(&f.fs, child(t, name));
    }
    ck_assert_uint_eq(asked(true), 1);
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
    struct node *t = top();
    read_whole(t);
    struct node *a = child(t, "a000");
    struct listing *l = read_start(&f, a);
    scripted_fail(scripted_last(&f.source), _i ? -ENOTSUP : -EBUSY);
    settle(&f);
    listing_want(l, 0);
    ck_assert(!scripted_last(&f.source)->flat);
    keys_answer_all(&keys, &f);
    ck_assert_str_eq(names_of(l), "b000/ b001/");
    listing_reader_gone(l);
    sweep_left(&f.fs, a);
    read_whole(child(a, "b000"));
    ck_assert_uint_eq(asked(true), _i ? 2 : 1);
    advance(&f, SWEEP_AGAIN_MS);
    read_whole(t);
    l = read_start(&f, child(t, "a001"));
    ck_assert_uint_eq(asked(true), 2);
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
    struct node *t = top();
    read_whole(t);
    struct listing *l = read_start(&f, child(t, "a000"));
    listing_want(l, 0);
    for (int i = 0; i < 2; i++) {
        keys_answer(&keys, scripted_last(&f.source));
        settle(&f);
        ck_assert_int_eq(l->state, LISTING_RUNNING);
        ck_assert(scripted_last(&f.source)->flat || i == 1);
    }
    ck_assert_uint_eq(asked(false), 2);
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

SUITE_MAIN("fs/sweep", tcase_add_loop_test(tc, walks, 0, (int)ARRAY_LEN(shapes));
           tcase_add_loop_test(tc, walks_back, 0, ARRAY_LEN(back_shapes));
           tcase_add_loop_test(tc, back_wrong_guess, 0, 2); tcase_add_test(tc, back_asks_once);
           tcase_add_test(tc, back_in_small_steps); tcase_add_loop_test(tc, back_fails, 0, 2);
           tcase_add_test(tc, goes_on_at_once); tcase_add_test(tc, looks_around);
           tcase_add_test(tc, comes_back_later); tcase_add_test(tc, wrong_guess);
           tcase_add_test(tc, slow_walker); tcase_add_test(tc, too_late);
           tcase_add_loop_test(tc, fails, 0, 2); tcase_add_test(tc, outgrown));
