#include "aws/regions.h"

#include "base/cleanup.h"
#include "unit/check.h"

#include <errno.h>
#include <stdio.h>

START_TEST(remembers)
{
    struct regions regions = {0};
    ck_assert_ptr_null(regions_get(&regions, PAIL_STR("a")));
    ck_assert_ptr_null(regions_get(&regions, (struct pail_str){0}));
    ck_assert_int_eq(regions_set(&regions, PAIL_STR("a"), "eu-west-1"), 0);
    ck_assert_int_eq(regions_set(&regions, PAIL_STR("ab"), "eu-west-2"), 0);
    ck_assert_str_eq(regions_get(&regions, PAIL_STR("a")), "eu-west-1");
    ck_assert_str_eq(regions_get(&regions, PAIL_STR("ab")), "eu-west-2");
    ck_assert_int_eq(regions_set(&regions, PAIL_STR("a"), "us-west-2"), 0);
    ck_assert_str_eq(regions_get(&regions, PAIL_STR("a")), "us-west-2");
    regions_done(&regions);
    ck_assert_ptr_null(regions_get(&regions, PAIL_STR("a")));
}
END_TEST

START_TEST(forgets_the_oldest)
{
    struct regions regions = {0};
    char name[16];
    for (int i = 0; i <= REGIONS_MAX; i++) {
        snprintf(name, sizeof(name), "b%d", i);
        ck_assert_int_eq(regions_set(&regions, str_c(name), "r"), 0);
    }
    ck_assert_ptr_null(regions_get(&regions, PAIL_STR("b0")));
    ck_assert_ptr_nonnull(regions_get(&regions, PAIL_STR("b1")));
    ck_assert_ptr_nonnull(regions_get(&regions, str_c(name)));
    regions_done(&regions);
}
END_TEST

START_TEST(survives_want_of_memory)
{
    for (long allowed = 0; allowed < 8; allowed++) {
        struct regions regions = {0};
        alloc_fail_after(allowed);
        int r = regions_set(&regions, PAIL_STR("bucket"), "r");
        alloc_fail_after(-1);
        const char *region = regions_get(&regions, PAIL_STR("bucket"));
        ck_assert_int_eq(r, region ? 0 : -ENOMEM);
        regions_done(&regions);
    }
}
END_TEST

static const struct {
    const char *region;
    bool valid;
} names[] = {
    {"us-east-1", true},
    {"r", true},
    {"", false},
    {"123", false},
    {"1a", true},
    {"a.b", false},
    {"a/b", false},
    {"-a", false},
    {"a-", false},
    {"a@b", false},
    {"us-east-1 ", false},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
};

START_TEST(validates)
{
    ck_assert_int_eq(region_valid(str_c(names[_i].region)), names[_i].valid);
}
END_TEST

SUITE_MAIN("aws/regions", tcase_add_test(tc, remembers); tcase_add_test(tc, forgets_the_oldest);
           tcase_add_test(tc, survives_want_of_memory);
           tcase_add_loop_test(tc, validates, 0, ARRAY_LEN(names)));
