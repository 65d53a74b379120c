/* Bodies as they flow: pausing, dropping, cancelling. */
#include "http/curl_exchange.h"
#include "unit/check.h"
#include "unit/http/curl_rig.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static struct fetch_clock fake;

/* ---- bodies that pause ---- */

static const enum peer_framing framings[] = {PEER_LENGTH, PEER_CHUNKED, PEER_CLOSE};

/* At every split of a small body, then the rest. */
START_TEST(pauses_at_every_byte)
{
    char body[41];
    peer_fill(3, 0, body, sizeof(body));
    peer_on(curl_peer, "GET /p",
            PEER_RESPONSE(.seed = 3, .body_len = sizeof(body), .framing = framings[_i],
                          .chunk = 7));
    for (size_t split = 0; split < sizeof(body); split++) {
        struct fetch f;
        curl_rig_begin(&f, "GET", "/p");
        f.take = split;
        fetch_start(&f);
        fetch_wait_pauses(&f, 1);
        ck_assert_uint_eq(f.body.len, split);
        fetch_resume(&f, 0);
        fetch_wait_pauses(&f, 2);
        fetch_resume(&f, SIZE_MAX);
        fetch_wait(&f);
        ck_assert_msg(f.result.kind == PAIL_ERROR_NONE, "%zu: %s", split, f.result.message);
        ck_assert(f.body.len == sizeof(body) && memcmp(f.body.data, body, sizeof(body)) == 0);
        ck_assert_uint_eq(f.result.body_bytes, sizeof(body));
        fetch_done(&f);
    }
}
END_TEST

START_TEST(pauses_in_a_large_body)
{
    size_t len = 3 * 1024 * 1024 + 11;
    peer_on(curl_peer, "GET /p",
            PEER_RESPONSE(.seed = 3, .body_len = len, .framing = framings[_i], .chunk = 50000));
    struct fetch f;
    curl_rig_begin(&f, "GET", "/p");
    f.take = 1;
    fetch_start(&f);
    unsigned pauses = 0;
    size_t expected = 1;
    while (expected < len) {
        fetch_wait_pauses(&f, ++pauses);
        ck_assert_uint_eq(f.body.len, expected);
        size_t step = 1 + (pauses * 7919U) % 70000;
        expected += step;
        fetch_resume(&f, step);
    }
    fetch_wait(&f);
    ck_assert_msg(f.result.kind == PAIL_ERROR_NONE, "%s", f.result.message);
    ck_assert_uint_eq(f.body.len, len);
    ck_assert(peer_check(3, 0, f.body.data, len, NULL));
    fetch_done(&f);
}
END_TEST

START_TEST(resumes_inside_the_body_callback)
{
    peer_on(curl_peer, "GET /p", PEER_RESPONSE(.seed = 3, .body_len = 40000));
    struct fetch f;
    curl_rig_begin(&f, "GET", "/p");
    f.resume_inside = true;
    fetch_start(&f);
    fetch_wait(&f);
    ck_assert(f.body.len == 40000 && peer_check(3, 0, f.body.data, 40000, NULL));
    fetch_done(&f);
}
END_TEST

/* What the kernel takes while nobody reads is bounded: the server is held back. */
START_TEST(a_pause_holds_the_server_back)
{
    peer_set_send_buffer(curl_peer, 64 * 1024);
    peer_on(curl_peer, "GET /p", PEER_RESPONSE(.seed = 3, .body_len = UINT64_C(1) << 30));
    struct fetch f;
    curl_rig_begin(&f, "GET", "/p");
    f.take = 100000;
    fetch_start(&f);
    fetch_wait_pauses(&f, 1);
    curl_rig_get("/other");
    ck_assert_uint_lt(peer_body_sent(curl_peer), 64 * 1024 * 1024);
    fetch_cancel(&f);
    ck_assert_uint_eq(f.ends, 0);
    fetch_done(&f);
}
END_TEST

/* ---- dropping ---- */

enum how { BY_CANCEL, BY_HEAD, BY_BODY };

static const struct {
    enum how how;
    struct peer_response response;
    size_t take; /* BY_CANCEL: once so much is there */
    bool reused; /* the connection is good for the next */
} drops[] = {
    {BY_CANCEL, {.body_len = 60000}, 10, true},
    {BY_CANCEL, {.body_len = 10000000}, 10, false},
    {BY_CANCEL, {.body_len = 60000, .framing = PEER_CHUNKED}, 10, false},
    {BY_CANCEL, {.body_len = 1000000}, 1000000 - 65536, true},
    {BY_HEAD, {.body_len = 60000}, 0, true},
    {BY_HEAD, {.body_len = 10000000}, 0, false},
    {BY_HEAD, {.body = "", .status = 204, .framing = PEER_BARE}, 0, true},
    {BY_BODY, {.body_len = 60000}, 0, true},
    {BY_BODY, {.body_len = 10000000}, 0, false},
    {BY_BODY, {.body_len = 10, .framing = PEER_CLAIM, .claim = 20}, 0, false},
};

START_TEST(drops_a_response)
{
    peer_on(curl_peer, "GET /d", &drops[_i].response);
    peer_on(curl_peer, "GET /next", PEER_RESPONSE(.body = "x"));
    /* One at a time: the next waits until the drain is over. */
    curl_rig_use((struct curl_options){.max_connections = 1});
    struct fetch f;
    curl_rig_begin(&f, "GET", "/d");
    if (drops[_i].how == BY_CANCEL) {
        f.take = drops[_i].take;
        fetch_start(&f);
        fetch_wait_pauses(&f, 1);
        fetch_cancel(&f);
    } else {
        f.head_returns = drops[_i].how == BY_HEAD ? -1 : 0;
        f.body_refuses = true;
        fetch_start(&f);
        fetch_wait(&f);
        ck_assert_int_eq(f.result.kind, PAIL_ERROR_CANCELLED);
        ck_assert_int_eq(f.result.sys, ECANCELED);
        ck_assert_uint_eq(f.body.len, 0);
    }
    curl_rig_get("/next");
    ck_assert_uint_eq(f.ends, drops[_i].how == BY_CANCEL ? 0 : 1);
    ck_assert_uint_eq(peer_connections(curl_peer), drops[_i].reused ? 1 : 2);
    fetch_done(&f);
}
END_TEST

START_TEST(cancels_before_the_head)
{
    peer_on(curl_peer, "GET /d",
            PEER_RESPONSE(.fault = {.end = PEER_END_STALL, .in_head = true}));
    curl_rig_use((struct curl_options){.max_connections = 1});
    struct fetch running, waiting;
    curl_rig_begin(&running, "GET", "/d");
    curl_rig_begin(&waiting, "GET", "/d");
    fetch_start(&running);
    ck_assert(peer_wait_stalled(curl_peer, 1, FETCH_WAIT_MS));
    fetch_start(&waiting);
    fetch_cancel(&waiting);
    fetch_cancel(&running);
    ck_assert(peer_wait_connections(curl_peer, 0, FETCH_WAIT_MS));
    ck_assert(running.ends == 0 && waiting.ends == 0);
    ck_assert_uint_eq(peer_count(curl_peer, NULL), 1);
    fetch_done(&running);
    fetch_done(&waiting);
}
END_TEST

/* A drain that gets nowhere is given up after DRAIN_MS. */
START_TEST(gives_up_a_drain)
{
    fetch_clock_init(&fake);
    curl_rig_use((struct curl_options){.clock = &fake.clock});
    peer_on(curl_peer, "GET /d",
            PEER_RESPONSE(.body_len = 1000, .fault = {.end = PEER_END_STALL, .after = 500}));
    struct fetch f;
    curl_rig_begin(&f, "GET", "/d");
    fetch_start(&f);
    fetch_wait_body(&f, 500);
    fetch_cancel(&f);
    fetch_clock_advance(&fake, transport, DRAIN_MS - 1);
    ck_assert_uint_eq(peer_open_connections(curl_peer), 1);
    fetch_clock_advance(&fake, transport, 1);
    ck_assert(peer_wait_connections(curl_peer, 0, FETCH_WAIT_MS));
    fetch_done(&f);
}
END_TEST

SUITE_MAIN("http/curl_flow", tcase_add_checked_fixture(tc, curl_rig_setup, curl_rig_teardown);
           tcase_add_loop_test(tc, pauses_at_every_byte, 0, (int)ARRAY_LEN(framings));
           tcase_add_loop_test(tc, pauses_in_a_large_body, 0, (int)ARRAY_LEN(framings));
           tcase_add_test(tc, resumes_inside_the_body_callback);
           tcase_add_test(tc, a_pause_holds_the_server_back);
           tcase_add_loop_test(tc, drops_a_response, 0, (int)ARRAY_LEN(drops));
           tcase_add_test(tc, cancels_before_the_head); tcase_add_test(tc, gives_up_a_drain));
