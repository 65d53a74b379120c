#include "aws/call.h"
#include "unit/aws/call_fixture.h"

#define REGION_XML(code, region)                                                               \
    "<Error><Code>" code "</Code><Message>m</Message><Region>" region "</Region></Error>"

/* AWS's own hosts. */
static struct fixture fixture_aws(void)
{
    return fixture_new(&(struct pail_config){.region = "us-east-1", .no_sign_request = true});
}

static struct outcome head_once(struct fixture *f, const struct pail_operation *operation,
                                const void *in)
{
    struct outcome outcome = {.t = f->t};
    struct pail_s3_head_object_output out = {0};
    struct pail_s3_head_bucket_output bucket = {0};
    void *any = operation == &pail_s3_head_object_operation ? (void *)&out : (void *)&bucket;
    ck_assert_int_eq(pail_call_start(f->client, operation, in, any, NULL, outcome_done,
                                     &outcome, NULL, NULL),
                     0);
    fixture_wait(f, &outcome);
    pail_output_free(operation, any);
    return outcome;
}

static bool went_to(struct fixture *f, size_t i, const char *host)
{
    char start[128];
    snprintf(start, sizeof(start), "https://%s/", host);
    return str_starts(buf_str(&scripted_request(f->t, i)->url), str_c(start));
}

#define WEST "bucket.s3.us-west-2.amazonaws.com"

/* The region is in the answer. */
static const struct scripted_response told[] = {
    {.status = 301,
     .headers = "x-amz-bucket-region: us-west-2\n",
     .body = ERROR_XML("PermanentRedirect")},
    {.status = 301, .headers = "x-amz-bucket-region: us-west-2\n"},
    {.status = 302, .headers = "x-amz-bucket-region: us-west-2\n"},
    {.status = 307,
     .headers = "x-amz-bucket-region: us-west-2\nLocation: https://evil.test/\n",
     .body = ERROR_XML("TemporaryRedirect")},
    {.status = 400,
     .headers = "x-amz-bucket-region: us-west-2\n",
     .body = ERROR_XML("PermanentRedirect")},
    {.status = 400, .body = REGION_XML("AuthorizationHeaderMalformed", "us-west-2")},
    {.status = 400,
     .headers = "x-amz-bucket-region: us-west-2\n",
     .body = ERROR_XML("IllegalLocationConstraintException")},
};

START_TEST(follows)
{
    struct fixture f = fixture_aws();
    struct pail_s3_list_objects_v2_output out;
    scripted_respond(f.t, &told[_i]);
    scripted_respond(f.t, &(struct scripted_response){.status = 500});
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = LIST_XML});
    struct outcome outcome =
        list_once(&f, &(struct pail_call_options){.max_attempts = 2}, &out);
    ck_assert_int_eq(outcome.status, 0);
    ck_assert_uint_eq(out.response.retry_attempts, 2);
    ck_assert(went_to(&f, 1, WEST));
    ck_assert(went_to(&f, 2, WEST));
    ck_assert_int_eq(scripted_request(f.t, 1)->started_ns, SCRIPTED_START_NS);
    ck_assert_str_eq(request_header(&f, 1, "amz-sdk-request"), "attempt=1; max=2");
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
    /* The next call goes there at once. */
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = LIST_XML});
    list_once(&f, NULL, NULL);
    ck_assert(went_to(&f, 3, WEST));
    fixture_free(&f);
}
END_TEST

START_TEST(follows_once)
{
    struct fixture f = fixture_aws();
    scripted_respond(f.t, &told[0]);
    scripted_respond(f.t,
                     &(struct scripted_response){.status = 301,
                                                 .headers = "x-amz-bucket-region: eu-west-1\n",
                                                 .body = ERROR_XML("PermanentRedirect")});
    struct outcome outcome = list_once(&f, NULL, NULL);
    ck_assert_int_eq(outcome.status, -ENXIO);
    ck_assert_str_eq(outcome.error.code, "PermanentRedirect");
    ck_assert_uint_eq(outcome.error.attempts, 2);
    fixture_free(&f);
}
END_TEST

/* Streams and resumed streams too. */
START_TEST(follows_streams)
{
    struct fixture f = fixture_aws();
    struct sink sink;
    sink_init(&sink, &f, 1, 64);
    scripted_respond(f.t, &told[_i]);
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = "hello"});
    sink_start(&sink, &f, &get_input, NULL);
    fixture_wait(&f, &sink.outcome);
    ck_assert_int_eq(sink.outcome.status, 0);
    check_str(buf_str(&sink.got), "hello");
    ck_assert(went_to(&f, 1, WEST));
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

/* The region is asked for. */
static const struct scripted_response probes[] = {
    {.status = 200, .headers = "x-amz-bucket-region: us-west-2\n"},
    {.status = 403, .headers = "x-amz-bucket-region: us-west-2\n"},
    {.status = 301, .headers = "x-amz-bucket-region: us-west-2\n"},
};

START_TEST(asks_for_the_region)
{
    struct fixture f = fixture_new(&(struct pail_config){.region = "us-east-1"});
    scripted_respond(f.t, &(struct scripted_response){.status = 301,
                                                      .body = ERROR_XML("PermanentRedirect")});
    scripted_respond(f.t, &probes[_i]);
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = LIST_XML});
    struct pail_s3_list_objects_v2_output out;
    struct outcome outcome = list_once(&f, NULL, &out);
    ck_assert_int_eq(outcome.status, 0);
    ck_assert_uint_eq(out.response.retry_attempts, 1);
    ck_assert_str_eq(scripted_request(f.t, 1)->method, "HEAD");
    ck_assert_ptr_nonnull(
        strstr(request_header(&f, 1, "Authorization"), "/us-east-1/s3/aws4_request"));
    ck_assert(went_to(&f, 2, WEST));
    ck_assert_ptr_nonnull(
        strstr(request_header(&f, 2, "Authorization"), "/us-west-2/s3/aws4_request"));
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
    fixture_free(&f);
}
END_TEST

/* Nobody knows: the first failure stands. */
static const struct scripted_response silent_probes[] = {
    {.status = 404},
    {.kind = PAIL_ERROR_CONNECT},
    {.status = 403, .headers = "x-amz-bucket-region: us-east-1\n"},
};

START_TEST(learns_nothing)
{
    struct fixture f = fixture_aws();
    scripted_respond(f.t, &(struct scripted_response){.status = 301,
                                                      .headers = "x-amz-request-id: r1\n",
                                                      .body = ERROR_XML("PermanentRedirect")});
    scripted_respond(f.t, &silent_probes[_i]);
    struct outcome outcome = list_once(&f, NULL, NULL);
    ck_assert_int_eq(outcome.status, -ENXIO);
    ck_assert_int_eq(outcome.error.kind, PAIL_ERROR_CLIENT);
    ck_assert_str_eq(outcome.error.code, "PermanentRedirect");
    ck_assert_str_eq(outcome.error.request_id, "r1");
    ck_assert_int_eq(outcome.error.http_status, 301);
    ck_assert_uint_eq(outcome.error.attempts, 1);
    ck_assert_uint_eq(scripted_request_count(f.t), 2);
    fixture_free(&f);
}
END_TEST

static const char *const bad_regions[] = {
    "evil.test/",
    "us-west-2.evil",
    "12345",
    "a@b",
    "-x",
    "a-region-of-sixty-four-letters-and-not-of-sixty-three-as-may-be-",
    "a-region-of-sixty-four-letters-and-not-of-sixty-three-as-may-be-a-hundred-are-too-many-"
    "too",
};

START_TEST(refuses_what_is_no_region)
{
    struct fixture f = fixture_aws();
    char headers[128];
    snprintf(headers, sizeof(headers), "x-amz-bucket-region: %s\n", bad_regions[_i]);
    scripted_respond(f.t, &(struct scripted_response){.status = 301,
                                                      .headers = headers,
                                                      .body = ERROR_XML("PermanentRedirect")});
    struct outcome outcome = list_once(&f, NULL, NULL);
    ck_assert_int_eq(outcome.status, -ENXIO);
    ck_assert_int_eq(outcome.error.kind, PAIL_ERROR_REDIRECT);
    ck_assert_str_eq(outcome.error.code, "PermanentRedirect");
    ck_assert_uint_eq(scripted_request_count(f.t), 1);
    fixture_free(&f);
}
END_TEST

/* Answers to HEAD have no body to explain them. */
START_TEST(head_object)
{
    struct fixture f = fixture_aws();
    scripted_respond(f.t, &(struct scripted_response){.status = _i ? 400 : 301});
    scripted_respond(f.t, &probes[0]);
    scripted_respond(f.t, &(struct scripted_response){.status = 200});
    struct outcome outcome = head_once(&f, &pail_s3_head_object_operation, &head_input);
    ck_assert_int_eq(outcome.status, 0);
    ck_assert(went_to(&f, 2, WEST));
    fixture_free(&f);
}
END_TEST

START_TEST(head_bucket)
{
    static const struct pail_s3_head_bucket_input in = {.bucket = {"bucket", 6}};
    struct fixture f = fixture_aws();
    /* A bad request is no redirect unless it names a region. */
    scripted_respond(f.t, &(struct scripted_response){.status = 400});
    struct outcome outcome = head_once(&f, &pail_s3_head_bucket_operation, &in);
    ck_assert_int_eq(outcome.status, -EINVAL);
    ck_assert_uint_eq(scripted_request_count(f.t), 1);
    scripted_respond(f.t, &(struct scripted_response){
                              .status = 400, .headers = "x-amz-bucket-region: us-west-2\n"});
    scripted_respond(f.t, &(struct scripted_response){.status = 200});
    outcome = head_once(&f, &pail_s3_head_bucket_operation, &in);
    ck_assert_int_eq(outcome.status, 0);
    ck_assert(went_to(&f, 2, WEST));
    fixture_free(&f);
}
END_TEST

/* A custom endpoint stays; only the signature moves. */
START_TEST(custom_endpoint)
{
    struct fixture f = fixture_new(
        &(struct pail_config){.endpoint_url = "http://s3.test", .region = "us-east-1"});
    scripted_respond(f.t, &told[0]);
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = LIST_XML});
    struct outcome outcome = list_once(&f, NULL, NULL);
    ck_assert_int_eq(outcome.status, 0);
    ck_assert(str_starts(buf_str(&scripted_request(f.t, 1)->url),
                         PAIL_STR("http://s3.test/bucket?")));
    ck_assert_ptr_nonnull(strstr(request_header(&f, 1, "Authorization"), "/us-west-2/s3/"));
    fixture_free(&f);
}
END_TEST

SUITE_MAIN("aws/call_redirect", tcase_add_loop_test(tc, follows, 0, ARRAY_LEN(told));
           tcase_add_test(tc, follows_once);
           tcase_add_loop_test(tc, follows_streams, 0, ARRAY_LEN(told));
           tcase_add_loop_test(tc, asks_for_the_region, 0, ARRAY_LEN(probes));
           tcase_add_loop_test(tc, learns_nothing, 0, ARRAY_LEN(silent_probes));
           tcase_add_loop_test(tc, refuses_what_is_no_region, 0, ARRAY_LEN(bad_regions));
           tcase_add_loop_test(tc, head_object, 0, 2); tcase_add_test(tc, head_bucket);
           tcase_add_test(tc, custom_endpoint));
