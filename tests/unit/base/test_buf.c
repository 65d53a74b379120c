#include "unit/check.h"

#include "base/buf.h"

#include <errno.h>

START_TEST(empty)
{
    struct buf b;
    buf_init(&b, 10);
    ck_assert_str_eq(buf_c(&b), "");
    check_str(buf_str(&b), "");
    buf_truncate(&b, 0);
    buf_commit(&b, 0);
    buf_add(&b, NULL, 0);
    buf_add_str(&b, str_of(NULL, 0));
    buf_add_c(&b, NULL);
    check_str(buf_str(&b), "");
    ck_assert_int_eq(buf_failed(&b), 0);
    buf_done(&b);
    buf_done(&b);
}
END_TEST

START_TEST(appends)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 1000);
    buf_add(&b, "a\0b", 3);
    buf_add_c(&b, "-");
    buf_add_str(&b, PAIL_STR("cd"));
    buf_add_byte(&b, '\0');
    buf_addf(&b, "%d%s", 12, "x");
    check_str(buf_str(&b), "a\0b-cd\00012x");
    ck_assert_int_eq(b.data[b.len], '\0');

    buf_truncate(&b, 100); /* beyond the end: nothing */
    ck_assert_uint_eq(b.len, 10);
    buf_truncate(&b, 1);
    ck_assert_str_eq(buf_c(&b), "a");
    char *place = buf_reserve(&b, 5);
    memcpy(place, "hello", 5);
    buf_commit(&b, 4);
    ck_assert_str_eq(buf_c(&b), "ahell");
    buf_reset(&b);
    ck_assert_str_eq(buf_c(&b), "");
    ck_assert_ptr_nonnull(b.data);
}
END_TEST

START_TEST(grows_to_its_limit)
{
    for (size_t max = 0; max < 300; max++) {
        CLEANUP_DONE(buf) struct buf b;
        buf_init(&b, max);
        for (size_t i = 0; i < max; i++) {
            buf_add_byte(&b, 'x');
            ck_assert_uint_lt(b.len, b.cap);
            ck_assert_uint_le(b.cap, max + 1);
        }
        ck_assert_int_eq(buf_failed(&b), 0);
        ck_assert_uint_eq(b.len, max);
        buf_add_byte(&b, 'x');
        ck_assert_int_eq(buf_failed(&b), -EOVERFLOW);
        ck_assert_uint_eq(b.len, 0);
        ck_assert_ptr_null(b.data);
    }
}
END_TEST

START_TEST(formats_across_growth)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 100000);
    size_t expected = 0;
    for (int i = 0; i < 200; i++) {
        buf_addf(&b, "%*d|", i, i);
        expected += (size_t)(i > 2 ? i : i < 10 ? 1 : 2) + 1;
    }
    ck_assert_int_eq(buf_failed(&b), 0);
    ck_assert_uint_eq(strlen(buf_c(&b)), b.len);
    ck_assert_uint_le(expected, b.len);
    ck_assert(str_ends(buf_str(&b), PAIL_STR("199|")));

    struct buf exact;
    buf_init(&exact, 5);
    buf_addf(&exact, "%s", "12345");
    check_str(buf_str(&exact), "12345");
    buf_addf(&exact, "%s", "");
    check_str(buf_str(&exact), "12345");
    buf_addf(&exact, "%s", "6");
    ck_assert_int_eq(buf_failed(&exact), -EOVERFLOW);
    buf_done(&exact);
}
END_TEST

START_TEST(failure_sticks)
{
    struct buf b;
    buf_init(&b, 3);
    buf_add_c(&b, "abcd");
    ck_assert_int_eq(buf_failed(&b), -EOVERFLOW);
    buf_add_c(&b, "a");
    buf_addf(&b, "%d", 1);
    buf_add_byte(&b, 'a');
    buf_add_escaped(&b, PAIL_STR("a"));
    ck_assert_ptr_null(buf_reserve(&b, 0));
    buf_commit(&b, 0);
    check_str(buf_str(&b), "");
    ck_assert_ptr_null(buf_steal(&b));
    ck_assert_int_eq(buf_failed(&b), -EOVERFLOW);
    buf_reset(&b);
    buf_add_c(&b, "abc");
    check_str(buf_str(&b), "abc");
    ck_assert_ptr_null(buf_reserve(&b, SIZE_MAX));
    buf_done(&b);
    ck_assert_int_eq(buf_failed(&b), 0);

    buf_init(&b, SIZE_MAX);
    buf_add_c(&b, "abc");
    ck_assert_ptr_null(buf_reserve(&b, SIZE_MAX - 3));
    ck_assert_int_eq(buf_failed(&b), -EOVERFLOW);
    buf_done(&b);
}
END_TEST

START_TEST(bad_format)
{
    struct buf b;
    buf_init(&b, 100);
    buf_add_c(&b, "before");
    const wchar_t not_a_character[] = {0x7fffffff, 0};
    buf_addf(&b, "%ls", not_a_character);
    ck_assert_int_eq(buf_failed(&b), -EOVERFLOW);
    ck_assert_ptr_null(b.data);
}
END_TEST

START_TEST(out_of_memory)
{
    struct buf b;
    buf_init(&b, 1000);
    alloc_fail_after(0);
    buf_add_c(&b, "a");
    alloc_fail_after(-1);
    ck_assert_int_eq(buf_failed(&b), -ENOMEM);

    buf_reset(&b);
    buf_add_c(&b, "held");
    alloc_fail_after(0);
    buf_addf(&b, "%100d", 1);
    alloc_fail_after(-1);
    ck_assert_int_eq(buf_failed(&b), -ENOMEM);
    ck_assert_ptr_null(b.data);

    buf_reset(&b);
    alloc_fail_after(0);
    char *text = buf_steal(&b);
    alloc_fail_after(-1);
    ck_assert_ptr_null(text);
    ck_assert_int_eq(buf_failed(&b), -ENOMEM);
}
END_TEST

START_TEST(steals)
{
    struct buf b;
    buf_init(&b, 10);
    char *text = buf_steal(&b);
    ck_assert_str_eq(text, "");
    free(text);
    buf_add_c(&b, "abc");
    text = buf_steal(&b);
    ck_assert_str_eq(text, "abc");
    free(text);
    ck_assert_ptr_null(b.data);
    buf_add_c(&b, "0123456789");
    ck_assert_int_eq(buf_failed(&b), 0);
    buf_done(&b);
}
END_TEST

START_TEST(escapes)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 1000);
    buf_add_c(&b, ">");
    buf_add_escaped(&b, PAIL_STR("a\nb\tc\\d\0e\x1b[0m\x7f \xc3\xa4 \xc2\x9b \xff \xe2\x82"));
    check_str(buf_str(&b),
              ">a\\nb\\tc\\\\d\\x00e\\x1b[0m\\x7f \xc3\xa4 \\xc2\\x9b \\xff \\xe2\\x82");
    /* Line separators and what turns text around; their neighbours are text. */
    buf_reset(&b);
    buf_add_escaped(&b, PAIL_STR("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xae\xe2\x80\xaf"));
    check_str(buf_str(&b), "\xe2\x80\xa7\\xe2\\x80\\xa8\\xe2\\x80\\xae\xe2\x80\xaf");
    buf_reset(&b);
    buf_add_escaped(&b, PAIL_STR("\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa"));
    check_str(buf_str(&b), "\xe2\x81\xa5\\xe2\\x81\\xa6\\xe2\\x81\\xa9\xe2\x81\xaa");
    buf_reset(&b);
    buf_add_escaped(&b, str_of(NULL, 0));
    check_str(buf_str(&b), "");

    struct buf small;
    buf_init(&small, 3);
    buf_add_escaped(&small, PAIL_STR("\x01"));
    ck_assert_int_eq(buf_failed(&small), -EOVERFLOW);
}
END_TEST

START_TEST(fails_from_outside)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 100);
    buf_add_c(&b, "text");
    buf_fail(&b, -ENOMEM);
    ck_assert_int_eq(buf_failed(&b), -ENOMEM);
    ck_assert_str_eq(buf_c(&b), "");
    ck_assert_uint_eq(b.len, 0);
    buf_add_c(&b, "more");
    ck_assert_str_eq(buf_c(&b), "");
    buf_fail(&b, -EOVERFLOW);
    ck_assert_int_eq(buf_failed(&b), -ENOMEM); /* the first counts */
    buf_reset(&b);
    buf_add_c(&b, "again");
    ck_assert_str_eq(buf_c(&b), "again");
}
END_TEST

SUITE_MAIN("base/buf", tcase_add_test(tc, empty); tcase_add_test(tc, appends);
           tcase_add_test(tc, grows_to_its_limit); tcase_add_test(tc, formats_across_growth);
           tcase_add_test(tc, failure_sticks); tcase_add_test(tc, fails_from_outside);
           tcase_add_test(tc, bad_format); tcase_add_test(tc, out_of_memory);
           tcase_add_test(tc, steals); tcase_add_test(tc, escapes));
