#include "unit/check.h"

#include <pail/error.h>

#include <errno.h>

START_TEST(formats)
{
    static const struct {
        struct pail_error error;
        const char *line;
    } cases[] = {
        {{.sys = ENOENT,
          .kind = PAIL_ERROR_CLIENT,
          .http_status = 404,
          .attempts = 1,
          .code = "NoSuchKey",
          .operation = "GetObject",
          .request_id = "4442587FB7D0A2F9",
          .message = "The specified key does not exist."},
         "An error occurred (NoSuchKey) when calling the GetObject operation: The specified "
         "key "
         "does not exist. [status 404, request id 4442587FB7D0A2F9, 1 attempt]"},
        {{.sys = ETIMEDOUT,
          .kind = PAIL_ERROR_READ_TIMEOUT,
          .attempts = 3,
          .operation = "GetObject",
          .quota_exhausted = true},
         "An error occurred (read timeout) when calling the GetObject operation [3 attempts, "
         "retry quota used up]"},
        {{.kind = PAIL_ERROR_INCOMPLETE_READ,
          .http_status = 200,
          .expected_bytes = 10,
          .actual_bytes = 4},
         "An error occurred (incomplete read) [status 200, 4 of 10 bytes]"},
        {{.kind = PAIL_ERROR_NO_CREDENTIALS, .message = "none found"},
         "An error occurred (no credentials): none found"},
        {{.kind = PAIL_ERROR_CLIENT, .code = "A\nB", .message = "\x1b[31m\\ \xff"},
         "An error occurred (A\\nB): \\x1b[31m\\\\ \\xff"},
        {{.kind = 0}, "An error occurred (no failure)"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[1000];
        ck_assert_uint_eq(pail_error_format(&cases[i].error, text, sizeof(text)),
                          strlen(cases[i].line));
        ck_assert_str_eq(text, cases[i].line);
    }
}
END_TEST

START_TEST(cuts)
{
    static const char whole[] = "An error occurred (X)";
    struct pail_error error = {.code = "X"};
    char text[sizeof(whole)];
    ck_assert_uint_eq(pail_error_format(&error, NULL, 0), sizeof(whole) - 1);
    for (size_t size = 1; size <= sizeof(whole); size++) {
        memset(text, 'x', sizeof(text));
        ck_assert_uint_eq(pail_error_format(&error, text, size), sizeof(whole) - 1);
        ck_assert_uint_eq(strlen(text), size - 1);
        ck_assert_int_eq(strncmp(text, whole, size - 1), 0);
    }
}
END_TEST

START_TEST(full_fields_fit)
{
    struct pail_error error = {.kind = PAIL_ERROR_INCOMPLETE_READ,
                               .http_status = -2147483647,
                               .attempts = UINT32_MAX,
                               .quota_exhausted = true,
                               .expected_bytes = UINT64_MAX,
                               .actual_bytes = UINT64_MAX};
    char text[4096];
    memset(error.code, 1, sizeof(error.code) - 1);
    memset(error.operation, 1, sizeof(error.operation) - 1);
    memset(error.request_id, 1, sizeof(error.request_id) - 1);
    memset(error.message, 1, sizeof(error.message) - 1);
    size_t len = pail_error_format(&error, text, sizeof(text));
    ck_assert_uint_eq(len, strlen(text));
    ck_assert_str_eq(text + len - strlen("retry quota used up]"), "retry quota used up]");
}
END_TEST

START_TEST(names)
{
    for (int kind = PAIL_ERROR_NONE; kind <= PAIL_ERROR_MEMORY; kind++)
        ck_assert_str_ne(pail_error_kind_name(kind), "unknown failure");
    ck_assert_str_eq(pail_error_kind_name(-1), "unknown failure");
    ck_assert_str_eq(pail_error_kind_name(PAIL_ERROR_MEMORY + 1), "unknown failure");
    ck_assert_str_eq(pail_error_kind_name(PAIL_ERROR_READ_TIMEOUT), "read timeout");

    ck_assert_str_eq(pail_errno_name(ENOENT), "ENOENT");
    ck_assert_str_eq(pail_errno_name(ESTALE), "ESTALE");
    ck_assert_str_eq(pail_errno_name(EHWPOISON), "EHWPOISON");
    ck_assert_str_eq(pail_errno_name(0), "EUNKNOWN");
    ck_assert_str_eq(pail_errno_name(-ENOENT), "EUNKNOWN");
    ck_assert_str_eq(pail_errno_name(99999), "EUNKNOWN");
}
END_TEST

SUITE_MAIN("base/error", tcase_add_test(tc, formats); tcase_add_test(tc, cuts);
           tcase_add_test(tc, full_fields_fit); tcase_add_test(tc, names));
