#include "aws/call.h"
#include "unit/aws/call_fixture.h"

/* What comes first, how often it may come, and what becomes of it. */
static const struct {
    struct scripted_response response;
    unsigned requests; /* of at most 3 */
    int kind, sys;
    const char *code;
} failures[] = {
    {{.status = 503, .body = ERROR_XML("SlowDown")}, 3, PAIL_ERROR_CLIENT, EBUSY, "SlowDown"},
    {{.status = 500}, 3, PAIL_ERROR_CLIENT, EIO, "500"},
    {{.status = 429}, 3, PAIL_ERROR_CLIENT, EBUSY, "429"},
    {{.status = 400, .body = ERROR_XML("RequestTimeout")},
     3,
     PAIL_ERROR_CLIENT,
     ETIMEDOUT,
     "RequestTimeout"},
    {{.kind = PAIL_ERROR_RESOLVE}, 3, PAIL_ERROR_RESOLVE, EHOSTUNREACH, ""},
    {{.kind = PAIL_ERROR_CONNECT}, 3, PAIL_ERROR_CONNECT, ECONNREFUSED, ""},
    {{.kind = PAIL_ERROR_CONNECT_TIMEOUT}, 3, PAIL_ERROR_CONNECT_TIMEOUT, ETIMEDOUT, ""},
    {{.kind = PAIL_ERROR_READ_TIMEOUT}, 3, PAIL_ERROR_READ_TIMEOUT, ETIMEDOUT, ""},
    {{.kind = PAIL_ERROR_CONNECTION_CLOSED}, 3, PAIL_ERROR_CONNECTION_CLOSED, ECONNRESET, ""},
    /* Short bodies of outputs are no outputs. */
    {{.status = 200,
      .headers = "Content-Length: 500\n",
      .body = LIST_XML,
      .kind = PAIL_ERROR_INCOMPLETE_READ},
     3,
     PAIL_ERROR_INCOMPLETE_READ,
     EIO,
     ""},
    {{.status = 200, .chunked = true, .body = LIST_XML, .kind = PAIL_ERROR_STREAMING},
     3,
     PAIL_ERROR_STREAMING,
     EIO,
     ""},
    {{.status = 200, .body = ""}, 3, PAIL_ERROR_PARSE, EPROTO, ""},
    {{.status = 200, .body = "<ListBucketResult><Name>buck"}, 3, PAIL_ERROR_PARSE, EPROTO, ""},
    {{.status = 200, .body = ERROR_XML("InternalError")},
     3,
     PAIL_ERROR_CLIENT,
     EIO,
     "InternalError"},
    {{.status = 404, .body = ERROR_XML("NoSuchBucket")},
     1,
     PAIL_ERROR_CLIENT,
     ENOENT,
     "NoSuchBucket"},
    {{.status = 403, .body = ERROR_XML("AccessDenied")},
     1,
     PAIL_ERROR_CLIENT,
     EACCES,
     "AccessDenied"},
    {{.status = 501}, 1, PAIL_ERROR_CLIENT, ENOTSUP, "501"},
};

START_TEST(failure)
{
    struct fixture f = fixture_plain();
    struct pail_s3_list_objects_v2_output out;
    struct pail_client_stats stats;
    for (int i = 0; i < 3; i++)
        scripted_respond(f.t, &failures[_i].response);
    struct outcome outcome = list_once(&f, NULL, &out);
    const struct pail_error *error = &outcome.error;
    ck_assert_int_eq(outcome.status, -failures[_i].sys);
    ck_assert_int_eq(error->kind, failures[_i].kind);
    ck_assert_int_eq(error->sys, failures[_i].sys);
    ck_assert_str_eq(error->code, failures[_i].code);
    ck_assert_str_eq(error->operation, "ListObjectsV2");
    ck_assert_uint_eq(error->attempts, failures[_i].requests);
    ck_assert_uint_eq(scripted_request_count(f.t), failures[_i].requests);
    ck_assert_uint_eq(out.response.retry_attempts, failures[_i].requests - 1);
    ck_assert_int_eq(out.response.max_attempts_reached, failures[_i].requests == 3);
    ck_assert_int_eq(error->retryable, failures[_i].requests == 3);
    pail_client_get_stats(f.client, &stats);
    ck_assert_uint_eq(stats.requests, failures[_i].requests);
    ck_assert_uint_eq(stats.retries, failures[_i].requests - 1);
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
    fixture_free(&f);
}
END_TEST

START_TEST(recovers)
{
    struct fixture f = fixture_plain();
    struct pail_s3_list_objects_v2_output out;
    if (failures[_i].requests == 3) {
        scripted_respond(f.t, &failures[_i].response);
        scripted_respond(f.t, &failures[_i].response);
        scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = LIST_XML});
        struct outcome outcome = list_once(&f, NULL, &out);
        ck_assert_int_eq(outcome.status, 0);
        ck_assert_uint_eq(out.response.retry_attempts, 2);
        ck_assert_int_eq(out.response.http_status, 200);
        check_str(out.name, "bucket");
        pail_output_free(&pail_s3_list_objects_v2_operation, &out);
    }
    fixture_free(&f);
}
END_TEST

/* A connection that is closed without an answer may have been a kept one, as may the next. */
START_TEST(another_connection)
{
    struct fixture f = fixture_plain();
    scripted_respond(f.t, &(struct scripted_response){.kind = PAIL_ERROR_CONNECTION_CLOSED});
    scripted_respond(f.t, &(struct scripted_response){.status = 500});
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = LIST_XML});
    ck_assert_int_eq(list_once(&f, NULL, NULL).status, 0);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(scripted_request(f.t, i)->fresh, i == 1);
    fixture_free(&f);
}
END_TEST

START_TEST(max_attempts)
{
    struct fixture f = fixture_plain();
    for (int i = 0; i < _i; i++)
        scripted_respond(f.t, &(struct scripted_response){.status = 500});
    struct outcome outcome =
        list_once(&f, &(struct pail_call_options){.max_attempts = (unsigned)_i}, NULL);
    ck_assert_uint_eq(outcome.error.attempts, (unsigned)_i);
    fixture_free(&f);
}
END_TEST

START_TEST(backs_off)
{
    struct fixture f = fixture_plain();
    scripted_respond(f.t, &(struct scripted_response){.status = 500,
                                                      .headers = "x-amz-retry-after: 3000\n"});
    scripted_respond(f.t, &(struct scripted_response){.status = 500});
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = LIST_XML});
    list_once(&f, NULL, NULL);
    int64_t first = scripted_request(f.t, 1)->started_ns - scripted_request(f.t, 0)->started_ns;
    int64_t second =
        scripted_request(f.t, 2)->started_ns - scripted_request(f.t, 1)->started_ns;
    ck_assert_int_ge(first, 3000 * NS_PER_MS);
    ck_assert_int_le(first, 3050 * NS_PER_MS);
    ck_assert_int_le(second, 100 * NS_PER_MS);
    fixture_free(&f);
}
END_TEST

START_TEST(quota_runs_out)
{
    struct fixture f = fixture_plain();
    struct outcome outcome = {0};
    unsigned calls = 0;
    while (!outcome.error.quota_exhausted && calls < 100) {
        for (int i = 0; i < 3; i++)
            scripted_respond(f.t, &(struct scripted_response){.status = 500});
        outcome = list_once(&f, NULL, NULL);
        calls++;
    }
    /* 35 retries of 14 tokens in 500. */
    ck_assert_uint_eq(calls, 18);
    ck_assert_uint_eq(outcome.error.attempts, 2);
    ck_assert_int_eq(outcome.status, -EIO);
    fixture_free(&f);
}
END_TEST

#define MANY 300

/* Many calls meet a server that is away for `outage_ms`. */
struct outage {
    int64_t outage_ms;
    unsigned refused;
};

static void answer_after_outage(void *user, const struct scripted_request *request,
                                struct scripted_response *ret)
{
    struct outage *outage = user;
    if (request->started_ns < SCRIPTED_START_NS + outage->outage_ms * NS_PER_MS) {
        outage->refused++;
        *ret = (struct scripted_response){.kind = PAIL_ERROR_CONNECT, .message = "no route"};
    } else {
        *ret = (struct scripted_response){.status = 200, .head_delay_ms = 50, .body = LIST_XML};
    }
}

static struct fixture many_meet_an_outage(struct outage *outage,
                                          struct pail_s3_list_objects_v2_output *outs,
                                          struct outcome *outcomes)
{
    struct fixture f = fixture_new(&(struct pail_config){.endpoint_url = "http://s3.test",
                                                         .region = "us-east-1",
                                                         .max_attempts = 10,
                                                         .retry_quota_waits = true,
                                                         .no_sign_request = true});
    const struct pail_call_options options = {.timeout_ms = 20000};
    scripted_set_responder(f.t, outage, answer_after_outage);
    for (unsigned i = 0; i < MANY; i++) {
        outcomes[i] = (struct outcome){.t = f.t};
        ck_assert_int_eq(pail_call_start(f.client, &pail_s3_list_objects_v2_operation,
                                         &list_input, &outs[i], &options, outcome_done,
                                         &outcomes[i], NULL, NULL),
                         0);
    }
    scripted_run(f.t);
    return f;
}

START_TEST(an_outage_is_waited_for)
{
    static struct pail_s3_list_objects_v2_output outs[MANY];
    static struct outcome outcomes[MANY];
    struct outage outage = {.outage_ms = 3000};
    struct fixture f = many_meet_an_outage(&outage, outs, outcomes);
    /* The first of each, what the quota allows, and one a second; once the server is back each
     * success is the turn of two: in a second or two, not in 300 times 50 ms. */
    ck_assert_uint_le(outage.refused, MANY + 35 + 3);
    for (unsigned i = 0; i < MANY; i++) {
        ck_assert_uint_eq(outcomes[i].count, 1);
        ck_assert_int_eq(outcomes[i].status, 0);
        ck_assert_int_le(outcomes[i].at_ns, SCRIPTED_START_NS + 6 * NS_PER_SEC);
        pail_output_free(&pail_s3_list_objects_v2_operation, &outs[i]);
    }
    fixture_free(&f);
}
END_TEST

START_TEST(a_long_outage_ends_the_wait_at_the_deadline)
{
    static struct pail_s3_list_objects_v2_output outs[MANY];
    static struct outcome outcomes[MANY];
    struct outage outage = {.outage_ms = 100000};
    struct fixture f = many_meet_an_outage(&outage, outs, outcomes);
    ck_assert_uint_le(outage.refused, MANY + 35 + 20);
    for (unsigned i = 0; i < MANY; i++) {
        ck_assert_uint_eq(outcomes[i].count, 1);
        ck_assert_int_eq(outcomes[i].status, -ETIMEDOUT);
        ck_assert_ptr_nonnull(strstr(outcomes[i].error.message, "; last: no route"));
        ck_assert_int_le(outcomes[i].at_ns, SCRIPTED_START_NS + 20 * NS_PER_SEC);
    }
    fixture_free(&f);
}
END_TEST

START_TEST(counts_throttling)
{
    struct fixture f = fixture_plain();
    struct pail_client_stats stats;
    scripted_respond(f.t,
                     &(struct scripted_response){.status = 503, .body = ERROR_XML("SlowDown")});
    scripted_respond(f.t, &(struct scripted_response){.status = 500});
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = LIST_XML});
    list_once(&f, NULL, NULL);
    pail_client_get_stats(f.client, &stats);
    ck_assert_uint_eq(stats.throttled, 1);
    ck_assert_uint_eq(stats.retries, 2);
    fixture_free(&f);
}
END_TEST

START_TEST(limiter_delays)
{
    struct fixture f = fixture_new(&(struct pail_config){.endpoint_url = "http://s3.test",
                                                         .region = "us-east-1",
                                                         .retry_mode = PAIL_RETRY_ADAPTIVE,
                                                         .no_sign_request = true});
    for (int i = 0; i < 10; i++)
        scripted_respond(f.t, &(struct scripted_response){.status = 429});
    struct outcome outcome =
        list_once(&f, &(struct pail_call_options){.max_attempts = 5}, NULL);
    ck_assert_int_eq(outcome.status, -EBUSY);
    /* At half a request a second the next has to wait. */
    int64_t before = transport_now(f.t);
    outcome = list_once(&f, &(struct pail_call_options){.max_attempts = 1}, NULL);
    ck_assert_int_gt(scripted_request(f.t, 5)->started_ns, before);
    /* And is not begun if that takes too long. */
    outcome = list_once(&f, &(struct pail_call_options){.timeout_ms = 10}, NULL);
    ck_assert_int_eq(outcome.status, -ETIMEDOUT);
    ck_assert_int_eq(outcome.error.kind, PAIL_ERROR_DEADLINE);
    ck_assert_uint_eq(outcome.error.attempts, 0);
    ck_assert_uint_eq(scripted_request_count(f.t), 6);
    fixture_free(&f);
}
END_TEST

/* Those who did not wait until it was their turn do not keep others waiting. */
START_TEST(limiter_forgets_who_left)
{
    struct fixture f = fixture_new(&(struct pail_config){.endpoint_url = "http://s3.test",
                                                         .region = "us-east-1",
                                                         .retry_mode = PAIL_RETRY_ADAPTIVE,
                                                         .no_sign_request = true});
    scripted_respond(f.t, &(struct scripted_response){.status = 429});
    list_once(&f, &(struct pail_call_options){.max_attempts = 1}, NULL);
    for (int i = 0; i < 100; i++) {
        struct outcome left = {.t = f.t};
        struct pail_s3_list_objects_v2_output out = {0};
        struct pail_call *call;
        const struct pail_call_options options = {.timeout_ms = _i ? 100000 : 10};
        ck_assert_int_eq(pail_call_start(f.client, &pail_s3_list_objects_v2_operation,
                                         &list_input, &out, &options, outcome_done, &left,
                                         &call, NULL),
                         0);
        scripted_run_for(f.t, 0);
        pail_call_cancel(call);
        scripted_run_for(f.t, 0);
        ck_assert_int_eq(left.status, _i ? -ECANCELED : -ETIMEDOUT);
        pail_call_release(call);
    }
    ck_assert_uint_eq(scripted_request_count(f.t), 1);
    int64_t before = transport_now(f.t);
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = LIST_XML});
    ck_assert_int_eq(list_once(&f, NULL, NULL).status, 0);
    /* At half a request a second. */
    ck_assert_int_le(scripted_request(f.t, 1)->started_ns - before, 2 * NS_PER_SEC);
    fixture_free(&f);
}
END_TEST

/* ---- what is mended at once ---- */

static struct fixture signing(void)
{
    return fixture_new(
        &(struct pail_config){.endpoint_url = "http://s3.test", .region = "us-east-1"});
}

static const char *const expired[] = {
    ERROR_XML("ExpiredToken"), ERROR_XML("ExpiredTokenException"), ERROR_XML("InvalidToken")};

START_TEST(renews_keys)
{
    struct fixture f = signing();
    scripted_respond(f.t, &(struct scripted_response){.status = 400, .body = expired[_i]});
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = LIST_XML});
    struct outcome outcome =
        list_once(&f, &(struct pail_call_options){.max_attempts = 1}, NULL);
    ck_assert_int_eq(outcome.status, 0);
    ck_assert_uint_eq(f.keys->fetched, 2);
    ck_assert_ptr_nonnull(strstr(request_header(&f, 0, "Authorization"), "AKID1/"));
    ck_assert_ptr_nonnull(strstr(request_header(&f, 1, "Authorization"), "AKID2/"));
    fixture_free(&f);
}
END_TEST

START_TEST(renews_keys_once)
{
    struct fixture f = signing();
    for (int i = 0; i < 2; i++)
        scripted_respond(f.t, &(struct scripted_response){.status = 400, .body = expired[0]});
    struct outcome outcome = list_once(&f, NULL, NULL);
    ck_assert_int_eq(outcome.status, -EACCES);
    ck_assert_str_eq(outcome.error.code, "ExpiredToken");
    ck_assert_uint_eq(outcome.error.attempts, 2);
    fixture_free(&f);
}
END_TEST

START_TEST(learns_the_clock)
{
    struct fixture f = signing();
    scripted_shift_realtime(f.t, -3600);
    for (int i = 0; i < 2; i++)
        scripted_respond(
            f.t, &(struct scripted_response){.status = 403,
                                             .headers = "Date: Sun, 22 Nov 2026 00:00:00 GMT\n",
                                             .body = _i ? ERROR_XML("RequestExpired")
                                                        : ERROR_XML("RequestTimeTooSkewed")});
    struct outcome outcome = list_once(&f, NULL, NULL);
    /* Once a call. */
    ck_assert_int_eq(outcome.status, -EACCES);
    ck_assert_uint_eq(outcome.error.attempts, 2);
    ck_assert_str_eq(request_header(&f, 0, "X-Amz-Date"), "20261121T230000Z");
    ck_assert_str_eq(request_header(&f, 1, "X-Amz-Date"), "20261122T000000Z");
    /* And for the client. */
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = LIST_XML});
    list_once(&f, NULL, NULL);
    ck_assert_str_eq(request_header(&f, 2, "X-Amz-Date"), "20261122T000000Z");
    fixture_free(&f);
}
END_TEST

START_TEST(no_clock_to_learn)
{
    struct fixture f = signing();
    scripted_respond(f.t, &(struct scripted_response){
                              .status = 403, .body = ERROR_XML("RequestTimeTooSkewed")});
    struct outcome outcome = list_once(&f, NULL, NULL);
    ck_assert_int_eq(outcome.status, -EACCES);
    ck_assert_uint_eq(outcome.error.attempts, 1);
    fixture_free(&f);
}
END_TEST

SUITE_MAIN("aws/call_recover", tcase_add_loop_test(tc, failure, 0, ARRAY_LEN(failures));
           tcase_add_loop_test(tc, recovers, 0, ARRAY_LEN(failures));
           tcase_add_test(tc, another_connection); tcase_add_loop_test(tc, max_attempts, 1, 6);
           tcase_add_test(tc, backs_off); tcase_add_test(tc, quota_runs_out);
           tcase_add_test(tc, an_outage_is_waited_for);
           tcase_add_test(tc, a_long_outage_ends_the_wait_at_the_deadline);
           tcase_add_test(tc, counts_throttling); tcase_add_test(tc, limiter_delays);
           tcase_add_loop_test(tc, limiter_forgets_who_left, 0, 2);
           tcase_add_loop_test(tc, renews_keys, 0, ARRAY_LEN(expired));
           tcase_add_test(tc, renews_keys_once);
           tcase_add_loop_test(tc, learns_the_clock, 0, 2);
           tcase_add_test(tc, no_clock_to_learn));
