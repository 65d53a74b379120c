/* What becomes of files that were fetched ahead. */
#include "unit/fs/cats.h"

#include "fs/neighbours.h"

#include <errno.h>
#include <stdio.h>

/* What nobody will open soon is not fetched: it would be too old. */
START_TEST(at_the_readers_pace)
{
    cats_start();
    put_numbers("", 100);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 30; i++) {
        cat_number(dir, i);
        keys_answer_all(&keys, &f);
        ck_assert_uint_le(reads_asked(&f), i + 1 + (i < 8 ? 4 : 2));
        advance(&f, 900);
    }
    keys_answer_all(&keys, &f);
    advance(&f, FILE_AHEAD_MS);
    files_done(&f);
    keys_done(&keys);
}
END_TEST

/* As many as the reader comes to in two seconds, or while a name may be believed for half as
 * long as that; one in any case. */
START_TEST(no_more_than_the_reader_comes_to)
{
    static const struct {
        int64_t ttl_ms, pace_ms;
        size_t ahead;
    } cases[] = {
        {60000, 100, 16}, {60000, 200, 10}, {60000, 3000, 1},
        {1000, 100, 5},   {-1, 100, 16},    {-1, 200, 10},
    };
    cats_start();
    f.options.metadata_ttl_ms = cases[_i].ttl_ms;
    put_numbers("", 100);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 4; i++) {
        advance(&f, cases[_i].pace_ms);
        cat_number(dir, i);
    }
    ck_assert_uint_eq(reads_asked(&f), 4 + cases[_i].ahead);
    cats_finish();
}
END_TEST

/* The answers wait; nobody opens the files. */
START_TEST(memory_comes_back)
{
    cats_start();
    put_numbers("", 100);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 5; i++)
        cat_number(dir, i);
    ck_assert_uint_gt(f.fs.ahead_bytes, 0);
    if (_i)
        keys_answer_all(&keys, &f);
    advance(&f, FILE_AHEAD_MS - 1);
    ck_assert_uint_gt(f.fs.ahead_bytes, 0);
    advance(&f, 1);
    ck_assert_uint_eq(f.fs.ahead_bytes, 0);
    /* Then they are opened after all. */
    size_t asked = reads_asked(&f);
    ck_assert(!cat_number(dir, 10));
    ck_assert_uint_gt(reads_asked(&f), asked);
    keys_answer_all(&keys, &f);
    advance(&f, FILE_AHEAD_MS);
    files_done(&f);
    keys_done(&keys);
}
END_TEST

START_TEST(failed_guesses_are_nobodys_failure)
{
    cats_start();
    put_numbers("", 20);
    fixture_start(&f);
    struct node *dir = list("");
    cat_number(dir, 0);
    cat_number(dir, 1);
    ck_assert_uint_eq(under_way(), 4);
    while (under_way() > 0) {
        scripted_fail(read_request(&f), -EBUSY);
        settle(&f);
    }
    ck_assert_uint_eq(f.fs.ahead_bytes, 0);
    ck_assert_uint_eq(f.fs.pages->used, 0);
    ck_assert_ptr_null(child(dir, "f0002")->extra);
    ck_assert(!cat_number(dir, 2));
    cats_finish();
}
END_TEST

/* What failed is not fetched ahead again; after some that failed no more are. */
START_TEST(failed_guesses_end)
{
    cats_start();
    put_numbers("", 100);
    fixture_start(&f);
    struct node *dir = list("");
    unsigned number = 0;
    for (; number < 5; number++)
        cat_number(dir, number);
    ck_assert_uint_eq(under_way(), 32);
    while (under_way() > 0) {
        scripted_fail(read_request(&f), -EBUSY);
        settle(&f);
    }
    size_t before = reads_asked(&f);
    for (; number < 50; number++) {
        cat_number(dir, number);
        ck_assert_uint_eq(reads_asked(&f), ++before);
    }
    cats_finish();
}
END_TEST

/* A name that means something else now, or that has to be asked for: neither is fetched, and of
 * the first another file in its stead. */
START_TEST(names_that_are_not_to_be_fetched)
{
    cats_start();
    put_numbers("", 20);
    fixture_start(&f);
    struct node *dir = list("");
    tree_distrust(&f.fs, child(dir, "f0003"));
    if (_i)
        look_up(&f, dir, "f0003", NULL);
    cat_number(dir, 0);
    cat_number(dir, 1);
    ck_assert_uint_eq(reads_asked(&f), 2 + (_i ? 4 : 3));
    ck_assert_ptr_null(read_of("f0003"));
    cats_finish();
}
END_TEST

/* It fails while an open waits for it: that asks anew, and its own failure counts. */
START_TEST(opened_before_it_fails)
{
    cats_start();
    put_numbers("", 20);
    fixture_start(&f);
    struct node *dir = list("");
    cat_number(dir, 0);
    cat_number(dir, 1);
    struct opening o;
    open_start(&f, &o, child(dir, "f0002"));
    ck_assert(!o.over && o.handle->hit);
    scripted_fail(read_of("f0002"), -EBUSY);
    settle(&f);
    ck_assert(o.over);
    ck_assert_int_eq(o.status, -EBUSY);
    ck_assert_ptr_nonnull(child(dir, "f0002")->extra);
    cats_finish();
}
END_TEST

START_TEST(changed_before_it_was_fetched)
{
    cats_start();
    put_numbers("", 20);
    fixture_start(&f);
    struct node *dir = list(""), *old = child(dir, "f0003");
    cat_number(dir, 0);
    keys_put(&keys, "f0003");
    cat_number(dir, 1);
    keys_answer_all(&keys, &f);
    ck_assert_ptr_null(old->extra);
    /* The kernel looks the name up again. */
    ck_assert_int_eq(look_known(&f, dir, "f0003", NULL), -EINPROGRESS);
    settle(&f);
    keys_answer_all(&keys, &f);
    struct node *node = child(dir, "f0003");
    ck_assert_ptr_ne(node, old);
    check_str(node_etag(node), "v2");
    cat_node(node);
    cats_finish();
}
END_TEST

START_TEST(changed_after_it_was_fetched)
{
    cats_start();
    f.options.metadata_ttl_ms = 5000;
    put_numbers("", 20);
    fixture_start(&f);
    struct node *dir = list(""), *old = child(dir, "f0003");
    cat_number(dir, 0);
    cat_number(dir, 1);
    keys_answer_all(&keys, &f);
    keys_put(&keys, "f0003");
    /* Within the TTL the version that was confirmed is shown; then not. */
    ck_assert_int_eq(node_fresh_ms(&f.fs, old), 5000);
    advance(&f, 5000);
    ck_assert_int_eq(node_fresh_ms(&f.fs, old), 0);
    struct look look;
    look_start(&f, &look, dir, "f0003");
    keys_answer_all(&keys, &f);
    ck_assert_int_eq(look.status, 0);
    check_str(node_etag(look.node), "v2");
    ck_assert(old->superseded);
    cat_node(look.node);
    advance(&f, FILE_AHEAD_MS);
    files_done(&f);
    keys_done(&keys);
}
END_TEST

/* A GET that says that the version is still there confirms the name. */
START_TEST(fetching_confirms_names)
{
    cats_start();
    f.options.metadata_ttl_ms = 5000;
    put_numbers("", 200);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 200; i++) {
        if (i > 60)
            ck_assert_int_eq(look_known(&f, dir, "f0060", NULL), 0);
        cat_number(dir, i);
        keys_answer_all(&keys, &f);
        advance(&f, i < 60 ? 90 : 10);
    }
    ck_assert_uint_eq(f.source.asked[SCRIPTED_LOOKUP], 0);
    ck_assert_uint_eq(reads_asked(&f), 200);
    cats_finish();
}
END_TEST

START_TEST(always_asked)
{
    cats_start();
    f.options.metadata_ttl_ms = 0;
    put_numbers("", 20);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 20; i++) {
        char name[16];
        struct look look;
        (void)snprintf(name, sizeof name, "f%04u", i);
        look_start(&f, &look, dir, name);
        keys_answer_all(&keys, &f);
        cat_node(look.node);
    }
    ck_assert_uint_eq(f.fs.stats.ahead, 0);
    cats_finish();
}
END_TEST

/* A new listing of the directory while it is read. */
START_TEST(listed_again)
{
    cats_start();
    f.options.metadata_ttl_ms = 5000;
    put_numbers("", 100);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 50; i++)
        cat_number(dir, i);
    advance(&f, 4000);
    keys_answer_all(&keys, &f);
    advance(&f, 1000);
    list("");
    for (unsigned i = 50; i < 100; i++)
        cat_number(dir, i);
    ck_assert_uint_eq(reads_asked(&f), 100);
    cats_finish();
}
END_TEST

START_TEST(unmounted_meanwhile)
{
    cats_start();
    put_numbers("a/", 50);
    fixture_start(&f);
    struct node *dir = list("a");
    for (unsigned i = 0; i < 5; i++)
        cat_number(dir, i);
    ck_assert_uint_gt(under_way(), 10);
    cats_finish();
}
END_TEST

SUITE_MAIN("fs/neighbours_fate", tcase_add_test(tc, at_the_readers_pace);
           tcase_add_loop_test(tc, no_more_than_the_reader_comes_to, 0, 6);
           tcase_add_loop_test(tc, memory_comes_back, 0, 2);
           tcase_add_test(tc, failed_guesses_are_nobodys_failure);
           tcase_add_test(tc, failed_guesses_end);
           tcase_add_loop_test(tc, names_that_are_not_to_be_fetched, 0, 2);
           tcase_add_test(tc, opened_before_it_fails);
           tcase_add_test(tc, changed_before_it_was_fetched);
           tcase_add_test(tc, changed_after_it_was_fetched);
           tcase_add_test(tc, fetching_confirms_names); tcase_add_test(tc, always_asked);
           tcase_add_test(tc, listed_again); tcase_add_test(tc, unmounted_meanwhile));
