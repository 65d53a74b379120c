/* Bodies over sockets, read in every way, from a peer that misbehaves. */
#include "peer/peer.h"
#include "unit/aws/body_fixture.h"

#include <pail/s3.h>
#include <pthread.h>

#define OBJECT "GET /bucket/key"
#define TEXT   "one\ntwo\nthree\n"
#define LEN    (sizeof(TEXT) - 1)

struct world {
    struct peer *peer;
    struct pail_client *client;
};

static struct world world_new(void)
{
    struct world w = {.peer = peer_start()};
    const struct pail_config config = {.endpoint_url = peer_url(w.peer),
                                       .region = "us-east-1",
                                       .no_sign_request = true,
                                       .max_attempts = 1};
    struct pail_error error;
    ck_assert_int_eq(pail_client_new(&config, &w.client, &error), 0);
    return w;
}

static void world_free(struct world *w)
{
    pail_client_free(w->client);
    peer_stop(w->peer);
}

static struct pail_body *open_body(struct world *w, const struct peer_response *response,
                                   int64_t read_timeout_ms)
{
    static const struct pail_s3_get_object_input in = {.bucket = {"bucket", 6},
                                                       .key = {"key", 3}};
    struct pail_s3_get_object_output out = {0};
    struct pail_error error;
    peer_on(w->peer, OBJECT, response);
    int r = pail_call(w->client, &pail_s3_get_object_operation, &in, &out,
                      &(struct pail_call_options){.read_timeout_ms = read_timeout_ms}, &error);
    ck_assert_msg(r == 0, "%s", error.message);
    struct pail_body *body = pail_body_take(&out.body);
    pail_output_free(&pail_s3_get_object_operation, &out);
    return body;
}

/* ---- every way to read ---- */

static int by_read_all(struct pail_body *body, struct buf *ret, struct pail_error *error)
{
    CLEANUP(heap) char *all = NULL;
    size_t size = 0;
    int r = pail_body_read_all(body, SIZE_MAX, &all, &size, error);
    buf_add(ret, all, r == 0 ? size : 0);
    return r;
}

static int by_read(struct pail_body *body, size_t size, struct buf *ret,
                   struct pail_error *error)
{
    char data[64];
    ssize_t n;
    while ((n = pail_body_read(body, data, size, error)) > 0)
        buf_add(ret, data, (size_t)n);
    return (int)n;
}

static int by_small_reads(struct pail_body *body, struct buf *ret, struct pail_error *error)
{
    return by_read(body, 3, ret, error);
}

static int by_large_reads(struct pail_body *body, struct buf *ret, struct pail_error *error)
{
    return by_read(body, 64, ret, error);
}

static int by_chunks(struct pail_body *body, struct buf *ret, struct pail_error *error)
{
    PAIL_CLEANUP(pail_chunks) struct pail_chunks *chunks = NULL;
    struct pail_str chunk;
    int r = pail_body_chunks(body, PAIL_CHUNK_AUTO, &chunks, error);
    while (r == 0 && (r = pail_chunks_next(chunks, &chunk, error)) > 0) {
        buf_add_str(ret, chunk);
        r = 0;
    }
    return r;
}

static int by_lines(struct pail_body *body, struct buf *ret, struct pail_error *error)
{
    PAIL_CLEANUP(pail_lines) struct pail_lines *lines = NULL;
    const struct pail_lines_options options = {.keep_ends = true};
    struct pail_str line;
    int r = pail_body_lines(body, &options, &lines, error);
    while (r == 0 && (r = pail_lines_next(lines, &line, error)) > 0) {
        buf_add_str(ret, line);
        r = 0;
    }
    return r;
}

static int by_readline(struct pail_body *body, struct buf *ret, struct pail_error *error)
{
    struct pail_str line;
    int r;
    while ((r = pail_body_readline(body, 0, &line, error)) > 0)
        buf_add_str(ret, line);
    return r;
}

static int by_readlines(struct pail_body *body, struct buf *ret, struct pail_error *error)
{
    CLEANUP(heap) struct pail_str_list *lines = NULL;
    int r = pail_body_readlines(body, SIZE_MAX, &lines, error);
    for (size_t i = 0; r == 0 && i < lines->count; i++)
        buf_add_str(ret, lines->items[i]);
    return r;
}

/* What each hands over of the first `half` bytes that came ("one\ntwo\nth"). */
static const struct {
    int (*read)(struct pail_body *body, struct buf *ret, struct pail_error *error);
    const char *half;
} ways[] = {
    {by_read_all, ""},
    {by_small_reads, "one\ntwo\nth"},
    {by_large_reads, "one\ntwo\nth"},
    {by_chunks, "one\ntwo\nth"},
    {by_lines, "one\ntwo\n"},
    {by_readline, "one\ntwo\n"},
    {by_readlines, ""},
};

/* ---- and every way to fail ---- */

#define WHOLE .body = TEXT, .body_len = LEN

static const struct {
    struct peer_response response;
    int kind, sys; /* 0: the body is whole */
    uint64_t expected, actual;
    bool racy; /* what came before may be lost */
} answers[] = {
    {{WHOLE}, 0, 0, 0, 0, false},
    {{WHOLE, .framing = PEER_CHUNKED, .chunk = 4}, 0, 0, 0, 0, false},
    {{WHOLE, .framing = PEER_CLOSE}, 0, 0, 0, 0, false},
    {{WHOLE, .fault = {.piece = 1}}, 0, 0, 0, 0, false},
    {{WHOLE, .headers = "Connection: close", .fault = {.excess = 5}}, 0, 0, 0, 0, false},
    {{WHOLE, .fault = {.end = PEER_END_CUT, .after = 10}},
     PAIL_ERROR_INCOMPLETE_READ,
     EIO,
     LEN,
     10,
     false},
    {{.body = "one\ntwo\nth", .framing = PEER_CLAIM, .claim = 20},
     PAIL_ERROR_INCOMPLETE_READ,
     EIO,
     20,
     10,
     false},
    {{WHOLE, .fault = {.end = PEER_END_RESET, .after = 10}},
     PAIL_ERROR_STREAMING,
     EIO,
     0,
     0,
     true},
    {{WHOLE, .framing = PEER_CHUNKED, .fault = {.end = PEER_END_CUT, .after = 10}},
     PAIL_ERROR_STREAMING,
     EIO,
     0,
     0,
     false},
    {{WHOLE, .framing = PEER_CHUNKED, .fault = {.end = PEER_END_BAD_CHUNK, .after = 10}},
     PAIL_ERROR_STREAMING,
     EIO,
     0,
     0,
     true},
    {{WHOLE, .fault = {.end = PEER_END_STALL, .after = 10}},
     PAIL_ERROR_READ_TIMEOUT,
     ETIMEDOUT,
     0,
     0,
     false},
    {{WHOLE, .framing = PEER_CHUNKED, .fault = {.end = PEER_END_STALL, .after = 10}},
     PAIL_ERROR_READ_TIMEOUT,
     ETIMEDOUT,
     0,
     0,
     false},
    {{WHOLE, .headers = "x-amz-checksum-crc32: AAAAAA=="},
     PAIL_ERROR_CHECKSUM,
     EBADMSG,
     0,
     0,
     true},
};

START_TEST(reads_any_answer_in_any_way)
{
    struct world w = world_new();
    for (size_t way = 0; way < ARRAY_LEN(ways); way++) {
        PAIL_CLEANUP(pail_body)
        struct pail_body *body = open_body(&w, &answers[_i].response, 60);
        CLEANUP_DONE(buf) struct buf got;
        struct pail_error error = {0};
        buf_init(&got, SIZE_MAX);
        ck_assert_int_eq(ways[way].read(body, &got, &error), -answers[_i].sys);
        ck_assert_int_eq(error.kind, answers[_i].kind);
        ck_assert_int_eq(error.sys, answers[_i].sys);
        if (answers[_i].kind == PAIL_ERROR_INCOMPLETE_READ) {
            ck_assert_uint_eq(error.expected_bytes, answers[_i].expected);
            ck_assert_uint_eq(error.actual_bytes, answers[_i].actual);
        }
        if (answers[_i].kind)
            ck_assert_str_eq(error.operation, "GetObject");
        if (!answers[_i].racy)
            ck_assert_str_eq(buf_c(&got), answers[_i].kind ? ways[way].half : TEXT);
        ck_assert_int_eq(ways[way].read(body, &got, NULL), -answers[_i].sys);
    }
    world_free(&w);
}
END_TEST

/* ---- as it arrives ---- */

/* A line is handed over when it is there, not when a buffer is full. */
START_TEST(does_not_wait_for_more)
{
    struct world w = world_new();
    PAIL_CLEANUP(pail_body)
    struct pail_body *body =
        open_body(&w,
                  PEER_RESPONSE(WHOLE, .framing = _i ? PEER_CHUNKED : PEER_LENGTH,
                                .fault = {.end = PEER_END_STALL, .after = 10}),
                  -1);
    PAIL_CLEANUP(pail_lines) struct pail_lines *lines = NULL;
    struct pail_str line;
    char data[8];
    ck_assert(peer_wait_stalled(w.peer, 1, 10000));
    ck_assert_int_eq(pail_body_lines(body, NULL, &lines, NULL), 0);
    ck_assert_int_eq(pail_lines_next(lines, &line, NULL), 1);
    check_str(line, "one");
    ck_assert_int_eq(pail_body_readline(body, 0, &line, NULL), 1);
    check_str(line, "two\n");
    ck_assert_int_eq(pail_body_read(body, data, 2, NULL), 2);
    check_str(str_of(data, 2), "th");
    peer_release(w.peer);
    ck_assert_int_eq(pail_lines_next(lines, &line, NULL), 1);
    check_str(line, "ree");
    ck_assert_int_eq(pail_lines_next(lines, &line, NULL), 0);
    world_free(&w);
}
END_TEST

/* A reader that pauses stops the sender: what it sends fits the buffers on the way. */
START_TEST(pausing_stops_the_socket)
{
    enum { SIZE = 64 * 1024 * 1024, ON_THE_WAY = 16 * 1024 * 1024 };
    struct world w = world_new();
    peer_set_send_buffer(w.peer, 64 * 1024);
    PAIL_CLEANUP(pail_body)
    struct pail_body *body = open_body(&w, PEER_RESPONSE(.body_len = SIZE, .seed = 3), -1);
    char byte;
    for (uint64_t i = 0; i < 100; i++) {
        ck_assert_int_eq(pail_body_read(body, &byte, 1, NULL), 1);
        ck_assert_uint_eq((unsigned char)byte, peer_byte(3, i));
    }
    ck_assert_uint_eq(pail_body_tell(body), 100);
    ck_assert_uint_lt(peer_body_sent(w.peer), ON_THE_WAY);
    char *rest = NULL;
    size_t size = 0;
    ck_assert_int_eq(pail_body_read_all(body, SIZE, &rest, &size, NULL), 0);
    ck_assert_uint_eq(size, SIZE - 100);
    ck_assert(peer_check(3, 100, rest, size, NULL));
    free(rest);
    world_free(&w);
}
END_TEST

START_TEST(timeout_can_be_set)
{
    struct world w = world_new();
    PAIL_CLEANUP(pail_body)
    struct pail_body *body =
        open_body(&w, PEER_RESPONSE(WHOLE, .fault = {.end = PEER_END_STALL, .after = 5}), -1);
    struct pail_error error;
    char data[LEN];
    pail_body_set_read_timeout(body, 30);
    ck_assert_int_eq(pail_body_read(body, data, LEN, &error), 5);
    ck_assert_int_eq(pail_body_read(body, data, LEN, &error), -ETIMEDOUT);
    ck_assert_int_eq(error.kind, PAIL_ERROR_READ_TIMEOUT);
    world_free(&w);
}
END_TEST

/* ---- closing ---- */

static void *close_it(void *body)
{
    pail_body_close(body);
    return NULL;
}

START_TEST(closing_ends_a_read)
{
    struct world w = world_new();
    PAIL_CLEANUP(pail_body)
    struct pail_body *body =
        open_body(&w, PEER_RESPONSE(WHOLE, .fault = {.end = PEER_END_STALL, .after = 5}), -1);
    struct pail_error error;
    pthread_t thread;
    char data[LEN];
    ck_assert_int_eq(pail_body_read(body, data, 5, NULL), 5);
    ck_assert_int_eq(pthread_create(&thread, NULL, close_it, body), 0);
    ck_assert_int_eq(pail_body_read(body, data, LEN, &error), -ECANCELED);
    ck_assert_int_eq(error.kind, PAIL_ERROR_CANCELLED);
    pthread_join(thread, NULL);
    pail_body_close(body);
    ck_assert(peer_wait_ended(w.peer, PEER_MATCH(.pattern = OBJECT), 1, 10000));
    world_free(&w);
}
END_TEST

/* The client may go first: what is open can be closed and freed, closed or not. */
START_TEST(outlives_the_client)
{
    struct world w = world_new();
    struct pail_body *body =
        open_body(&w, PEER_RESPONSE(WHOLE, .fault = {.end = PEER_END_STALL, .after = 5}), -1);
    char data[LEN];
    if (_i > 0)
        ck_assert_int_eq(pail_body_read(body, data, 3, NULL), 3);
    if (_i > 1)
        pail_body_close(body);
    world_free(&w);
    pail_body_close(body);
    ck_assert_int_eq(pail_body_read(body, data, 1, NULL), -ECANCELED);
    ck_assert_uint_eq(pail_body_tell(body), _i > 0 ? 3 : 0);
    pail_body_free(body);
}
END_TEST

SUITE_MAIN("aws/body_peer",
           tcase_add_loop_test(tc, reads_any_answer_in_any_way, 0, ARRAY_LEN(answers));
           tcase_add_loop_test(tc, does_not_wait_for_more, 0, 2);
           tcase_add_test(tc, pausing_stops_the_socket); tcase_add_test(tc, timeout_can_be_set);
           tcase_add_test(tc, closing_ends_a_read);
           tcase_add_loop_test(tc, outlives_the_client, 0, 3));
