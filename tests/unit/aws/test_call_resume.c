#include "aws/call.h"
#include "unit/aws/call_fixture.h"

#define TEXT "0123456789abcdefghij"
#define LEN  (sizeof(TEXT) - 1)

static const char text[] = TEXT;

#define ETAG      "\"e1\""
#define ETAG_LINE "ETag: " ETAG "\n"

/* An object of TEXT behind a server that breaks off. */
struct breaking {
    size_t take;       /* bytes of each response before the break; 0: none breaks */
    unsigned cuts;     /* in place of `take`: a bit for each byte before which it breaks */
    size_t start, end; /* what the first request is answered with */
    bool chunked, with_total;
    int kind;
    bool stall;
    unsigned requests;
    char headers[512];
};

static void answer_broken(void *user, const struct scripted_request *request,
                          struct scripted_response *ret)
{
    struct breaking *b = user;
    struct pail_str range = http_headers_get(&request->headers, "Range");
    unsigned first = (unsigned)b->start, last = (unsigned)b->end;
    bool partial = range.ptr != NULL;
    if (b->requests++ > 0) {
        struct pail_str match = http_headers_get(&request->headers, "If-Match");
        ck_assert(str_eq_c(match, ETAG));
        ck_assert(partial);
        char place[64];
        str_copy(place, sizeof(place), range);
        int n = sscanf(place, "bytes=%u-%u", &first, &last);
        ck_assert_int_ge(n, 1);
    }
    size_t len = last - first + 1, sent = b->take && b->take < len ? b->take : len;
    for (size_t i = len - 1; i > 0; i--)
        if (b->cuts & 1U << (first + i))
            sent = i;
    bool breaks = sent < len;
    char length[64] = "", within[64] = "";
    if (!b->chunked)
        snprintf(length, sizeof(length), "Content-Length: %zu\n", len);
    if (partial)
        snprintf(within, sizeof(within), "Content-Range: bytes %u-%u/%zu\n", first, last, LEN);
    snprintf(b->headers, sizeof(b->headers), "ETag: " ETAG "\nx-amz-checksum-crc32: %s\n%s%s",
             "Y4wNKQ==", length, within);
    *ret = (struct scripted_response){
        .status = partial ? 206 : 200,
        .headers = b->headers,
        .body = sent > 0 ? text + first : NULL,
        .body_len = sent,
        .chunked = b->chunked,
        .piece = 3,
        .kind = breaks && !b->stall ? b->kind : 0,
        .stall = breaks && b->stall,
    };
}

static void read_broken(struct breaking *b, const char *range, const char *expected,
                        size_t size)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    struct pail_s3_get_object_input in = get_input;
    in.range = str_c(range);
    sink_init(&sink, &f, 2, size);
    scripted_set_responder(f.t, b, answer_broken);
    sink_start(&sink, &f, &in,
               &(struct pail_call_options){.resume = true, .exact_range = range != NULL});
    fixture_wait(&f, &sink.outcome);
    ck_assert_int_eq(sink.outcome.status, 0);
    ck_assert_msg(sink.status == 0, "%s", sink.error.message);
    ck_assert_str_eq(buf_c(&sink.got), expected);
    sink_done(&sink);
    fixture_free(&f);
}

START_TEST(resumes_at_every_byte)
{
    static const int kinds[] = {PAIL_ERROR_STREAMING, PAIL_ERROR_INCOMPLETE_READ,
                                PAIL_ERROR_CONNECTION_CLOSED};
    for (size_t take = 1; take <= LEN; take++) {
        struct breaking b = {.take = take,
                             .end = LEN - 1,
                             .chunked = _i == 3,
                             .stall = _i == 4,
                             .kind = kinds[_i % 3]};
        read_broken(&b, NULL, TEXT, 1 + take % 7);
        ck_assert_uint_eq(b.requests, (LEN + take - 1) / take);
    }
}
END_TEST

/* Every set of bytes before which ten can break off. */
START_TEST(resumes_at_every_set_of_bytes)
{
    enum { SOME = 10 };
    for (unsigned cuts = 0; cuts < 1U << SOME; cuts += 2) {
        struct breaking b = {.cuts = cuts,
                             .start = 5,
                             .end = 5 + SOME - 1,
                             .kind = _i ? PAIL_ERROR_STREAMING : PAIL_ERROR_INCOMPLETE_READ};
        b.cuts <<= 5;
        read_broken(&b, "bytes=5-14", "56789abcde", 1 + cuts % 4);
        ck_assert_uint_eq(b.requests, 1 + (unsigned)__builtin_popcount(cuts));
    }
}
END_TEST

START_TEST(resumes_a_range)
{
    for (size_t take = 1; take <= 10; take++) {
        struct breaking b = {.take = take, .start = 5, .end = 14, .kind = PAIL_ERROR_STREAMING};
        read_broken(&b, "bytes=5-14", "56789abcde", 4);
    }
}
END_TEST

/* The first answer to an interrupted body of 20 bytes, ten of which came, then what the rest is
 * answered with. */
static const struct {
    struct scripted_response rest;
    int kind, sys;
    unsigned requests;
} rests[] = {
    {{.status = 412, .body = ERROR_XML("PreconditionFailed")}, PAIL_ERROR_CHANGED, ESTALE, 2},
    {{.status = 416, .body = ERROR_XML("InvalidRange")}, PAIL_ERROR_CHANGED, ESTALE, 2},
    {{.status = 200, .body = TEXT}, PAIL_ERROR_PARSE, EPROTO, 2},
    {{.status = 206,
      .headers = ETAG_LINE "Content-Range: bytes 11-19/20\n",
      .body = "bcdefghij"},
     PAIL_ERROR_PARSE,
     EPROTO,
     2},
    {{.status = 206,
      .headers = ETAG_LINE "Content-Range: bytes 10-19/21\n",
      .body = "abcdefghij"},
     PAIL_ERROR_PARSE,
     EPROTO,
     2},
    {{.status = 206,
      .headers = ETAG_LINE "Content-Range: bytes 10-18/20\n",
      .body = "abcdefghi"},
     PAIL_ERROR_PARSE,
     EPROTO,
     2},
    {{.status = 206,
      .headers = ETAG_LINE "Content-Range: bytes 10-19/20\n",
      .body = "abcdefghi"},
     PAIL_ERROR_PARSE,
     EPROTO,
     2},
    {{.status = 206, .headers = ETAG_LINE, .body = "abcdefghij"}, PAIL_ERROR_PARSE, EPROTO, 2},
    /* Of which object, it does not say. */
    {{.status = 206, .headers = "Content-Range: bytes 10-19/20\n", .body = "abcdefghij"},
     PAIL_ERROR_PARSE,
     EPROTO,
     2},
    {{.status = 206,
      .headers = "ETag: \"e2\"\nContent-Range: bytes 10-19/20\n",
      .body = "abcdefghij"},
     PAIL_ERROR_CHANGED,
     ESTALE,
     2},
    {{.status = 404, .body = ERROR_XML("NoSuchKey")}, PAIL_ERROR_CLIENT, ENOENT, 2},
    {{.status = 503, .body = ERROR_XML("SlowDown")}, PAIL_ERROR_CLIENT, EBUSY, 3},
    {{.kind = PAIL_ERROR_CONNECT}, PAIL_ERROR_CONNECT, ECONNREFUSED, 3},
    /* Nothing more ever comes. */
    {{.status = 206,
      .headers = ETAG_LINE "Content-Range: bytes 10-19/20\nContent-Length: 10\n",
      .kind = PAIL_ERROR_STREAMING},
     PAIL_ERROR_STREAMING,
     EIO,
     3},
};

static void respond_half(struct fixture *f, int status, const char *headers)
{
    scripted_respond(f->t, &(struct scripted_response){.status = status,
                                                       .headers = headers,
                                                       .body = "0123456789",
                                                       .kind = PAIL_ERROR_INCOMPLETE_READ});
}

START_TEST(refuses_another_rest)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    sink_init(&sink, &f, 2, 8);
    respond_half(&f, 200, ETAG_LINE "Content-Length: 20\n");
    for (unsigned i = 1; i < rests[_i].requests; i++)
        scripted_respond(f.t, &rests[_i].rest);
    sink_start(&sink, &f, &get_input, &(struct pail_call_options){.resume = true});
    fixture_wait(&f, &sink.outcome);
    ck_assert_int_eq(sink.outcome.status, 0);
    ck_assert_int_eq(sink.status, -rests[_i].sys);
    ck_assert_int_eq(sink.error.kind, rests[_i].kind);
    ck_assert_int_eq(sink.error.sys, rests[_i].sys);
    ck_assert_uint_eq(sink.error.attempts, rests[_i].requests);
    ck_assert_uint_eq(scripted_request_count(f.t), rests[_i].requests);
    ck_assert_str_eq(request_header(&f, 1, "Range"), "bytes=10-19");
    check_str(buf_str(&sink.got), "0123456789");
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

static const struct {
    int status;
    const char *headers;
    bool resume;
} not_resumable[] = {
    {200, ETAG_LINE "Content-Length: 20\n", false},
    {200, "Content-Length: 20\n", true},
    {200, "ETag: W/\"e\"\nContent-Length: 20\n", true},
    /* Where the first answer began is not known: */
    {206, ETAG_LINE "Content-Length: 20\n", true},
    {206, ETAG_LINE "Content-Length: 20\nContent-Range: bytes 100-119/2x0\n", true},
    {206, ETAG_LINE "Content-Length: 20\nContent-Range: bytes 119-100/200\n", true},
    {206, ETAG_LINE "Content-Length: 20\nContent-Range: items 100-119/200\n", true},
    {206, ETAG_LINE "Content-Length: 20\nContent-Range:\n", true},
    /* How long it is, neither. */
    {206, ETAG_LINE "Content-Length: 20\nContent-Range: bytes 100-129/200\n", true},
};

START_TEST(does_not_resume)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    struct pail_s3_get_object_input in = get_input;
    if (not_resumable[_i].status == 206)
        in.range = PAIL_STR("bytes=100-119");
    sink_init(&sink, &f, 2, 8);
    respond_half(&f, not_resumable[_i].status, not_resumable[_i].headers);
    sink_start(&sink, &f, &in, &(struct pail_call_options){.resume = not_resumable[_i].resume});
    fixture_wait(&f, &sink.outcome);
    ck_assert_int_eq(sink.status, -EIO);
    ck_assert_int_eq(sink.error.kind, PAIL_ERROR_INCOMPLETE_READ);
    ck_assert_uint_eq(scripted_request_count(f.t), 1);
    check_str(buf_str(&sink.got), "0123456789");
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

/* Throttled on the way, the rest still comes. */
START_TEST(rest_is_retried)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    sink_init(&sink, &f, 2, 8);
    respond_half(&f, 200, ETAG_LINE "Content-Length: 20\n");
    scripted_respond(f.t, &(struct scripted_response){.status = 503});
    scripted_respond(f.t, &(struct scripted_response){
                              .status = 206,
                              .headers = "ETag: " ETAG "\nContent-Range: bytes 10-19/20\n",
                              .body = "abcdefghij"});
    sink_start(&sink, &f, &get_input, &(struct pail_call_options){.resume = true});
    fixture_wait(&f, &sink.outcome);
    ck_assert_int_eq(sink.status, 0);
    check_str(buf_str(&sink.got), TEXT);
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

/* Without a deadline, progress byte by byte does not go on for ever. */
static void answer_drop_by_drop(void *user, const struct scripted_request *request,
                                struct scripted_response *ret)
{
    struct breaking *b = user;
    struct pail_str range = http_headers_get(&request->headers, "Range");
    unsigned first = 0;
    if (range.ptr) {
        char place[64];
        str_copy(place, sizeof(place), range);
        ck_assert_int_ge(sscanf(place, "bytes=%u-", &first), 1);
    }
    b->requests++;
    snprintf(b->headers, sizeof(b->headers),
             "ETag: " ETAG "\nContent-Length: %u\nContent-Range: bytes %u-999/1000\n",
             1000 - first, first);
    *ret = (struct scripted_response){.status = first ? 206 : 200,
                                      .headers = b->headers,
                                      .body = "x",
                                      .kind = PAIL_ERROR_STREAMING};
}

START_TEST(resumes_are_bounded)
{
    struct fixture f = fixture_plain();
    struct sink sink;
    struct breaking b = {.requests = 0};
    sink_init(&sink, &f, 1, 2000);
    scripted_set_responder(f.t, &b, answer_drop_by_drop);
    sink_start(&sink, &f, &get_input,
               &(struct pail_call_options){.resume = true, .timeout_ms = _i ? 10000000 : 0});
    fixture_wait(&f, &sink.outcome);
    ck_assert_uint_eq(b.requests, _i ? 1000 : CALL_RESUMES_MAX + 1);
    ck_assert_int_eq(sink.status, _i ? 0 : -EIO);
    sink_done(&sink);
    fixture_free(&f);
}
END_TEST

SUITE_MAIN("aws/call_resume", tcase_add_loop_test(tc, resumes_at_every_byte, 0, 5);
           tcase_add_loop_test(tc, resumes_at_every_set_of_bytes, 0, 2);
           tcase_add_test(tc, resumes_a_range);
           tcase_add_loop_test(tc, refuses_another_rest, 0, ARRAY_LEN(rests));
           tcase_add_loop_test(tc, does_not_resume, 0, ARRAY_LEN(not_resumable));
           tcase_add_test(tc, rest_is_retried);
           tcase_add_loop_test(tc, resumes_are_bounded, 0, 2));
