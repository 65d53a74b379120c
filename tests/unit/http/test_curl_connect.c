/* Connecting: names, refusals, timeouts, TLS, proxies. */
#include "http/curl_exchange.h"
#include "peer/tls.h"
#include "unit/check.h"
#include "unit/http/curl_rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define SHORT_MS 60 /* a connect timeout that is waited for */

static void setup(void)
{
    curl_rig_setup();
    peer_on(curl_peer, "GET /*", PEER_RESPONSE(.body = "hello"));
}

/* Fetches `url` and expects that end; returns the exchange for more questions. */
static struct http_result fetch_url(const char *url, int64_t connect_timeout_ms, int kind,
                                    int sys)
{
    struct fetch f;
    fetch_init(&f, transport, "GET", url);
    f.request.connect_timeout_ms = connect_timeout_ms;
    fetch_start(&f);
    fetch_wait(&f);
    ck_assert_msg(f.result.kind == kind && f.result.sys == sys, "%s: %s, errno %d: %s", url,
                  pail_error_kind_name(f.result.kind), f.result.sys, f.result.message);
    ck_assert_uint_eq(f.heads, kind == PAIL_ERROR_NONE ? 1 : 0);
    struct http_result result = f.result;
    fetch_done(&f);
    return result;
}

static void peer_https(char url[64])
{
    snprintf(url, 64, "https://127.0.0.1:%u/x", peer_port(curl_peer));
}

START_TEST(refused)
{
    char url[64];
    snprintf(url, sizeof(url), "%s/x", peer_url(curl_peer));
    peer_listen(curl_peer, false);
    struct http_result result = fetch_url(url, 5000, PAIL_ERROR_CONNECT, ECONNREFUSED);
    ck_assert_str_eq(result.remote, "");
    peer_listen(curl_peer, true);
    fetch_url(url, 5000, PAIL_ERROR_NONE, 0);
}
END_TEST

START_TEST(by_ipv6)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, len) < 0) {
        close(listener);
        return; /* a machine without IPv6 */
    }
    ck_assert_int_eq(listen(listener, 8), 0);
    getsockname(listener, (struct sockaddr *)&address, &len);
    char url[64], authority[32], text[1000];
    snprintf(authority, sizeof(authority), "[::1]:%u", ntohs(address.sin6_port));
    snprintf(url, sizeof(url), "http://%s/x", authority);
    struct fetch f;
    fetch_init(&f, transport, "GET", url);
    fetch_start(&f);
    int fd = accept(listener, NULL, NULL);
    size_t got = 0;
    for (text[0] = '\0'; !strstr(text, "\r\n\r\n"); text[got] = '\0')
        got += (size_t)read(fd, text + got, sizeof(text) - 1 - got);
    ck_assert_ptr_nonnull(strstr(text, "GET /x HTTP/1.1\r\nHost: [::1]:"));
    static const char answer[] = "HTTP/1.1 204 Yes\r\n\r\n";
    ck_assert_int_eq(write(fd, answer, sizeof(answer) - 1), sizeof(answer) - 1);
    fetch_wait(&f);
    ck_assert_msg(f.result.kind == PAIL_ERROR_NONE, "%s", f.result.message);
    ck_assert_str_eq(f.result.remote, authority);
    fetch_done(&f);
    close(fd);
    close(listener);
}
END_TEST

START_TEST(not_resolved)
{
    /* And again: what did not connect can be used once more. */
    for (int i = 0; i < 3; i++)
        fetch_url("http://name.invalid/", 20000, PAIL_ERROR_RESOLVE, EHOSTUNREACH);
}
END_TEST

static int listen_raw(int backlog, struct sockaddr_in *ret_address)
{
    *ret_address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(*ret_address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)ret_address, len), 0);
    ck_assert_int_eq(listen(listener, backlog), 0);
    getsockname(listener, (struct sockaddr *)ret_address, &len);
    return listener;
}

/* The listener's queue is full, so the handshake is not answered. */
START_TEST(connect_timeout)
{
    struct sockaddr_in address;
    int listener = listen_raw(0, &address);
    int fillers[4];
    for (size_t i = 0; i < ARRAY_LEN(fillers); i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(fillers[i], (struct sockaddr *)&address, sizeof(address));
    }
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/x", ntohs(address.sin_port));
    fetch_url(url, SHORT_MS, PAIL_ERROR_CONNECT_TIMEOUT, ETIMEDOUT);
    for (size_t i = 0; i < ARRAY_LEN(fillers); i++)
        close(fillers[i]);
    close(listener);
}
END_TEST

START_TEST(tls_handshake_timeout)
{
    char url[64];
    peer_https(url);
    peer_set_accept(curl_peer, PEER_ACCEPT_DEAF, 0);
    fetch_url(url, SHORT_MS, PAIL_ERROR_CONNECT_TIMEOUT, ETIMEDOUT);
}
END_TEST

START_TEST(tls_handshake_fails)
{
    char url[64];
    peer_https(url);
    peer_set_accept(curl_peer, PEER_ACCEPT_CLOSE, 0);
    fetch_url(url, 5000, PAIL_ERROR_TLS, EPROTO);
    /* The reset may come before the connection is seen to stand. */
    peer_set_accept(curl_peer, PEER_ACCEPT_RESET, 0);
    struct fetch f;
    fetch_init(&f, transport, "GET", url);
    fetch_start(&f);
    fetch_wait(&f);
    bool in_handshake = f.result.kind == PAIL_ERROR_TLS && f.result.sys == EPROTO;
    bool before = f.result.kind == PAIL_ERROR_CONNECT && f.result.sys == ECONNRESET;
    ck_assert_msg(in_handshake || before, "%s", f.result.message);
    fetch_done(&f);
}
END_TEST

START_TEST(no_tls_at_all)
{
    struct sockaddr_in address;
    int listener = listen_raw(8, &address);
    char url[64];
    snprintf(url, sizeof(url), "https://127.0.0.1:%u/x", ntohs(address.sin_port));
    struct fetch f;
    fetch_init(&f, transport, "GET", url);
    fetch_start(&f);
    int fd = accept(listener, NULL, NULL);
    ck_assert_int_eq(write(fd, "HTTP/1.1 400 Bad\r\n\r\n", 20), 20);
    fetch_wait(&f);
    ck_assert_msg(f.result.kind == PAIL_ERROR_TLS && f.result.sys == EPROTO, "%s",
                  f.result.message);
    fetch_done(&f);
    close(fd);
    close(listener);
}
END_TEST

START_TEST(bad_ca_file)
{
    char url[64];
    peer_https(url);
    curl_rig_use((struct curl_options){.ca_bundle = "/nonexistent/ca.pem"});
    fetch_url(url, 5000, PAIL_ERROR_CERTIFICATE, EACCES);
}
END_TEST

/* ---- certificates ---- */

static const struct peer_certificate certificates[] = {
    {0},
    {.from_days = -10, .till_days = -5},
    {.from_days = 5, .till_days = 10},
    {.names = "DNS:other.example,IP:127.0.0.2"},
    {.self_signed = true},
};

/* Whatever is wrong with it, no request is sent; and it is if one says so. `_i` 0: nothing. */
START_TEST(certificates_are_verified)
{
    struct peer_tls *tls = peer_tls_start(peer_port(curl_peer), &certificates[_i]);
    char by_name[80], by_address[80];
    snprintf(by_name, sizeof(by_name), "%s/x", peer_tls_url(tls));
    snprintf(by_address, sizeof(by_address), "https://127.0.0.1:%s/x",
             strrchr(peer_tls_url(tls), ':') + 1);
    int good = _i == 0 ? PAIL_ERROR_NONE : PAIL_ERROR_CERTIFICATE;
    /* Nobody trusts the test's authority... */
    fetch_url(by_name, 20000, PAIL_ERROR_CERTIFICATE, EACCES);
    ck_assert_uint_eq(peer_count(curl_peer, NULL), 0);
    /* ...unless told to. */
    curl_rig_use((struct curl_options){.ca_bundle = peer_tls_authority(tls)});
    for (int i = 0; i < 3; i++) {
        fetch_url(by_name, 20000, good, good ? EACCES : 0);
        fetch_url(by_address, 20000, good, good ? EACCES : 0);
    }
    ck_assert_uint_eq(peer_count(curl_peer, NULL), good ? 0 : 6);
    curl_rig_use((struct curl_options){.insecure = true});
    fetch_url(by_name, 20000, PAIL_ERROR_NONE, 0);
    peer_tls_stop(tls);
}
END_TEST

/* ---- proxies ---- */

static void use_proxy(const char *url, const char *no_proxy)
{
    curl_rig_use(
        (struct curl_options){.http_proxy = url, .https_proxy = url, .no_proxy = no_proxy});
}

START_TEST(through_a_proxy)
{
    use_proxy(peer_url(curl_peer), "direct.invalid");
    peer_on(curl_peer, "* *", PEER_RESPONSE(.body = "by proxy"));
    fetch_url("http://name.invalid/a?b", 20000, PAIL_ERROR_NONE, 0);
    ck_assert_str_eq(peer_request_at(curl_peer, NULL, 0)->target, "http://name.invalid/a?b");
    fetch_url("http://direct.invalid/", 20000, PAIL_ERROR_RESOLVE, EHOSTUNREACH);
}
END_TEST

START_TEST(a_proxy_for_each_scheme)
{
    curl_rig_use((struct curl_options){.http_proxy = peer_url(curl_peer)});
    peer_on(curl_peer, "* *", PEER_RESPONSE(.body = "by proxy"));
    fetch_url("http://name.invalid/", 20000, PAIL_ERROR_NONE, 0);
    fetch_url("https://name.invalid/", 20000, PAIL_ERROR_RESOLVE, EHOSTUNREACH);
    curl_rig_use((struct curl_options){.http_proxy = "", .https_proxy = peer_url(curl_peer)});
    fetch_url("http://name.invalid/", 20000, PAIL_ERROR_RESOLVE, EHOSTUNREACH);
    peer_listen(curl_peer, false);
    fetch_url("https://name.invalid/", 20000, PAIL_ERROR_PROXY, EHOSTUNREACH);
}
END_TEST

/* Neither the proxies nor the hosts without. */
START_TEST(the_environment_is_not_looked_at)
{
    static const char *const variables[] = {"http_proxy",  "HTTP_PROXY", "https_proxy",
                                            "HTTPS_PROXY", "all_proxy",  "ALL_PROXY"};
    char url[64];
    snprintf(url, sizeof(url), "%s/x", peer_url(curl_peer));
    for (size_t i = 0; i < ARRAY_LEN(variables); i++)
        setenv(variables[i], "http://proxy.invalid:1", 1);
    setenv("no_proxy", "*", 1);
    setenv("NO_PROXY", "*", 1);
    fetch_url(url, 20000, PAIL_ERROR_NONE, 0);
    fetch_url("https://name.invalid/", 20000, PAIL_ERROR_RESOLVE, EHOSTUNREACH);
    use_proxy(peer_url(curl_peer), NULL);
    peer_on(curl_peer, "* *", PEER_RESPONSE(.body = "by proxy"));
    fetch_url("http://name.invalid/", 20000, PAIL_ERROR_NONE, 0);
    for (size_t i = 0; i < ARRAY_LEN(variables); i++)
        unsetenv(variables[i]);
    unsetenv("no_proxy");
    unsetenv("NO_PROXY");
}
END_TEST

START_TEST(proxy_fails)
{
    use_proxy("http://proxy.invalid:1234", NULL);
    fetch_url("http://127.0.0.1/", 20000, PAIL_ERROR_PROXY, EHOSTUNREACH);
    use_proxy(peer_url(curl_peer), NULL);
    /* CONNECT is answered 404, closed, reset. */
    fetch_url("https://name.invalid/", 20000, PAIL_ERROR_PROXY, EHOSTUNREACH);
    peer_set_accept(curl_peer, PEER_ACCEPT_CLOSE, 0);
    peer_drop(curl_peer, false, false);
    fetch_url("https://name.invalid/", 20000, PAIL_ERROR_PROXY, EHOSTUNREACH);
    peer_set_accept(curl_peer, PEER_ACCEPT_RESET, 0);
    fetch_url("https://name.invalid/", 20000, PAIL_ERROR_PROXY, EHOSTUNREACH);
    peer_listen(curl_peer, false);
    fetch_url("http://name.invalid/", 20000, PAIL_ERROR_PROXY, EHOSTUNREACH);
    fetch_url("https://127.0.0.1/", 20000, PAIL_ERROR_PROXY, EHOSTUNREACH);
}
END_TEST

/* The proxy is at the very address of the service: who was to be connected to decides. */
START_TEST(refused_by_the_proxy_or_the_service)
{
    char url[64];
    snprintf(url, sizeof(url), "%s/x", peer_url(curl_peer));
    peer_listen(curl_peer, false);
    use_proxy(peer_url(curl_peer), "127.0.0.2");
    fetch_url(url, 5000, PAIL_ERROR_PROXY, EHOSTUNREACH);
    use_proxy(peer_url(curl_peer), "127.0.0.1");
    fetch_url(url, 5000, PAIL_ERROR_CONNECT, ECONNREFUSED);
}
END_TEST

SUITE_MAIN("http/curl_connect", tcase_add_checked_fixture(tc, setup, curl_rig_teardown);
           tcase_add_test(tc, refused); tcase_add_test(tc, by_ipv6);
           tcase_add_test(tc, not_resolved); tcase_add_test(tc, connect_timeout);
           tcase_add_test(tc, tls_handshake_timeout); tcase_add_test(tc, tls_handshake_fails);
           tcase_add_test(tc, no_tls_at_all); tcase_add_test(tc, bad_ca_file);
           tcase_add_loop_test(tc, certificates_are_verified, 0, (int)ARRAY_LEN(certificates));
           tcase_add_test(tc, through_a_proxy); tcase_add_test(tc, a_proxy_for_each_scheme);
           tcase_add_test(tc, the_environment_is_not_looked_at);
           tcase_add_test(tc, proxy_fails);
           tcase_add_test(tc, refused_by_the_proxy_or_the_service));
