#include "unit/check.h"

#include "cli/human.h"

static const struct {
    uint64_t bytes;
    const char *text;
} sizes[] = {
    {0, "0"},
    {1, "1"},
    {1023, "1023"},
    {1024, "1.0K"},
    {1025, "1.1K"},
    {1536, "1.5K"},
    {10137, "9.9K"},
    {10138, "10K"},
    {10240, "10K"},
    {10241, "11K"},
    {1023 * 1024, "1023K"},
    {1023 * 1024 + 1, "1.0M"},
    {1024 * 1024, "1.0M"},
    {1073741824, "1.0G"},
    {1073741825, "1.1G"},
    {UINT64_C(5) << 40, "5.0T"},
    {UINT64_C(1) << 50, "1.0P"},
    {UINT64_C(1) << 60, "1.0E"},
    {UINT64_MAX, "16E"},
};

START_TEST(sizes_as_ls_has_them)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 64);
    human_add_size(&b, sizes[_i].bytes);
    ck_assert_str_eq(buf_c(&b), sizes[_i].text);
    ck_assert_uint_le(b.len, HUMAN_SIZE_MAX);
}
END_TEST

static const struct {
    uint64_t seconds;
    const char *text;
} times[] = {
    {0, "0:00"},     {7, "0:07"},       {60, "1:00"},         {754, "12:34"},
    {3599, "59:59"}, {3600, "1:00:00"}, {359999, "99:59:59"},
};

START_TEST(times_as_clocks_have_them)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 64);
    human_add_time(&b, times[_i].seconds);
    ck_assert_str_eq(buf_c(&b), times[_i].text);
}
END_TEST

SUITE_MAIN("cli/human", tcase_add_loop_test(tc, sizes_as_ls_has_them, 0, (int)ARRAY_LEN(sizes));
           tcase_add_loop_test(tc, times_as_clocks_have_them, 0, (int)ARRAY_LEN(times)));
