#include "aws/call.h"
#include "unit/aws/call_fixture.h"

#define TEXT "0123456789abcdefghij"
#define LEN  (sizeof(TEXT) - 1)
#define ETAG "\"e1\""

/* ---- straight ---- */

START_TEST(splits_anywhere)
{
    for (size_t piece = 1; piece <= LEN + 1; piece++)
        for (size_t size = 1; size <= LEN + 1; size++) {
            struct fixture f = fixture_plain();
            struct sink sink;
            sink_init(&sink, &f, 1 + (unsigned)(size % SINK_BUFFERS), size);
            scripted_respond(f.t, &(struct scripted_response){.status = 200,
                                                              .headers = "ETag: " ETAG "\n",
                                                              .body = TEXT,
                                                              .piece = piece,
                                                              .chunked = _i == 1});
            sink_start(&sink, &f, &get_input, NULL);
            fixture_wait(&f, &sink.outcome);
            ck_assert_int_eq(sink.outcome.status, 0);
            ck_assert_int_eq(sink.status, 0);
            ck_assert(sink.ended);
            check_str(buf_str(&sink.got), TEXT);
            check_str(sink.out.etag, ETAG);
            ck_assert_uint_eq(pail_body_tell(sink.out.body), LEN);
            ck_assert_int_eq(pail_body_length(sink.out.body).present, _i == 0);
            ck_assert_uint_eq(sink.lent, 0);
            sink_done(&sink);
            fixture_free(&f);
        }
}
END_TEST

START_TEST(pauses_without_room)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    sink_init(&sink, &f, 1, 4);
    sink.keep = true;
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = TEXT});
    sink_start(&sink, &f, &get_input, &(struct pail_call_options){.read_timeout_ms = 1000});
    fixture_wait(&f, &sink.outcome);
    for (size_t have = 4; have < LEN; have += 4) {
        /* However long the reader takes: it is not the server that is slow. */
        scripted_run_for(f.t, 100000);
        ck_assert_uint_eq(sink.got.len, have);
        ck_assert_uint_eq(sink.lent, 0);
        sink.lent = 1;
        pail_body_post(sink.out.body, &sink.buffers[0]);
        scripted_run(f.t);
    }
    check_str(buf_str(&sink.got), TEXT);
    ck_assert_int_eq(sink.status, 0);
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

START_TEST(empty_body)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    sink_init(&sink, &f, 2, 4);
    scripted_respond(
        f.t, &(struct scripted_response){.status = 200, .body = "", .chunked = _i == 1});
    sink_start(&sink, &f, &get_input, NULL);
    fixture_wait(&f, &sink.outcome);
    ck_assert(sink.ended);
    ck_assert_int_eq(sink.status, 0);
    ck_assert_uint_eq(sink.lent, 0);
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

/* What is posted after the end comes back at once, again and again. */
START_TEST(end_stays)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    sink_init(&sink, &f, 1, 64);
    scripted_respond(f.t, &(struct scripted_response){.status = 200,
                                                      .headers = "Content-Length: 30\n",
                                                      .body = TEXT,
                                                      .kind = PAIL_ERROR_INCOMPLETE_READ});
    sink_start(&sink, &f, &get_input, NULL);
    fixture_wait(&f, &sink.outcome);
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_eq(sink.lent, 0);
        ck_assert_int_eq(sink.status, -EIO);
        ck_assert_int_eq(sink.error.kind, PAIL_ERROR_INCOMPLETE_READ);
        ck_assert_uint_eq(sink.error.expected_bytes, 30);
        ck_assert_uint_eq(sink.error.actual_bytes, LEN);
        sink.status = 0;
        sink.lent = 1;
        pail_body_post(sink.out.body, &sink.buffers[0]);
        scripted_run(f.t);
    }
    check_str(buf_str(&sink.got), TEXT);
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

/* The buffer with the last byte waits for the end. */
START_TEST(holds_the_last_byte)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    sink_init(&sink, &f, 1, LEN);
    scripted_respond(f.t,
                     &(struct scripted_response){
                         .status = 200, .body = TEXT, .chunked = _i == 1, .end_delay_ms = 500});
    sink_start(&sink, &f, &get_input, NULL);
    scripted_run_for(f.t, 400);
    ck_assert_uint_eq(sink.outcome.count, 1);
    ck_assert_uint_eq(sink.lent, 1);
    scripted_run_for(f.t, 200);
    check_str(buf_str(&sink.got), TEXT);
    ck_assert_uint_eq(sink.lent, 0);
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

/* ---- failures ---- */

static const struct {
    struct scripted_response response;
    int kind, sys;
    const char *got;
} failures[] = {
    {{.status = 200, .body = TEXT, .chunked = true, .kind = PAIL_ERROR_STREAMING},
     PAIL_ERROR_STREAMING,
     EIO,
     TEXT},
    {{.status = 200,
      .body = TEXT,
      .headers = "Content-Length: 21\n",
      .kind = PAIL_ERROR_INCOMPLETE_READ},
     PAIL_ERROR_INCOMPLETE_READ,
     EIO,
     TEXT},
    /* A transport that does not count is not believed. */
    {{.status = 200, .body = TEXT, .headers = "Content-Length: 21\n"},
     PAIL_ERROR_INCOMPLETE_READ,
     EIO,
     TEXT},
    {{.status = 200, .body = TEXT, .headers = "Content-Length: 10\n", .piece = 5},
     PAIL_ERROR_INCOMPLETE_READ,
     EIO,
     "0123456789"},
    {{.status = 200, .body = TEXT, .headers = "Content-Length: 30\n", .stall = true},
     PAIL_ERROR_READ_TIMEOUT,
     ETIMEDOUT,
     TEXT},
    {{.status = 200, .body = TEXT, .headers = "x-amz-checksum-crc32: AAAAAA==\n", .piece = 3},
     PAIL_ERROR_CHECKSUM,
     EBADMSG,
     "01234567"
     "89abcdef"},
};

START_TEST(body_failures)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    sink_init(&sink, &f, 2, 8);
    struct scripted_response response = failures[_i].response;
    char headers[256];
    snprintf(headers, sizeof(headers),
             "x-amz-request-id: r1\nx-amz-id-2: h1\nETag: " ETAG "\n%s",
             response.headers ? response.headers : "");
    response.headers = headers;
    scripted_respond(f.t, &response);
    sink_start(&sink, &f, &get_input, NULL);
    fixture_wait(&f, &sink.outcome);
    ck_assert_int_eq(sink.outcome.status, 0);
    ck_assert_int_eq(sink.status, -failures[_i].sys);
    ck_assert_int_eq(sink.error.kind, failures[_i].kind);
    ck_assert_int_eq(sink.error.sys, failures[_i].sys);
    ck_assert_int_eq(sink.error.http_status, 200);
    ck_assert_uint_eq(sink.error.attempts, 1);
    ck_assert_str_eq(sink.error.operation, "GetObject");
    ck_assert_str_eq(sink.error.request_id, "r1");
    ck_assert_str_eq(sink.error.host_id, "h1");
    ck_assert_uint_eq(scripted_request_count(f.t), 1);
    ck_assert_uint_eq(sink.lent, 0);
    ck_assert_str_eq(buf_c(&sink.got), failures[_i].got);
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

/* Before its head has come a streamed response is retried like any other. */
START_TEST(head_is_retried)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    sink_init(&sink, &f, 1, 64);
    scripted_respond(f.t, &(struct scripted_response){.status = 503});
    scripted_respond(f.t, &(struct scripted_response){.kind = PAIL_ERROR_CONNECTION_CLOSED});
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = TEXT});
    sink_start(&sink, &f, &get_input, NULL);
    fixture_wait(&f, &sink.outcome);
    ck_assert_int_eq(sink.outcome.status, 0);
    check_str(buf_str(&sink.got), TEXT);
    ck_assert_uint_eq(sink.out.response.retry_attempts, 2);
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

START_TEST(service_error)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    sink_init(&sink, &f, 3, 8);
    scripted_respond(f.t, &(struct scripted_response){.status = 404,
                                                      .headers = "x-amz-request-id: r9\n",
                                                      .body = ERROR_XML("NoSuchKey"),
                                                      .piece = 7});
    sink_start(&sink, &f, &get_input, NULL);
    fixture_wait(&f, &sink.outcome);
    ck_assert_int_eq(sink.outcome.status, -ENOENT);
    ck_assert_str_eq(sink.outcome.error.code, "NoSuchKey");
    ck_assert_str_eq(sink.outcome.error.message, "because");
    ck_assert_str_eq(sink.outcome.error.request_id, "r9");
    ck_assert_int_eq(sink.outcome.error.http_status, 404);
    /* The buffers came back before. */
    ck_assert_uint_eq(sink.lent, 0);
    ck_assert_int_eq(sink.status, -ENOENT);
    ck_assert_str_eq(sink.error.code, "NoSuchKey");
    ck_assert_ptr_null(sink.out.body);
    ck_assert_int_eq(sink.out.response.http_status, 404);
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

/* ---- checksums ---- */

static const struct {
    int status;
    const char *headers;
    const char *algorithm; /* that is verified with; NULL: none */
    int sys;
} checksums[] = {
    {200, "x-amz-checksum-crc32: DUoRhQ==\n", "crc32", 0},
    {200, "x-amz-checksum-crc32: DUoRhA==\n", "crc32", EBADMSG},
    {200, "x-amz-checksum-crc64nvme: jSnVw/bqjr4=\n", "crc64nvme", 0},
    {200, "x-amz-checksum-crc32: DUoRhA==-2\n", NULL, 0},
    {200, "x-amz-checksum-crc32: DUoRhA==\nx-amz-checksum-type: COMPOSITE\n", NULL, 0},
    {206, "Content-Range: bytes 0-10/11\nx-amz-checksum-crc32: DUoRhQ==\n", "crc32", 0},
    {206, "Content-Range: bytes 0-10/11\nx-amz-checksum-crc32: DUoRhA==\n", "crc32", EBADMSG},
    {206, "Content-Range: bytes 0-10/12\nx-amz-checksum-crc32: DUoRhA==\n", NULL, 0},
    {206, "Content-Range: bytes 1-11/12\nx-amz-checksum-crc32: DUoRhA==\n", NULL, 0},
    {206, "x-amz-checksum-crc32: DUoRhA==\n", NULL, 0},
};

START_TEST(checksum)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    sink_init(&sink, &f, 1, 64);
    scripted_respond(f.t, &(struct scripted_response){.status = checksums[_i].status,
                                                      .headers = checksums[_i].headers,
                                                      .body = "hello world",
                                                      .piece = 2});
    sink_start(&sink, &f, &get_input, NULL);
    fixture_wait(&f, &sink.outcome);
    ck_assert_int_eq(sink.outcome.status, 0);
    ck_assert_int_eq(sink.status, -checksums[_i].sys);
    if (checksums[_i].algorithm)
        ck_assert(str_eq_c(sink.out.response.checksum_algorithm, checksums[_i].algorithm));
    else
        check_absent(sink.out.response.checksum_algorithm);
    /* What nobody vouches for is not shown. */
    ck_assert_uint_eq(sink.got.len, checksums[_i].sys ? 0 : 11);
    if (checksums[_i].sys)
        ck_assert_int_eq(sink.error.kind, PAIL_ERROR_CHECKSUM);
    ck_assert_uint_eq(scripted_request_count(f.t), 1);
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

/* ---- exact ranges ---- */

static const struct {
    const char *asked;
    int status;
    const char *headers;
    const char *body;
    bool chunked;
    bool good;
} ranges[] = {
    {"bytes=5-9", 206, "Content-Range: bytes 5-9/20\n", "56789", false, true},
    {"bytes=5-9", 206, "Content-Range: bytes 5-9/*\n", "56789", false, true},
    {"bytes=5-9", 206, "Content-Range: bytes 5-9/20\n", "56789", true, true},
    {"bytes=18-29", 206, "Content-Range: bytes 18-19/20\n", "ij", false, true},
    {"bytes=18-", 206, "Content-Range: bytes 18-19/20\n", "ij", false, true},
    {"bytes=18-", 206, "Content-Range: bytes 18-19/*\n", "ij", false, false},
    {"bytes=18-", 200, "", TEXT, false, false},
    {"bytes=-3", 206, "Content-Range: bytes 17-19/20\n", "hij", false, true},
    {"bytes=-3", 206, "Content-Range: bytes 17-19/20\n", "hij", true, true},
    {"bytes=-30", 206, "Content-Range: bytes 0-19/20\n", TEXT, false, true},
    {"bytes=-3", 206, "Content-Range: bytes 16-19/20\n", "ghij", false, false},
    {"bytes=-3", 206, "Content-Range: bytes 18-19/20\n", "ij", false, false},
    {"bytes=-3", 206, "Content-Range: bytes 16-18/20\n", "ghi", false, false},
    {"bytes=-3", 206, "Content-Range: bytes 17-19/*\n", "hij", false, false},
    {"bytes=-30", 206, "Content-Range: bytes 1-19/20\n", "123456789abcdefghij", false, false},
    {"bytes=-3", 200, "", TEXT, false, false},
    {"bytes=-3", 206, "", "hij", false, false},
    {"bytes=5-9", 200, "", TEXT, false, false},
    {"bytes=0-19", 200, "", TEXT, false, false},
    {"bytes=5-9", 206, "", "56789", false, false},
    {"bytes=5-9", 206, "Content-Range: bytes 4-9/20\n", "456789", false, false},
    {"bytes=5-9", 206, "Content-Range: bytes 6-9/20\n", "6789", false, false},
    {"bytes=5-9", 206, "Content-Range: bytes 5-8/20\n", "5678", false, false},
    {"bytes=5-9", 206, "Content-Range: bytes 5-8/*\n", "5678", false, false},
    {"bytes=5-9", 206, "Content-Range: bytes 5-10/20\n", "56789a", false, false},
    {"bytes=5-9", 206, "Content-Range: bytes 5-9/20\n", "5678", false, false},
    {"bytes=5-9", 206, "Content-Range: bytes 5-9/20\n", "56789a", false, false},
    {"bytes=5-9", 206, "Content-Range: nonsense\n", "56789", false, false},
};

START_TEST(exact_range)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    struct pail_s3_get_object_input in = get_input;
    in.range = str_c(ranges[_i].asked);
    sink_init(&sink, &f, 1, 64);
    char headers[256];
    snprintf(headers, sizeof(headers), "x-amz-request-id: r1\n%s", ranges[_i].headers);
    scripted_respond(f.t, &(struct scripted_response){.status = ranges[_i].status,
                                                      .headers = headers,
                                                      .body = ranges[_i].body,
                                                      .chunked = ranges[_i].chunked});
    sink_start(&sink, &f, &in, &(struct pail_call_options){.exact_range = true});
    fixture_wait(&f, &sink.outcome);
    ck_assert_str_eq(request_header(&f, 0, "Range"), ranges[_i].asked);
    ck_assert_uint_eq(scripted_request_count(f.t), 1);
    if (ranges[_i].good) {
        ck_assert_int_eq(sink.outcome.status, 0);
        ck_assert_int_eq(sink.status, 0);
        ck_assert_str_eq(buf_c(&sink.got), ranges[_i].body);
        ck_assert(pail_body_length(sink.out.body).present);
    } else {
        ck_assert_int_eq(sink.outcome.status, -EPROTO);
        ck_assert_int_eq(sink.outcome.error.kind, PAIL_ERROR_PARSE);
        ck_assert_int_eq(sink.outcome.error.http_status, ranges[_i].status);
        ck_assert_str_eq(sink.outcome.error.request_id, "r1");
        ck_assert_uint_eq(sink.got.len, 0);
        ck_assert_uint_eq(sink.lent, 0);
        ck_assert_ptr_null(sink.out.body);
    }
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

/* A chunked body is held to the range's length too. */
START_TEST(exact_range_length)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    struct pail_s3_get_object_input in = get_input;
    in.range = PAIL_STR("bytes=5-9");
    sink_init(&sink, &f, 1, 64);
    scripted_respond(f.t,
                     &(struct scripted_response){.status = 206,
                                                 .headers = "Content-Range: bytes 5-9/20\n",
                                                 .body = _i == 0 ? "5678" : "56789a",
                                                 .chunked = true});
    sink_start(&sink, &f, &in, &(struct pail_call_options){.exact_range = true});
    fixture_wait(&f, &sink.outcome);
    ck_assert_int_eq(sink.outcome.status, 0);
    ck_assert_int_eq(sink.status, -EIO);
    ck_assert_int_eq(sink.error.kind, PAIL_ERROR_INCOMPLETE_READ);
    ck_assert_uint_eq(sink.error.expected_bytes, 5);
    ck_assert_uint_eq(sink.error.actual_bytes, _i == 0 ? 4 : 6);
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

/* ---- deadlines, cancelling, closing ---- */

START_TEST(deadline_in_the_body)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    sink_init(&sink, &f, 1, 8);
    sink.keep = _i == 1; /* the reader's own slowness counts too */
    scripted_respond(f.t, &(struct scripted_response){
                              .status = 200, .body = TEXT, .piece = 1, .piece_delay_ms = 100});
    sink_start(&sink, &f, &get_input, &(struct pail_call_options){.timeout_ms = 1050});
    scripted_run_for(f.t, 2000);
    ck_assert_uint_eq(sink.outcome.count, 1);
    if (_i == 1) {
        ck_assert_uint_eq(sink.lent, 0);
        sink.lent = 1;
        pail_body_post(sink.out.body, &sink.buffers[0]);
        scripted_run_for(f.t, 0);
    }
    ck_assert_int_eq(sink.status, -ETIMEDOUT);
    ck_assert_int_eq(sink.error.kind, PAIL_ERROR_DEADLINE);
    ck_assert_uint_eq(sink.got.len, _i == 1 ? 8 : 10);
    ck_assert_uint_eq(scripted_running(f.t), 0);
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

/* A slow body that keeps coming outlives a timeout that restarts; one that stops does not. */
START_TEST(timeout_that_restarts)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    sink_init(&sink, &f, 1, 64);
    scripted_respond(f.t, &(struct scripted_response){.status = 200,
                                                      .body = TEXT,
                                                      .piece = 1,
                                                      .piece_delay_ms = _i == 0 ? 100 : 250});
    sink_start(&sink, &f, &get_input,
               &(struct pail_call_options){.timeout_ms = 200, .timeout_restarts = true});
    scripted_run_for(f.t, 10000);
    ck_assert_uint_eq(sink.outcome.count, 1);
    if (_i == 0) {
        ck_assert_int_eq(sink.status, 0);
        check_str(buf_str(&sink.got), TEXT);
    } else {
        ck_assert_int_eq(sink.error.kind, PAIL_ERROR_DEADLINE);
    }
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

/* A body of which a byte comes every 100 ms. */
static void start_slowly(struct sink *sink, struct fixture *f,
                         const struct pail_call_options *options)
{
    sink_init(sink, f, 2, 64);
    scripted_respond(f->t, &(struct scripted_response){
                               .status = 200, .body = TEXT, .piece = 1, .piece_delay_ms = 100});
    sink_start(sink, f, &get_input, options);
}

START_TEST(cancel_in_the_body)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    start_slowly(&sink, &f, &(struct pail_call_options){.resume = true});
    scripted_run_for(f.t, 550);
    pail_call_cancel(sink.call);
    pail_call_cancel(sink.call);
    scripted_run_for(f.t, 0);
    ck_assert_uint_eq(sink.lent, 0);
    ck_assert_int_eq(sink.status, -ECANCELED);
    ck_assert_int_eq(sink.error.kind, PAIL_ERROR_CANCELLED);
    ck_assert_str_eq(buf_c(&sink.got), "01234");
    ck_assert_uint_eq(scripted_running(f.t), 0);
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

START_TEST(close_in_the_body)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    start_slowly(&sink, &f, NULL);
    scripted_run_for(f.t, 550);
    pail_body_close(sink.out.body);
    pail_body_close(sink.out.body);
    ck_assert(!pail_body_readable(sink.out.body));
    if (_i == 1)
        pail_body_free(pail_body_take(&sink.out.body));
    ck_assert_uint_eq(sink.lent, 2);
    scripted_run_for(f.t, 0);
    ck_assert_uint_eq(sink.lent, 0);
    ck_assert_int_eq(sink.status, -ECANCELED);
    ck_assert_uint_eq(scripted_running(f.t), 0);
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

/* The client goes first: what is open can still be closed. */
START_TEST(close_after_the_client)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    start_slowly(&sink, &f, NULL);
    scripted_run_for(f.t, _i == 0 ? 550 : 10000);
    fixture_free(&f);
    ck_assert_uint_eq(sink.lent, 0);
    ck_assert_int_eq(sink.status, _i == 0 ? -ECANCELED : 0);
    pail_call_cancel(sink.call);
    sink_done(&sink);
}
END_TEST

START_TEST(read_timeout_can_change)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    sink_init(&sink, &f, 1, 64);
    scripted_respond(f.t, &(struct scripted_response){.status = 200,
                                                      .headers = "Content-Length: 30\n",
                                                      .body = TEXT,
                                                      .stall = true});
    sink_start(&sink, &f, &get_input, &(struct pail_call_options){.read_timeout_ms = -1});
    scripted_run_for(f.t, 1000000);
    ck_assert_uint_eq(sink.lent, 1);
    pail_body_set_read_timeout(sink.out.body, 50);
    pail_body_set_read_timeout(sink.out.body, 100);
    scripted_run_for(f.t, 100);
    ck_assert_uint_eq(sink.lent, 0);
    ck_assert_int_eq(sink.status, -ETIMEDOUT);
    ck_assert_int_eq(sink.error.kind, PAIL_ERROR_READ_TIMEOUT);
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

START_TEST(counts_bytes)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    struct pail_client_stats stats;
    sink_init(&sink, &f, 2, 3);
    scripted_respond(f.t, &(struct scripted_response){.status = 200, .body = TEXT});
    sink_start(&sink, &f, &get_input, NULL);
    fixture_wait(&f, &sink.outcome);
    pail_client_get_stats(f.client, &stats);
    ck_assert_uint_eq(stats.bytes_in, LEN);
    ck_assert_uint_eq(stats.requests, 1);
    ck_assert_uint_eq(stats.retries, 0);
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

SUITE_MAIN("aws/call_stream", tcase_add_loop_test(tc, splits_anywhere, 0, 2);
           tcase_add_test(tc, pauses_without_room); tcase_add_loop_test(tc, empty_body, 0, 2);
           tcase_add_test(tc, end_stays); tcase_add_loop_test(tc, holds_the_last_byte, 0, 2);
           tcase_add_loop_test(tc, body_failures, 0, ARRAY_LEN(failures));
           tcase_add_test(tc, head_is_retried); tcase_add_test(tc, service_error);
           tcase_add_loop_test(tc, checksum, 0, ARRAY_LEN(checksums));
           tcase_add_loop_test(tc, exact_range, 0, ARRAY_LEN(ranges));
           tcase_add_loop_test(tc, exact_range_length, 0, 2);
           tcase_add_loop_test(tc, deadline_in_the_body, 0, 2);
           tcase_add_loop_test(tc, timeout_that_restarts, 0, 2);
           tcase_add_test(tc, cancel_in_the_body);
           tcase_add_loop_test(tc, close_in_the_body, 0, 2);
           tcase_add_loop_test(tc, close_after_the_client, 0, 2);
           tcase_add_test(tc, read_timeout_can_change); tcase_add_test(tc, counts_bytes));
