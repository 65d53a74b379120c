#include "unit/check.h"

#include "cli/failure_line.h"

#include <errno.h>

static const struct {
    struct pail_error error;
    const char *line;
    int status;
} cases[] = {
    {{.kind = PAIL_ERROR_CLIENT,
      .sys = ENOENT,
      .http_status = 404,
      .code = "NoSuchBucket",
      .message = "It is not there",
      .request_id = "R1",
      .attempts = 1},
     "s3://b: NoSuchBucket: It is not there (404, request id R1)",
     EXIT_MISSING},
    {{.kind = PAIL_ERROR_CLIENT,
      .sys = EACCES,
      .http_status = 403,
      .code = "Access\nDenied",
      .attempts = 3},
     "s3://b: Access\\nDenied (403, 3 attempts)",
     EXIT_DENIED},
    {{.kind = PAIL_ERROR_CLIENT,
      .sys = ENOENT,
      .http_status = 200,
      .message = "no log group has that name",
      .request_id = "R1",
      .attempts = 1},
     "s3://b: no log group has that name (request id R1)",
     EXIT_MISSING},
    {{.kind = PAIL_ERROR_CONNECT, .sys = ECONNREFUSED, .message = "refused"},
     "s3://b: cannot connect: refused",
     EXIT_NETWORK},
    {{.kind = PAIL_ERROR_RESOLVE, .sys = EHOSTUNREACH},
     "s3://b: name not resolved",
     EXIT_NETWORK},
    {{.kind = PAIL_ERROR_CLIENT, .sys = EBUSY, .code = "SlowDown"},
     "s3://b: SlowDown",
     EXIT_NETWORK},
    {{.kind = PAIL_ERROR_DEADLINE, .sys = ETIMEDOUT}, "s3://b: deadline passed", EXIT_NETWORK},
    {{.kind = PAIL_ERROR_CONFIG, .sys = EINVAL, .message = "line 3"},
     "s3://b: bad configuration: line 3",
     EXIT_USAGE},
    {{.kind = PAIL_ERROR_PARTIAL_CREDENTIALS, .sys = EACCES},
     "s3://b: partial credentials",
     EXIT_USAGE},
    {{.kind = PAIL_ERROR_NO_CREDENTIALS, .sys = EACCES}, "s3://b: no credentials", EXIT_DENIED},
    {{.kind = PAIL_ERROR_INCOMPLETE_READ, .sys = EIO}, "s3://b: incomplete read", EXIT_FAILED},
};

START_TEST(one_line_and_a_status)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 4096);
    failure_line(&b, "s3://b", &cases[_i].error);
    ck_assert_str_eq(buf_c(&b), cases[_i].line);
    ck_assert_int_eq(failure_exit_status(&cases[_i].error), cases[_i].status);
}
END_TEST

SUITE_MAIN("cli/failure_line",
           tcase_add_loop_test(tc, one_line_and_a_status, 0, (int)ARRAY_LEN(cases)));
