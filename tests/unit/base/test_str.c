#include "unit/check.h"

#include "base/str.h"

#include <stdlib.h>

static const struct pail_str absent;

START_TEST(equality)
{
    ck_assert(str_eq(PAIL_STR("a"), PAIL_STR("a")));
    ck_assert(!str_eq(PAIL_STR("a"), PAIL_STR("A")));
    ck_assert(!str_eq(PAIL_STR("a"), PAIL_STR("ab")));
    ck_assert(str_eq(PAIL_STR("a\0b"), PAIL_STR("a\0b")));
    ck_assert(!str_eq(PAIL_STR("a\0b"), PAIL_STR("a\0c")));
    ck_assert(str_eq(absent, absent));
    ck_assert(!str_eq(absent, PAIL_STR("")));
    ck_assert(str_eq_c(PAIL_STR(""), ""));
    ck_assert(str_eq_c(absent, NULL));
    ck_assert(!str_eq_c(PAIL_STR(""), NULL));

    ck_assert(str_eq_nocase(PAIL_STR("Content-TYPE"), PAIL_STR("content-type")));
    ck_assert(!str_eq_nocase(PAIL_STR("[@"), PAIL_STR("{`")));
    ck_assert(!str_eq_nocase(PAIL_STR("\xc3\x84"), PAIL_STR("\xc3\xa4")));
    ck_assert(!str_eq_nocase(PAIL_STR("a"), PAIL_STR("ab")));
    ck_assert(!str_eq_nocase(absent, PAIL_STR("")));
    ck_assert(str_eq_nocase(absent, absent));
}
END_TEST

START_TEST(starts_and_ends)
{
    ck_assert(str_starts(PAIL_STR("abc"), PAIL_STR("ab")));
    ck_assert(str_starts(PAIL_STR("abc"), PAIL_STR("")));
    ck_assert(str_starts(PAIL_STR("abc"), absent));
    ck_assert(str_starts(absent, PAIL_STR("")));
    ck_assert(!str_starts(absent, PAIL_STR("a")));
    ck_assert(!str_starts(PAIL_STR("ab"), PAIL_STR("abc")));
    ck_assert(!str_starts(PAIL_STR("abc"), PAIL_STR("AB")));
    ck_assert(str_starts_nocase(PAIL_STR("abc"), PAIL_STR("AB")));
    ck_assert(!str_starts_nocase(PAIL_STR("abc"), PAIL_STR("b")));
    ck_assert(!str_starts_nocase(PAIL_STR("a"), PAIL_STR("ab")));
    ck_assert(str_ends(PAIL_STR("abc"), PAIL_STR("bc")));
    ck_assert(str_ends(PAIL_STR("abc"), PAIL_STR("abc")));
    ck_assert(str_ends(PAIL_STR("abc"), PAIL_STR("")));
    ck_assert(str_ends(absent, absent));
    ck_assert(!str_ends(PAIL_STR("abc"), PAIL_STR("ab")));
    ck_assert(!str_ends(PAIL_STR("bc"), PAIL_STR("abc")));
}
END_TEST

START_TEST(order)
{
    static const struct pail_str sorted[] = {
        PAIL_STR(""),   PAIL_STR("\0"), PAIL_STR("a"),    PAIL_STR("a\0"),
        PAIL_STR("ab"), PAIL_STR("b"),  PAIL_STR("\x7f"), PAIL_STR("\x80"),
    };
    for (size_t i = 0; i < sizeof(sorted) / sizeof(sorted[0]); i++) {
        for (size_t j = 0; j < sizeof(sorted) / sizeof(sorted[0]); j++) {
            int got = str_cmp(sorted[i], sorted[j]);
            ck_assert_int_eq((got > 0) - (got < 0), (i > j) - (i < j));
        }
    }
    ck_assert_int_eq(str_cmp(absent, PAIL_STR("")), 0);
    ck_assert_int_lt(str_cmp(absent, PAIL_STR("a")), 0);
}
END_TEST

START_TEST(finding)
{
    struct pail_str s = PAIL_STR("a/b/c");
    ck_assert_uint_eq(str_find(s, '/', 0), 1);
    ck_assert_uint_eq(str_find(s, '/', 1), 1);
    ck_assert_uint_eq(str_find(s, '/', 2), 3);
    ck_assert_uint_eq(str_find(s, '/', 4), 5);
    ck_assert_uint_eq(str_find(s, 'a', 5), 5);
    ck_assert_uint_eq(str_find(s, 'a', SIZE_MAX), 5);
    ck_assert_uint_eq(str_find(absent, 'a', 0), 0);
    ck_assert_uint_eq(str_find(PAIL_STR("a\0b"), '\0', 0), 1);
    ck_assert_uint_eq(str_rfind(s, '/'), 3);
    ck_assert_uint_eq(str_rfind(s, 'a'), 0);
    ck_assert_uint_eq(str_rfind(s, 'x'), 5);
    ck_assert_uint_eq(str_rfind(absent, 'x'), 0);
}
END_TEST

START_TEST(parts)
{
    struct pail_str s = PAIL_STR("abcdef");
    check_str(str_sub(s, 0, 6), "abcdef");
    check_str(str_sub(s, 2, 2), "cd");
    check_str(str_sub(s, 4, SIZE_MAX), "ef");
    check_str(str_sub(s, 6, 1), "");
    check_str(str_sub(s, SIZE_MAX, SIZE_MAX), "");
    check_absent(str_sub(absent, 0, 1));
    check_str(str_trim(PAIL_STR(" \t\r\n\v\fa b\n ")), "a b");
    check_str(str_trim(PAIL_STR(" \t ")), "");
    check_str(str_trim(PAIL_STR("")), "");
    check_str(str_trim(PAIL_STR("\xa0x")), "\xa0x");
    check_absent(str_trim(absent));
}
END_TEST

START_TEST(tokens)
{
    struct pail_str rest = PAIL_STR("a,,b,"), token;
    ck_assert(str_next(&rest, ',', &token));
    check_str(token, "a");
    ck_assert(str_next(&rest, ',', &token));
    check_str(token, "");
    ck_assert(str_next(&rest, ',', &token));
    check_str(token, "b");
    ck_assert(str_next(&rest, ',', &token));
    check_str(token, "");
    ck_assert(!str_next(&rest, ',', &token));
    ck_assert(!str_next(&rest, ',', &token));

    rest = PAIL_STR("");
    ck_assert(str_next(&rest, ',', &token));
    check_str(token, "");
    ck_assert(!str_next(&rest, ',', &token));
    rest = absent;
    ck_assert(!str_next(&rest, ',', &token));
}
END_TEST

START_TEST(copies)
{
    char dst[4];
    ck_assert(str_copy(dst, sizeof(dst), PAIL_STR("abc")));
    ck_assert_str_eq(dst, "abc");
    ck_assert(!str_copy(dst, sizeof(dst), PAIL_STR("abcd")));
    ck_assert_str_eq(dst, "abc");
    ck_assert(str_copy(dst, 1, PAIL_STR("")));
    ck_assert_str_eq(dst, "");
    ck_assert(!str_copy(dst, 1, PAIL_STR("x")));
    ck_assert(str_copy(dst, sizeof(dst), absent));
    ck_assert_str_eq(dst, "");

    char *copy = str_dup(PAIL_STR("a\0b"));
    ck_assert_mem_eq(copy, "a\0b", 4);
    free(copy);
    copy = str_dup(absent);
    ck_assert_str_eq(copy, "");
    free(copy);
    ck_assert_ptr_null(str_dup(str_of("", SIZE_MAX)));
    alloc_fail_after(0);
    copy = str_dup(PAIL_STR("a"));
    alloc_fail_after(-1);
    ck_assert_ptr_null(copy);
}
END_TEST

static const struct {
    struct pail_str bytes;
    bool valid;
} utf8_cases[] = {
    {PAIL_STR(""), true},
    {PAIL_STR("a\0\x7f"), true},
    {PAIL_STR("\xc2\x80"), true},
    {PAIL_STR("\xdf\xbf"), true},
    {PAIL_STR("\xe0\xa0\x80"), true},
    {PAIL_STR("\xed\x9f\xbf"), true},
    {PAIL_STR("\xee\x80\x80"), true},
    {PAIL_STR("\xef\xbf\xbf"), true},
    {PAIL_STR("\xf0\x90\x80\x80"), true},
    {PAIL_STR("\xf4\x8f\xbf\xbf"), true},
    {PAIL_STR("\x80"), false},
    {PAIL_STR("a\xbf"), false},
    {PAIL_STR("\xc0\x80"), false},         /* overlong NUL */
    {PAIL_STR("\xc1\xbf"), false},         /* overlong */
    {PAIL_STR("\xe0\x9f\xbf"), false},     /* overlong */
    {PAIL_STR("\xf0\x8f\xbf\xbf"), false}, /* overlong */
    {PAIL_STR("\xed\xa0\x80"), false},     /* surrogate */
    {PAIL_STR("\xed\xbf\xbf"), false},     /* surrogate */
    {PAIL_STR("\xf4\x90\x80\x80"), false}, /* over U+10FFFF */
    {PAIL_STR("\xf5\x80\x80\x80"), false},
    {PAIL_STR("\xff"), false},
    {PAIL_STR("\xc3"), false},         /* cut */
    {PAIL_STR("\xe2\x82"), false},     /* cut */
    {PAIL_STR("\xf0\x9f\x98"), false}, /* cut */
    {PAIL_STR("\xe2\x82\x41"), false},
    {PAIL_STR("\xc3\x41"), false},
};

START_TEST(utf8)
{
    /* A heap copy of the exact length: reading past it is seen by the sanitizer. */
    struct pail_str s = utf8_cases[_i].bytes;
    char *exact = malloc(s.len ? s.len : 1);
    memcpy(exact, s.ptr, s.len);
    ck_assert_int_eq(str_is_utf8(str_of(exact, s.len)), utf8_cases[_i].valid);
    free(exact);
}
END_TEST

START_TEST(utf8_absent)
{
    ck_assert(str_is_utf8(absent));
    ck_assert_uint_eq(str_utf8_step(absent), 0);
}
END_TEST

static int precision_of(int precision, const char *text)
{
    ck_assert_ptr_nonnull(text);
    return precision;
}

/* As printf would take a negative one: for none at all, past the end of the bytes. */
START_TEST(no_precision_is_negative)
{
    static const size_t lens[] = {
        0, 1, INT_MAX, (size_t)INT_MAX + 1, (size_t)UINT_MAX + 1, SIZE_MAX};
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        struct pail_str s = {"", lens[i]};
        ck_assert_int_eq(precision_of(PAIL_ARGS(s)),
                         lens[i] < INT_MAX ? (int)lens[i] : INT_MAX);
    }
    ck_assert_int_eq(precision_of(PAIL_ARGS(str_of(NULL, 0))), 0);
}
END_TEST

SUITE_MAIN("base/str", tcase_add_test(tc, no_precision_is_negative);
           tcase_add_test(tc, equality); tcase_add_test(tc, starts_and_ends);
           tcase_add_test(tc, order); tcase_add_test(tc, finding); tcase_add_test(tc, parts);
           tcase_add_test(tc, tokens); tcase_add_test(tc, copies);
           tcase_add_loop_test(tc, utf8, 0, (int)(sizeof(utf8_cases) / sizeof(utf8_cases[0])));
           tcase_add_test(tc, utf8_absent));
