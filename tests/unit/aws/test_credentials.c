#include "unit/check.h"

#include "aws/credentials.h"

START_TEST(copies)
{
    char id[] = "id", secret[] = "secret";
    CLEANUP(credentials) struct credentials *c =
        credentials_new(str_c(id), str_c(secret), PAIL_STR("token"), 7, "test");
    id[0] = secret[0] = 'X';
    CLEANUP(credentials) struct credentials *d = credentials_copy(c);
    ck_assert_str_eq(d->access_key_id, "id");
    ck_assert_str_eq(d->secret_access_key, "secret");
    ck_assert_str_eq(d->session_token, "token");
    ck_assert_str_eq(d->source, "test");
    ck_assert_int_eq(d->expires_s, 7);
    ck_assert_ptr_ne(d->secret_access_key, c->secret_access_key);
}
END_TEST

START_TEST(empty_token_is_none)
{
    CLEANUP(credentials) struct credentials *c =
        credentials_new(PAIL_STR("id"), PAIL_STR("secret"), PAIL_STR(""), INT64_MAX, "test");
    ck_assert_ptr_null(c->session_token);
    CLEANUP(credentials) struct credentials *d = credentials_copy(c);
    ck_assert_ptr_null(d->session_token);
    credentials_free(NULL);
}
END_TEST

START_TEST(out_of_memory)
{
    struct credentials *c = NULL;
    for (long n = 0; !c; n++) {
        alloc_fail_after(n);
        c = credentials_new(PAIL_STR("id"), PAIL_STR("secret"), PAIL_STR("t"), 0, "test");
        alloc_fail_after(-1);
        ck_assert(n < 5 ? !c : !!c);
    }
    credentials_free(c);
}
END_TEST

SUITE_MAIN("aws/credentials", tcase_add_test(tc, copies);
           tcase_add_test(tc, empty_token_is_none); tcase_add_test(tc, out_of_memory));
