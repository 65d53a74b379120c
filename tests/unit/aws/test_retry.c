#include "unit/check.h"

#include "aws/retry.h"
#include "base/cleanup.h"
#include "base/str.h"

#include <math.h>

#define START (INT64_C(100) * NS_PER_SEC)

static const struct pail_service s3 = {.id = "S3"}, kinesis = {.id = "Kinesis"},
                                 sts = {.id = "STS"}, dynamodb = {.id = "DynamoDB"};

static struct pail_error failure(int kind, int status, const char *code)
{
    struct pail_error e = {.kind = kind, .http_status = status};
    str_copy(e.code, sizeof(e.code), str_c(code ? code : ""));
    return e;
}

/* Which modes try a failure again, of which service, and is it throttling? */
static const struct {
    int kind, status;
    const char *code;
    const struct pail_service *service;
    bool legacy, standard, throttling;
} matrix[] = {
    {PAIL_ERROR_CLIENT, 500, "InternalError", &s3, true, true, false},
    {PAIL_ERROR_CLIENT, 502, "502", &s3, true, true, false},
    {PAIL_ERROR_CLIENT, 503, "503", &s3, true, true, false},
    {PAIL_ERROR_CLIENT, 503, "SlowDown", &s3, true, true, true},
    {PAIL_ERROR_CLIENT, 504, "", &s3, true, true, false},
    {PAIL_ERROR_CLIENT, 200, "InternalError", &s3, true, true, false},
    {PAIL_ERROR_CLIENT, 429, "", &s3, true, true, true},
    {PAIL_ERROR_CLIENT, 509, "BandwidthLimitExceeded", &s3, true, true, true},
    {PAIL_ERROR_CLIENT, 509, "509", &s3, true, false, false},
    {PAIL_ERROR_CLIENT, 400, "Throttling", &s3, true, true, true},
    {PAIL_ERROR_CLIENT, 400, "ThrottlingException", &s3, true, true, true},
    {PAIL_ERROR_CLIENT, 400, "ThrottledException", &s3, true, true, true},
    {PAIL_ERROR_CLIENT, 400, "RequestThrottledException", &s3, true, true, true},
    {PAIL_ERROR_CLIENT, 400, "ProvisionedThroughputExceededException", &kinesis, true, true,
     true},
    {PAIL_ERROR_CLIENT, 403, "Throttling", &s3, false, true, true},
    {PAIL_ERROR_CLIENT, 400, "TooManyRequestsException", &s3, false, true, true},
    {PAIL_ERROR_CLIENT, 400, "TransactionInProgressException", &s3, false, true, true},
    {PAIL_ERROR_CLIENT, 400, "RequestLimitExceeded", &s3, false, true, true},
    {PAIL_ERROR_CLIENT, 400, "RequestThrottled", &s3, false, true, true},
    {PAIL_ERROR_CLIENT, 400, "EC2ThrottledException", &s3, false, true, true},
    {PAIL_ERROR_CLIENT, 400, "PriorRequestNotComplete", &s3, false, true, true},
    {PAIL_ERROR_CLIENT, 400, "KMS.ThrottlingException", &s3, false, true, true},
    {PAIL_ERROR_CLIENT, 400, "LimitExceededException", &s3, false, true, true},
    {PAIL_ERROR_CLIENT, 400, "LimitExceededException", &kinesis, true, true, true},
    {PAIL_ERROR_CLIENT, 400, "RequestTimeout", &s3, true, true, false},
    {PAIL_ERROR_CLIENT, 400, "RequestTimeout", &kinesis, false, true, false},
    {PAIL_ERROR_CLIENT, 400, "RequestTimeoutException", &kinesis, false, true, false},
    {PAIL_ERROR_CLIENT, 400, "BadDigest", &s3, true, false, false},
    {PAIL_ERROR_CLIENT, 400, "IDPCommunicationError", &sts, true, true, false},
    {PAIL_ERROR_CLIENT, 400, "ExpiredToken", &s3, false, false, false},
    {PAIL_ERROR_CLIENT, 403, "AccessDenied", &s3, false, false, false},
    {PAIL_ERROR_CLIENT, 403, "RequestTimeTooSkewed", &s3, false, false, false},
    {PAIL_ERROR_CLIENT, 404, "NoSuchKey", &s3, false, false, false},
    {PAIL_ERROR_CLIENT, 408, "408", &s3, false, false, false},
    {PAIL_ERROR_CLIENT, 409, "OperationAborted", &s3, false, false, false},
    {PAIL_ERROR_CLIENT, 501, "NotImplemented", &s3, false, false, false},
    {PAIL_ERROR_RESOLVE, 0, NULL, &s3, true, true, false},
    {PAIL_ERROR_CONNECT, 0, NULL, &s3, true, true, false},
    {PAIL_ERROR_CONNECT_TIMEOUT, 0, NULL, &s3, true, true, false},
    {PAIL_ERROR_READ_TIMEOUT, 0, NULL, &s3, true, true, false},
    {PAIL_ERROR_PROXY, 0, NULL, &s3, true, true, false},
    {PAIL_ERROR_TLS, 0, NULL, &s3, true, true, false},
    {PAIL_ERROR_CERTIFICATE, 0, NULL, &s3, true, true, false},
    {PAIL_ERROR_CONNECTION_CLOSED, 0, NULL, &s3, true, true, false},
    {PAIL_ERROR_STREAMING, 200, NULL, &s3, true, true, false},
    {PAIL_ERROR_INCOMPLETE_READ, 200, NULL, &s3, true, true, false},
    {PAIL_ERROR_PARSE, 200, NULL, &s3, true, true, false},
    {PAIL_ERROR_DEADLINE, 0, NULL, &s3, false, false, false},
    {PAIL_ERROR_CHECKSUM, 200, NULL, &s3, false, false, false},
    {PAIL_ERROR_EVENT_STREAM, 200, "InternalError", &s3, false, false, false},
    {PAIL_ERROR_NO_CREDENTIALS, 0, NULL, &s3, false, false, false},
    {PAIL_ERROR_PARAM, 0, NULL, &s3, false, false, false},
    {PAIL_ERROR_CHANGED, 412, NULL, &s3, false, false, false},
    {PAIL_ERROR_CANCELLED, 0, NULL, &s3, false, false, false},
    {PAIL_ERROR_MEMORY, 0, NULL, &s3, false, false, false},
};

START_TEST(what_is_retried)
{
    struct pail_error e = failure(matrix[_i].kind, matrix[_i].status, matrix[_i].code);
    ck_assert_msg(retry_is_retryable(&e) == matrix[_i].standard, "standard, row %d", _i);
    ck_assert_msg(retry_is_throttling(&e) == matrix[_i].throttling, "throttling, row %d", _i);
    struct retry_outcome outcome = {
        .error = &e, .service = matrix[_i].service, .retry_after_ms = -1};
    static const enum pail_retry_mode modes[] = {PAIL_RETRY_LEGACY, PAIL_RETRY_STANDARD,
                                                 PAIL_RETRY_ADAPTIVE};
    for (size_t m = 0; m < ARRAY_LEN(modes); m++) {
        struct retry_state state;
        retry_init(&state, modes[m], false, START);
        struct retry_call call = {.max_attempts = 3};
        unsigned expected = (m == 0 ? matrix[_i].legacy : matrix[_i].standard) ? 3 : 1;
        while (retry_next(&state, &call, &outcome, START) >= 0)
            ck_assert_uint_le(call.attempts, 3);
        ck_assert_msg(call.attempts == expected, "mode %zu, row %d: %u", m, _i, call.attempts);
        ck_assert_int_eq(call.max_reached, expected == 3);
        ck_assert(!call.quota_reached);
    }
}
END_TEST

/* The delay before attempt N+1 is uniform in [0, limit). */
static const struct {
    enum pail_retry_mode mode;
    int status;
    const char *code;
    const struct pail_service *service;
    unsigned attempts; /* before this outcome */
    int64_t limit_ms;
} delays[] = {
    {PAIL_RETRY_LEGACY, 500, "", &s3, 0, 1000},
    {PAIL_RETRY_LEGACY, 503, "SlowDown", &s3, 2, 4000},
    {PAIL_RETRY_LEGACY, 500, "", &s3, 9, 512000},
    {PAIL_RETRY_STANDARD, 500, "", &s3, 0, 50},
    {PAIL_RETRY_STANDARD, 500, "", &s3, 1, 100},
    {PAIL_RETRY_STANDARD, 500, "", &s3, 9, 20000},
    {PAIL_RETRY_STANDARD, 503, "SlowDown", &s3, 0, 1000},
    {PAIL_RETRY_STANDARD, 503, "SlowDown", &s3, 4, 16000},
    {PAIL_RETRY_STANDARD, 503, "SlowDown", &s3, 5, 20000},
    {PAIL_RETRY_STANDARD, 503, "SlowDown", &s3, 4000000000U, 20000},
    {PAIL_RETRY_STANDARD, 500, "", &dynamodb, 0, 25},
    {PAIL_RETRY_ADAPTIVE, 503, "SlowDown", &s3, 1, 2000},
};

START_TEST(backoff)
{
    struct retry_state state;
    retry_init(&state, delays[_i].mode, false, START);
    random_seed(&state.random, 42);
    struct pail_error e = failure(PAIL_ERROR_CLIENT, delays[_i].status, delays[_i].code);
    struct retry_outcome outcome = {
        .error = &e, .service = delays[_i].service, .retry_after_ms = -1};
    int64_t least = INT64_MAX, most = -1, sum = 0;
    for (int n = 0; n < 1000; n++) {
        struct retry_call call = {.attempts = delays[_i].attempts, .max_attempts = UINT32_MAX};
        state.quota = RETRY_QUOTA_MAX;
        int64_t ms = retry_next(&state, &call, &outcome, START);
        least = ms < least ? ms : least;
        most = ms > most ? ms : most;
        sum += ms;
    }
    ck_assert_int_ge(least, 0);
    ck_assert_int_le(least, delays[_i].limit_ms / 20);
    ck_assert_int_le(most, delays[_i].limit_ms);
    ck_assert_int_ge(most, delays[_i].limit_ms * 19 / 20);
    ck_assert_int_ge(sum / 1000, delays[_i].limit_ms * 45 / 100);
    ck_assert_int_le(sum / 1000, delays[_i].limit_ms * 55 / 100 + 1);
}
END_TEST

START_TEST(retry_after)
{
    static const struct {
        enum pail_retry_mode mode;
        int64_t header_ms, least, most;
    } cases[] = {
        {PAIL_RETRY_STANDARD, 3000, 3000, 3000}, {PAIL_RETRY_STANDARD, 99000, 5000, 5050},
        {PAIL_RETRY_STANDARD, 0, 0, 50},         {PAIL_RETRY_STANDARD, INT64_MAX, 5000, 5050},
        {PAIL_RETRY_LEGACY, 99000, 0, 1000},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct retry_state state;
        retry_init(&state, cases[i].mode, false, START);
        struct pail_error e = failure(PAIL_ERROR_CLIENT, 500, "");
        struct retry_outcome outcome = {
            .error = &e, .service = &s3, .retry_after_ms = cases[i].header_ms};
        struct retry_call call = {.max_attempts = 3};
        int64_t ms = retry_next(&state, &call, &outcome, START);
        ck_assert_int_ge(ms, cases[i].least);
        ck_assert_int_le(ms, cases[i].most);
    }
}
END_TEST

START_TEST(quota_refuses)
{
    struct retry_state state;
    retry_init(&state, PAIL_RETRY_DEFAULT, false, START);
    ck_assert_int_eq(state.mode, PAIL_RETRY_STANDARD);
    struct pail_error e = failure(PAIL_ERROR_CLIENT, 503, "503");
    struct retry_outcome bad = {.error = &e, .service = &s3, .retry_after_ms = -1};
    /* 500 tokens at 14 are 35 retries: calls of three attempts stop in the 18th, at its second.
     */
    unsigned calls = 0;
    struct retry_call call;
    do {
        calls++;
        call = (struct retry_call){.max_attempts = 3};
        while (retry_next(&state, &call, &bad, START) >= 0)
            ;
    } while (!call.quota_reached);
    ck_assert_uint_eq(calls, 18);
    ck_assert_uint_eq(call.attempts, 2);
    ck_assert(!call.max_reached);
    ck_assert_uint_eq(state.quota, 500 - 35 * RETRY_COST);

    /* Throttling costs less: two more of those. */
    struct pail_error slow = failure(PAIL_ERROR_CLIENT, 503, "SlowDown");
    struct retry_outcome throttled = {.error = &slow, .service = &s3, .retry_after_ms = -1};
    call = (struct retry_call){.max_attempts = 3};
    ck_assert_int_ge(retry_next(&state, &call, &throttled, START), 0);
    ck_assert_uint_eq(state.quota, 5);

    /* A success gives back what its last retry took; one that needed none gives one. */
    struct retry_outcome good = {.service = &s3, .retry_after_ms = -1};
    ck_assert_int_eq(retry_next(&state, &call, &good, START), -1);
    ck_assert(!call.quota_reached && !call.max_reached);
    ck_assert_uint_eq(state.quota, 10);
    call = (struct retry_call){.max_attempts = 3};
    retry_next(&state, &call, &good, START);
    ck_assert_uint_eq(state.quota, 11);
    state.quota = RETRY_QUOTA_MAX;
    retry_next(&state, &call, &good, START);
    ck_assert_uint_eq(state.quota, RETRY_QUOTA_MAX);
}
END_TEST

START_TEST(legacy_has_no_quota)
{
    struct retry_state state;
    retry_init(&state, PAIL_RETRY_LEGACY, false, START);
    struct pail_error e = failure(PAIL_ERROR_CLIENT, 500, "");
    struct retry_outcome bad = {.error = &e, .service = &s3, .retry_after_ms = -1};
    struct retry_call call = {.max_attempts = 5000};
    while (retry_next(&state, &call, &bad, START) >= 0)
        ;
    ck_assert_uint_eq(call.attempts, 5000);
}
END_TEST

/* In every mode: legacy's delays, longer than the rest by far, come on top. */
START_TEST(quota_waits_in_every_mode)
{
    static const enum pail_retry_mode modes[] = {PAIL_RETRY_LEGACY, PAIL_RETRY_STANDARD,
                                                 PAIL_RETRY_ADAPTIVE};
    struct retry_state state;
    retry_init(&state, modes[_i], true, START);
    struct pail_error e = failure(PAIL_ERROR_CLIENT, 500, "");
    struct retry_outcome bad = {.error = &e, .service = &s3, .retry_after_ms = -1};
    struct retry_outcome good = {.service = &s3, .retry_after_ms = -1};
    struct retry_call call = {.max_attempts = 10};
    ck_assert_int_le(retry_next(&state, &call, &bad, START), 1000);
    ck_assert_uint_eq(state.quota, RETRY_QUOTA_MAX - RETRY_COST);
    retry_next(&state, &call, &good, START);
    ck_assert_uint_eq(state.quota, RETRY_QUOTA_MAX);
    /* Of 100 calls that fail at once 35 may try again; the rest waits for what flows back. */
    struct retry_call calls[100];
    for (int i = 0; i < 100; i++) {
        calls[i] = (struct retry_call){.max_attempts = 10};
        int64_t ms = retry_next(&state, &calls[i], &bad, START);
        ck_assert(i < 35 ? ms >= 0 && !calls[i].quota_reached
                         : ms == RETRY_QUEUED && calls[i].quota_reached);
    }
    ck_assert_ptr_null(retry_take(&state, START));
    ck_assert_ptr_eq(retry_take(&state, START + 65 * NS_PER_SEC), &calls[35]);
    ck_assert_ptr_eq(retry_take(&state, START + 65 * NS_PER_SEC), &calls[36]);
}
END_TEST

START_TEST(quota_waits)
{
    struct retry_state state;
    retry_init(&state, PAIL_RETRY_STANDARD, true, START);
    random_seed(&state.random, 7);
    state.quota = 20;
    struct pail_error e = failure(PAIL_ERROR_CONNECT, 0, NULL);
    struct retry_outcome bad = {.error = &e, .service = &s3, .retry_after_ms = -1};
    struct retry_call calls[4];
    int64_t ms[4];
    ck_assert_int_eq(retry_due_ns(&state), TIME_NEVER);
    for (int i = 0; i < 4; i++) {
        calls[i] = (struct retry_call){.max_attempts = 10};
        ms[i] = retry_next(&state, &calls[i], &bad, START);
        ck_assert_int_eq(ms[i] == RETRY_QUEUED, i > 0);
        ck_assert_int_eq(calls[i].quota_reached, i > 0);
    }
    ck_assert_int_le(ms[0], 50);
    /* 14 of 20 were taken; the other 6 wait for 8 more, and nobody is let past. */
    int64_t due = retry_due_ns(&state);
    ck_assert_int_eq((due - START) / NS_PER_MS, 571);
    ck_assert_ptr_null(retry_take(&state, due - 1));
    ck_assert_ptr_eq(retry_take(&state, due), &calls[1]);
    ck_assert_ptr_null(retry_take(&state, due));
    ck_assert_int_eq((retry_due_ns(&state) - due) / NS_PER_MS, 999);
    /* Its own delay was over by then. */
    ck_assert_int_le(calls[1].not_before_ns, due);
    /* A success gives back what it had taken, twice: the next two have not to wait. */
    struct retry_outcome good = {.service = &s3, .retry_after_ms = -1};
    ck_assert_int_eq(retry_next(&state, &calls[1], &good, due), -1);
    ck_assert_ptr_eq(retry_take(&state, due), &calls[2]);
    ck_assert_ptr_eq(retry_take(&state, due), &calls[3]);
    ck_assert_int_eq(retry_due_ns(&state), TIME_NEVER);
    /* Once, where nobody waits. */
    ck_assert_uint_eq(state.quota, 0);
    retry_next(&state, &calls[2], &good, due);
    ck_assert_uint_eq(state.quota, RETRY_COST);
    state.quota = 0;
    /* Who leaves loses the turn. */
    calls[0] = (struct retry_call){.max_attempts = 10};
    ck_assert_int_eq(retry_next(&state, &calls[0], &bad, due), RETRY_QUEUED);
    retry_leave(&state, &calls[0]);
    retry_leave(&state, &calls[0]);
    ck_assert_int_eq(retry_due_ns(&state), TIME_NEVER);
    ck_assert_ptr_null(retry_take(&state, due + NS_PER_SEC));
    struct retry_call call = {.max_attempts = 10};
    ck_assert_int_le(retry_next(&state, &call, &bad, due + 10 * NS_PER_SEC), 50);
    ck_assert(!call.quota_reached);
    /* A day later it is full, and no more than full. */
    call = (struct retry_call){.max_attempts = 10};
    retry_next(&state, &call, &bad, due + 86400 * NS_PER_SEC);
    ck_assert_uint_eq(state.quota, RETRY_QUOTA_MAX - RETRY_COST);
    /* The attempts are bounded all the same. */
    call = (struct retry_call){.attempts = 9, .max_attempts = 10};
    ck_assert_int_eq(retry_next(&state, &call, &bad, due), -1);
    ck_assert(call.max_reached);
}
END_TEST

/* What botocore's ClientRateLimiter has after each outcome. */
static const struct {
    int step_ms;
    bool throttled;
    double fill_rate, capacity, tokens, measured;
} limiter[] = {
    {20, false, 0.5, 1, 0.02, 0},
    {100, false, 0.5, 1, 0.07, 0},
    {600, false, 0.5, 1, 0.37, 4.8},
    {600, false, 0.9199872, 1, 0.67, 2.56},
    {600, false, 2.8311552, 2.8311552, 1, 2.112},
    {10, false, 2.8756228, 2.8756228, 1.02831155, 2.112},
    {50, false, 3.1049568, 3.1049568, 1.17209269, 2.112},
    {10, false, 3.1522396, 3.1522396, 1.20314226, 2.112},
    {100, false, 3.6517316, 3.6517316, 1.51836622, 6.8224},
    {600, false, 5.92896, 5.92896, 3.6517316, 2.96448},
    {100, false, 5.92896, 5.92896, 4.2446276, 2.96448},
    {100, false, 5.92896, 5.92896, 4.8375236, 2.96448},
    {250, true, 3.7750272, 3.7750272, 3.7750272, 5.392896},
    {100, true, 2.64251904, 2.64251904, 2.64251904, 5.392896},
    {600, false, 3.55873901, 3.55873901, 2.64251904, 4.2785792},
    {20, false, 3.57428033, 3.57428033, 2.71369382, 4.2785792},
    {10, false, 3.5817637, 3.5817637, 2.74943662, 4.2785792},
    {100, false, 3.64663555, 3.64663555, 3.10761299, 4.2785792},
    {10, false, 3.65217935, 3.65217935, 3.14407935, 4.2785792},
    {600, false, 3.77486055, 3.77486055, 3.65217935, 4.85571584},
    {100, false, 3.77503369, 3.77503369, 3.77486055, 4.85571584},
    {100, false, 3.77581433, 3.77581433, 3.77503369, 4.85571584},
    {100, false, 3.77960247, 3.77960247, 3.77581433, 4.85571584},
    {600, false, 3.99988896, 3.99988896, 3.77960247, 7.37114317},
    {600, false, 4.54845727, 4.54845727, 3.99988896, 2.27422863},
    {10, false, 4.54845727, 4.54845727, 4.04537353, 2.27422863},
    {250, false, 4.54845727, 4.54845727, 4.54845727, 2.27422863},
    {100, false, 4.54845727, 4.54845727, 4.54845727, 2.27422863},
    {50, false, 4.54845727, 4.54845727, 4.54845727, 2.27422863},
    {250, false, 7.40224444, 7.40224444, 4.54845727, 8.45484573},
    {600, true, 2.3036784, 2.3036784, 2.3036784, 3.29096915},
    {20, true, 1.61257488, 1.61257488, 1.61257488, 3.29096915},
    {100, true, 1.12880242, 1.12880242, 1.12880242, 3.29096915},
    {10, false, 1.14229679, 1.14229679, 1.12880242, 3.29096915},
    {50, false, 1.2060171, 1.2060171, 1.14229679, 7.05819383},
    {10, false, 1.21802764, 1.21802764, 1.15435696, 7.05819383},
    {10, false, 1.22979929, 1.22979929, 1.16653724, 7.05819383},
    {10, false, 1.24133443, 1.24133443, 1.17883523, 7.05819383},
    {250, false, 1.45986895, 1.45986895, 1.24133443, 7.05819383},
    {100, false, 1.51471448, 1.51471448, 1.38732132, 7.05819383},
    {10, false, 1.51933386, 1.51933386, 1.40246847, 7.05819383},
    {100, false, 1.55779989, 1.55779989, 1.51933386, 12.6116388},
    {250, false, 1.60509429, 1.60509429, 1.55779989, 12.6116388},
    {20, false, 1.60666103, 1.60666103, 1.58990178, 12.6116388},
    {100, false, 1.61134442, 1.61134442, 1.60666103, 12.6116388},
    {250, false, 1.6130322, 1.6130322, 1.61134442, 8.92232775},
    {10, false, 1.61317635, 1.61317635, 1.6130322, 8.92232775},
    {100, false, 1.61652614, 1.61652614, 1.61317635, 8.92232775},
    {20, false, 1.61773724, 1.61773724, 1.61652614, 8.92232775},
    {600, false, 1.84508408, 1.84508408, 1.61773724, 8.18446555},
    {100, true, 1.29155886, 1.29155886, 1.29155886, 8.18446555},
    {100, false, 1.42760251, 1.42760251, 1.29155886, 4.83689311},
    {100, false, 1.53930151, 1.53930151, 1.42760251, 4.83689311},
    {20, false, 1.55893115, 1.55893115, 1.45838854, 4.83689311},
    {50, false, 1.60429094, 1.60429094, 1.5363351, 4.83689311},
    {20, false, 1.62099953, 1.62099953, 1.56842092, 4.83689311},
    {250, false, 1.76929367, 1.76929367, 1.62099953, 8.96737862},
    {20, false, 1.77693854, 1.77693854, 1.6563854, 8.96737862},
    {600, false, 1.84512211, 1.84512211, 1.77693854, 4.99347572},
    {100, false, 1.84631973, 1.84631973, 1.84512211, 4.99347572},
};

START_TEST(adaptive_rate)
{
    struct retry_state state;
    retry_init(&state, PAIL_RETRY_ADAPTIVE, false, START);
    struct pail_error e = failure(PAIL_ERROR_CLIENT, 503, "SlowDown");
    int64_t now = START;
    for (size_t i = 0; i < ARRAY_LEN(limiter); i++) {
        now += limiter[i].step_ms * NS_PER_MS;
        struct retry_call call = {.max_attempts = 1};
        struct retry_outcome outcome = {
            .error = limiter[i].throttled ? &e : NULL, .service = &s3, .retry_after_ms = -1};
        retry_next(&state, &call, &outcome, now);
        double off = fabs(state.limiter.fill_rate - limiter[i].fill_rate) +
                     fabs(state.limiter.capacity - limiter[i].capacity) +
                     fabs(state.limiter.tokens - limiter[i].tokens) +
                     fabs(state.limiter.measured_rate - limiter[i].measured);
        ck_assert_msg(off < 1e-6, "row %zu: %g %g %g %g", i, state.limiter.fill_rate,
                      state.limiter.capacity, state.limiter.tokens,
                      state.limiter.measured_rate);
    }
}
END_TEST

START_TEST(admits)
{
    struct retry_state state;
    struct retry_call call = {.max_attempts = 3};
    retry_init(&state, PAIL_RETRY_STANDARD, false, START);
    state.limiter.enabled = true;
    ck_assert_int_eq(retry_admit(&state, &call, START), 0);

    retry_init(&state, PAIL_RETRY_ADAPTIVE, false, START);
    ck_assert_int_eq(retry_admit(&state, &call, START),
                     0); /* dormant until the first throttling */
    state.limiter.enabled = true;
    state.limiter.fill_rate = 2;
    state.limiter.capacity = 2;
    state.limiter.tokens = 1;
    ck_assert_int_eq(retry_admit(&state, &call, START), 0);
    ck_assert_int_eq(retry_admit(&state, &call, START), 500);
    ck_assert_int_eq(retry_admit(&state, &call, START), 1000);
    ck_assert_int_eq(retry_admit(&state, &call, START + NS_PER_SEC), 500);
    /* Two at most are saved up. */
    ck_assert_int_eq(retry_admit(&state, &call, START + 60 * NS_PER_SEC), 0);
    ck_assert_int_eq(retry_admit(&state, &call, START + 60 * NS_PER_SEC), 0);
    ck_assert_int_eq(retry_admit(&state, &call, START + 60 * NS_PER_SEC), 500);
}
END_TEST

/* Turns that were promised at a rate that has fallen since do not put off those who come later;
 * nor do those of who has gone. */
START_TEST(turns_that_were_promised)
{
    struct retry_state state;
    struct retry_call calls[100], late = {.max_attempts = 3};
    retry_init(&state, PAIL_RETRY_ADAPTIVE, false, START);
    state.limiter.enabled = true;
    state.limiter.fill_rate = state.limiter.capacity = 100;
    for (int i = 0; i < 100; i++) {
        calls[i] = (struct retry_call){.max_attempts = 3};
        int64_t wait_ms = retry_admit(&state, &calls[i], START);
        ck_assert(wait_ms >= 10 * (i + 1) && wait_ms <= 10 * (i + 1) + 1);
    }
    state.limiter.fill_rate = state.limiter.capacity = 0.5;
    for (int i = 50; i < 100; i++)
        retry_withdraw(&state, &calls[i]);
    /* Half a second for those who stay, then its own two. */
    ck_assert_int_le(retry_admit(&state, &late, START), 2501);
    retry_withdraw(&state, &late);
    ck_assert_int_le(retry_admit(&state, &late, START + NS_PER_SEC), 2001);
}
END_TEST

SUITE_MAIN("aws/retry", tcase_add_loop_test(tc, what_is_retried, 0, (int)ARRAY_LEN(matrix));
           tcase_add_loop_test(tc, backoff, 0, (int)ARRAY_LEN(delays));
           tcase_add_test(tc, retry_after); tcase_add_test(tc, quota_refuses);
           tcase_add_test(tc, legacy_has_no_quota);
           tcase_add_loop_test(tc, quota_waits_in_every_mode, 0, 3);
           tcase_add_test(tc, quota_waits); tcase_add_test(tc, adaptive_rate);
           tcase_add_test(tc, admits); tcase_add_test(tc, turns_that_were_promised));
