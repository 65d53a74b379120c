/* Whole calls, over sockets: the client as it is shipped against a peer that misbehaves. */
#include "base/cleanup.h"
#include "base/random.h"
#include "base/thread.h"
#include "peer/peer.h"
#include "unit/check.h"

#include <errno.h>
#include <pail/s3.h>
#include <semaphore.h>
#include <stdatomic.h>

#define OBJECT "GET /bucket/a/key"
#define SIZE   (1024 * 1024 + 77)
#define ETAG   "\"e1\""

struct world {
    struct peer *peer;
    struct pail_client *client;
};

/* The object, whole or a range of it. */
static void serve(void *user, const struct peer_request *request,
                  struct peer_response *response)
{
    const char *range = peer_request_header(request, "Range");
    unsigned long long first = 0, last = SIZE - 1;
    (void)user;
    peer_response_headers(response, "ETag: " ETAG);
    response->seed = 1;
    if (range && sscanf(range, "bytes=%llu-%llu", &first, &last) >= 1) {
        if (last > SIZE - 1)
            last = SIZE - 1;
        response->status = 206;
        peer_response_headers(response, "Content-Range: bytes %llu-%llu/%d", first, last, SIZE);
    }
    response->body_offset = first;
    response->body_len = last - first + 1;
}

static struct world world_new(const struct pail_config *with)
{
    struct world w = {.peer = peer_start()};
    struct pail_error error;
    struct pail_config config = *with;
    config.endpoint_url = peer_url(w.peer);
    config.region = "us-east-1";
    config.no_sign_request = !with->access_key_id;
    peer_set_handler(w.peer, serve, NULL);
    ck_assert_int_eq(pail_client_new(&config, &w.client, &error), 0);
    return w;
}

static void world_free(struct world *w)
{
    pail_client_free(w->client);
    peer_stop(w->peer);
}

static const struct pail_s3_get_object_input get_input = {.bucket = {"bucket", 6},
                                                          .key = {"a/key", 5}};

/* Reads the object whole. 0 if every byte is right, else what failed. */
static int read_object(struct world *w, const struct pail_call_options *options,
                       size_t *ret_size, struct pail_error *error)
{
    struct pail_s3_get_object_output out = {0};
    char *data = NULL;
    *error = (struct pail_error){0};
    int r =
        pail_call(w->client, &pail_s3_get_object_operation, &get_input, &out, options, error);
    if (r == 0)
        r = pail_body_read_all(out.body, 2 * SIZE, &data, ret_size, error);
    for (size_t i = 0; r == 0 && i < *ret_size; i++)
        if ((unsigned char)data[i] != peer_byte(1, i))
            ck_abort_msg("byte %zu is wrong", i);
    free(data);
    pail_output_free(&pail_s3_get_object_operation, &out);
    return r;
}

START_TEST(reads)
{
    struct world w = world_new(&(struct pail_config){.max_attempts = 1});
    struct pail_error error;
    struct pail_client_stats stats;
    size_t size = 0;
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(read_object(&w, NULL, &size, &error), 0);
        ck_assert_uint_eq(size, SIZE);
    }
    pail_client_get_stats(w.client, &stats);
    ck_assert_uint_eq(stats.requests, 3);
    ck_assert_uint_eq(stats.bytes_in, 3 * SIZE);
    ck_assert_uint_eq(stats.connections, 1);
    ck_assert_uint_eq(peer_connections(w.peer), 1);
    world_free(&w);
}
END_TEST

START_TEST(lists_signed)
{
    struct world w = world_new(
        &(struct pail_config){.access_key_id = "AKID", .secret_access_key = "secret"});
    static const struct pail_s3_list_objects_v2_input in = {.bucket = {"bucket", 6}};
    struct pail_s3_list_objects_v2_output out = {0};
    struct pail_error error;
    peer_on(w.peer, "GET /bucket",
            PEER_RESPONSE(.body = "<ListBucketResult><IsTruncated>false</IsTruncated>"
                                  "<Contents><Key>a%2Fb</Key><Size>7</Size>"
                                  "<LastModified>2026-01-01T00:00:00.000Z</LastModified>"
                                  "<ETag>&quot;e&quot;</ETag></Contents>"
                                  "<Name>bucket</Name><KeyCount>1</KeyCount>"
                                  "<EncodingType>url</EncodingType></ListBucketResult>"));
    int r = pail_call(w.client, &pail_s3_list_objects_v2_operation, &in, &out, NULL, &error);
    ck_assert_msg(r == 0, "%s", error.message);
    ck_assert_uint_eq(out.contents.count, 1);
    check_str(out.contents.items[0].key, "a/b");
    const struct peer_request *request =
        peer_request_at(w.peer, PEER_MATCH(.pattern = "GET /bucket"), 0);
    ck_assert_ptr_nonnull(strstr(peer_request_header(request, "Authorization"),
                                 "AWS4-HMAC-SHA256 Credential=AKID/"));
    ck_assert_str_eq(peer_request_header(request, "amz-sdk-request"), "attempt=1; max=3");
    ck_assert_str_eq(pail_client_credentials_source(w.client), "options");
    pail_output_free(&pail_s3_list_objects_v2_operation, &out);
    world_free(&w);
}
END_TEST

/* How a body breaks off, and what that is without resuming. */
static const struct {
    struct peer_response response;
    int kind, sys;
} breaks[] = {
    {{.over = true, .fault = {.end = PEER_END_CUT, .after = 100000}},
     PAIL_ERROR_INCOMPLETE_READ,
     EIO},
    {{.over = true, .fault = {.end = PEER_END_RESET, .after = 100000}},
     PAIL_ERROR_STREAMING,
     EIO},
    {{.over = true, .fault = {.end = PEER_END_STALL, .after = 100000}},
     PAIL_ERROR_READ_TIMEOUT,
     ETIMEDOUT},
    {{.over = true,
      .framing = PEER_CHUNKED,
      .fault = {.end = PEER_END_BAD_CHUNK, .after = 100000}},
     PAIL_ERROR_STREAMING,
     EIO},
    {{.over = true, .framing = PEER_CHUNKED, .fault = {.end = PEER_END_CUT, .after = 100000}},
     PAIL_ERROR_STREAMING,
     EIO},
};

static void break_bodies(struct world *w, int i, unsigned times)
{
    peer_rule_add(w->peer, &(struct peer_rule){.match = {.pattern = OBJECT},
                                               .responses = &breaks[i].response,
                                               .response_count = 1,
                                               .times = times});
}

START_TEST(breaks_off)
{
    struct world w = world_new(&(struct pail_config){.read_timeout_ms = 300});
    struct pail_error error;
    size_t size;
    break_bodies(&w, _i, 1);
    ck_assert_int_eq(read_object(&w, NULL, &size, &error), -breaks[_i].sys);
    ck_assert_msg(error.kind == breaks[_i].kind, "%d: %s", error.kind, error.message);
    ck_assert_uint_eq(error.attempts, 1);
    ck_assert_uint_eq(peer_count_of(w.peer, OBJECT), 1);
    world_free(&w);
}
END_TEST

START_TEST(resumes)
{
    struct world w = world_new(&(struct pail_config){.read_timeout_ms = 300});
    struct pail_error error;
    size_t size = 0;
    break_bodies(&w, _i, 4);
    int r = read_object(&w, &(struct pail_call_options){.resume = true}, &size, &error);
    ck_assert_msg(r == 0, "%s", error.message);
    ck_assert_uint_eq(size, SIZE);
    ck_assert_uint_eq(peer_count_of(w.peer, OBJECT), 5);
    const struct peer_request *last = peer_request_at(w.peer, PEER_MATCH(.pattern = OBJECT), 4);
    ck_assert_str_eq(peer_request_header(last, "If-Match"), ETAG);
    world_free(&w);
}
END_TEST

/* A server without any memory of what it sent. */
START_TEST(refuses_the_whole_again)
{
    struct world w = world_new(&(struct pail_config){.region = NULL});
    struct pail_error error;
    size_t size;
    peer_rule_add(w.peer,
                  &(struct peer_rule){
                      .match = {.pattern = OBJECT},
                      PEER_ANSWERS({.headers = "ETag: " ETAG,
                                    .body_len = SIZE,
                                    .seed = 1,
                                    .fault = {.end = PEER_END_CUT, .after = 5000}},
                                   {.headers = "ETag: " ETAG, .body_len = SIZE, .seed = 1})});
    ck_assert_int_eq(
        read_object(&w, &(struct pail_call_options){.resume = true}, &size, &error), -EPROTO);
    ck_assert_int_eq(error.kind, PAIL_ERROR_PARSE);
    world_free(&w);
}
END_TEST

START_TEST(nobody_there)
{
    struct world w = world_new(&(struct pail_config){.max_attempts = 2});
    struct pail_error error;
    size_t size;
    peer_listen(w.peer, false);
    ck_assert_int_eq(read_object(&w, NULL, &size, &error), -ECONNREFUSED);
    ck_assert_int_eq(error.kind, PAIL_ERROR_CONNECT);
    ck_assert_uint_eq(error.attempts, 2);
    ck_assert(error.retryable);
    world_free(&w);
}
END_TEST

START_TEST(deadline)
{
    struct world w = world_new(&(struct pail_config){.region = NULL});
    struct pail_error error;
    size_t size;
    break_bodies(&w, 2, 0);
    ck_assert_int_eq(
        read_object(&w, &(struct pail_call_options){.timeout_ms = 200}, &size, &error),
        -ETIMEDOUT);
    ck_assert_int_eq(error.kind, PAIL_ERROR_DEADLINE);
    world_free(&w);
}
END_TEST

/* ---- many threads ---- */

struct worker {
    pthread_t thread;
    struct pail_client *client;
    uint64_t seed;
    sem_t came;
    int status;
};

static void worker_done(struct pail_call *call, int status, const struct pail_error *error,
                        void *user)
{
    struct worker *worker = user;
    (void)call;
    (void)error;
    worker->status = status;
    sem_post(&worker->came);
}

static void *work(void *arg)
{
    struct worker *worker = arg;
    struct random random;
    static char data[8][4096]; /* by seed: what is read is of no interest */
    random_seed(&random, worker->seed);
    for (int i = 0; i < 40; i++) {
        struct pail_s3_get_object_output out = {0};
        struct pail_call *call;
        const struct pail_call_options options = {.resume = random_u64(&random) % 2};
        int r = pail_call_start(worker->client, &pail_s3_get_object_operation, &get_input, &out,
                                &options, worker_done, worker, &call, NULL);
        ck_assert_int_eq(r, 0);
        uint64_t way = random_u64(&random) % 3;
        if (way == 0)
            pail_call_cancel(call);
        while (sem_wait(&worker->came) < 0)
            continue;
        for (uint64_t left = random_u64(&random) % 4; worker->status == 0 && left > 0; left--)
            pail_body_read(out.body, data[worker->seed % 8], sizeof(data[0]), NULL);
        if (way == 1)
            pail_call_cancel(call);
        pail_call_release(call);
        pail_output_free(&pail_s3_get_object_operation, &out);
    }
    return NULL;
}

START_TEST(stands_many_threads)
{
    enum { WORKERS = 4 };
    struct world w = world_new(&(struct pail_config){.read_timeout_ms = 5000});
    struct worker workers[WORKERS];
    for (unsigned i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){.client = w.client, .seed = i};
        sem_init(&workers[i].came, 0, 0);
        ck_assert_int_eq(thread_start(&workers[i].thread, "worker", work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        pthread_join(workers[i].thread, NULL);
        sem_destroy(&workers[i].came);
    }
    world_free(&w);
}
END_TEST

/* Wherever a response says to go, by whatever status and field, nothing is sent there: neither
 * keys nor anything else. */
static const int redirects[] = {300, 301, 302, 303, 305, 307, 308};

START_TEST(keys_go_to_no_other_host)
{
    struct peer *other = peer_start();
    struct world w = world_new(&(struct pail_config){.access_key_id = "AKID",
                                                     .secret_access_key = "secret",
                                                     .session_token = "token",
                                                     .max_attempts = 2});
    char headers[512], body[512];
    /* The region is one that names the other host, if it is taken for more than a region. */
    (void)snprintf(
        headers, sizeof(headers),
        "Location: %s/bucket/a/key\nRefresh: 0; url=%s/\nAlt-Svc: h2=\"127.0.0.1:%u\"\n"
        "x-amz-bucket-region: 127.0.0.1:%u/",
        peer_url(other), peer_url(other), peer_port(other), peer_port(other));
    (void)snprintf(body, sizeof(body),
                   "<Error><Code>TemporaryRedirect</Code><Endpoint>127.0.0.1:%u</Endpoint>"
                   "<Bucket>bucket</Bucket></Error>",
                   peer_port(other));
    peer_on(w.peer, "* *",
            PEER_RESPONSE(.status = redirects[_i], .headers = headers, .body = body));
    struct pail_error error;
    size_t size;
    ck_assert_int_lt(read_object(&w, NULL, &size, &error), 0);
    ck_assert_int_eq(error.http_status, redirects[_i]);
    struct pail_s3_head_bucket_output out = {0};
    const struct pail_s3_head_bucket_input in = {.bucket = PAIL_STR("bucket")};
    ck_assert_int_lt(pail_s3_head_bucket(w.client, &in, &out, NULL, &error), 0);
    pail_output_free(&pail_s3_head_bucket_operation, &out);
    ck_assert_uint_gt(peer_count(w.peer, PEER_MATCH(.header = "Authorization")), 0);
    ck_assert_uint_eq(peer_connections(other), 0);
    world_free(&w);
    peer_stop(other);
}
END_TEST

SUITE_MAIN("aws/call_curl", tcase_add_test(tc, reads); tcase_add_test(tc, lists_signed);
           tcase_add_loop_test(tc, breaks_off, 0, ARRAY_LEN(breaks));
           tcase_add_loop_test(tc, resumes, 0, ARRAY_LEN(breaks));
           tcase_add_test(tc, refuses_the_whole_again); tcase_add_test(tc, nobody_there);
           tcase_add_loop_test(tc, keys_go_to_no_other_host, 0, ARRAY_LEN(redirects));
           tcase_add_test(tc, deadline); tcase_add_test(tc, stands_many_threads));
