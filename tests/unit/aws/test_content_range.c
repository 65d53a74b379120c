#include "aws/content_range.h"

#include "base/cleanup.h"
#include "unit/check.h"

#include <errno.h>

static const struct {
    const char *text;
    struct content_range range;
} good[] = {
    {"bytes 0-9/10", {0, 9, true, 10}},
    {"bytes 5-5/10", {5, 5, true, 10}},
    {" Bytes  5-9/* ", {5, 9, false, 0}},
    {"bytes 0-9223372036854775806/9223372036854775807", {0, INT64_MAX - 1, true, INT64_MAX}},
};

START_TEST(parses)
{
    struct content_range range;
    ck_assert_int_eq(content_range_parse(str_c(good[_i].text), &range), 0);
    ck_assert_uint_eq(range.first, good[_i].range.first);
    ck_assert_uint_eq(range.last, good[_i].range.last);
    ck_assert_int_eq(range.total_known, good[_i].range.total_known);
    ck_assert_uint_eq(range.total, good[_i].range.total);
}
END_TEST

static const char *const bad[] = {
    "",           "bytes",         "bytes */10",     "bytes 0-9",
    "bytes 0-9/", "bytes 9-0/10",  "bytes 0-10/10",  "items 0-9/10",
    "bytes -9/1", "bytes 0-/10",   "bytes 0-9/10x",  "bytes 0-9/18446744073709551616",
    "bytes0-9/1", "bytes 0-+9/10", "bytes 0/9-10/1", "bytes 0-9223372036854775807/*",
};

START_TEST(refuses)
{
    struct content_range range = {.first = 77};
    ck_assert_int_eq(content_range_parse(str_c(bad[_i]), &range), -EINVAL);
    ck_assert_uint_eq(range.first, 77);
}
END_TEST

START_TEST(refuses_absent)
{
    struct content_range range;
    ck_assert_int_eq(content_range_parse((struct pail_str){0}, &range), -EINVAL);
}
END_TEST

START_TEST(knows_the_whole)
{
    ck_assert(content_range_is_whole(&(struct content_range){0, 9, true, 10}));
    ck_assert(!content_range_is_whole(&(struct content_range){0, 8, true, 10}));
    ck_assert(!content_range_is_whole(&(struct content_range){1, 9, true, 10}));
    ck_assert(!content_range_is_whole(&(struct content_range){0, 9, false, 0}));
    ck_assert_uint_eq(content_range_len(&(struct content_range){3, 9, true, 10}), 7);
}
END_TEST

SUITE_MAIN("aws/content_range", tcase_add_loop_test(tc, parses, 0, ARRAY_LEN(good));
           tcase_add_loop_test(tc, refuses, 0, ARRAY_LEN(bad));
           tcase_add_test(tc, refuses_absent); tcase_add_test(tc, knows_the_whole));
