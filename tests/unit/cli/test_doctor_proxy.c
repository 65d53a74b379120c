/* pail doctor where there is a proxy, or is said to be one. */
#include "unit/check.h"

#include "unit/cli/doctor_rig.h"

#include <stdlib.h>

START_TEST(proxies_that_are_none)
{
    setenv("http_proxy", "http://proxy.invalid:3128", 1);
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", "http://s3.example"), EXIT_NETWORK);
    unsetenv("http_proxy");
    doctor_result("name", "FAILED");
    doctor_says("name", "the proxy|proxy.invalid|Check HTTP_PROXY, HTTPS_PROXY");
}
END_TEST

static const char *const unusable[] = {"http://user:s3cr3t@127.0.0.1:notaport",
                                       "bogus://user:s3cr3t@127.0.0.1:notaport"};

START_TEST(proxies_that_cannot_be_used)
{
    setenv("HTTP_PROXY", unusable[_i], 1);
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", "http://s3.example"), EXIT_USAGE);
    unsetenv("HTTP_PROXY");
    doctor_result("configuration", "FAILED");
    doctor_says("configuration", "HTTP_PROXY|...@127.0.0.1:notaport");
    doctor_skipped_from("name");
    ck_assert_ptr_null(strstr(pail_printed, "s3cr3t"));
    ck_assert_ptr_null(strstr(pail_said, "s3cr3t"));
}
END_TEST

START_TEST(through_a_proxy)
{
    setenv(_i ? "HTTP_PROXY" : "http_proxy", peer_url(doctor_peer), 1);
    peer_on(doctor_peer, "* *", PEER_RESPONSE(.status = 404, .headers = "x-amz-request-id: X"));
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", "http://s3.example"), EXIT_MISSING);
    unsetenv("http_proxy");
    unsetenv("HTTP_PROXY");
    doctor_result("name", "ok");
    doctor_says("name", "requests go through a proxy");
    doctor_says("connection", "the proxy 127.0.0.1:");
}
END_TEST

/* ---- passwords ---- */

#define WANTED  "the proxy wants a name and a password|http://NAME:PASSWORD@HOST:PORT"
#define REFUSED "the proxy refuses the name and the password that it is given|Check both"

/* Names a user, or none (""), in the proxy's URL. */
static void use_proxy(const char *variable, const char *user)
{
    char url[128];
    snprintf(url, sizeof(url), "http://%s127.0.0.1:%u", user, peer_port(doctor_peer));
    setenv(variable, url, 1);
}

static const struct {
    const char *user, *says;
} users[] = {{"", WANTED}, {"me:s3cr3t@", REFUSED}, {"me@", REFUSED}};

START_TEST(passwords_that_proxies_want)
{
    use_proxy("HTTP_PROXY", users[_i].user);
    peer_on(doctor_peer, "* *", PEER_RESPONSE(.status = 407, .body = ""));
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", "http://s3.example"), EXIT_DENIED);
    doctor_says("bucket", users[_i].says);
    doctor_says("list", users[_i].says);
    ck_assert_ptr_null(strstr(pail_printed, "s3cr3t"));
}
END_TEST

/* Before TLS begins. */
START_TEST(passwords_that_tunnels_want)
{
    use_proxy("HTTPS_PROXY", users[_i].user);
    peer_on(doctor_peer, "* *", PEER_RESPONSE(.status = 407, .body = ""));
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", "https://s3.example"), EXIT_NETWORK);
    doctor_says("connection", users[_i].says);
    doctor_skipped_from("tls");
    ck_assert_ptr_null(strstr(pail_printed, "s3cr3t"));
}
END_TEST

START_TEST(tunnels_that_are_refused)
{
    use_proxy("HTTPS_PROXY", "me:s3cr3t@");
    peer_on(doctor_peer, "* *", PEER_RESPONSE(.status = 403, .body = ""));
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", "https://s3.example"), EXIT_NETWORK);
    doctor_says("connection", "does not let requests through|403|NO_PROXY");
}
END_TEST

/* One on the way, that nobody named. */
START_TEST(proxies_that_nobody_named)
{
    peer_on(doctor_peer, "* *", PEER_RESPONSE(.status = 407, .body = ""));
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", peer_s3_url(doctor_s3)),
                     EXIT_DENIED);
    doctor_says("bucket", WANTED);
}
END_TEST

SUITE_MAIN("cli/doctor_proxy", tcase_add_checked_fixture(tc, doctor_setup, doctor_teardown);
           tcase_add_test(tc, proxies_that_are_none);
           tcase_add_loop_test(tc, proxies_that_cannot_be_used, 0, (int)ARRAY_LEN(unusable));
           tcase_add_loop_test(tc, through_a_proxy, 0, 2);
           tcase_add_loop_test(tc, passwords_that_proxies_want, 0, (int)ARRAY_LEN(users));
           tcase_add_loop_test(tc, passwords_that_tunnels_want, 0, (int)ARRAY_LEN(users));
           tcase_add_test(tc, tunnels_that_are_refused);
           tcase_add_test(tc, proxies_that_nobody_named));
