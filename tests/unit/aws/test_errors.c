#include "aws/response.h"

#include "unit/check.h"

#include <errno.h>

/* The design's table: code and status of a service's answer. */
static const struct {
    const char *code;
    int status;
    int sys;
    bool retryable;
} answers[] = {
    {"NoSuchKey", 404, ENOENT, false},
    {"NoSuchBucket", 404, ENOENT, false},
    {"NoSuchVersion", 404, ENOENT, false},
    {"404", 404, ENOENT, false},
    {"Unheard", 404, ENOENT, false},
    {"401", 401, EACCES, false},
    {"403", 403, EACCES, false},
    {"AccessDenied", 403, EACCES, false},
    {"AllAccessDisabled", 403, EACCES, false},
    {"NotSignedUp", 403, EACCES, false},
    {"InvalidPayer", 403, EACCES, false},
    {"InvalidObjectState", 403, EACCES, false},
    {"InvalidAccessKeyId", 403, EACCES, false},
    {"SignatureDoesNotMatch", 403, EACCES, false},
    {"ExpiredToken", 400, EACCES, false},
    {"InvalidToken", 400, EACCES, false},
    {"TokenRefreshRequired", 400, EACCES, false},
    {"RequestTimeTooSkewed", 403, EACCES, false},
    {"KMS.DisabledException", 400, EACCES, false},
    {"KMSNotFoundException", 400, EACCES, false},
    {"SlowDown", 503, EBUSY, true},
    {"503", 503, EBUSY, true},
    {"ServiceUnavailable", 503, EBUSY, true},
    {"429", 429, EBUSY, true},
    {"Throttling", 400, EBUSY, true},
    {"ThrottlingException", 400, EBUSY, true},
    {"ProvisionedThroughputExceededException", 400, EBUSY, true},
    {"RequestLimitExceeded", 503, EBUSY, true},
    {"BandwidthLimitExceeded", 509, EBUSY, true},
    {"509", 509, EBUSY, false},
    {"OperationAborted", 409, EBUSY, false},
    {"RequestTimeout", 400, ETIMEDOUT, true},
    {"408", 408, ETIMEDOUT, false},
    {"504", 504, ETIMEDOUT, true},
    {"500", 500, EIO, true},
    {"InternalError", 500, EIO, true},
    {"502", 502, EIO, true},
    {"599", 599, EIO, false},
    {"BadDigest", 400, EBADMSG, false},
    {"PreconditionFailed", 412, ESTALE, false},
    {"412", 412, ESTALE, false},
    {"InvalidRange", 416, ESTALE, false},
    {"416", 416, ESTALE, false},
    {"304", 304, ENODATA, false},
    {"PermanentRedirect", 301, ENXIO, false},
    {"301", 301, ENXIO, false},
    {"307", 307, ENXIO, false},
    {"AuthorizationHeaderMalformed", 400, ENXIO, false},
    {"NoSuchUpload", 404, EIO, false},
    {"EntityTooLarge", 400, EFBIG, false},
    {"KeyTooLongError", 400, ENAMETOOLONG, false},
    {"MetadataTooLarge", 400, E2BIG, false},
    {"BucketNotEmpty", 409, ENOTEMPTY, false},
    {"BucketAlreadyExists", 409, EEXIST, false},
    {"TooManyBuckets", 400, EDQUOT, false},
    {"NotImplemented", 501, ENOTSUP, false},
    {"MethodNotAllowed", 405, ENOTSUP, false},
    {"405", 405, ENOTSUP, false},
    {"501", 501, ENOTSUP, false},
    {"InvalidArgument", 400, EINVAL, false},
    {"400", 400, EINVAL, false},
    {"418", 418, EINVAL, false},
};

START_TEST(classifies_answers)
{
    struct pail_error error = {.kind = PAIL_ERROR_CLIENT, .http_status = answers[_i].status};
    str_copy(error.code, sizeof(error.code), str_c(answers[_i].code));
    error_classify(&error);
    ck_assert_msg(error.sys == answers[_i].sys, "%s: %s", answers[_i].code,
                  pail_errno_name(error.sys));
    ck_assert_msg(error.retryable == answers[_i].retryable, "%s", answers[_i].code);
}
END_TEST

static const struct {
    int kind;
    int sys;
    bool retryable;
} failures[] = {
    {PAIL_ERROR_RESOLVE, EHOSTUNREACH, true},
    {PAIL_ERROR_CONNECT, ECONNREFUSED, true},
    {PAIL_ERROR_CONNECT_TIMEOUT, ETIMEDOUT, true},
    {PAIL_ERROR_READ_TIMEOUT, ETIMEDOUT, true},
    {PAIL_ERROR_DEADLINE, ETIMEDOUT, false},
    {PAIL_ERROR_PROXY, EHOSTUNREACH, true},
    {PAIL_ERROR_TLS, EPROTO, true},
    {PAIL_ERROR_CONNECTION_CLOSED, ECONNRESET, true},
    {PAIL_ERROR_STREAMING, EIO, true},
    {PAIL_ERROR_INCOMPLETE_READ, EIO, true},
    {PAIL_ERROR_CHECKSUM, EBADMSG, false},
    {PAIL_ERROR_PARSE, EPROTO, true},
    {PAIL_ERROR_NO_CREDENTIALS, EACCES, false},
    {PAIL_ERROR_PARTIAL_CREDENTIALS, EACCES, false},
    {PAIL_ERROR_CREDENTIALS, EACCES, false},
    {PAIL_ERROR_CONFIG, EINVAL, false},
    {PAIL_ERROR_NO_REGION, EINVAL, false},
    {PAIL_ERROR_PARAM, EINVAL, false},
    {PAIL_ERROR_REDIRECT, ENXIO, false},
    {PAIL_ERROR_CHANGED, ESTALE, false},
    {PAIL_ERROR_CANCELLED, ECANCELED, false},
    {PAIL_ERROR_MEMORY, ENOMEM, false},
    {-1, EIO, false},
    {1000, EIO, false},
};

START_TEST(classifies_failures)
{
    struct pail_error error = {.kind = failures[_i].kind};
    error_classify(&error);
    ck_assert_int_eq(error.sys, failures[_i].sys);
    ck_assert_int_eq(error.retryable, failures[_i].retryable);

    struct http_result result = {
        .kind = failures[_i].kind, .body_bytes = 7, .message = "words"};
    memset(&error, 0xff, sizeof(error));
    error_from_http(&error, &result);
    ck_assert_int_eq(error.kind, failures[_i].kind);
    ck_assert_int_eq(error.sys, failures[_i].sys);
    ck_assert_uint_eq(error.actual_bytes, 7);
    ck_assert_str_eq(error.message, "words");
    ck_assert_str_eq(error.code, "");
    ck_assert_uint_eq(error.attempts, 0);
    result.sys = ENETDOWN;
    error_from_http(&error, &result);
    ck_assert_int_eq(error.sys, ENETDOWN);
}
END_TEST

START_TEST(takes_an_untrusted_certificate_for_no_permission)
{
    struct pail_error error = {.kind = PAIL_ERROR_CERTIFICATE};
    error_classify(&error);
    ck_assert_int_eq(error.sys, EACCES);
}
END_TEST

START_TEST(sets_errors)
{
    struct pail_error error;
    char text[400];
    memset(&error, 0xff, sizeof(error));
    ck_assert_int_eq(error_set(&error, PAIL_ERROR_PARAM, EINVAL, "%s is %d", "x", 1), -EINVAL);
    ck_assert_int_eq(error.kind, PAIL_ERROR_PARAM);
    ck_assert_int_eq(error.sys, EINVAL);
    ck_assert_str_eq(error.message, "x is 1");
    ck_assert_int_eq(error.http_status, 0);
    ck_assert_str_eq(error.request_id, "");

    memset(text, 'm', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    error_set(&error, PAIL_ERROR_READ_TIMEOUT, EIO, "%s", text);
    ck_assert_int_eq(error.sys, EIO);
    ck_assert(error.retryable);
    ck_assert_uint_eq(strlen(error.message), sizeof(error.message) - 1);
    ck_assert_int_eq(error_set(NULL, PAIL_ERROR_MEMORY, ENOMEM, "x"), -ENOMEM);
}
END_TEST

START_TEST(knows_phrases)
{
    ck_assert_str_eq(error_status_phrase(404), "Not Found");
    ck_assert_str_eq(error_status_phrase(503), "Service Unavailable");
    ck_assert_str_eq(error_status_phrase(599), "");
    ck_assert_str_eq(error_status_phrase(0), "");
}
END_TEST

SUITE_MAIN("aws/errors",
           tcase_add_loop_test(tc, classifies_answers, 0, (int)ARRAY_LEN(answers));
           tcase_add_loop_test(tc, classifies_failures, 0, (int)ARRAY_LEN(failures));
           tcase_add_test(tc, takes_an_untrusted_certificate_for_no_permission);
           tcase_add_test(tc, sets_errors); tcase_add_test(tc, knows_phrases));
