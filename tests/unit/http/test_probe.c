/* How far a connection gets. */
#include "http/probe.h"
#include "peer/peer.h"
#include "peer/tls.h"
#include "unit/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LONG_MS  20000
#define SHORT_MS 60

static struct peer *peer;
static struct pail_probe probe;
static struct http_result result;

static void setup(void)
{
    peer = peer_start();
}

static void teardown(void)
{
    peer_stop(peer);
}

/* No request may be sent. */
static void look(const char *url, struct curl_options options, int64_t timeout_ms)
{
    struct http_request request;
    http_request_init(&request);
    ck_assert_int_eq(url_parse(str_c(url), &request.url, NULL), 0);
    request.connect_timeout_ms = timeout_ms;
    ck_assert_int_eq(http_probe(&options, &request, &probe, &result), 0);
    http_request_done(&request);
    ck_assert_uint_eq(peer_count(peer, NULL), 0);
}

static void check_result(enum pail_probe_step reached, int kind, int sys)
{
    ck_assert_msg(probe.reached == reached && result.kind == kind && result.sys == sys,
                  "step %d, %s, errno %d: %s", (int)probe.reached,
                  pail_error_kind_name(result.kind), result.sys, result.message);
}

START_TEST(plain)
{
    char address[64];
    snprintf(address, sizeof(address), "127.0.0.1:%u", peer_port(peer));
    look(peer_url(peer), (struct curl_options){0}, LONG_MS);
    check_result(PAIL_PROBE_DONE, PAIL_ERROR_NONE, 0);
    ck_assert_str_eq(probe.address, address);
    ck_assert_uint_eq(probe.addresses, 1);
    ck_assert(!probe.proxied);
    ck_assert_int_ge(probe.name_ms, 0);
    ck_assert_int_ge(probe.connection_ms, probe.name_ms);
    ck_assert_int_eq(probe.tls_ms, -1);
    ck_assert(!probe.certificate.present);
    /* What was opened is closed. */
    ck_assert(peer_wait_connections(peer, 0, LONG_MS));
}
END_TEST

START_TEST(no_such_name)
{
    look("https://name.invalid/", (struct curl_options){0}, LONG_MS);
    check_result(PAIL_PROBE_NAME, PAIL_ERROR_RESOLVE, EHOSTUNREACH);
    ck_assert_str_eq(probe.address, "");
    ck_assert_int_eq(probe.connection_ms, -1);
}
END_TEST

START_TEST(refused)
{
    peer_listen(peer, false);
    look(peer_url(peer), (struct curl_options){0}, LONG_MS);
    check_result(PAIL_PROBE_CONNECTION, PAIL_ERROR_CONNECT, ECONNREFUSED);
    ck_assert_uint_eq(probe.addresses, 1);
    ck_assert_int_eq(strncmp(probe.address, "127.0.0.1:", 10), 0);
    ck_assert_int_eq(probe.connection_ms, -1);
}
END_TEST

/* The listener's queue is full, so the handshake is not answered. */
START_TEST(unanswered)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fillers[4];
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(listen(listener, 0), 0);
    getsockname(listener, (struct sockaddr *)&address, &len);
    for (size_t i = 0; i < ARRAY_LEN(fillers); i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(fillers[i], (struct sockaddr *)&address, sizeof(address));
    }
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/x", ntohs(address.sin_port));
    look(url, (struct curl_options){0}, SHORT_MS);
    check_result(PAIL_PROBE_CONNECTION, PAIL_ERROR_CONNECT_TIMEOUT, ETIMEDOUT);
    for (size_t i = 0; i < ARRAY_LEN(fillers); i++)
        close(fillers[i]);
    close(listener);
}
END_TEST

/* ---- TLS ---- */

static void https_of_peer(char url[64])
{
    snprintf(url, 64, "https://127.0.0.1:%u/x", peer_port(peer));
}

START_TEST(handshakes_that_fail)
{
    char url[64];
    https_of_peer(url);
    peer_set_accept(peer, PEER_ACCEPT_CLOSE, 0);
    look(url, (struct curl_options){0}, LONG_MS);
    check_result(PAIL_PROBE_TLS, PAIL_ERROR_TLS, EPROTO);
    ck_assert_int_eq(probe.tls_ms, -1);
    peer_set_accept(peer, PEER_ACCEPT_DEAF, 0);
    look(url, (struct curl_options){0}, SHORT_MS);
    check_result(PAIL_PROBE_TLS, PAIL_ERROR_CONNECT_TIMEOUT, ETIMEDOUT);
}
END_TEST

static const struct {
    struct peer_certificate certificate;
    bool unknown_authority, insecure;
    enum pail_certificate_fault fault;
} certificates[] = {
    {{0}, false, false, PAIL_CERTIFICATE_GOOD},
    {{0}, true, false, PAIL_CERTIFICATE_UNTRUSTED},
    {{.self_signed = true}, false, false, PAIL_CERTIFICATE_UNTRUSTED},
    {{.from_days = -10, .till_days = -5}, false, false, PAIL_CERTIFICATE_EXPIRED},
    {{.from_days = 5, .till_days = 10}, false, false, PAIL_CERTIFICATE_NOT_YET_VALID},
    {{.names = "DNS:other.example,IP:127.0.0.2"}, false, false, PAIL_CERTIFICATE_OTHER_HOST},
    {{.names = "DNS:other.example", .from_days = -10, .till_days = -5},
     true,
     true,
     PAIL_CERTIFICATE_GOOD},
};

static int64_t days_from_now(struct pail_time time)
{
    ck_assert(time.present);
    int64_t seconds = time.seconds - (int64_t)clock_realtime_s(&clock_system);
    return (seconds + (seconds < 0 ? -43200 : 43200)) / 86400;
}

/* What the certificate says is read whatever is wrong with it. */
START_TEST(certificates_are_read)
{
    const struct peer_certificate *made = &certificates[_i].certificate;
    struct peer_tls *tls = peer_tls_start(peer_port(peer), made);
    bool good = certificates[_i].fault == PAIL_CERTIFICATE_GOOD;
    look(peer_tls_url(tls),
         (struct curl_options){
             .ca_bundle = certificates[_i].unknown_authority ? NULL : peer_tls_authority(tls),
             .insecure = certificates[_i].insecure},
         LONG_MS);
    check_result(good ? PAIL_PROBE_DONE : PAIL_PROBE_TLS,
                 good ? PAIL_ERROR_NONE : PAIL_ERROR_CERTIFICATE, good ? 0 : EACCES);
    ck_assert_int_eq(probe.fault, certificates[_i].fault);
    ck_assert(probe.certificate.present);
    ck_assert_msg(strstr(probe.certificate.subject, "CN = peer"), "%s",
                  probe.certificate.subject);
    ck_assert_msg(
        strstr(probe.certificate.issuer, made->self_signed ? "CN = peer" : "peer's authority"),
        "%s", probe.certificate.issuer);
    ck_assert_msg(
        strstr(probe.certificate.names, made->names ? "DNS:other.example" : "DNS:localhost"),
        "%s", probe.certificate.names);
    bool dated = made->from_days || made->till_days;
    ck_assert_int_eq(days_from_now(probe.certificate.not_before), dated ? made->from_days : -1);
    ck_assert_int_eq(days_from_now(probe.certificate.not_after), dated ? made->till_days : 1);
    peer_tls_stop(tls);
}
END_TEST

/* ---- proxies ---- */

START_TEST(proxies)
{
    look("http://name.invalid/", (struct curl_options){.http_proxy = peer_url(peer)}, LONG_MS);
    check_result(PAIL_PROBE_DONE, PAIL_ERROR_NONE, 0);
    ck_assert(probe.proxied && !probe.proxy_user);
    look("http://name.invalid/",
         (struct curl_options){.http_proxy = "http://me:hush@proxy.invalid:3128"}, LONG_MS);
    check_result(PAIL_PROBE_NAME, PAIL_ERROR_PROXY, EHOSTUNREACH);
    ck_assert(probe.proxied && probe.proxy_user);
    ck_assert_int_eq(probe.proxy_status, 0);
    peer_listen(peer, false);
    look("https://name.invalid/", (struct curl_options){.https_proxy = peer_url(peer)},
         LONG_MS);
    check_result(PAIL_PROBE_CONNECTION, PAIL_ERROR_PROXY, EHOSTUNREACH);
    ck_assert(probe.proxied);
}
END_TEST

/* As an exchange would: the environment says nothing here, and a port nothing of who it is. */
START_TEST(proxies_are_those_of_the_options)
{
    setenv("http_proxy", "http://proxy.invalid:3128", 1);
    look(peer_url(peer), (struct curl_options){0}, LONG_MS);
    unsetenv("http_proxy");
    check_result(PAIL_PROBE_DONE, PAIL_ERROR_NONE, 0);
    ck_assert(!probe.proxied);
    look(peer_url(peer), (struct curl_options){.http_proxy = peer_url(peer)}, LONG_MS);
    check_result(PAIL_PROBE_DONE, PAIL_ERROR_NONE, 0);
    ck_assert(probe.proxied);
    look(peer_url(peer),
         (struct curl_options){.http_proxy = "http://proxy.invalid:1", .no_proxy = "127.0.0.1"},
         LONG_MS);
    check_result(PAIL_PROBE_DONE, PAIL_ERROR_NONE, 0);
    ck_assert(!probe.proxied);
}
END_TEST

SUITE_MAIN("http/probe", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_test(tc, plain); tcase_add_test(tc, no_such_name);
           tcase_add_test(tc, refused); tcase_add_test(tc, unanswered);
           tcase_add_test(tc, handshakes_that_fail);
           tcase_add_loop_test(tc, certificates_are_read, 0, (int)ARRAY_LEN(certificates));
           tcase_add_test(tc, proxies); tcase_add_test(tc, proxies_are_those_of_the_options));
