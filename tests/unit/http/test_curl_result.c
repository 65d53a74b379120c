/* Every way an exchange can end. */
#include "http/curl_result.h"
#include "unit/check.h"
#include "unit/http/curl_rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

struct row {
    const char *name;
    struct peer_response response;
    int kind, sys;
    unsigned heads;
    uint64_t body_bytes;
};

#define FAULT(...) .fault = {__VA_ARGS__}
#define HEAD(text) FAULT(.instead_of_head = text, .end = PEER_END_CUT)

static const struct row rows[] = {
    {"whole", {.body = "hello"}, PAIL_ERROR_NONE, 0, 1, 5},
    {"empty", {.body = ""}, PAIL_ERROR_NONE, 0, 1, 0},
    {"chunked", {.body_len = 70000, .framing = PEER_CHUNKED}, PAIL_ERROR_NONE, 0, 1, 70000},
    {"until the connection closes",
     {.body = "hello", .framing = PEER_CLOSE},
     PAIL_ERROR_NONE,
     0,
     1,
     5},
    {"more than its length says",
     {.body = "hello", FAULT(.excess = 100)},
     PAIL_ERROR_NONE,
     0,
     1,
     5},
    {"404", {.status = 404, .body = "no"}, PAIL_ERROR_NONE, 0, 1, 2},
    {"599", {.status = 599, .body = "no"}, PAIL_ERROR_NONE, 0, 1, 2},
    {"304", {.status = 304, .body = "", .framing = PEER_BARE}, PAIL_ERROR_NONE, 0, 1, 0},
    {"204", {.status = 204, .body = "", .framing = PEER_BARE}, PAIL_ERROR_NONE, 0, 1, 0},
    {"closed without a response",
     {FAULT(.end = PEER_END_CUT, .in_head = true)},
     PAIL_ERROR_CONNECTION_CLOSED,
     ECONNRESET,
     0,
     0},
    {"reset without a response",
     {FAULT(.end = PEER_END_RESET, .in_head = true)},
     PAIL_ERROR_CONNECTION_CLOSED,
     ECONNRESET,
     0,
     0},
    {"closed in the status line",
     {.body = "x", FAULT(.end = PEER_END_CUT, .in_head = true, .after = 8)},
     PAIL_ERROR_CONNECTION_CLOSED,
     ECONNRESET,
     0,
     0},
    {"closed after the status line",
     {.body = "x", FAULT(.end = PEER_END_CUT, .in_head = true, .after = 17)},
     PAIL_ERROR_CONNECTION_CLOSED,
     ECONNRESET,
     0,
     0},
    {"closed in the head",
     {.body = "x", FAULT(.end = PEER_END_CUT, .in_head = true, .after = 30)},
     PAIL_ERROR_CONNECTION_CLOSED,
     ECONNRESET,
     0,
     0},
    {"reset in the head",
     {.body = "x", FAULT(.end = PEER_END_RESET, .in_head = true, .after = 30)},
     PAIL_ERROR_CONNECTION_CLOSED,
     ECONNRESET,
     0,
     0},
    {"closed after 100",
     {FAULT(.interim = 100, .end = PEER_END_CUT, .in_head = true)},
     PAIL_ERROR_CONNECTION_CLOSED,
     ECONNRESET,
     0,
     0},
    {"short",
     {.body = "hello", .framing = PEER_CLAIM, .claim = 10},
     PAIL_ERROR_INCOMPLETE_READ,
     EIO,
     1,
     5},
    {"none of it",
     {.body = "", .framing = PEER_CLAIM, .claim = 10},
     PAIL_ERROR_INCOMPLETE_READ,
     EIO,
     1,
     0},
    {"reset in the body",
     {.body_len = 200000, FAULT(.end = PEER_END_RESET, .after = 100)},
     PAIL_ERROR_STREAMING,
     EIO,
     1,
     100},
    {"reset in a chunked body",
     {.body_len = 200000,
      .framing = PEER_CHUNKED,
      FAULT(.end = PEER_END_RESET, .after = 16384)},
     PAIL_ERROR_STREAMING,
     EIO,
     1,
     16384},
    {"cut in a chunked body",
     {.body_len = 40000, .framing = PEER_CHUNKED, FAULT(.end = PEER_END_CUT, .after = 16384)},
     PAIL_ERROR_STREAMING,
     EIO,
     1,
     16384},
    {"broken chunk",
     {.body_len = 40000,
      .framing = PEER_CHUNKED,
      FAULT(.end = PEER_END_BAD_CHUNK, .after = 16384)},
     PAIL_ERROR_STREAMING,
     EIO,
     1,
     16384},
    {"reset where the close is the end",
     {.body_len = 200000, .framing = PEER_CLOSE, FAULT(.end = PEER_END_RESET, .after = 100)},
     PAIL_ERROR_STREAMING,
     EIO,
     1,
     100},
    {"not HTTP", {HEAD("SSH-2.0-OpenSSH_9.2\r\n")}, PAIL_ERROR_PARSE, EPROTO, 0, 0},
    {"binary", {HEAD("\x15\x03\x03\x00\x02\x02\x46")}, PAIL_ERROR_PARSE, EPROTO, 0, 0},
    {"status 99",
     {HEAD("HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n")},
     PAIL_ERROR_PARSE,
     EPROTO,
     0,
     0},
    {"status 099",
     {HEAD("HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n")},
     PAIL_ERROR_PARSE,
     EPROTO,
     0,
     0},
    {"status 600",
     {HEAD("HTTP/1.1 600 High\r\nContent-Length: 0\r\n\r\n")},
     PAIL_ERROR_PARSE,
     EPROTO,
     0,
     0},
    {"status 2000",
     {HEAD("HTTP/1.1 2000 High\r\nContent-Length: 0\r\n\r\n")},
     PAIL_ERROR_PARSE,
     EPROTO,
     0,
     0},
    {"status 101", {HEAD("HTTP/1.1 101 Switch\r\n\r\nabc")}, PAIL_ERROR_PARSE, EPROTO, 0, 0},
    {"status in words",
     {HEAD("HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n")},
     PAIL_ERROR_PARSE,
     EPROTO,
     0,
     0},
    {"HTTP/3",
     {HEAD("HTTP/3 200 OK\r\nContent-Length: 0\r\n\r\n")},
     PAIL_ERROR_PARSE,
     EPROTO,
     0,
     0},
    {"bad length",
     {HEAD("HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n")},
     PAIL_ERROR_PARSE,
     EPROTO,
     0,
     0},
    {"negative length",
     {HEAD("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")},
     PAIL_ERROR_PARSE,
     EPROTO,
     0,
     0},
    {"length with a tail",
     {HEAD("HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello")},
     PAIL_ERROR_PARSE,
     EPROTO,
     0,
     0},
    {"empty length",
     {HEAD("HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\nhello")},
     PAIL_ERROR_PARSE,
     EPROTO,
     0,
     0},
    {"huge length",
     {HEAD("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello")},
     PAIL_ERROR_PARSE,
     EPROTO,
     0,
     0},
    {"two lengths",
     {HEAD("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")},
     PAIL_ERROR_PARSE,
     EPROTO,
     0,
     0},
    {"one length twice",
     {HEAD("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello")},
     PAIL_ERROR_NONE,
     0,
     1,
     5},
    {"no colon",
     {HEAD("HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 0\r\n\r\n")},
     PAIL_ERROR_PARSE,
     EPROTO,
     0,
     0},
    {"space in a name",
     {HEAD("HTTP/1.1 200 OK\r\nA B: c\r\nContent-Length: 0\r\n\r\n")},
     PAIL_ERROR_PARSE,
     EPROTO,
     0,
     0},
    {"lone CR",
     {HEAD("HTTP/1.1 200 OK\r\nA: b\rc\r\nContent-Length: 0\r\n\r\n")},
     PAIL_ERROR_PARSE,
     EPROTO,
     0,
     0},
    {"LF alone",
     {HEAD("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello")},
     PAIL_ERROR_NONE,
     0,
     1,
     5},
    {"unknown transfer coding",
     {HEAD("HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\nhello")},
     PAIL_ERROR_PARSE,
     EPROTO,
     1,
     0},
    {"header of 90 KB",
     {.body = "hello", FAULT(.huge_header = 90000)},
     PAIL_ERROR_NONE,
     0,
     1,
     5},
    {"header of 120 KB",
     {.body = "hello", FAULT(.huge_header = 120000)},
     PAIL_ERROR_PARSE,
     EPROTO,
     0,
     0},
    {"header of 400 KB",
     {.body = "hello", FAULT(.huge_header = 400000)},
     PAIL_ERROR_PARSE,
     EPROTO,
     0,
     0},
};

START_TEST(ends)
{
    const struct row *row = &rows[_i];
    peer_on(curl_peer, "GET /x", &row->response);
    struct fetch f;
    curl_rig_begin(&f, "GET", "/x");
    fetch_start(&f);
    fetch_wait(&f);
    ck_assert_msg(f.result.kind == row->kind && f.result.sys == row->sys,
                  "%s: %s, errno %d: %s", row->name, pail_error_kind_name(f.result.kind),
                  f.result.sys, f.result.message);
    ck_assert_msg(f.heads == row->heads, "%s: %u heads", row->name, f.heads);
    ck_assert_msg(f.result.body_bytes == row->body_bytes && f.body.len == row->body_bytes,
                  "%s: %zu body bytes, %zu handed over", row->name, (size_t)f.result.body_bytes,
                  f.body.len);
    ck_assert_msg((f.result.kind == PAIL_ERROR_NONE) == (f.result.message[0] == '\0'), "%s: %s",
                  row->name, f.result.message);
    ck_assert_str_eq(f.result.remote, peer_url(curl_peer) + strlen("http://"));
    fetch_done(&f);
    /* Bytes after the end may come when the connection is in use again: test_curl.c has them in
     * time. */
    if (row->response.fault.excess)
        return;
    /* The transport is as good as before. */
    peer_on(curl_peer, "GET /after", PEER_RESPONSE(.body = "after"));
    struct fetch after;
    curl_rig_begin(&after, "GET", "/after");
    fetch_start(&after);
    fetch_wait(&after);
    ck_assert_msg(after.result.kind == PAIL_ERROR_NONE, "%s, then: %s", row->name,
                  after.result.message);
    check_str(buf_str(&after.body), "after");
    fetch_done(&after);
}
END_TEST

/* curl's own limits are told in words only: ours are less. */
START_TEST(interim_heads_without_end)
{
    enum { LINES = 450, LINE = 1000 };
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, (LINES + 2) * (LINE + 40));
    for (int i = 0; i < LINES; i++)
        buf_addf(&text, "HTTP/1.1 103 Early Hints\r\nLink: %0*d\r\n\r\n", LINE - 40, i);
    buf_add_c(&text, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    ck_assert_int_eq(buf_failed(&text), 0);
    peer_on(curl_peer, "GET /x", PEER_RESPONSE(HEAD(buf_c(&text))));
    struct fetch f;
    curl_rig_begin(&f, "GET", "/x");
    fetch_start(&f);
    fetch_wait(&f);
    ck_assert_msg(f.result.kind == PAIL_ERROR_PARSE && f.result.sys == EPROTO, "%s: %s",
                  pail_error_kind_name(f.result.kind), f.result.message);
    ck_assert_uint_eq(f.heads, 0);
    fetch_done(&f);
}
END_TEST

/* ---- curl's codes by themselves ---- */

#define PROXIED   .proxied = true
#define CONNECTED .connected = true
#define HEAD_DONE .connected = true, .head_done = true

static const struct {
    CURLcode code;
    struct curl_facts facts;
    int kind, sys;
} codes[] = {
    {CURLE_OK, {HEAD_DONE}, PAIL_ERROR_NONE, 0},
    {CURLE_OK, {CONNECTED}, PAIL_ERROR_CONNECTION_CLOSED, ECONNRESET},
    {CURLE_OK, {PROXIED}, PAIL_ERROR_PROXY, EHOSTUNREACH},
    {CURLE_COULDNT_RESOLVE_HOST, {0}, PAIL_ERROR_RESOLVE, EHOSTUNREACH},
    {CURLE_COULDNT_RESOLVE_PROXY, {PROXIED}, PAIL_ERROR_PROXY, EHOSTUNREACH},
    {CURLE_PROXY, {PROXIED}, PAIL_ERROR_PROXY, EHOSTUNREACH},
    {CURLE_COULDNT_CONNECT, {0}, PAIL_ERROR_CONNECT, ECONNREFUSED},
    {CURLE_COULDNT_CONNECT, {.os_error = ECONNRESET}, PAIL_ERROR_CONNECT, ECONNRESET},
    {CURLE_COULDNT_CONNECT, {.os_error = ENETDOWN}, PAIL_ERROR_CONNECT, EHOSTUNREACH},
    {CURLE_COULDNT_CONNECT, {.os_error = EADDRNOTAVAIL}, PAIL_ERROR_CONNECT, EHOSTUNREACH},
    {CURLE_COULDNT_CONNECT, {.os_error = ETIMEDOUT}, PAIL_ERROR_CONNECT_TIMEOUT, ETIMEDOUT},
    {CURLE_COULDNT_CONNECT, {.os_error = EMFILE}, PAIL_ERROR_MEMORY, ENOMEM},
    {CURLE_COULDNT_CONNECT, {.os_error = EMFILE, PROXIED}, PAIL_ERROR_MEMORY, ENOMEM},
    {CURLE_COULDNT_CONNECT,
     {.os_error = ECONNREFUSED, PROXIED},
     PAIL_ERROR_PROXY,
     EHOSTUNREACH},
    /* What curl says of it decides nothing. */
    {CURLE_COULDNT_CONNECT,
     {.message = "Failed to connect to somebody else port 1 "},
     PAIL_ERROR_CONNECT,
     ECONNREFUSED},
    {CURLE_RECV_ERROR,
     {.message = "Too large response headers: 1 > 0", CONNECTED},
     PAIL_ERROR_CONNECTION_CLOSED,
     ECONNRESET},
    {CURLE_RECV_ERROR, {HEAD_DONE}, PAIL_ERROR_STREAMING, EIO},
    {CURLE_RECV_ERROR, {PROXIED}, PAIL_ERROR_PROXY, EHOSTUNREACH},
    {CURLE_RECV_ERROR, {PROXIED, HEAD_DONE}, PAIL_ERROR_STREAMING, EIO},
    {CURLE_RECV_ERROR, {0}, PAIL_ERROR_CONNECTION_CLOSED, ECONNRESET},
    {CURLE_OPERATION_TIMEDOUT, {0}, PAIL_ERROR_CONNECT_TIMEOUT, ETIMEDOUT},
    {CURLE_OPERATION_TIMEDOUT, {CONNECTED}, PAIL_ERROR_READ_TIMEOUT, ETIMEDOUT},
    {CURLE_SSL_CONNECT_ERROR, {0}, PAIL_ERROR_TLS, EPROTO},
    {CURLE_SSL_CIPHER, {0}, PAIL_ERROR_TLS, EPROTO},
    {CURLE_PEER_FAILED_VERIFICATION, {0}, PAIL_ERROR_CERTIFICATE, EACCES},
    {CURLE_SSL_CACERT_BADFILE, {0}, PAIL_ERROR_CERTIFICATE, EACCES},
    {CURLE_SSL_CLIENTCERT, {0}, PAIL_ERROR_CERTIFICATE, EACCES},
    {CURLE_PARTIAL_FILE, {HEAD_DONE, .length_known = true}, PAIL_ERROR_INCOMPLETE_READ, EIO},
    {CURLE_PARTIAL_FILE, {HEAD_DONE}, PAIL_ERROR_STREAMING, EIO},
    {CURLE_WEIRD_SERVER_REPLY, {CONNECTED}, PAIL_ERROR_PARSE, EPROTO},
    {CURLE_UNSUPPORTED_PROTOCOL, {CONNECTED}, PAIL_ERROR_PARSE, EPROTO},
    {CURLE_UNSUPPORTED_PROTOCOL, {0}, PAIL_ERROR_PARAM, EINVAL},
    {CURLE_OUT_OF_MEMORY, {CONNECTED}, PAIL_ERROR_PARSE, EPROTO},
    {CURLE_OUT_OF_MEMORY, {HEAD_DONE}, PAIL_ERROR_MEMORY, ENOMEM},
    {CURLE_OUT_OF_MEMORY, {0}, PAIL_ERROR_MEMORY, ENOMEM},
    {CURLE_URL_MALFORMAT, {0}, PAIL_ERROR_PARAM, EINVAL},
    {CURLE_ABORTED_BY_CALLBACK, {CONNECTED}, PAIL_ERROR_CONNECTION_CLOSED, ECONNRESET},
};

START_TEST(codes_are_kinds)
{
    struct curl_facts facts = codes[_i].facts;
    struct http_result result;
    if (!facts.message)
        facts.message = "";
    curl_result(codes[_i].code, &facts, &result);
    ck_assert_msg(result.kind == codes[_i].kind && result.sys == codes[_i].sys,
                  "row %d: %s, errno %d", _i, pail_error_kind_name(result.kind), result.sys);
    ck_assert_int_eq(result.message[0] == '\0', result.kind == PAIL_ERROR_NONE);
}
END_TEST

static const struct {
    const char *said, *told;
} messages[] = {
    {"Could not resolve host: name", "Could not resolve host: name"},
    {"Unsupported proxy syntax in 'http://me:hush@127.0.0.1:notaport'",
     "Unsupported proxy syntax in '...@127.0.0.1:notaport'"},
    {"Unsupported proxy scheme for 'me:hush@host'", "Unsupported proxy scheme for '...@host'"},
    {"no 'http://me:hu/s@h hush'x@host', sorry", "no '...@host', sorry"},
    {"via http://me:hush@host", "via http://...@host"},
    {"me:hush@host is none", "...@host is none"},
};

START_TEST(users_of_urls_are_not_told)
{
    const struct curl_facts facts = {.message = messages[_i].said};
    struct http_result result;
    curl_result(CURLE_COULDNT_CONNECT, &facts, &result);
    ck_assert_str_eq(result.message, messages[_i].told);
}
END_TEST

SUITE_MAIN("http/curl_result", tcase_add_checked_fixture(tc, curl_rig_setup, curl_rig_teardown);
           tcase_add_loop_test(tc, ends, 0, (int)ARRAY_LEN(rows));
           tcase_add_test(tc, interim_heads_without_end);
           tcase_add_loop_test(tc, codes_are_kinds, 0, (int)ARRAY_LEN(codes));
           tcase_add_loop_test(tc, users_of_urls_are_not_told, 0, (int)ARRAY_LEN(messages)));
