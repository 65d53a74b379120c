/* Names that are not there, asked for one after the other. */
#include "unit/fs/names.h"

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
 * absence is not believed; for one absent name now and then; where a listing may lack names. */
START_TEST(several_absent_names_of_many)
{
    start();
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

SUITE_MAIN("fs/tree_absent", tcase_add_test(tc, several_absent_names);
           tcase_add_loop_test(tc, several_absent_names_of_many, 0, 4));
