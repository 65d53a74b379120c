#include "unit/check.h"

#include "base/num.h"

#include <errno.h>

#define U64_MAX_TEXT "18446744073709551615"
#define LEN(a)       (sizeof(a) / sizeof((a)[0]))

START_TEST(overflow)
{
    size_t size = 7;
    uint64_t u = 7;
    ck_assert(!add_overflow(SIZE_MAX - 1, 1, &size));
    ck_assert_uint_eq(size, SIZE_MAX);
    ck_assert(add_overflow(SIZE_MAX, 1, &size));
    ck_assert_uint_eq(size, SIZE_MAX);
    ck_assert(!mul_overflow(SIZE_MAX, 1, &size));
    ck_assert(mul_overflow(SIZE_MAX, 2, &size));
    ck_assert(!add_overflow_u64(UINT64_MAX, 0, &u));
    ck_assert(add_overflow_u64(UINT64_MAX, 1, &u));
}
END_TEST

static const struct {
    struct pail_str text;
    uint64_t max;
    int result;
    uint64_t value;
} u64_cases[] = {
    {PAIL_STR("0"), 0, 0, 0},
    {PAIL_STR("007"), 7, 0, 7},
    {PAIL_STR(U64_MAX_TEXT), UINT64_MAX, 0, UINT64_MAX},
    {PAIL_STR("18446744073709551616"), UINT64_MAX, -ERANGE, 0},
    {PAIL_STR("99999999999999999999999"), UINT64_MAX, -ERANGE, 0},
    {PAIL_STR("8"), 7, -ERANGE, 0},
    {PAIL_STR(""), 7, -EINVAL, 0},
    {{NULL, 0}, 7, -EINVAL, 0},
    {PAIL_STR("+1"), 7, -EINVAL, 0},
    {PAIL_STR("-1"), 7, -EINVAL, 0},
    {PAIL_STR(" 1"), 7, -EINVAL, 0},
    {PAIL_STR("1 "), 7, -EINVAL, 0},
    {PAIL_STR("1\0"), 7, -EINVAL, 0},
    {PAIL_STR("0x1"), 7, -EINVAL, 0},
    {PAIL_STR("99999999999999999999999x"), 7, -EINVAL, 0},
};

START_TEST(u64)
{
    uint64_t value = 42;
    ck_assert_int_eq(num_u64(u64_cases[_i].text, u64_cases[_i].max, &value),
                     u64_cases[_i].result);
    ck_assert_uint_eq(value, u64_cases[_i].result ? 42 : u64_cases[_i].value);
}
END_TEST

static const struct {
    struct pail_str text;
    int result;
    int64_t value;
} i64_cases[] = {
    {PAIL_STR("0"), 0, 0},
    {PAIL_STR("-0"), 0, 0},
    {PAIL_STR("+12"), 0, 12},
    {PAIL_STR("-12"), 0, -12},
    {PAIL_STR("9223372036854775807"), 0, INT64_MAX},
    {PAIL_STR("-9223372036854775808"), 0, INT64_MIN},
    {PAIL_STR("9223372036854775808"), -ERANGE, 0},
    {PAIL_STR("-9223372036854775809"), -ERANGE, 0},
    {PAIL_STR(""), -EINVAL, 0},
    {PAIL_STR("-"), -EINVAL, 0},
    {PAIL_STR("+-1"), -EINVAL, 0},
    {PAIL_STR("1.0"), -EINVAL, 0},
};

START_TEST(i64)
{
    int64_t value = 42;
    ck_assert_int_eq(num_i64(i64_cases[_i].text, &value), i64_cases[_i].result);
    ck_assert_int_eq(value, i64_cases[_i].result ? 42 : i64_cases[_i].value);
}
END_TEST

static const struct {
    struct pail_str text;
    int result;
    double value;
} double_cases[] = {
    {PAIL_STR("0"), 0, 0},
    {PAIL_STR("1795355669.615"), 0, 1795355669.615},
    {PAIL_STR("-1.5e3"), 0, -1500},
    {PAIL_STR("+1.5E-1"), 0, 0.15},
    {PAIL_STR("1.79535566961E9"), 0, 1795355669.61},
    {PAIL_STR(".5"), 0, 0.5},
    {PAIL_STR("5."), 0, 5},
    {PAIL_STR("1e-999"), 0, 0},
    {PAIL_STR("1e999"), -EINVAL, 0},
    {PAIL_STR(""), -EINVAL, 0},
    {{NULL, 0}, -EINVAL, 0},
    {PAIL_STR("."), -EINVAL, 0},
    {PAIL_STR("-"), -EINVAL, 0},
    {PAIL_STR("e5"), -EINVAL, 0},
    {PAIL_STR("1e"), -EINVAL, 0},
    {PAIL_STR("1e+"), -EINVAL, 0},
    {PAIL_STR("1,5"), -EINVAL, 0},
    {PAIL_STR("1.5 "), -EINVAL, 0},
    {PAIL_STR("1.5\0"), -EINVAL, 0},
    {PAIL_STR("1.5.5"), -EINVAL, 0},
    {PAIL_STR("0x10"), -EINVAL, 0},
    {PAIL_STR("inf"), -EINVAL, 0},
    {PAIL_STR("nan"), -EINVAL, 0},
};

START_TEST(doubles)
{
    double value = 42;
    ck_assert_int_eq(num_double(double_cases[_i].text, &value), double_cases[_i].result);
    ck_assert_double_eq(value, double_cases[_i].result ? 42 : double_cases[_i].value);
}
END_TEST

START_TEST(double_too_long)
{
    char digits[600];
    double value;
    memset(digits, '0', sizeof(digits));
    ck_assert_int_eq(num_double((struct pail_str){digits, sizeof(digits)}, &value), -EINVAL);
    ck_assert_int_eq(num_double((struct pail_str){digits, 512}, &value), 0);
}
END_TEST

static const struct {
    struct pail_str text;
    uint64_t max;
    int result;
    uint64_t value;
} size_cases[] = {
    {PAIL_STR("0"), 0, 0, 0},
    {PAIL_STR("0K"), 0, 0, 0},
    {PAIL_STR("1024"), UINT64_MAX, 0, 1024},
    {PAIL_STR("8k"), UINT64_MAX, 0, 8192},
    {PAIL_STR("8M"), UINT64_MAX, 0, 8 << 20},
    {PAIL_STR("1g"), UINT64_MAX, 0, 1 << 30},
    {PAIL_STR("2T"), UINT64_MAX, 0, UINT64_C(2) << 40},
    {PAIL_STR("16777215T"), UINT64_MAX, 0, UINT64_C(16777215) << 40},
    {PAIL_STR("16777216T"), UINT64_MAX, -ERANGE, 0},
    {PAIL_STR("2K"), 2047, -ERANGE, 0},
    {PAIL_STR("2K"), 2048, 0, 2048},
    {PAIL_STR("K"), UINT64_MAX, -EINVAL, 0},
    {PAIL_STR(""), UINT64_MAX, -EINVAL, 0},
    {PAIL_STR("1.5M"), UINT64_MAX, -EINVAL, 0},
    {PAIL_STR("1KB"), UINT64_MAX, -EINVAL, 0},
    {PAIL_STR("1 K"), UINT64_MAX, -EINVAL, 0},
    {PAIL_STR("1P"), UINT64_MAX, -EINVAL, 0},
    {PAIL_STR("1\0"), UINT64_MAX, -EINVAL, 0},
    {PAIL_STR("-1"), UINT64_MAX, -EINVAL, 0},
};

START_TEST(sizes)
{
    uint64_t value = 42;
    ck_assert_int_eq(num_size(size_cases[_i].text, size_cases[_i].max, &value),
                     size_cases[_i].result);
    ck_assert_uint_eq(value, size_cases[_i].result ? 42 : size_cases[_i].value);
}
END_TEST

static const struct {
    struct pail_str text;
    uint64_t max;
    int result;
    uint64_t value;
} duration_cases[] = {
    {PAIL_STR("0"), 0, 0, 0},
    {PAIL_STR("5"), UINT64_MAX, 0, 5000},
    {PAIL_STR("2.5"), UINT64_MAX, 0, 2500},
    {PAIL_STR("2.05s"), UINT64_MAX, 0, 2050},
    {PAIL_STR("0.001"), UINT64_MAX, 0, 1},
    {PAIL_STR("250ms"), UINT64_MAX, 0, 250},
    {PAIL_STR("2.000ms"), UINT64_MAX, 0, 2},
    {PAIL_STR("2.5ms"), UINT64_MAX, -EINVAL, 0},
    {PAIL_STR("1.5m"), UINT64_MAX, 0, 90000},
    {PAIL_STR("0.001m"), UINT64_MAX, 0, 60},
    {PAIL_STR("2h"), UINT64_MAX, 0, 7200000},
    {PAIL_STR("1d"), UINT64_MAX, 0, 86400000},
    {PAIL_STR("1d"), 86399999, -ERANGE, 0},
    {PAIL_STR("1d"), 86400000, 0, 86400000},
    {PAIL_STR("18446744073709551615ms"), UINT64_MAX, 0, UINT64_MAX},
    {PAIL_STR("18446744073709551.615"), UINT64_MAX, 0, UINT64_MAX},
    {PAIL_STR("18446744073709551.616"), UINT64_MAX, -ERANGE, 0},
    {PAIL_STR("18446744073709552"), UINT64_MAX, -ERANGE, 0},
    {PAIL_STR("99999999999999999999"), UINT64_MAX, -ERANGE, 0},
    {PAIL_STR(""), UINT64_MAX, -EINVAL, 0},
    {PAIL_STR("s"), UINT64_MAX, -EINVAL, 0},
    {PAIL_STR(".5"), UINT64_MAX, -EINVAL, 0},
    {PAIL_STR("1."), UINT64_MAX, -EINVAL, 0},
    {PAIL_STR("1.2345"), UINT64_MAX, -EINVAL, 0},
    {PAIL_STR("-1"), UINT64_MAX, -EINVAL, 0},
    {PAIL_STR("1 s"), UINT64_MAX, -EINVAL, 0},
    {PAIL_STR("1S"), UINT64_MAX, -EINVAL, 0},
    {PAIL_STR("1sec"), UINT64_MAX, -EINVAL, 0},
};

START_TEST(durations)
{
    uint64_t value = 42;
    ck_assert_int_eq(num_duration_ms(duration_cases[_i].text, duration_cases[_i].max, &value),
                     duration_cases[_i].result);
    ck_assert_uint_eq(value, duration_cases[_i].result ? 42 : duration_cases[_i].value);
}
END_TEST

START_TEST(booleans)
{
    ck_assert(num_config_bool(PAIL_STR("true")));
    ck_assert(num_config_bool(PAIL_STR("True")));
    ck_assert(num_config_bool(PAIL_STR("TRUE")));
    ck_assert(!num_config_bool(PAIL_STR("1")));
    ck_assert(!num_config_bool(PAIL_STR("yes")));
    ck_assert(!num_config_bool(PAIL_STR("true ")));
    ck_assert(!num_config_bool(PAIL_STR("")));
    ck_assert(!num_config_bool((struct pail_str){NULL, 0}));
}
END_TEST

SUITE_MAIN("base/num", tcase_add_test(tc, overflow);
           tcase_add_loop_test(tc, u64, 0, (int)LEN(u64_cases));
           tcase_add_loop_test(tc, i64, 0, (int)LEN(i64_cases));
           tcase_add_loop_test(tc, doubles, 0, (int)LEN(double_cases));
           tcase_add_test(tc, double_too_long);
           tcase_add_loop_test(tc, sizes, 0, (int)LEN(size_cases));
           tcase_add_loop_test(tc, durations, 0, (int)LEN(duration_cases));
           tcase_add_test(tc, booleans));
