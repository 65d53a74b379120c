/* pail_copy over a client and the fake S3. */
#include "unit/check.h"

#include "base/buf.h"
#include "cli/pail_copy.h"
#include "peer/s3.h"

#include <errno.h>
#include <pail/client.h>
#include <stdlib.h>

#define PART ((uint64_t)64 * 1024)
#define SEED 7

static struct peer_s3 *s3;
static struct peer *peer;
static struct pail_client *client;
static char etag[64];

static struct {
    uint64_t taken;
    uint64_t stop_at; /* take fails when so many have been taken; 0: never */
    bool right;       /* what came is the object's content */
} sink;

static void setup(void)
{
    setenv("AWS_ACCESS_KEY_ID", "AKIATEST", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    setenv("AWS_CONFIG_FILE", "/nonexistent", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", 1);
    s3 = peer_s3_start();
    peer = peer_s3_peer(s3);
    peer_s3_bucket(s3, "bkt");
    struct pail_error error;
    struct pail_config config = {.endpoint_url = peer_s3_url(s3), .max_connections = 32};
    ck_assert_int_eq(pail_client_new(&config, &client, &error), 0);
    sink.taken = sink.stop_at = 0;
    sink.right = true;
}

static void teardown(void)
{
    pail_client_free(client);
    peer_s3_stop(s3);
}

static void put(uint64_t size)
{
    peer_s3_put_generated(s3, "bkt", "k", size, SEED);
    peer_s3_etag(s3, "bkt", "k", etag);
}

static int take(void *user, const void *data, size_t len)
{
    (void)user;
    sink.right = sink.right && peer_check(SEED, sink.taken, data, len, NULL);
    sink.taken += len;
    return sink.stop_at > 0 && sink.taken >= sink.stop_at ? -ENOSPC : 0;
}

static int copy(uint64_t size, unsigned parallel, struct pail_error *error)
{
    const struct pail_copy copy = {
        .client = client,
        .bucket = PAIL_STR("bkt"),
        .key = PAIL_STR("k"),
        .etag = str_c(etag),
        .size = size,
        .part_size = PART,
        .parallel = parallel,
        .take = take,
    };
    return pail_copy(&copy, error);
}

static const uint64_t sizes[] = {0,        1,        PART - 1,  PART,          PART + 1,
                                 2 * PART, 7 * PART, 50 * PART, 50 * PART + 17};

START_TEST(every_byte_comes_in_order)
{
    struct pail_error error;
    uint64_t size = sizes[_i];
    put(size);
    for (unsigned parallel = 1; parallel <= 9; parallel += 4) {
        sink.taken = 0;
        peer_clear(peer);
        ck_assert_int_eq(copy(size, parallel, &error), 0);
        ck_assert_uint_eq(sink.taken, size);
        ck_assert(sink.right);
        ck_assert_uint_eq(peer_count(peer, NULL), (size + PART - 1) / PART);
        ck_assert_uint_eq(peer_count(peer, PEER_MATCH(.header = "If-Match")),
                          peer_count(peer, NULL));
    }
}
END_TEST

/* Parts that come in another order than they were asked for. */
START_TEST(a_slow_part_holds_up_no_more_than_it_must)
{
    struct pail_error error;
    put(20 * PART);
    peer_rule_add(
        peer, &(struct peer_rule){.match = {.header = "Range", .header_value = "bytes=0-65535"},
                                  PEER_ANSWERS({.over = true, .fault = {.delay_ms = 300}})});
    ck_assert_int_eq(copy(20 * PART, 4, &error), 0);
    ck_assert_uint_eq(sink.taken, 20 * PART);
    ck_assert(sink.right);
}
END_TEST

START_TEST(what_breaks_off_goes_on)
{
    struct pail_error error;
    put(20 * PART);
    peer_rule_add(
        peer, &(struct peer_rule){
                  .match = {.pattern = "GET /bkt/k"},
                  .times = 4,
                  PEER_ANSWERS({.over = true, .fault = {.end = PEER_END_CUT, .after = 1000}},
                               {.over = true, .fault = {.end = PEER_END_RESET, .after = 50000}},
                               PEER_S3_ERROR(503, "SlowDown"))});
    ck_assert_int_eq(copy(20 * PART, 4, &error), 0);
    ck_assert_uint_eq(sink.taken, 20 * PART);
    ck_assert(sink.right);
    ck_assert_uint_gt(peer_count(peer, NULL), 20);
}
END_TEST

static const struct {
    const char *what;
    struct peer_response answer;
    int r, kind, http_status;
} failures[] = {
    {"gone", PEER_S3_ERROR(404, "NoSuchKey"), -ENOENT, PAIL_ERROR_CLIENT, 404},
    {"denied", PEER_S3_ERROR(403, "AccessDenied"), -EACCES, PAIL_ERROR_CLIENT, 403},
    {"changed", PEER_S3_ERROR(412, "PreconditionFailed"), -ESTALE, PAIL_ERROR_CLIENT, 412},
    {"whole instead of a part", {.body = "short"}, -EPROTO, PAIL_ERROR_PARSE, 200},
    {"another part",
     {.over = true, .headers = "Content-Range: bytes 0-9/1000"},
     -EPROTO,
     PAIL_ERROR_PARSE,
     206},
};

/* The seventh request fails for good, the others are under way. */
START_TEST(one_failure_is_that_of_the_copy)
{
    struct pail_error error;
    put(20 * PART);
    peer_rule_add(peer, &(struct peer_rule){.match = {.pattern = "GET /bkt/k"},
                                            .skip = 6,
                                            .responses = &failures[_i].answer,
                                            .response_count = 1});
    ck_assert_int_eq(copy(20 * PART, 4, &error), failures[_i].r);
    ck_assert_int_eq(error.sys, -failures[_i].r);
    ck_assert_int_eq(error.kind, failures[_i].kind);
    ck_assert_int_eq(error.http_status, failures[_i].http_status);
    ck_assert(sink.right);
    ck_assert_uint_lt(sink.taken, 20 * PART);
}
END_TEST

START_TEST(the_taker_may_fail)
{
    struct pail_error error;
    put(50 * PART);
    sink.stop_at = 3 * PART;
    ck_assert_int_eq(copy(50 * PART, 4, &error), -ENOSPC);
    ck_assert_int_eq(error.sys, 0);
    ck_assert_uint_eq(sink.taken, 3 * PART);
    ck_assert_uint_le(peer_count(peer, NULL), 3 + 4 + PAIL_COPY_SPARE);
}
END_TEST

/* Others stall for ever while one fails. */
START_TEST(a_failure_ends_what_stalls)
{
    struct pail_error error;
    put(20 * PART);
    peer_on(peer, "GET /bkt/k",
            PEER_RESPONSE(.over = true, .fault = {.end = PEER_END_STALL, .after = 100}));
    peer_rule_add(peer, &(struct peer_rule){
                            .match = {.header = "Range", .header_value = "bytes=65536-131071"},
                            PEER_ANSWERS(PEER_S3_ERROR(403, "AccessDenied"))});
    ck_assert_int_eq(copy(20 * PART, 4, &error), -EACCES);
    ck_assert(peer_wait_ended(peer, NULL, peer_count(peer, NULL), 10000));
}
END_TEST

static int copy_alone(uint64_t size)
{
    struct pail_error error;
    return copy(size, 3, &error);
}

START_TEST(survives_every_failure_of_memory)
{
    put(5 * PART);
    int r = -ENOMEM;
    for (long n = 0; r != 0 && n < 5000; n++) {
        sink.taken = 0;
        alloc_fail_after(n);
        r = copy_alone(5 * PART);
        alloc_fail_after(-1);
        ck_assert_msg(r == 0 || r == -ENOMEM, "%ld: %d", n, r);
        ck_assert(sink.right);
    }
    ck_assert_int_eq(r, 0);
    ck_assert_uint_eq(sink.taken, 5 * PART);
}
END_TEST

SUITE_MAIN("cli/pail_copy", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_loop_test(tc, every_byte_comes_in_order, 0, (int)ARRAY_LEN(sizes));
           tcase_add_test(tc, a_slow_part_holds_up_no_more_than_it_must);
           tcase_add_test(tc, what_breaks_off_goes_on);
           tcase_add_loop_test(tc, one_failure_is_that_of_the_copy, 0,
                               (int)ARRAY_LEN(failures));
           tcase_add_test(tc, the_taker_may_fail);
           tcase_add_test(tc, a_failure_ends_what_stalls);
           tcase_add_test(tc, survives_every_failure_of_memory));
