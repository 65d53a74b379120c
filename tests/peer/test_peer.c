#include "peer/peer.h"
#include "peer/peer_hole.h"

#include "suite.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_MS 10000

static struct peer *peer;

static void setup(void)
{
    peer = peer_start();
}

static void teardown(void)
{
    peer_stop(peer);
    peer = NULL;
}

static int dial_port(unsigned port, int flags)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    ck_assert_int_ge(fd, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 && errno != EINPROGRESS) {
        int saved = errno;
        (void)close(fd);
        return -saved;
    }
    return fd;
}

static int dial(void)
{
    int fd = dial_port(peer_port(peer), 0);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static void say(int fd, const char *text)
{
    ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static bool readable(int fd, int timeout_ms)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    return poll(&poller, 1, timeout_ms) == 1;
}

/* Read until `len` bytes are there or the connection ends: 0 on FIN, -errno, or 1 when all
 * came. */
static int hear(int fd, char *to, size_t len, size_t *ret_len)
{
    size_t n = 0;
    int end = 1;
    while (n < len) {
        ck_assert_msg(readable(fd, WAIT_MS), "nothing came after %zu bytes", n);
        ssize_t got = recv(fd, to + n, len - n, 0);
        if (got <= 0) {
            end = got == 0 ? 0 : -errno;
            break;
        }
        n += (size_t)got;
    }
    *ret_len = n;
    return end;
}

/* Hear everything up to the end of the connection as text. */
static int hear_all(int fd, char *text, size_t size)
{
    size_t n;
    int end = hear(fd, text, size - 1, &n);
    text[n] = '\0';
    ck_assert_int_le(end, 0);
    return end;
}

/* Hear exactly the text. */
static void expect(int fd, const char *text)
{
    char got[4096];
    size_t n, len = strlen(text);
    ck_assert_uint_lt(len, sizeof(got));
    (void)hear(fd, got, len, &n);
    got[n] = '\0';
    ck_assert_str_eq(got, text);
}

#define GET "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"

static const struct {
    const char *name, *request;
    struct peer_response response;
    const char *answer;
    int end; /* 0: FIN; -errno; 1: the connection stays */
} CASES[] = {
    {"length", GET, {.body = "hello"}, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 1},
    {"headers and reason",
     GET,
     {.status = 299, .reason = "Odd", .headers = "A: 1\nB: 2\n", .body = "x"},
     "HTTP/1.1 299 Odd\r\nA: 1\r\nB: 2\r\nContent-Length: 1\r\n\r\nx",
     1},
    {"HEAD has a length and no body",
     "HEAD /x HTTP/1.1\r\n\r\n",
     {.body = "hello"},
     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
     1},
    {"304 has neither", GET, {.status = 304}, "HTTP/1.1 304 Not Modified\r\n\r\n", 1},
    {"a length too large",
     GET,
     {.body = "hello", .framing = PEER_CLAIM, .claim = 9},
     "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
     0},
    {"a length too small",
     GET,
     {.body = "hello", .framing = PEER_CLAIM, .claim = 2},
     "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello",
     0},
    {"chunked",
     GET,
     {.body = "hello", .framing = PEER_CHUNKED, .chunk = 3},
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
     1},
    {"until FIN",
     GET,
     {.body = "hello", .framing = PEER_CLOSE},
     "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello",
     0},
    {"bare",
     GET,
     {.body = "hello", .framing = PEER_BARE, .headers = "Content-Length: abc"},
     "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\nhello",
     1},
    {"cut in the body",
     GET,
     {.body = "hello", .fault = {.end = PEER_END_CUT, .after = 3}},
     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
     0},
    {"cut after more than there is: no fault",
     GET,
     {.body = "hello", .fault = {.end = PEER_END_CUT, .after = 6}},
     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
     1},
    {"cut inside a chunk",
     GET,
     {.body = "hello", .framing = PEER_CHUNKED, .fault = {.end = PEER_END_CUT, .after = 3}},
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
     0},
    {"cut in the head",
     GET,
     {.fault = {.end = PEER_END_CUT, .in_head = true, .after = 8}},
     "HTTP/1.1",
     0},
    {"closed without a response",
     GET,
     {.fault = {.end = PEER_END_CUT, .in_head = true}},
     "",
     0},
    {"reset in the body",
     GET,
     {.body = "hello", .fault = {.end = PEER_END_RESET, .after = 3}},
     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
     -ECONNRESET},
    {"reset without a response",
     GET,
     {.fault = {.end = PEER_END_RESET, .in_head = true}},
     "",
     -ECONNRESET},
    {"bad chunk",
     GET,
     {.body = "hello",
      .framing = PEER_CHUNKED,
      .fault = {.end = PEER_END_BAD_CHUNK, .after = 2}},
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\nzz nonsense\r\n",
     0},
    {"excess",
     GET,
     {.body = "hello", .fault = {.excess = 3}},
     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloxxx",
     1},
    {"shortened",
     GET,
     {.body = "hello", .fault = {.shorten = true, .shorten_to = 2}},
     "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhe",
     1},
    {"corrupt",
     GET,
     {.body = "hello", .fault = {.corrupt = true, .corrupt_at = 1}},
     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhdllo",
     1},
    {"interim",
     GET,
     {.body = "x", .fault = {.interim = 103, .interim_count = 2}},
     "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"
     "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
     1},
    {"garbage", GET, {.fault = {.instead_of_head = "SSH-2.0-x\r\n"}}, "SSH-2.0-x\r\n", 0},
    {"closed after all",
     GET,
     {.body = "x", .fault = {.close = true}},
     "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
     0},
    {"the client asked to close",
     "GET /x HTTP/1.1\r\nConnection: close\r\n\r\n",
     {.body = "x"},
     "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx",
     0},
    {"pieces and delays",
     GET,
     {.body = "hello",
      .fault = {.piece = 2,
                .piece_delay_ms = 1,
                .delay_ms = 1,
                .body_delay_ms = 1,
                .head_piece = 1,
                .head_piece_delay_ms = 1}},
     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
     1},
};

START_TEST(answers)
{
    (void)peer_on(peer, "* /x", &CASES[_i].response);
    int fd = dial();
    say(fd, CASES[_i].request);
    expect(fd, CASES[_i].answer);
    char rest[64];
    if (CASES[_i].end <= 0) {
        size_t n;
        ck_assert_msg(hear(fd, rest, sizeof(rest), &n) == CASES[_i].end && n == 0, "%s",
                      CASES[_i].name);
    } else {
        ck_assert_msg(!readable(fd, 0), "%s: more came", CASES[_i].name);
    }
    (void)close(fd);
    ck_assert(peer_wait_connections(peer, 0, WAIT_MS));
}
END_TEST

START_TEST(huge_header)
{
    (void)peer_on(peer, "GET /x",
                  PEER_RESPONSE(.fault = {.huge_header = 300000, .close = true}));
    int fd = dial();
    say(fd, GET);
    char *text = malloc(400000);
    ck_assert_ptr_nonnull(text);
    ck_assert_int_eq(hear_all(fd, text, 400000), 0);
    ck_assert_uint_gt(strlen(text), 300000);
    ck_assert_ptr_nonnull(strstr(text, "hhh\r\nContent-Length: 0\r\n\r\n"));
    free(text);
    (void)close(fd);
}
END_TEST

START_TEST(generated_body)
{
    enum { LEN = 3000001, AT = 5 };
    (void)peer_on(
        peer, "GET /x",
        PEER_RESPONSE(.body_len = LEN, .seed = 7, .body_offset = AT, .framing = PEER_CLOSE));
    int fd = dial();
    say(fd, GET);
    expect(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    char *body = malloc(LEN + 1);
    size_t n;
    ck_assert_ptr_nonnull(body);
    ck_assert_int_eq(hear(fd, body, LEN + 1, &n), 0);
    ck_assert_uint_eq(n, LEN);
    ck_assert(peer_check(7, AT, body, n, NULL));
    for (size_t i = 0; i < 100; i++)
        ck_assert_int_eq((unsigned char)body[i], peer_byte(7, AT + i));
    body[12345] ^= 1;
    size_t at = 0;
    ck_assert(!peer_check(7, AT, body, n, &at));
    ck_assert_uint_eq(at, 12345);
    free(body);
    (void)close(fd);
    ck_assert_uint_eq(peer_body_sent(peer), LEN);
    const struct peer_request *request = peer_request_at(peer, NULL, 0);
    ck_assert(peer_outcome(peer, request).complete);
    ck_assert_uint_eq(peer_outcome(peer, request).body_sent, LEN);
}
END_TEST

START_TEST(stall_and_release)
{
    (void)peer_on(peer, "GET /x",
                  PEER_RESPONSE(.body = "hello", .framing = PEER_CHUNKED,
                                .fault = {.end = PEER_END_STALL, .after = 2}));
    int fd = dial();
    say(fd, GET);
    expect(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe");
    ck_assert(peer_wait_stalled(peer, 1, WAIT_MS));
    ck_assert(!readable(fd, 0));
    peer_release(peer);
    expect(fd, "llo\r\n0\r\n\r\n");
    ck_assert_uint_eq(peer_stalled(peer), 0);
    say(fd, GET);
    expect(fd, "HTTP/1.1 200 OK\r\n");
    ck_assert(peer_wait_stalled(peer, 1, WAIT_MS));
    ck_assert(!peer_wait_ended(peer, NULL, 2, 1));
    (void)close(fd);
    ck_assert(peer_wait_ended(peer, NULL, 2, WAIT_MS));
    ck_assert(peer_wait_connections(peer, 0, WAIT_MS));
    ck_assert_uint_eq(peer_stalled(peer), 0);
    ck_assert(peer_outcome(peer, peer_request_at(peer, NULL, 1)).dropped);
}
END_TEST

START_TEST(hundreds_stalled)
{
    enum { MANY = 300 };
    static int fds[MANY];
    (void)peer_on(peer, "GET /x",
                  PEER_RESPONSE(.fault = {.end = PEER_END_STALL, .in_head = true}));
    (void)peer_on(peer, "GET /y", PEER_RESPONSE(.body = "y"));
    for (size_t i = 0; i < MANY; i++) {
        fds[i] = dial();
        say(fds[i], GET);
    }
    ck_assert(peer_wait_stalled(peer, MANY, WAIT_MS));
    int fd = dial();
    say(fd, "GET /y HTTP/1.1\r\n\r\n");
    expect(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny");
    ck_assert_uint_eq(peer_open_connections(peer), MANY + 1);
    peer_drop(peer, true, true); /* the one idle connection */
    ck_assert(peer_wait_connections(peer, MANY, WAIT_MS));
    char c;
    ck_assert_int_eq(recv(fd, &c, 1, 0), -1);
    ck_assert_int_eq(errno, ECONNRESET);
    peer_release(peer);
    for (size_t i = 0; i < MANY; i++) {
        expect(fds[i], "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        (void)close(fds[i]);
    }
    (void)close(fd);
}
END_TEST

START_TEST(records)
{
    int fd = dial();
    say(fd, "POST /b/k%20%2f?prefix=a%2Fb+c&flag&x=%zz HTTP/1.1\r\nHost: h\r\nx-One: 1\r\n"
            "Content-Length: 4\r\n\r\nbodyGET /b/other HTTP/1.1\r\n\r\n");
    ck_assert(peer_wait_requests(peer, NULL, 2, WAIT_MS));
    const struct peer_request *r = peer_request_at(peer, PEER_MATCH(.method = "POST"), 0);
    ck_assert_ptr_nonnull(r);
    ck_assert_str_eq(r->path, "/b/k /");
    ck_assert_str_eq(r->raw_path, "/b/k%20%2f");
    ck_assert_str_eq(peer_request_param(r, "prefix"), "a/b c");
    ck_assert_str_eq(peer_request_param(r, "flag"), "");
    ck_assert_str_eq(peer_request_param(r, "x"), "%zz");
    ck_assert_ptr_null(peer_request_param(r, "none"));
    ck_assert_str_eq(peer_request_header(r, "X-ONE"), "1");
    ck_assert_uint_eq(r->body_len, 4);
    ck_assert_mem_eq(r->body, "body", 4);
    ck_assert_uint_eq(r->connection, 1);
    static const struct {
        struct peer_match match;
        size_t count;
    } matches[] = {
        {{.pattern = "POST /b/k /"}, 1},
        {{.pattern = "* /b/*"}, 2},
        {{.pattern = "GET"}, 1},
        {{.pattern = "GET /b"}, 0},
        {{.path_prefix = "/b/k"}, 1},
        {{.raw_path = "/b/k%20%2f"}, 1},
        {{.param = "flag"}, 1},
        {{.param = "prefix", .param_value = "a/b c"}, 1},
        {{.param = "prefix", .param_value = "a"}, 0},
        {{.without_param = "flag"}, 1},
        {{.header = "x-one", .header_value = "1"}, 1},
        {{.without_header = "Host"}, 1},
    };
    for (size_t i = 0; i < sizeof(matches) / sizeof(matches[0]); i++)
        ck_assert_uint_eq(peer_count(peer, &matches[i].match), matches[i].count);
    ck_assert_uint_eq(peer_count_of(peer, "GET /b/other"), 1);
    ck_assert_ptr_null(peer_request_at(peer, NULL, 2));
    peer_clear(peer);
    ck_assert_uint_eq(peer_count(peer, NULL), 0);
    ck_assert(!peer_wait_requests(peer, NULL, 1, 1));
    (void)close(fd);
}
END_TEST

START_TEST(uploads)
{
    (void)peer_on(peer, "PUT *", PEER_RESPONSE(.status = 204));
    int fd = dial();
    say(fd, "PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
    expect(fd, "HTTP/1.1 100 Continue\r\n\r\n");
    say(fd, "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\n\r\n");
    expect(fd, "HTTP/1.1 204 No Content\r\n\r\n");
    ck_assert_mem_eq(peer_request_at(peer, NULL, 0)->body, "abcde", 5);
    (void)close(fd);
}
END_TEST

static int status_of(const char *path)
{
    char text[512], request[128];
    int fd = dial();
    (void)snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nConnection: close\r\n\r\n",
                   path);
    say(fd, request);
    (void)hear_all(fd, text, sizeof(text));
    (void)close(fd);
    int status = 0;
    ck_assert_int_eq(sscanf(text, "HTTP/1.1 %d", &status), 1);
    return status;
}

START_TEST(rules)
{
    ck_assert_int_eq(status_of("/a"), 404);
    int base = peer_on(peer, "GET /*", PEER_RESPONSE(.status = 200));
    (void)peer_rule_add(peer,
                        &(struct peer_rule){.match.pattern = "GET /a",
                                            PEER_ANSWERS({.status = 500}, {.status = 503}),
                                            .skip = 1,
                                            .times = 3});
    static const int want[] = {200, 500, 503, 503, 200, 200};
    for (size_t i = 0; i < 6; i++)
        ck_assert_int_eq(status_of("/a"), want[i]);
    ck_assert_int_eq(status_of("/b"), 200);
    peer_rule_remove(peer, base);
    peer_rule_remove(peer, 999);
    ck_assert_int_eq(status_of("/b"), 404);
    const struct peer_rule table[] = {
        {.match.pattern = "GET /b", PEER_ANSWERS({.status = 403}), .times = 1},
        {.match.pattern = "*", PEER_ANSWERS({.status = 429})},
    };
    peer_rules_set(peer, table, 2);
    ck_assert_int_eq(status_of("/b"), 403);
    ck_assert_int_eq(status_of("/b"), 429);
    (void)peer_rule_add(peer,
                        &(struct peer_rule){.match.pattern = "*",
                                            PEER_ANSWERS({.status = 500}, {.status = 503}),
                                            .around = true});
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(status_of("/c"), i % 2 ? 503 : 500);
}
END_TEST

static void echo(void *user, const struct peer_request *request, struct peer_response *response)
{
    peer_response_headers(response, "ETag: \"%s\"", (const char *)user);
    peer_response_headers(response, "Content-Range: bytes 0-1/2\nX-Path: %s", request->path);
    peer_response_bodyf(response, "%zu requests", peer_count(peer, NULL));
}

START_TEST(laid_over_a_handler)
{
    static char tag[] = "tag";
    peer_set_handler(peer, echo, tag);
    (void)peer_on(peer, "GET /x",
                  PEER_RESPONSE(.over = true, .status = 206,
                                .headers = "content-range: bytes 5-9/2\n!x-path\nNew: 1",
                                .fault = {.end = PEER_END_CUT, .after = 4}));
    int fd = dial();
    say(fd, GET);
    expect(fd, "HTTP/1.1 206 Partial Content\r\nETag: \"tag\"\r\ncontent-range: bytes 5-9/2\r\n"
               "New: 1\r\nContent-Length: 10\r\n\r\n1 re");
    char c;
    ck_assert_int_eq(recv(fd, &c, 1, 0), 0);
    (void)close(fd);
}
END_TEST

START_TEST(request_ids)
{
    peer_set_request_ids(peer, true);
    (void)peer_on(peer, "GET /x", PEER_RESPONSE(.body = "x"));
    int fd = dial();
    say(fd, GET);
    expect(fd, "HTTP/1.1 200 OK\r\nx-amz-request-id: PEER000000000001\r\n"
               "x-amz-id-2: host-PEER000000000001\r\nContent-Length: 1\r\n\r\nx");
    char id[32];
    peer_request_id(peer_request_at(peer, NULL, 0), id);
    ck_assert_str_eq(id, "PEER000000000001");
    (void)close(fd);
}
END_TEST

START_TEST(accepting)
{
    char c;
    peer_set_accept(peer, PEER_ACCEPT_CLOSE, 1);
    int fd = dial();
    ck_assert_int_eq(recv(fd, &c, 1, 0), 0);
    (void)close(fd);
    peer_set_accept(peer, PEER_ACCEPT_RESET, 1);
    fd = dial();
    ck_assert_int_eq(recv(fd, &c, 1, 0), -1);
    (void)close(fd);
    peer_set_accept(peer, PEER_ACCEPT_DEAF, 1);
    fd = dial();
    say(fd, GET);
    ck_assert(peer_wait_connections(peer, 1, WAIT_MS));
    ck_assert_int_eq(status_of("/x"), 404);
    ck_assert(!readable(fd, 0));
    ck_assert_uint_eq(peer_connections(peer), 4);
    ck_assert_uint_eq(peer_count(peer, NULL), 1);
    peer_drop(peer, false, false);
    ck_assert(peer_wait_connections(peer, 0, WAIT_MS));
    (void)close(fd);
    peer_listen(peer, false);
    ck_assert_int_eq(dial_port(peer_port(peer), 0), -ECONNREFUSED);
    peer_listen(peer, true);
    ck_assert_int_eq(status_of("/x"), 404);
}
END_TEST

START_TEST(hole)
{
    struct peer_hole *h = peer_hole_start();
    int fd = dial_port(peer_hole_port(h), SOCK_NONBLOCK);
    ck_assert_int_ge(fd, 0);
    struct pollfd poller = {.fd = fd, .events = POLLOUT};
    ck_assert_int_eq(poll(&poller, 1, 50), 0);
    (void)close(fd);
    peer_hole_stop(h);
}
END_TEST

START_TEST(broken_requests)
{
    static const char *const requests[] = {"nonsense\r\n\r\n", "GET / HTTP/2\r\n\r\n",
                                           "GET / HTTP/1.1\r\nno colon\r\n\r\n",
                                           "PUT / HTTP/1.1\r\nContent-Length: x\r\n\r\n"};
    char c;
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        int fd = dial();
        say(fd, requests[i]);
        ck_assert_int_le(recv(fd, &c, 1, 0), 0);
        (void)close(fd);
    }
    ck_assert_uint_eq(peer_count(peer, NULL), 0);
}
END_TEST

SUITE_PROGRAM("peer", 60, (void)0, tcase_add_checked_fixture(tc, setup, teardown);
              tcase_add_loop_test(tc, answers, 0, (int)(sizeof(CASES) / sizeof(CASES[0])));
              tcase_add_test(tc, huge_header); tcase_add_test(tc, generated_body);
              tcase_add_test(tc, stall_and_release); tcase_add_test(tc, hundreds_stalled);
              tcase_add_test(tc, records); tcase_add_test(tc, uploads);
              tcase_add_test(tc, rules); tcase_add_test(tc, laid_over_a_handler);
              tcase_add_test(tc, request_ids); tcase_add_test(tc, accepting);
              tcase_add_test(tc, hole); tcase_add_test(tc, broken_requests));
