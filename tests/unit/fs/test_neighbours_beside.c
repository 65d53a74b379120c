/* Files of directories beside one whose files are opened in order. */
#include "unit/fs/cats.h"

#include "fs/neighbours.h"

#include <stdio.h>

/* While files of one directory are opened in order, the first of another beside it is the first
 * of many: another thread or program of the same walk has come there. */
START_TEST(beside_another_reader)
{
    cats_start();
    start_directories();
    struct node *one = list_numbered(_i ? 5 : 0), *other = list_numbered(_i ? 0 : 5);
    for (unsigned i = 0; i < 10; i++)
        cat_number(one, _i ? 19 - i : i);
    keys_answer_all(&keys, &f);
    size_t before = reads_asked(&f);
    /* Somewhere in the middle it may be one alone. */
    cats_caller = 2;
    cat_number(list_numbered(_i ? 1 : 4), 10);
    ck_assert_uint_eq(reads_asked(&f), before + 1);
    cats_caller = 3;
    cat_number(other, _i ? 19 : 0);
    ck_assert_uint_eq(reads_asked(&f), before + 2 + NEIGHBOURS_NEXT);
    cats_finish();
}
END_TEST

/* Of a reader beside it is taken for granted that it will come as fast, until it is known: who
 * is too slow for so many files ahead gives none. */
START_TEST(at_the_pace_of_the_reader_beside)
{
    enum { SLOWEST_MS = NEIGHBOURS_MS / NEIGHBOURS_NEXT };
    static const struct {
        int64_t pace_ms;
        size_t first, second; /* asked for ahead at its first open, and once it came again */
    } cases[] = {
        {0, NEIGHBOURS_NEXT, 2 * NEIGHBOURS_NEXT},
        {SLOWEST_MS, NEIGHBOURS_NEXT, NEIGHBOURS_MS * 4 / (SLOWEST_MS * 3)},
        {SLOWEST_MS + 1, 0, NEIGHBOURS_MIN},
    };
    cats_start();
    put_numbers("a/", 300);
    put_numbers("b/", 100);
    fixture_start(&f);
    list("");
    struct node *a = list("a"), *b = list("b");
    for (unsigned i = 0; i < 10; i++) {
        advance(&f, cases[_i].pace_ms);
        cat_number(a, i);
    }
    keys_answer_all(&keys, &f);
    size_t before = reads_asked(&f);
    cats_caller = 2;
    cat_number(b, 0);
    ck_assert_uint_eq(reads_asked(&f), before + 1 + cases[_i].first);
    cat_number(b, 1);
    ck_assert_uint_eq(reads_asked(&f), before + 2 + cases[_i].second);
    cats_finish();
}
END_TEST

/* Of each directory only the first file is opened beside the reader: after some that is known,
 * until the reader comes anew, or one of them goes on. */
START_TEST(only_the_first_beside_a_reader)
{
    enum { DIRECTORIES = NEIGHBOURS_STREAMS + 2 };
    struct node *dirs[DIRECTORIES];
    char path[16];
    cats_start();
    put_numbers("a/", 300);
    for (unsigned i = 0; i < DIRECTORIES; i++) {
        (void)snprintf(path, sizeof path, "d%02u/", i);
        put_numbers(path, 20);
    }
    fixture_start(&f);
    list("");
    struct node *a = list("a");
    for (unsigned i = 0; i < DIRECTORIES; i++) {
        (void)snprintf(path, sizeof path, "d%02u", i);
        dirs[i] = list(path);
    }
    unsigned number = 0;
    for (unsigned i = 0; i < DIRECTORIES; i++) {
        cats_caller = 2;
        if (i == DIRECTORIES - 1 && _i)
            ck_assert(cat_number(dirs[0], 1));
        else if (i == DIRECTORIES - 1)
            advance(&f, NEIGHBOURS_NEXT_MS + 1);
        cats_caller = 1;
        for (unsigned end = number + 10; number < end; number++)
            cat_number(a, number);
        keys_answer_all(&keys, &f);
        size_t before = reads_asked(&f);
        cats_caller = 2;
        cat_number(dirs[i], 0);
        ck_assert_uint_eq(reads_asked(&f),
                          before + 1 + (i == NEIGHBOURS_STREAMS ? 0 : NEIGHBOURS_NEXT));
        keys_answer_all(&keys, &f);
    }
    cats_finish();
}
END_TEST

/* What is opened a while after the reader's last file is not of the same walk. */
START_TEST(not_long_after_another_reader)
{
    cats_start();
    start_directories();
    struct node *one = list_numbered(0), *other = list_numbered(5);
    for (unsigned i = 0; i < 10; i++)
        cat_number(one, i);
    keys_answer_all(&keys, &f);
    advance(&f, NEIGHBOURS_NEXT_MS + _i);
    size_t before = reads_asked(&f);
    cats_caller = 2;
    cat_number(other, 0);
    ck_assert_uint_eq(reads_asked(&f), before + 1 + (_i ? 0 : NEIGHBOURS_NEXT));
    cats_finish();
}
END_TEST

/* The first file need not be the first name. */
START_TEST(beside_another_behind_directories)
{
    cats_start();
    put_numbers("a/", 300);
    put_numbers("b/d/", 1);
    put_numbers("b/e/", 1);
    put_numbers("b/", 100);
    fixture_start(&f);
    list("");
    struct node *a = list("a"), *b = list("b");
    for (unsigned i = 0; i < 10; i++)
        cat_number(a, i);
    keys_answer_all(&keys, &f);
    size_t before = reads_asked(&f);
    cats_caller = 2;
    cat_number(b, 0);
    ck_assert_uint_eq(reads_asked(&f), before + 1 + NEIGHBOURS_NEXT);
    cats_finish();
}
END_TEST

/* The last that is known of a directory need not be the last of it: one that goes backwards has
 * not begun there. Where the directory begins is known. */
START_TEST(beside_another_while_it_is_listed)
{
    cats_start();
    put_numbers("a/", 100);
    put_numbers("b/", KEYS_PAGE + 100);
    fixture_start(&f);
    list("");
    struct node *a = list("a"), *b = directory("b");
    for (unsigned i = 0; i < 10; i++)
        cat_number(a, _i ? 99 - i : i);
    keys_answer_all(&keys, &f);
    struct listing *l = read_start(&f, b);
    keys_answer_next(&keys, &f);
    ck_assert_int_eq(l->state, LISTING_RUNNING);
    ck_assert_uint_eq(l->count, KEYS_PAGE);
    size_t before = reads_asked(&f);
    cats_caller = 2;
    cat_node(l->nodes[_i ? KEYS_PAGE - 1 : 0]);
    ck_assert_uint_eq(reads_asked(&f), before + 1 + (_i ? 0 : NEIGHBOURS_NEXT));
    listing_reader_gone(l);
    cats_finish();
}
END_TEST

/* What is taken back in the next directory is not what its reader has ahead. */
START_TEST(not_what_is_ahead_in_the_next_directory)
{
    cats_start();
    start_directories();
    struct node *first = list_numbered(1), *second = list_numbered(2);
    cats_caller = 2;
    for (unsigned i = 5; i <= 7; i++)
        cat_number(second, i);
    size_t ahead = under_way();
    ck_assert_uint_eq(ahead, 8);
    cats_caller = 1;
    for (unsigned i = 13; i <= 18; i++)
        cat_number(first, i);
    cat_number(first, 1);
    for (unsigned i = 8; i < 8 + ahead; i++) {
        char path[32];
        (void)snprintf(path, sizeof path, "d2/f%04u", i);
        const struct scripted *s = read_of(path);
        ck_assert_msg(s && !s->cancelled, "%s", path);
    }
    cats_finish();
}
END_TEST

SUITE_MAIN("fs/neighbours_beside", tcase_add_test(tc, not_what_is_ahead_in_the_next_directory);
           tcase_add_loop_test(tc, beside_another_reader, 0, 2);
           tcase_add_loop_test(tc, at_the_pace_of_the_reader_beside, 0, 3);
           tcase_add_loop_test(tc, only_the_first_beside_a_reader, 0, 2);
           tcase_add_test(tc, beside_another_behind_directories);
           tcase_add_loop_test(tc, not_long_after_another_reader, 0, 2);
           tcase_add_loop_test(tc, beside_another_while_it_is_listed, 0, 2));
