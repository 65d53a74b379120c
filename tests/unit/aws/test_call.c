#include "aws/call.h"
#include "unit/aws/call_fixture.h"

START_TEST(output)
{
    struct fixture f = fixture_plain();
    struct pail_s3_list_objects_v2_output out;
    scripted_respond(f.t, &(struct scripted_response){.status = 200,
                                                      .headers = "x-amz-request-id: r1\n",
                                                      .body = LIST_XML,
                                                      .piece = 11});
    struct outcome outcome = list_once(&f, NULL, &out);
    ck_assert_int_eq(outcome.status, 0);
    check_str(out.name, "bucket");
    check_str(out.response.request_id, "r1");
    ck_assert_int_eq(out.response.http_status, 200);
    ck_assert_uint_eq(out.response.retry_attempts, 0);
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
    fixture_free(&f);
}
END_TEST

START_TEST(request)
{
    struct fixture f = fixture_plain();
    scripted_respond(f.t, &(struct scripted_response){.status = 503});
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = LIST_XML});
    list_once(&f, &(struct pail_call_options){.connect_timeout_ms = 5, .read_timeout_ms = -1},
              NULL);
    const struct scripted_request *first = scripted_request(f.t, 0);
    ck_assert_str_eq(first->method, "GET");
    ck_assert(str_starts(buf_str(&first->url), PAIL_STR("http://s3.test/bucket?list-type=2")));
    ck_assert_int_eq(first->connect_timeout_ms, 5);
    ck_assert_int_eq(first->read_timeout_ms, -1);
    ck_assert_str_eq(request_header(&f, 0, "amz-sdk-request"), "attempt=1; max=3");
    ck_assert_str_eq(request_header(&f, 1, "amz-sdk-request"), "attempt=2; max=3");
    struct pail_str id = http_headers_get(&first->headers, "amz-sdk-invocation-id");
    ck_assert_uint_eq(id.len, 36);
    ck_assert(str_eq(
        id, http_headers_get(&scripted_request(f.t, 1)->headers, "amz-sdk-invocation-id")));
    ck_assert_ptr_nonnull(request_header(&f, 0, "User-Agent"));
    /* Anonymous. */
    ck_assert_ptr_null(request_header(&f, 0, "Authorization"));
    ck_assert_ptr_null(request_header(&f, 0, "X-Amz-Date"));
    ck_assert_ptr_null(request_header(&f, 0, "x-amz-content-sha256"));
    ck_assert_ptr_null(request_header(&f, 0, "x-amz-request-payer"));
    fixture_free(&f);
}
END_TEST

/* Little to send, much to keep: not want of memory, and not asked for again. */
START_TEST(too_large_when_parsed)
{
    static const struct pail_str start = PAIL_STR("<ListBucketResult>"),
                                 end = PAIL_STR("</ListBucketResult>");
    struct fixture f = fixture_plain();
    CLEANUP_DONE(buf) struct buf body;
    buf_init(&body, RESPONSE_BODY_MAX);
    buf_add_str(&body, start);
    for (int i = 0; i < 300000; i++)
        buf_add_c(&body, "<Contents><Key>k</Key><Size>1</Size></Contents>");
    buf_add_str(&body, end);
    ck_assert_int_eq(buf_failed(&body), 0);
    scripted_respond(f.t, &(struct scripted_response){
                              .status = 200, .body = body.data, .body_len = body.len});
    struct outcome outcome = list_once(&f, NULL, NULL);
    ck_assert_int_eq(outcome.status, -EPROTO);
    ck_assert_int_eq(outcome.error.kind, PAIL_ERROR_PARSE);
    ck_assert_int_eq(outcome.error.sys, EPROTO);
    ck_assert_int_eq(outcome.error.http_status, 200);
    ck_assert(!outcome.error.retryable);
    ck_assert_str_eq(outcome.error.message, "the response is too large when it is parsed");
    ck_assert_uint_eq(scripted_request_count(f.t), 1);
    fixture_free(&f);
}
END_TEST

START_TEST(endpoint_with_a_base)
{
    static const struct {
        const char *endpoint, *url;
    } cases[] = {
        {"http://s3.test", "http://s3.test/"},
        {"http://s3.test/", "http://s3.test/"},
        {"http://s3.test/base", "http://s3.test/base"},
        {"http://s3.test/base/", "http://s3.test/base"},
    };
    struct pail_s3_list_buckets_output out = {0};
    struct fixture f = fixture_new(
        &(struct pail_config){.endpoint_url = cases[_i].endpoint, .no_sign_request = true});
    scripted_respond(
        f.t, &(struct scripted_response){.status = 200, .body = "<ListAllMyBucketsResult/>"});
    struct outcome outcome = {.t = f.t};
    ck_assert_int_eq(pail_call_start(f.client, &pail_s3_list_buckets_operation, NULL, &out,
                                     NULL, outcome_done, &outcome, NULL, NULL),
                     0);
    fixture_wait(&f, &outcome);
    ck_assert_int_eq(outcome.status, 0);
    ck_assert_str_eq(buf_c(&scripted_request(f.t, 0)->url), cases[_i].url);
    pail_output_free(&pail_s3_list_buckets_operation, &out);
    fixture_free(&f);
}
END_TEST

/* The head is known though its document broke off. */
START_TEST(head_of_a_broken_document)
{
    struct fixture f = fixture_plain();
    struct pail_s3_list_objects_v2_output out;
    scripted_respond(
        f.t, &(struct scripted_response){.status = 200,
                                         .headers = "x-amz-request-id: r1\nx-amz-id-2: h1\n",
                                         .body = "<List",
                                         .kind = PAIL_ERROR_INCOMPLETE_READ});
    struct outcome outcome =
        list_once(&f, &(struct pail_call_options){.max_attempts = 1}, &out);
    ck_assert_int_eq(outcome.status, -EIO);
    ck_assert_int_eq(outcome.error.http_status, 200);
    ck_assert_str_eq(outcome.error.request_id, "r1");
    ck_assert_str_eq(outcome.error.host_id, "h1");
    ck_assert_int_eq(out.response.http_status, 200);
    check_str(out.response.request_id, "r1");
    ck_assert_uint_gt(out.response.header_count, 0);
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
    fixture_free(&f);
}
END_TEST

START_TEST(signed_request)
{
    struct fixture f = fixture_new(&(struct pail_config){
        .endpoint_url = "http://s3.test", .region = "eu-west-1", .requester_pays = true});
    scripted_respond(f.t, &(struct scripted_response){.status = 500});
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = LIST_XML});
    list_once(&f, NULL, NULL);
    for (size_t i = 0; i < 2; i++) {
        const char *authorization = request_header(&f, i, "Authorization");
        ck_assert_ptr_nonnull(strstr(authorization, "AKID1/20261122/eu-west-1/s3/"));
        ck_assert_ptr_nonnull(strstr(authorization, "x-amz-request-payer"));
        ck_assert_ptr_null(strstr(authorization, "amz-sdk"));
        ck_assert_str_eq(request_header(&f, i, "x-amz-request-payer"), "requester");
    }
    ck_assert_uint_eq(f.keys->fetched, 1);
    fixture_free(&f);
}
END_TEST

START_TEST(no_keys)
{
    struct fixture f = fixture_new(
        &(struct pail_config){.endpoint_url = "http://s3.test", .region = "eu-west-1"});
    f.keys->fails = -EACCES;
    struct outcome outcome = list_once(&f, NULL, NULL);
    ck_assert_int_eq(outcome.status, -EACCES);
    ck_assert_int_eq(outcome.error.kind, PAIL_ERROR_NO_CREDENTIALS);
    ck_assert_str_eq(outcome.error.operation, "ListObjectsV2");
    ck_assert_uint_eq(outcome.error.attempts, 0);
    ck_assert_uint_eq(scripted_request_count(f.t), 0);
    fixture_free(&f);
}
END_TEST

/* A call whose input cannot be sent does not start. */
START_TEST(bad_input)
{
    struct fixture f = fixture_plain();
    struct outcome outcome = {.t = f.t};
    struct pail_error error;
    struct pail_s3_list_objects_v2_output out = {0};
    struct pail_s3_list_objects_v2_input in = {0};
    struct pail_buffer buffer = {.size = 1};
    ck_assert_int_eq(pail_call_start(f.client, &pail_s3_list_objects_v2_operation, &in, &out,
                                     NULL, outcome_done, &outcome, NULL, &error),
                     -EINVAL);
    ck_assert_int_eq(error.kind, PAIL_ERROR_PARAM);
    ck_assert_str_eq(error.operation, "ListObjectsV2");
    ck_assert_int_eq(pail_call_start(f.client, &pail_s3_list_objects_v2_operation, &in, &out,
                                     NULL, outcome_done, &outcome, NULL, NULL),
                     -EINVAL);
    ck_assert_int_eq(pail_call_start(f.client, &pail_s3_list_objects_v2_operation, &list_input,
                                     &out, &(struct pail_call_options){.buffers = &buffer},
                                     outcome_done, &outcome, NULL, &error),
                     -EINVAL);
    scripted_run(f.t);
    ck_assert_uint_eq(outcome.count, 0);
    fixture_free(&f);
}
END_TEST

START_TEST(too_long)
{
    struct fixture f = fixture_plain();
    size_t size = RESPONSE_BODY_MAX + 1;
    char *body = malloc(size);
    memset(body, ' ', size);
    scripted_respond(f.t, &(struct scripted_response){.status = 200,
                                                      .headers = "x-amz-request-id: r1\n",
                                                      .body = body,
                                                      .body_len = size,
                                                      .piece = 1 << 20});
    struct outcome outcome = list_once(&f, NULL, NULL);
    free(body);
    ck_assert_int_eq(outcome.status, -EPROTO);
    ck_assert_int_eq(outcome.error.kind, PAIL_ERROR_PARSE);
    ck_assert_int_eq(outcome.error.http_status, 200);
    ck_assert_uint_eq(scripted_request_count(f.t), 1);
    fixture_free(&f);
}
END_TEST

/* ---- deadlines ---- */

START_TEST(deadline)
{
    struct fixture f = fixture_plain();
    scripted_respond(f.t, &(struct scripted_response){.status = 200,
                                                      .body = LIST_XML,
                                                      .head_delay_ms = _i == 0 ? 5000 : 0,
                                                      .piece_delay_ms = 5000});
    struct outcome outcome =
        list_once(&f, &(struct pail_call_options){.timeout_ms = 2000}, NULL);
    ck_assert_int_eq(outcome.status, -ETIMEDOUT);
    ck_assert_int_eq(outcome.error.kind, PAIL_ERROR_DEADLINE);
    ck_assert_uint_eq(outcome.error.attempts, 1);
    ck_assert_int_eq(outcome.at_ns, SCRIPTED_START_NS + 2000 * NS_PER_MS);
    ck_assert_uint_eq(scripted_running(f.t), 0);
    fixture_free(&f);
}
END_TEST

/* No sense in waiting for a retry that will not be: the failure is told at once. */
static uint64_t retries_of(const struct fixture *f)
{
    struct pail_client_stats stats;
    pail_client_get_stats(f->client, &stats);
    return stats.retries;
}

START_TEST(deadline_before_the_retry)
{
    struct fixture f = fixture_plain();
    scripted_respond(f.t, &(struct scripted_response){.status = 503,
                                                      .headers = "x-amz-retry-after: 4000\n",
                                                      .body = ERROR_XML("SlowDown")});
    struct outcome outcome =
        list_once(&f, &(struct pail_call_options){.timeout_ms = 3000}, NULL);
    ck_assert_int_eq(outcome.status, -EBUSY);
    ck_assert_str_eq(outcome.error.code, "SlowDown");
    ck_assert_int_eq(outcome.at_ns, SCRIPTED_START_NS);
    ck_assert_uint_eq(retries_of(&f), 0);
    fixture_free(&f);
}
END_TEST

/* One that is waited for is none yet: cancelled before the second, one was made. */
START_TEST(counts_retries_made)
{
    struct fixture f = fixture_plain();
    struct outcome outcome = {.t = f.t};
    struct pail_s3_list_objects_v2_output out = {0};
    struct pail_call *call;
    const struct scripted_response later = {
        .status = 503, .headers = "x-amz-retry-after: 4000\n", .body = ERROR_XML("SlowDown")};
    scripted_respond(f.t, &later);
    scripted_respond(f.t, &later);
    ck_assert_int_eq(pail_call_start(f.client, &pail_s3_list_objects_v2_operation, &list_input,
                                     &out, NULL, outcome_done, &outcome, &call, NULL),
                     0);
    scripted_run_for(f.t, 3000);
    ck_assert_uint_eq(retries_of(&f), 0);
    scripted_run_for(f.t, 3000);
    ck_assert_uint_eq(retries_of(&f), 1);
    ck_assert_uint_eq(scripted_request_count(f.t), 2);
    pail_call_cancel(call);
    fixture_wait(&f, &outcome);
    ck_assert_uint_eq(retries_of(&f), 1);
    pail_call_release(call);
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
    fixture_free(&f);
}
END_TEST

/* ---- cancelling ---- */

static const struct {
    const char *what;
    struct scripted_response first;
    int64_t at_ms;
    bool keys;
} cancels[] = {
    {"new", {.status = 200}, 0, false},
    {"credentials", {.status = 200}, 0, true},
    {"head", {.status = 200, .head_delay_ms = 1000}, 500, false},
    {"collect",
     {.status = 200, .body = LIST_XML, .piece = 9, .piece_delay_ms = 100},
     250,
     false},
    {"backoff", {.status = 503, .headers = "x-amz-retry-after: 1000\n"}, 500, false},
    {"probe", {.status = 301}, 500, false},
};

START_TEST(cancel)
{
    struct fixture f = cancels[_i].keys
                           ? fixture_new(&(struct pail_config){.endpoint_url = "http://s3.test",
                                                               .region = "us-east-1"})
                           : fixture_plain();
    struct outcome outcome = {.t = f.t};
    struct pail_s3_list_objects_v2_output out = {0};
    struct pail_call *call;
    scripted_respond(f.t, &cancels[_i].first);
    scripted_respond(f.t, &(struct scripted_response){.status = 404, .head_delay_ms = 5000});
    ck_assert_int_eq(pail_call_start(f.client, &pail_s3_list_objects_v2_operation, &list_input,
                                     &out, NULL, outcome_done, &outcome, &call, NULL),
                     0);
    if (cancels[_i].at_ms > 0)
        scripted_run_for(f.t, cancels[_i].at_ms);
    ck_assert_uint_eq(outcome.count, 0);
    pail_call_cancel(call);
    if (!cancels[_i].keys)
        pail_call_cancel(call);
    fixture_wait(&f, &outcome);
    ck_assert_int_eq(outcome.status, -ECANCELED);
    ck_assert_int_eq(outcome.error.kind, PAIL_ERROR_CANCELLED);
    ck_assert_uint_eq(scripted_running(f.t), 0);
    pail_call_cancel(call);
    pail_call_release(call);
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
    fixture_free(&f);
}
END_TEST

START_TEST(cancel_too_late)
{
    struct fixture f = fixture_plain();
    struct outcome outcome = {.t = f.t};
    struct pail_s3_list_objects_v2_output out = {0};
    struct pail_call *call;
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = LIST_XML});
    ck_assert_int_eq(pail_call_start(f.client, &pail_s3_list_objects_v2_operation, &list_input,
                                     &out, NULL, outcome_done, &outcome, &call, NULL),
                     0);
    fixture_wait(&f, &outcome);
    pail_call_cancel(call);
    scripted_run(f.t);
    ck_assert_uint_eq(outcome.count, 1);
    ck_assert_int_eq(outcome.status, 0);
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
    fixture_free(&f);
    pail_call_cancel(call);
    pail_call_release(call);
}
END_TEST

/* ---- want of memory ---- */

/* Whatever allocation fails, done comes once, with -ENOMEM or with what was got. */
START_TEST(survives_want_of_memory)
{
    bool succeeded = false;
    for (long allowed = 0; !succeeded; allowed++) {
        struct fixture f = fixture_plain();
        struct outcome outcome = {.t = f.t};
        struct pail_s3_list_objects_v2_output out = {0};
        scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = LIST_XML});
        alloc_fail_after(allowed);
        int r = pail_call_start(f.client, &pail_s3_list_objects_v2_operation, &list_input, &out,
                                NULL, outcome_done, &outcome, NULL, &outcome.error);
        alloc_fail_after(-1);
        if (r == 0) {
            fixture_wait(&f, &outcome);
            succeeded = outcome.status == 0;
            r = outcome.status;
        }
        ck_assert_msg(r == 0 || r == -ENOMEM, "%d after %ld: %s", r, allowed,
                      outcome.error.message);
        pail_output_free(&pail_s3_list_objects_v2_operation, &out);
        fixture_free(&f);
    }
}
END_TEST

/* ---- waiting ---- */

START_TEST(waits)
{
    struct fixture f = fixture_plain();
    struct pail_s3_list_objects_v2_output out = {0};
    struct pail_error error;
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = LIST_XML});
    scripted_respond(
        f.t, &(struct scripted_response){.status = 404, .body = ERROR_XML("NoSuchBucket")});
    scripted_start_thread(f.t);
    ck_assert_int_eq(pail_call(f.client, &pail_s3_list_objects_v2_operation, &list_input, &out,
                               NULL, &error),
                     0);
    check_str(out.name, "bucket");
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
    ck_assert_int_eq(pail_call(f.client, &pail_s3_list_objects_v2_operation, &list_input, &out,
                               NULL, &error),
                     -ENOENT);
    ck_assert_str_eq(error.code, "NoSuchBucket");
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
    pail_client_free(f.client);
}
END_TEST

SUITE_MAIN("aws/call", tcase_add_test(tc, output); tcase_add_test(tc, request);
           tcase_add_test(tc, too_large_when_parsed);
           tcase_add_loop_test(tc, endpoint_with_a_base, 0, 4);
           tcase_add_test(tc, head_of_a_broken_document); tcase_add_test(tc, signed_request);
           tcase_add_test(tc, no_keys); tcase_add_test(tc, bad_input);
           tcase_add_test(tc, too_long); tcase_add_loop_test(tc, deadline, 0, 2);
           tcase_add_test(tc, deadline_before_the_retry);
           tcase_add_test(tc, counts_retries_made);
           tcase_add_loop_test(tc, cancel, 0, ARRAY_LEN(cancels));
           tcase_add_test(tc, cancel_too_late); tcase_add_test(tc, survives_want_of_memory);
           tcase_add_test(tc, waits));
