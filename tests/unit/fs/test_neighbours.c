#include "unit/fs/cats.h"

#include "fs/neighbours.h"
#include "fs/sweep.h"

#include <errno.h>
#include <stdio.h>

START_TEST(one_get_a_file)
{
    cats_start();
    put_numbers("", 300);
    fixture_start(&f);
    struct node *dir = list("");
    size_t lists = f.source.asked[SCRIPTED_LIST], hits = 0;
    for (unsigned i = 0; i < 300; i++)
        hits += cat_number(dir, i);
    keys_answer_all(&keys, &f);
    ck_assert_uint_eq(hits, 298);
    ck_assert_uint_eq(f.fs.stats.ahead_hits, 298);
    ck_assert_uint_eq(reads_asked(&f), 300);
    ck_assert_uint_eq(f.source.asked[SCRIPTED_LOOKUP], 0);
    ck_assert_uint_eq(f.source.asked[SCRIPTED_LIST], lists);
    ck_assert_uint_eq(f.fs.ahead_bytes, 0);
    ck_assert_uint_eq(f.source.cancels, 0);
    files_done(&f);
    keys_done(&keys);
}
END_TEST

START_TEST(depth_grows_with_hits)
{
    static const unsigned depths[] = {0, 4, 8, 16, 32, 64, 128, 128, 128};
    cats_start();
    put_numbers("", 300);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < ARRAY_LEN(depths); i++) {
        cat_number(dir, i);
        ck_assert_uint_eq(reads_asked(&f), i + 1 + depths[i]);
    }
    cats_finish();
}
END_TEST

START_TEST(a_jump_takes_it_back)
{
    cats_start();
    put_numbers("", 300);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 3; i++)
        cat_number(dir, i);
    ck_assert_uint_eq(under_way(), 8);
    ck_assert_uint_gt(f.fs.ahead_bytes, 0);
    cat_number(dir, 200);
    settle(&f);
    ck_assert_uint_eq(f.fs.ahead_bytes, 0);
    ck_assert_uint_eq(under_way(), 0);
    ck_assert_uint_eq(f.source.cancels, 8);
    size_t asked = reads_asked(&f);
    cat_number(dir, 100);
    cat_number(dir, 250);
    cat_number(dir, 30);
    ck_assert_uint_eq(reads_asked(&f), asked + 3);
    files_done(&f);
    keys_done(&keys);
}
END_TEST

/* Programs of their own in one directory, as xargs -P starts them: each is followed. */
START_TEST(several_at_once)
{
    enum { PROGRAMS = 4, EACH = 50 };
    cats_start();
    put_numbers("", PROGRAMS * EACH);
    fixture_start(&f);
    struct node *dir = list("");
    unsigned hits = 0;
    for (unsigned i = 0; i < EACH; i++) {
        for (unsigned k = 0; k < PROGRAMS; k++) {
            cats_caller = (pid_t)k + 1;
            hits += cat_number(dir, k * EACH + i);
        }
    }
    /* The first two of each were not fetched ahead. */
    ck_assert_uint_ge(hits, PROGRAMS * (EACH - 2));
    ck_assert_uint_eq(reads_asked(&f), PROGRAMS * EACH);
    ck_assert_uint_eq(f.source.cancels, 0);
    cats_finish();
}
END_TEST

/* More of them than are followed. */
START_TEST(too_many_at_once)
{
    enum { PROGRAMS = 3 * NEIGHBOURS_STREAMS, EACH = 20 };
    cats_start();
    put_numbers("", PROGRAMS * EACH);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < EACH; i++) {
        for (unsigned k = 0; k < PROGRAMS; k++) {
            cats_caller = (pid_t)k + 1;
            cat_number(dir, k * EACH + i);
        }
    }
    ck_assert_uint_ge(reads_asked(&f), PROGRAMS * EACH);
    size_t streams = 0;
    const struct stream *n;
    LIST_FOREACH(n, &dir->directory->neighbours.streams, link)
    {
        streams++;
    }
    ck_assert_uint_le(streams, NEIGHBOURS_STREAMS);
    cats_finish();
}
END_TEST

/* As rg opens them: the last name first. */
START_TEST(backwards)
{
    static const unsigned depths[] = {0, 0, 0, 4, 8, 16, 32, 64, 128, 128};
    cats_start();
    put_numbers("", 300);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 300; i++) {
        cat_number(dir, 299 - i);
        if (i < ARRAY_LEN(depths))
            ck_assert_uint_eq(reads_asked(&f), i + 1 + depths[i]);
    }
    keys_answer_all(&keys, &f);
    ck_assert_uint_eq(reads_asked(&f), 300);
    ck_assert_uint_eq(f.fs.stats.ahead_hits, 296);
    ck_assert_uint_eq(f.source.cancels, 0);
    files_done(&f);
    keys_done(&keys);
}
END_TEST

/* Whoever turns round is followed; what was fetched the other way is taken back. */
START_TEST(turning_round)
{
    cats_start();
    put_numbers("", 300);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 100; i < 105; i++)
        cat_number(dir, i);
    ck_assert_uint_eq(under_way(), 32);
    for (unsigned i = 100; i-- > 80;)
        cat_number(dir, i);
    settle(&f);
    ck_assert_uint_eq(f.source.cancels, 32);
    ck_assert_ptr_null(read_of("f0110"));
    ck_assert_ptr_nonnull(read_of("f0070"));
    ck_assert_uint_eq(reads_asked(&f), 25 + 32 + 80);
    cats_finish();
}
END_TEST

/* Two readers in one directory: what is fetched for the second is not the first one's to take
 * back when that jumps or turns round, though it is as near as what was. */
START_TEST(not_what_is_ahead_of_another)
{
    enum { FIRST = 100, SECOND = 140 };
    cats_start();
    put_numbers("", 300);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 3; i++) {
        cats_caller = 1;
        cat_number(dir, FIRST + i);
        cats_caller = 2;
        cat_number(dir, SECOND + i);
    }
    ck_assert_uint_eq(under_way(), 2 * 8);
    cats_caller = 1;
    if (_i) {
        cat_number(dir, FIRST - 1);
        cat_number(dir, FIRST - 2);
    } else {
        cat_number(dir, 250);
    }
    settle(&f);
    ck_assert_uint_eq(f.source.cancels, 8);
    ck_assert_ptr_null(read_of("f0103"));
    ck_assert_uint_eq(under_way(), 8);
    cats_caller = 2;
    for (unsigned i = 3; i < 3 + 8; i++)
        ck_assert(cat_number(dir, SECOND + i));
    cats_finish();
}
END_TEST

/* Names are opened again, or backwards while more of them may come. */
START_TEST(again_and_unknown)
{
    cats_start();
    put_numbers("", 1500);
    fixture_start(&f);
    struct node *dir = directory("");
    struct listing *l = read_start(&f, dir);
    listing_want(l, 10);
    keys_answer_next(&keys, &f);
    settle(&f);
    ck_assert_int_ne(l->state, LISTING_COMPLETE);
    for (unsigned i = 200; i > 100; i--)
        cat_number(dir, i);
    for (unsigned i = 0; i < 20; i++)
        cat_number(dir, 5);
    ck_assert_uint_eq(f.fs.stats.ahead, 0);
    listing_reader_gone(l);
    cats_finish();
}
END_TEST

/* Several threads open a little out of order. */
START_TEST(nearly_in_order)
{
    cats_start();
    put_numbers("", 400);
    fixture_start(&f);
    struct node *dir = list("");
    uint64_t random = 1;
    unsigned order[400];
    for (unsigned i = 0; i < 400; i++)
        order[i] = i;
    for (unsigned i = 0; i + 8 < 400; i += 4) {
        unsigned a = i + (unsigned)random_below(&random, 8),
                 b = i + (unsigned)random_below(&random, 8), t = order[a];
        order[a] = order[b];
        order[b] = t;
    }
    for (unsigned i = 0; i < 400; i++)
        cat_number(dir, order[i]);
    ck_assert_uint_eq(reads_asked(&f), 400);
    ck_assert_uint_gt(f.fs.stats.ahead_hits, 380);
    cats_finish();
}
END_TEST

START_TEST(stays_within_the_budget)
{
    cats_start();
    f.options.memory_limit = 4 << 20;
    for (unsigned i = 0; i < 60; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "f%04u", i);
        keys_put_size(&keys, name, 300 * 1024);
    }
    fixture_start(&f);
    struct node *dir = list("");
    size_t most = 0;
    for (unsigned i = 0; i < 60; i++) {
        cat_number(dir, i);
        most = f.fs.ahead_bytes > most ? f.fs.ahead_bytes : most;
    }
    ck_assert_uint_gt(most, 512 * 1024);
    ck_assert_uint_eq(reads_asked(&f), 60);
    files_done(&f);
    keys_done(&keys);
}
END_TEST

/* Empty files always, long ones until one has been read. */
START_TEST(long_and_empty_files_are_passed_over)
{
    cats_start();
    for (unsigned i = 0; i < 40; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "f%04u", i);
        keys_put_size(&keys, name, i % 4 == 1 ? 0 : i % 4 == 3 ? FILE_WHOLE_MAX + 1 : 1000);
    }
    fixture_start(&f);
    struct node *dir = list("");
    cat_number(dir, 0);
    cat_number(dir, 1);
    for (size_t i = 0; i < f.source.count; i++) {
        if (f.source.requests[i].kind == SCRIPTED_READ)
            ck_assert_uint_eq(f.source.requests[i].size, 1000);
    }
    for (unsigned i = 2; i < 40; i++) {
        ck_assert(cat_number(dir, i) == (i % 2 == 0 || (i % 4 == 3 && i > 3)));
        /* Up to the eighth of those that come next. */
        if (i == 2)
            ck_assert_uint_eq(reads_asked(&f), 6);
    }
    cats_finish();
}
END_TEST

/* In the order that a walk opens them, over directories that are listed ahead of it. */
START_TEST(on_into_the_next_directories)
{
    cats_start();
    start_directories();
    size_t files = 0;
    for (unsigned d = 0; d < 6; d++) {
        struct node *dir = list_numbered(d);
        for (unsigned i = 0; i < 20; i++, files++)
            cat_number(dir, i);
    }
    ck_assert_uint_eq(reads_asked(&f), files);
    ck_assert_uint_ge(f.fs.stats.ahead_hits, files - 4);
    cats_finish();
}
END_TEST

/* From the last to the first, which no sweep does: they are listed ahead of the reader. */
START_TEST(on_into_the_directories_before)
{
    cats_start();
    start_directories();
    size_t files = 0;
    for (unsigned d = 6; d-- > 0;) {
        struct node *dir = list_numbered(d);
        for (unsigned i = 20; i-- > 0; files++) {
            cat_number(dir, i);
            if (i == 10)
                keys_answer_all(&keys, &f);
        }
    }
    ck_assert_uint_eq(reads_asked(&f), files);
    ck_assert_uint_eq(f.fs.stats.ahead_hits, files - 4);
    ck_assert_uint_eq(f.source.cancels, 0);
    cats_finish();
}
END_TEST

/* Nobody asked for them: that it fails is nobody's failure, and who comes asks anew. */
START_TEST(listing_ahead_fails)
{
    cats_start();
    start_directories();
    struct node *dir = list_numbered(5);
    size_t failed = 0;
    for (unsigned i = 20; i-- > 10;)
        cat_number(dir, i);
    for (size_t i = 0; i < f.source.count; i++) {
        struct scripted *s = scripted_at(&f.source, i);
        if (s->kind != SCRIPTED_LIST || s->answered)
            continue;
        scripted_fail(s, -EACCES);
        failed++;
    }
    settle(&f);
    ck_assert_uint_eq(failed, NEIGHBOURS_LISTED);
    const struct node *before = child(root_of(&f), "d4");
    ck_assert(!before->extra || !before->extra->failure);
    ck_assert_ptr_nonnull(child(list_numbered(4), "f0019"));
    keys_answer_all(&keys, &f);
    cats_finish();
}
END_TEST

/* Only once it is clear that it goes backwards; forwards a sweep does it. */
START_TEST(when_directories_are_listed_ahead)
{
    cats_start();
    start_directories();
    struct node *dir = list_numbered(_i ? 0 : 5);
    size_t before = f.source.asked[SCRIPTED_LIST];
    for (unsigned i = 0; i < 10; i++) {
        cat_number(dir, _i ? i : 19 - i);
        ck_assert_uint_eq(f.source.asked[SCRIPTED_LIST] - before,
                          _i || i < 4 ? 0 : NEIGHBOURS_LISTED);
    }
    keys_answer_all(&keys, &f);
    cats_finish();
}
END_TEST

/* Who jumps did not go on into the next directory: what was fetched in it is taken back. */
START_TEST(not_into_the_next_directory)
{
    cats_start();
    start_directories();
    struct node *d1 = list_numbered(1), *d2 = list_numbered(2);
    for (unsigned i = 13; i < 19; i++)
        cat_number(d1, i);
    const struct stream *n = LIST_FIRST(&d2->directory->neighbours.streams);
    ck_assert_ptr_null(LIST_NEXT(n, link));
    ck_assert_ptr_nonnull(read_of("d1/f0019"));
    ck_assert_ptr_nonnull(read_of("d2/f0000"));
    cat_number(d1, 1);
    settle(&f);
    ck_assert_uint_eq(under_way(), 0);
    cats_finish();
}
END_TEST

/* Two directories are read backwards at the same time: who turns round in the one has not
 * fetched what is fetched in the other. */
START_TEST(turning_round_beside_another)
{
    cats_start();
    put_numbers("d1/", 100);
    put_numbers("d2/", 100);
    fixture_start(&f);
    list("");
    struct node *d1 = list_numbered(1), *d2 = list_numbered(2);
    for (unsigned i = 100; i-- > 80;)
        cat_number(d2, i);
    cats_caller++;
    for (unsigned i = 100; i-- > 80;)
        cat_number(d1, i);
    settle(&f);
    ck_assert_uint_eq(f.source.cancels, 0);
    for (unsigned i = 80; i-- > 0;) {
        cat_number(d1, i);
        cat_number(d2, i);
    }
    ck_assert_uint_eq(reads_asked(&f), 200);
    cats_finish();
}
END_TEST

/* Files and directories among each other, gone down into as they come, from either end. */
START_TEST(down_and_up_again)
{
    static const char *const order[] = {"a",   "b", "d/a", "d/b", "d/e/a", "d/e/b",
                                        "d/f", "f", "g/a", "h",   "i",     "j"};
    cats_start();
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        keys_put(&keys, "%s", order[i]);
    fixture_start(&f);
    list("");
    list("d");
    list("d/e");
    list("g");
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        char path[16];
        (void)snprintf(path, sizeof path, "%s", order[_i ? ARRAY_LEN(order) - 1 - i : i]);
        char *slash = strrchr(path, '/');
        if (slash)
            *slash = '\0';
        struct node *dir = directory(slash ? path : "");
        ck_assert_msg(cat(dir, slash ? slash + 1 : path) == (i > (_i ? 4 : 1)), "%zu", i);
    }
    ck_assert_uint_eq(reads_asked(&f), ARRAY_LEN(order));
    cats_finish();
}
END_TEST

/* Who passes directories by is not followed into them. */
START_TEST(directories_that_are_passed_by)
{
    cats_start();
    put_numbers("", 100);
    for (unsigned d = 10; d < 90; d += 10) {
        char prefix[16];
        (void)snprintf(prefix, sizeof prefix, "f%04u-d/", d);
        put_numbers(prefix, 3);
    }
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned d = 10; d < 90; d += 10) {
        char path[16];
        (void)snprintf(path, sizeof path, "f%04u-d", d);
        list(path);
    }
    for (unsigned i = 0; i < 100; i++)
        cat_number(dir, i);
    keys_answer_all(&keys, &f);
    ck_assert_uint_le(reads_asked(&f), 100 + 64);
    advance(&f, FILE_AHEAD_MS);
    files_done(&f);
    keys_done(&keys);
}
END_TEST

/* No further than to the end of what is not part of a walk. */
START_TEST(a_directory_by_itself)
{
    cats_start();
    put_numbers("a/", 20);
    put_numbers("b/", 20);
    fixture_start(&f);
    list("");
    struct node *a = list("a");
    list("b");
    advance(&f, WALK_MS + 1);
    for (unsigned i = 0; i < 20; i++)
        cat_number(a, i);
    ck_assert_uint_eq(reads_asked(&f), 20);
    cats_finish();
}
END_TEST

START_TEST(only_names_with_the_same_ending)
{
    cats_start();
    for (unsigned i = 0; i < 50; i++) {
        keys_put(&keys, "f%04u.idx", i);
        keys_put(&keys, "f%04u.log", i);
    }
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 50; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "f%04u.log", i);
        cat(dir, name);
    }
    ck_assert_uint_eq(reads_asked(&f), 50);
    ck_assert_uint_eq(f.fs.stats.ahead_hits, 48);
    cats_finish();
}
END_TEST

/* Every other of files whose names do not tell: wrong guesses come to an end. */
START_TEST(wrong_guesses_end)
{
    cats_start();
    put_numbers("", 300);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 300; i += 10)
        cat_number(dir, i);
    keys_answer_all(&keys, &f);
    ck_assert_uint_le(f.fs.stats.ahead, 3 * 64);
    advance(&f, FILE_AHEAD_MS);
    files_done(&f);
    keys_done(&keys);
}
END_TEST

/* Every third, of which each was fetched ahead: what is passed by is let go, and counts. */
START_TEST(guesses_that_are_passed_by_end)
{
    cats_start();
    put_numbers("", 600);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned i = 0; i < 7; i++)
        cat_number(dir, i);
    for (unsigned i = 7; i < 600; i += 3)
        cat_number(dir, i);
    /* Not nearly all of them. */
    ck_assert_uint_lt(reads_asked(&f), 400);
    ck_assert_uint_eq(under_way(), 0);
    cats_finish();
}
END_TEST

/* The one that ends where there are too many is the one that stood still longest. */
START_TEST(who_goes_on_is_followed)
{
    enum { APART = 40 };
    cats_start();
    put_numbers("", (NEIGHBOURS_STREAMS + 1) * APART);
    fixture_start(&f);
    struct node *dir = list("");
    for (unsigned k = 0; k < NEIGHBOURS_STREAMS; k++) {
        cats_caller = (pid_t)k + 1;
        cat_number(dir, k * APART);
    }
    cats_caller = 1;
    cat_number(dir, 1);
    cats_caller = NEIGHBOURS_STREAMS + 1;
    cat_number(dir, NEIGHBOURS_STREAMS * APART);
    size_t before = reads_asked(&f);
    cats_caller = 2;
    cat_number(dir, APART + 1);
    ck_assert_uint_eq(reads_asked(&f), before + 1);
    cats_caller = 1;
    ck_assert(cat_number(dir, 2));
    ck_assert_uint_eq(reads_asked(&f), before + 1 + 5);
    cats_finish();
}
END_TEST

SUITE_MAIN("fs/neighbours", tcase_add_test(tc, one_get_a_file);
           tcase_add_test(tc, depth_grows_with_hits); tcase_add_test(tc, a_jump_takes_it_back);
           tcase_add_test(tc, backwards); tcase_add_test(tc, several_at_once);
           tcase_add_test(tc, too_many_at_once); tcase_add_test(tc, turning_round);
           tcase_add_loop_test(tc, not_what_is_ahead_of_another, 0, 2);
           tcase_add_test(tc, again_and_unknown); tcase_add_test(tc, nearly_in_order);
           tcase_add_test(tc, stays_within_the_budget);
           tcase_add_test(tc, long_and_empty_files_are_passed_over);
           tcase_add_test(tc, on_into_the_next_directories);
           tcase_add_test(tc, on_into_the_directories_before);
           tcase_add_test(tc, listing_ahead_fails);
           tcase_add_test(tc, turning_round_beside_another);
           tcase_add_loop_test(tc, down_and_up_again, 0, 2);
           tcase_add_test(tc, directories_that_are_passed_by);
           tcase_add_test(tc, a_directory_by_itself);
           tcase_add_test(tc, only_names_with_the_same_ending);
           tcase_add_test(tc, wrong_guesses_end);
           tcase_add_test(tc, guesses_that_are_passed_by_end);
           tcase_add_test(tc, who_goes_on_is_followed);
           tcase_add_loop_test(tc, when_directories_are_listed_ahead, 0, 2);
           tcase_add_test(tc, not_into_the_next_directory));
