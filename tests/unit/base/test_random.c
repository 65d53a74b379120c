#include "unit/check.h"

#include "base/random.h"

START_TEST(repeats_when_seeded)
{
    struct random a, b, c;
    random_seed(&a, 1);
    random_seed(&b, 1);
    random_seed(&c, 2);
    bool differs = false;
    for (int i = 0; i < 100; i++) {
        uint64_t value = random_u64(&a);
        ck_assert_uint_eq(value, random_u64(&b));
        differs = differs || value != random_u64(&c);
    }
    ck_assert(differs);
}
END_TEST

START_TEST(reference_values)
{
    /* The published algorithm's first outputs from the state 1, 2, 3, 4. */
    struct random r = {.state = {1, 2, 3, 4}};
    ck_assert_uint_eq(random_u64(&r), 11520);
    ck_assert_uint_eq(random_u64(&r), 0);
    ck_assert_uint_eq(random_u64(&r), 1509978240);
    ck_assert_uint_eq(random_u64(&r), UINT64_C(1215971899390074240));
}
END_TEST

START_TEST(unit_interval)
{
    struct random r;
    random_seed(&r, 0);
    double sum = 0;
    for (int i = 0; i < 10000; i++) {
        double value = random_unit(&r);
        ck_assert_double_ge(value, 0);
        ck_assert_double_lt(value, 1);
        sum += value;
    }
    ck_assert_double_gt(sum, 4800);
    ck_assert_double_lt(sum, 5200);
}
END_TEST

START_TEST(seeds_from_the_system)
{
    struct random a, b;
    random_init(&a);
    random_init(&b);
    ck_assert(memcmp(&a, &b, sizeof(a)) != 0);
}
END_TEST

START_TEST(uuid)
{
    struct random r;
    char text[37], other[37];
    random_init(&r);
    for (int i = 0; i < 200; i++) {
        random_uuid4(&r, text);
        ck_assert_uint_eq(strlen(text), 36);
        ck_assert_uint_eq(strspn(text, "0123456789abcdef-"), 36);
        ck_assert(text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-');
        ck_assert_int_eq(text[14], '4');
        ck_assert_ptr_nonnull(strchr("89ab", text[19]));
    }
    random_uuid4(&r, other);
    ck_assert_str_ne(text, other);
}
END_TEST

SUITE_MAIN("base/random", tcase_add_test(tc, repeats_when_seeded);
           tcase_add_test(tc, reference_values); tcase_add_test(tc, unit_interval);
           tcase_add_test(tc, seeds_from_the_system); tcase_add_test(tc, uuid));
