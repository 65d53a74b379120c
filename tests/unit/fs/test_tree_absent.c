/* Names that are not there, asked for one after the other. */
#include "unit/fs/names.h"

#include "fs/sweep.h"

#include <errno.h>
#include <stdio.h>

/* Names that are not there are asked for one after the other, as programs look for .git and
 * .ignore: a listing tells of all others, and another when that is too old. */
START_TEST(several_absent_names)
{
    start();
    look_up(&f, root_of(&f), ".git", NULL);
    ck_assert_uint_eq(pages_asked(), 0);
    struct look look;
    look_start(&f, &look, root_of(&f), ".ignore");
    ck_assert_uint_eq(pages_asked(), 1);
    give("a b", NULL);
    scripted_fail(lookup_request(), -ENOENT);
    settle(&f);
    ck_assert_int_eq(look.status, -ENOENT);
    ck_assert_int_eq(known_status(".gitignore"), -ENOENT);
    ck_assert_ptr_nonnull(known("b"));
    ck_assert_uint_eq(lookups_asked(), 2);
    advance(&f, FIXTURE_TTL_MS);
    look_up(&f, root_of(&f), ".git", NULL);
    look_start(&f, &look, root_of(&f), ".ignore");
    ck_assert_uint_eq(pages_asked(), 2);
    give("a b c", NULL);
    scripted_fail(lookup_request(), -ENOENT);
    settle(&f);
    ck_assert_int_eq(known_status(".gitignore"), -ENOENT);
    fixture_done(&f);
}
END_TEST

/* Not where that is of no use: in a directory of many names, of which it was tried once; where
 * absence is not believed; for one absent name now and then; where a listing may lack names;
 * what is always asked. */
START_TEST(several_absent_names_of_many)
{
    start_with(_i == 4 ? 0 : FIXTURE_TTL_MS);
    f.source.unpaged = _i == 3;
    f.fs.options.negative_ttl_ms = _i == 1 ? 0 : FIXTURE_NEGATIVE_MS;
    for (int i = 0; i < 10; i++) {
        struct look look;
        char name[8];
        (void)snprintf(name, sizeof name, "n%d", i);
        look_start(&f, &look, root_of(&f), name);
        if (_i == 0 && i == 1)
            give("a b", "more");
        scripted_fail(lookup_request(), -ENOENT);
        settle(&f);
        advance(&f, _i == 2 ? FIXTURE_NEGATIVE_MS : 100);
    }
    ck_assert_uint_eq(lookups_asked(), 10);
    ck_assert_uint_eq(pages_asked(), _i == 0 ? 1 : 0);
    fixture_done(&f);
}
END_TEST

/* One after the other that are not there; no listing is answered meanwhile. */
static void two_absent(struct node *dir)
{
    look_up(&f, dir, ".git", NULL);
    look_up(&f, dir, ".ignore", NULL);
}

/* One that would take half as long as absence is believed comes too late: as long as pages took
 * last, whosever they were. */
START_TEST(no_listing_that_comes_too_late)
{
    static const struct {
        int64_t ttl_ms, took_ms;
        size_t pages;
    } cases[] = {
        {FIXTURE_TTL_MS, FIXTURE_NEGATIVE_MS / 2 - 1, 1},
        {FIXTURE_TTL_MS, FIXTURE_NEGATIVE_MS / 2, 0},
        {-1, 10 * FIXTURE_NEGATIVE_MS, 1},
    };
    start_with(cases[_i].ttl_ms);
    struct node *slow = look_up(&f, root_of(&f), "slow", "slow/");
    struct listing *l = read_start(&f, slow);
    advance(&f, cases[_i].took_ms);
    give("a", NULL);
    listing_reader_gone(l);
    struct node *quick = look_up(&f, root_of(&f), "quick", "quick/");
    two_absent(root_of(&f));
    ck_assert_uint_eq(pages_asked(), 1 + cases[_i].pages);
    if (cases[_i].pages)
        give("quick/ slow/", NULL);
    list_once(quick, "a d/");
    two_absent(look_up(&f, quick, "d", "d/"));
    ck_assert_uint_eq(pages_asked(), 3 + cases[_i].pages);
    fixture_done(&f);
}
END_TEST

/* An old listing that came as one page is made anew, a longer one is not. */
START_TEST(several_absent_names_of_what_was_listed)
{
    static char entries[16 * 1024];
    size_t at = 0, count = SWEEP_PAGE + (size_t)_i;
    for (size_t i = 0; i < count; i++)
        at += (size_t)snprintf(entries + at, sizeof entries - at, "n%04zu ", i);
    start();
    list_once(root_of(&f), entries);
    /* Readers have use for it yet, though absence is asked for again. */
    advance(&f, FIXTURE_NEGATIVE_MS);
    two_absent(root_of(&f));
    ck_assert_uint_eq(lookups_asked(), 2);
    ck_assert_uint_eq(pages_asked(), 1);
    advance(&f, FIXTURE_TTL_MS);
    two_absent(root_of(&f));
    ck_assert_uint_eq(lookups_asked(), 4);
    ck_assert_uint_eq(pages_asked(), _i ? 1 : 2);
    fixture_done(&f);
}
END_TEST

/* The first names, which the directory's own lookup brought, tell of none behind them: nor do
 * they say that the others are many. */
START_TEST(several_absent_names_behind_the_first)
{
    start();
    struct look look;
    look_start(&f, &look, root_of(&f), "d");
    scripted_found_names(lookup_request(), "d/", "a b/", false);
    settle(&f);
    look_up(&f, look.node, "c", NULL);
    ck_assert_uint_eq(pages_asked(), 0);
    look_up(&f, look.node, "d", NULL);
    ck_assert_uint_eq(pages_asked(), 1);
    look_up(&f, look.node, "e", NULL);
    give("a b/ f", NULL);
    ck_assert_uint_eq(pages_asked(), 1);
    ck_assert_int_eq(look_known(&f, look.node, "g", NULL), -ENOENT);
    fixture_done(&f);
}
END_TEST

SUITE_MAIN("fs/tree_absent", tcase_add_test(tc, several_absent_names);
           tcase_add_loop_test(tc, several_absent_names_of_many, 0, 5);
           tcase_add_loop_test(tc, no_listing_that_comes_too_late, 0, 3);
           tcase_add_loop_test(tc, several_absent_names_of_what_was_listed, 0, 2);
           tcase_add_test(tc, several_absent_names_behind_the_first));
