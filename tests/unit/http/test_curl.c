/* The transport over libcurl: what is sent, and what of an answer is told. */
#include "http/curl_exchange.h"
#include "unit/check.h"
#include "unit/http/curl_rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct peer_request *asked(size_t index)
{
    const struct peer_request *r = peer_request_at(curl_peer, NULL, index);
    ck_assert_ptr_nonnull(r);
    return r;
}

/* ---- requests ---- */

START_TEST(sends_targets_as_they_are)
{
    static const char *const targets[] = {
        "/",
        "/a%2Fb//c/../d/./e%20+~*'()!$&,;=:@",
        "/%00%ff/",
        "/a?list-type=2&prefix=a%2Fb+c&x",
        "/..",
        "//",
        "/a/%2e%2e/b?%23=%3F",
    };
    peer_on(curl_peer, "GET /*", PEER_RESPONSE(.body = "x"));
    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        curl_rig_get(targets[i]);
        ck_assert_str_eq(asked(i)->target, targets[i]);
    }
    curl_rig_get("?a=b");
    ck_assert_str_eq(asked(ARRAY_LEN(targets))->target, "/?a=b");
}
END_TEST

static const struct {
    const char *method;
    const char *body; /* NULL: none */
    const char *length;
} methods[] = {
    {"GET", NULL, NULL},     {"HEAD", NULL, NULL}, {"DELETE", NULL, NULL}, {"PUT", "data", "4"},
    {"POST", "data", "4"},   {"POST", "", "0"},    {"PUT", "", "0"},       {"PUT", NULL, NULL},
    {"DELETE", "data", "4"}, {"GET", "data", "4"}, {"POST", NULL, NULL},
};

START_TEST(sends_methods_and_bodies)
{
    peer_on(curl_peer, "* /m", PEER_RESPONSE(.body = "answer"));
    struct fetch f;
    curl_rig_begin(&f, methods[_i].method, "/m");
    if (methods[_i].body)
        fetch_body(&f, methods[_i].body, strlen(methods[_i].body));
    fetch_start(&f);
    fetch_wait(&f);
    ck_assert_msg(f.result.kind == PAIL_ERROR_NONE, "%s", f.result.message);
    ck_assert_uint_eq(f.body.len, strcmp(methods[_i].method, "HEAD") == 0 ? 0 : 6);
    ck_assert(f.content_length.present && f.content_length.value == 6);
    const struct peer_request *r = asked(0);
    ck_assert_str_eq(r->method, methods[_i].method);
    ck_assert_uint_eq(r->body_len, methods[_i].body ? strlen(methods[_i].body) : 0);
    const char *length = peer_request_header(r, "content-length");
    ck_assert(methods[_i].length ? length && strcmp(length, methods[_i].length) == 0 : !length);
    ck_assert_uint_eq(r->header_count, methods[_i].length ? 2 : 1);
    ck_assert_str_eq(peer_request_header(r, "host"), peer_url(curl_peer) + strlen("http://"));
    fetch_done(&f);
}
END_TEST

START_TEST(sends_headers_as_they_are)
{
    curl_rig_use((struct curl_options){.user_agent = "pail/1"});
    peer_on(curl_peer, "PUT /h", PEER_RESPONSE(.body = ""));
    struct fetch f;
    curl_rig_begin(&f, "PUT", "/h");
    fetch_header(&f, "Host", "bucket.example.com");
    fetch_header(&f, "x-amz-date", "20150830T123600Z");
    fetch_header(&f, "X-Empty", "");
    fetch_header(&f, "X-Blank", "  ");
    fetch_header(&f, "X-Twice", "1");
    fetch_header(&f, "X-Twice", "2");
    fetch_header(&f, "X-Utf8", "\xc3\xa9; a=\"b\", c");
    fetch_body(&f, "x", 1);
    fetch_start(&f);
    fetch_wait(&f);
    static const char *const sent[][2] = {
        {"Host", "bucket.example.com"},
        {"x-amz-date", "20150830T123600Z"},
        {"X-Empty", ""},
        {"X-Blank", ""},
        {"X-Utf8", "\xc3\xa9; a=\"b\", c"},
        {"User-Agent", "pail/1"},
        {"Content-Length", "1"},
    };
    const struct peer_request *r = asked(0);
    ck_assert_uint_eq(r->header_count, ARRAY_LEN(sent) + 2);
    for (size_t i = 0; i < ARRAY_LEN(sent); i++) {
        const char *value = peer_request_header(r, sent[i][0]);
        ck_assert_msg(value && strcmp(value, sent[i][1]) == 0, "%s: %s", sent[i][0], value);
    }
    fetch_done(&f);
    curl_rig_begin(&f, "GET", "/none");
    fetch_header(&f, "user-agent", "mine");
    fetch_header(&f, "accept", "text/plain");
    fetch_start(&f);
    fetch_wait(&f);
    ck_assert_str_eq(peer_request_header(asked(1), "User-Agent"), "mine");
    ck_assert_str_eq(peer_request_header(asked(1), "Accept"), "text/plain");
    ck_assert_uint_eq(asked(1)->header_count, 3);
    fetch_done(&f);
}
END_TEST

START_TEST(large_bodies)
{
    peer_on(curl_peer, "PUT /large", PEER_RESPONSE(.body = "ok"));
    size_t len = 5 * 1024 * 1024 + 7;
    char *data = malloc(len);
    ck_assert_ptr_nonnull(data);
    peer_fill(1, 0, data, len);
    struct fetch f;
    curl_rig_begin(&f, "PUT", "/large");
    fetch_body(&f, data, len);
    fetch_start(&f);
    fetch_wait(&f);
    ck_assert_msg(f.result.kind == PAIL_ERROR_NONE, "%s", f.result.message);
    ck_assert_uint_eq(asked(0)->body_len, len);
    ck_assert(peer_check(1, 0, asked(0)->body, len, NULL));
    ck_assert_ptr_null(peer_request_header(asked(0), "expect"));
    fetch_done(&f);
    free(data);
}
END_TEST

/* A body goes again to a new connection when the one that was to be used again turns out
 * closed. */
START_TEST(repeats_on_a_closed_connection)
{
    peer_on(curl_peer, "GET /first", PEER_RESPONSE(.body = "x"));
    peer_on(curl_peer, "POST /second", PEER_RESPONSE(.body = "x"));
    for (int reset = 0; reset < 2; reset++) {
        curl_rig_get("/first");
        peer_drop(curl_peer, reset, true);
        ck_assert(peer_wait_connections(curl_peer, 0, FETCH_WAIT_MS));
        struct fetch f;
        curl_rig_begin(&f, "POST", "/second");
        fetch_body(&f, "body", 4);
        fetch_start(&f);
        fetch_wait(&f);
        ck_assert_msg(f.result.kind == PAIL_ERROR_NONE, "%s", f.result.message);
        fetch_done(&f);
    }
    ck_assert_uint_eq(peer_count_of(curl_peer, "POST /second"), 2);
}
END_TEST

/* Opens `count` connections, and leaves them to be used again. */
static void warm_up(size_t count)
{
    struct fetch f[3];
    ck_assert_uint_le(count, ARRAY_LEN(f));
    int rule = peer_on(curl_peer, "GET /warm",
                       PEER_RESPONSE(.body = "x", .fault = {.end = PEER_END_STALL}));
    for (size_t i = 0; i < count; i++) {
        curl_rig_begin(&f[i], "GET", "/warm");
        fetch_start(&f[i]);
    }
    ck_assert(peer_wait_stalled(curl_peer, count, FETCH_WAIT_MS));
    peer_release(curl_peer);
    for (size_t i = 0; i < count; i++) {
        fetch_wait(&f[i]);
        fetch_done(&f[i]);
    }
    peer_rule_remove(curl_peer, rule);
    peer_on(curl_peer, "GET /warm", PEER_RESPONSE(.body = "x"));
}

/* curl by itself would ask again, up to five times: whether that is right, and that it counts,
 * is known above. `_i`: 0 closed, 1 reset, 2 a request with a body. */
START_TEST(asks_once)
{
    struct fetch f;
    warm_up(3);
    peer_on(curl_peer, "* /gone",
            PEER_RESPONSE(.fault = {.end = _i == 1 ? PEER_END_RESET : PEER_END_CUT,
                                    .in_head = true}));
    curl_rig_begin(&f, _i == 2 ? "POST" : "GET", "/gone");
    if (_i == 2)
        fetch_body(&f, "body", 4);
    fetch_start(&f);
    fetch_wait(&f);
    ck_assert_int_eq(f.result.kind, PAIL_ERROR_CONNECTION_CLOSED);
    ck_assert_int_eq(f.result.sys, ECONNRESET);
    ck_assert_uint_eq(f.heads, 0);
    ck_assert_uint_eq(peer_count(curl_peer, PEER_MATCH(.path = "/gone")), 1);
    fetch_done(&f);
    curl_rig_get("/warm");
}
END_TEST

START_TEST(asks_on_a_fresh_connection)
{
    struct fetch f;
    peer_on(curl_peer, "GET /*", PEER_RESPONSE(.body = "x"));
    for (int i = 0; i < 4; i++) {
        curl_rig_begin(&f, "GET", "/x");
        f.request.fresh = i == 2;
        fetch_start(&f);
        fetch_wait(&f);
        ck_assert_int_eq(f.result.kind, PAIL_ERROR_NONE);
        fetch_done(&f);
    }
    ck_assert_uint_eq(asked(1)->connection, 1);
    ck_assert_uint_eq(asked(2)->connection, 2);
    ck_assert_uint_eq(peer_connections(curl_peer), 2);
}
END_TEST

/* A listening socket on the loopback; *ret_url is "http://127.0.0.1:PORT/x". */
static int listen_raw(int backlog, char ret_url[64])
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(listen(fd, backlog), 0);
    getsockname(fd, (struct sockaddr *)&address, &len);
    snprintf(ret_url, 64, "http://127.0.0.1:%u/x", ntohs(address.sin_port));
    return fd;
}

/* Reads up to and with `end`. */
static void read_until(int fd, const char *end, char *text, size_t size)
{
    size_t len = 0, end_len = strlen(end);
    do {
        ck_assert_uint_lt(len, size - 1);
        ck_assert_int_eq(read(fd, text + len, 1), 1);
        text[++len] = '\0';
    } while (len < end_len || strcmp(text + len - end_len, end) != 0);
}

static void say(int fd, const char *text)
{
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

enum expectation { CONTINUED, IGNORED, REFUSED, UNDERSTOOD_LATER };

START_TEST(expects_continue)
{
    char url[64], text[1000];
    int listener = listen_raw(8, url);
    struct fetch f;
    fetch_init(&f, transport, "PUT", url);
    f.request.expect_continue = true;
    fetch_body(&f, "body", 4);
    fetch_start(&f);
    int fd = accept(listener, NULL, NULL);
    read_until(fd, "\r\n\r\n", text, sizeof(text));
    ck_assert_ptr_nonnull(strstr(text, "\r\nExpect: 100-continue\r\n"));
    if (_i == REFUSED) {
        say(fd, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
    } else {
        if (_i == CONTINUED)
            say(fd, "HTTP/1.1 100 Continue\r\nA: b\r\n\r\n");
        if (_i == UNDERSTOOD_LATER) {
            say(fd, "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 3\r\n\r\nwhy");
            close(fd);
            fd = accept(listener, NULL, NULL);
            read_until(fd, "\r\n\r\n", text, sizeof(text));
            ck_assert_ptr_null(strstr(text, "\r\nExpect: 100-continue\r\n"));
        }
        read_until(fd, "body", text, sizeof(text));
        ck_assert_str_eq(text, "body");
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
    fetch_wait(&f);
    ck_assert_msg(f.result.kind == PAIL_ERROR_NONE, "%s", f.result.message);
    ck_assert_uint_eq(f.heads, 1);
    ck_assert_int_eq(f.status, _i == REFUSED ? 403 : 200);
    ck_assert_str_eq(buf_c(&f.body), _i == REFUSED ? "no" : "ok");
    ck_assert_uint_eq(f.result.body_bytes, 2);
    fetch_done(&f);
    close(fd);
    close(listener);
}
END_TEST

/* ---- responses ---- */

START_TEST(reports_the_head)
{
    peer_on(
        curl_peer, "GET /head",
        PEER_RESPONSE(
                .status = 206, .reason = "Partly so", .body = "hello", .framing = PEER_BARE,
                .headers =
                    "ETag: \"x\"\nContent-Length: 5\nX-Empty:\nx-amz-meta-A:  b \nX-Empty: 2",
                .fault = {.interim = 103, .interim_count = 3, .head_piece = 1}));
    struct fetch f;
    curl_rig_begin(&f, "GET", "/head");
    fetch_start(&f);
    fetch_wait(&f);
    ck_assert_msg(f.result.kind == PAIL_ERROR_NONE, "%s", f.result.message);
    ck_assert_int_eq(f.status, 206);
    ck_assert_uint_eq(f.heads, 1);
    ck_assert_str_eq(f.reason, "Partly so");
    ck_assert_str_eq(
        f.headers, "ETag: \"x\"\nContent-Length: 5\nX-Empty: \nx-amz-meta-A: b\nX-Empty: 2\n");
    fetch_done(&f);
}
END_TEST

/* Bytes after Content-Length are no part of the body, and their connection is not used again.
 */
START_TEST(more_than_was_promised)
{
    char url[64], text[1000];
    int listener = listen_raw(8, url);
    for (int i = 0; i < 2; i++) {
        struct fetch f;
        fetch_init(&f, transport, "GET", url);
        fetch_start(&f);
        int fd = accept(listener, NULL, NULL);
        read_until(fd, "\r\n\r\n", text, sizeof(text));
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more");
        fetch_wait(&f);
        ck_assert_msg(f.result.kind == PAIL_ERROR_NONE, "%s", f.result.message);
        check_str(buf_str(&f.body), "hello");
        fetch_done(&f);
        ck_assert_int_eq(read(fd, text, 1), 0);
        close(fd);
    }
    close(listener);
}
END_TEST

/* What comes behind a response that is complete is not taken for the next. */
START_TEST(more_after_the_response)
{
    char url[64], text[1000];
    int listener = listen_raw(8, url), fds[2];
    for (int i = 0; i < 2; i++) {
        struct fetch f;
        fetch_init(&f, transport, "GET", url);
        fetch_start(&f);
        fds[i] = accept(listener, NULL, NULL);
        read_until(fds[i], "\r\n\r\n", text, sizeof(text));
        say(fds[i], "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        fetch_wait(&f);
        ck_assert_msg(f.result.kind == PAIL_ERROR_NONE, "%s", f.result.message);
        check_str(buf_str(&f.body), "hello");
        fetch_done(&f);
        if (i == 0)
            say(fds[0], "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nlie");
    }
    /* The second was sent on a connection of its own only, and the first was dropped. */
    ck_assert_int_le(read(fds[0], text, 1), 0);
    for (int i = 0; i < 2; i++)
        close(fds[i]);
    close(listener);
}
END_TEST

START_TEST(folds_and_trailers)
{
    peer_on(
        curl_peer, "GET /f",
        PEER_RESPONSE(.fault = {.instead_of_head =
                                    "HTTP/1.1 200\r\nA: one\r\n\ttwo\r\n  three\r\nB: x\r\n"
                                    "Transfer-Encoding: chunked\r\nContent-Length: 99\r\n\r\n"
                                    "3\r\nabc\r\n0\r\nTrailer: ignored\r\n\r\n",
                                .end = PEER_END_CUT}));
    struct fetch f;
    curl_rig_begin(&f, "GET", "/f");
    fetch_start(&f);
    fetch_wait(&f);
    ck_assert_msg(f.result.kind == PAIL_ERROR_NONE, "%s", f.result.message);
    ck_assert_str_eq(f.reason, "");
    ck_assert_str_eq(
        f.headers, "A: one two three\nB: x\nTransfer-Encoding: chunked\nContent-Length: 99\n");
    ck_assert(!f.content_length.present);
    check_str(buf_str(&f.body), "abc");
    fetch_done(&f);
}
END_TEST

SUITE_MAIN("http/curl", tcase_add_checked_fixture(tc, curl_rig_setup, curl_rig_teardown);
           tcase_add_test(tc, sends_targets_as_they_are);
           tcase_add_loop_test(tc, sends_methods_and_bodies, 0, (int)ARRAY_LEN(methods));
           tcase_add_test(tc, sends_headers_as_they_are); tcase_add_test(tc, large_bodies);
           tcase_add_test(tc, repeats_on_a_closed_connection);
           tcase_add_loop_test(tc, asks_once, 0, 3);
           tcase_add_test(tc, asks_on_a_fresh_connection);
           tcase_add_loop_test(tc, expects_continue, 0, UNDERSTOOD_LATER + 1);
           tcase_add_test(tc, reports_the_head); tcase_add_test(tc, folds_and_trailers);
           tcase_add_test(tc, more_than_was_promised);
           tcase_add_test(tc, more_after_the_response));
