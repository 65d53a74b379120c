#include "http/headers.h"

#include "unit/check.h"

#include <errno.h>

static void check_is(const struct http_headers *h, size_t i, const char *name,
                     const char *value)
{
    ck_assert(str_eq_c(http_headers_name(h, i), name));
    ck_assert(str_eq_c(http_headers_value(h, i), value));
}

START_TEST(keeps_order_and_bytes)
{
    CLEANUP_DONE(http_headers) struct http_headers h;
    http_headers_init(&h);
    ck_assert_ptr_null(http_headers_get(&h, "a").ptr);
    ck_assert_int_eq(http_headers_add(&h, PAIL_STR("ETag"), PAIL_STR("\"x\"")), 0);
    ck_assert_int_eq(http_headers_add(&h, PAIL_STR("X-Amz-Meta-A"), PAIL_STR("\xc3\xa9")), 0);
    ck_assert_int_eq(http_headers_add(&h, PAIL_STR("etag"), PAIL_STR("second")), 0);
    ck_assert_int_eq(http_headers_add(&h, PAIL_STR("Empty"), PAIL_STR("")), 0);
    ck_assert_uint_eq(h.count, 4);
    check_is(&h, 0, "ETag", "\"x\"");
    check_is(&h, 1, "X-Amz-Meta-A", "\xc3\xa9");
    check_is(&h, 2, "etag", "second");
    ck_assert(str_eq_c(http_headers_get(&h, "ETAG"), "\"x\""));
    struct pail_str empty = http_headers_get(&h, "empty");
    ck_assert(empty.ptr && empty.len == 0);
    ck_assert_ptr_null(http_headers_get(&h, "eta").ptr);
    http_headers_reset(&h);
    ck_assert_uint_eq(h.count, 0);
    ck_assert_int_eq(http_headers_add(&h, PAIL_STR("a"), PAIL_STR("b")), 0);
    check_is(&h, 0, "a", "b");
}
END_TEST

START_TEST(set_and_remove)
{
    CLEANUP_DONE(http_headers) struct http_headers h;
    http_headers_init(&h);
    ck_assert_int_eq(http_headers_add(&h, PAIL_STR("a"), PAIL_STR("1")), 0);
    ck_assert_int_eq(http_headers_add(&h, PAIL_STR("bb"), PAIL_STR("22")), 0);
    ck_assert_int_eq(http_headers_add(&h, PAIL_STR("A"), PAIL_STR("333")), 0);
    ck_assert_int_eq(http_headers_add(&h, PAIL_STR("c"), PAIL_STR("")), 0);
    ck_assert_int_eq(http_headers_set(&h, PAIL_STR("a"), PAIL_STR("new")), 0);
    ck_assert_uint_eq(h.count, 3);
    check_is(&h, 0, "bb", "22");
    check_is(&h, 1, "c", "");
    check_is(&h, 2, "a", "new");
    ck_assert_uint_eq(h.text.len, 9);
    http_headers_remove(&h, PAIL_STR("BB"));
    http_headers_remove(&h, PAIL_STR("none"));
    ck_assert_uint_eq(h.count, 2);
    check_is(&h, 0, "c", "");
    check_is(&h, 1, "a", "new");
    /* A field set again and again takes no more room. */
    for (int i = 0; i < 100000; i++)
        ck_assert_int_eq(http_headers_set(&h, PAIL_STR("a"), PAIL_STR("again")), 0);
    ck_assert_uint_eq(h.count, 2);
    ck_assert_int_eq(http_headers_set(&h, PAIL_STR("a"), PAIL_STR("no\r\nsplit: 1")), -EINVAL);
    check_is(&h, 1, "a", "again");
}
END_TEST

START_TEST(refuses_what_would_split_a_head)
{
    CLEANUP_DONE(http_headers) struct http_headers h;
    http_headers_init(&h);
    ck_assert_int_eq(http_headers_add(&h, PAIL_STR(""), PAIL_STR("v")), -EINVAL);
    ck_assert_int_eq(http_headers_add(&h, PAIL_STR("a\n"), PAIL_STR("v")), -EINVAL);
    ck_assert_int_eq(http_headers_add(&h, PAIL_STR("a"), PAIL_STR("v\r")), -EINVAL);
    ck_assert_int_eq(http_headers_add(&h, PAIL_STR("a"), PAIL_STR("v\0")), -EINVAL);
    ck_assert_uint_eq(h.count, 0);
}
END_TEST

START_TEST(limits)
{
    CLEANUP_DONE(http_headers) struct http_headers h;
    http_headers_init(&h);
    for (int i = 0; i < HEADERS_MAX; i++)
        ck_assert_int_eq(http_headers_add(&h, PAIL_STR("a"), PAIL_STR("b")), 0);
    ck_assert_int_eq(http_headers_add(&h, PAIL_STR("a"), PAIL_STR("b")), -E2BIG);
    ck_assert_uint_eq(h.count, HEADERS_MAX);
    http_headers_reset(&h);
    static char big[HEADERS_BYTES_MAX];
    memset(big, 'x', sizeof(big));
    ck_assert_int_eq(http_headers_add(&h, PAIL_STR("a"), str_of(big, sizeof(big))), -E2BIG);
    ck_assert_int_eq(http_headers_add(&h, PAIL_STR("a"), str_of(big, sizeof(big) - 1)), 0);
    ck_assert_int_eq(http_headers_add(&h, PAIL_STR("b"), PAIL_STR("")), -E2BIG);
    ck_assert_uint_eq(http_headers_get(&h, "a").len, sizeof(big) - 1);
}
END_TEST

static int fill_once(void *user)
{
    CLEANUP_DONE(http_headers) struct http_headers h;
    char name[32];
    (void)user;
    http_headers_init(&h);
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof(name), "x-amz-meta-%d", i);
        int r = http_headers_add(&h, str_c(name), PAIL_STR("value"));
        if (r == -ENOMEM && h.count > 0)
            return -EIO; /* it should be empty then */
        if (r == 0)
            r = http_headers_set(&h, PAIL_STR("Range"), str_c(name));
        if (r < 0)
            return r;
    }
    return h.count == 41 ? 0 : -EIO;
}

START_TEST(survives_every_failure_of_memory)
{
    ck_assert_int_gt(alloc_fail_each(fill_once, NULL, 0), 0);
}
END_TEST

SUITE_MAIN("http/headers", tcase_add_test(tc, keeps_order_and_bytes);
           tcase_add_test(tc, set_and_remove);
           tcase_add_test(tc, refuses_what_would_split_a_head); tcase_add_test(tc, limits);
           tcase_add_test(tc, survives_every_failure_of_memory));
