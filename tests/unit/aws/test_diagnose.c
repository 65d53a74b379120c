/* What a client would do, told without doing it. */
#include "unit/check.h"

#include "peer/peer.h"
#include "peer/tls.h"

#include <errno.h>
#include <pail/client.h>
#include <pail/diagnose.h>
#include <pail/logs.h>
#include <pail/s3.h>
#include <stdlib.h>

static struct pail_client *client;
static struct pail_error error;

static void setup(void)
{
    setenv("AWS_CONFIG_FILE", "/nonexistent/config", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials", 1);
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    unsetenv("AWS_SESSION_TOKEN");
    unsetenv("AWS_REGION");
    unsetenv("AWS_DEFAULT_REGION");
    unsetenv("AWS_ENDPOINT_URL");
    unsetenv("AWS_CA_BUNDLE");
    client = NULL;
    error = (struct pail_error){0};
}

static void teardown(void)
{
    pail_client_free(client);
}

static void start(const struct pail_config *config)
{
    ck_assert_int_eq(pail_client_new(config, &client, &error), 0);
}

/* ---- where calls go ---- */

static const struct {
    struct pail_config config;
    const char *variable, *value;
    const char *bucket;
    const char *url, *region, *region_source, *endpoint_source;
} facts[] = {
    {{0}, NULL, NULL, "bkt", "https://bkt.s3.amazonaws.com", "us-east-1", "", ""},
    {{.region = "eu-west-1"},
     NULL,
     NULL,
     "bkt",
     "https://bkt.s3.eu-west-1.amazonaws.com",
     "eu-west-1",
     "option region",
     ""},
    {{0},
     "AWS_REGION",
     "eu-west-1",
     "b.dots",
     "https://s3.eu-west-1.amazonaws.com",
     "eu-west-1",
     "AWS_REGION",
     ""},
    {{.endpoint_url = "http://10.0.0.1:9000/base"},
     NULL,
     NULL,
     "bkt",
     "http://10.0.0.1:9000/base",
     "us-east-1",
     "",
     "option endpoint"},
    {{0},
     "AWS_ENDPOINT_URL",
     "https://s3.example:443",
     "bkt",
     "https://s3.example",
     "us-east-1",
     "",
     "AWS_ENDPOINT_URL"},
    {{.endpoint_url = "https://s3.example", .addressing = PAIL_ADDRESSING_VIRTUAL},
     NULL,
     NULL,
     "bkt",
     "https://bkt.s3.example",
     "us-east-1",
     "",
     "option endpoint"},
    {{0}, NULL, NULL, NULL, "https://s3.amazonaws.com", "us-east-1", "", ""},
};

START_TEST(tells_where_calls_go)
{
    struct pail_client_facts got;
    if (facts[_i].variable)
        setenv(facts[_i].variable, facts[_i].value, 1);
    start(&facts[_i].config);
    const struct pail_operation *operation =
        facts[_i].bucket ? &pail_s3_head_bucket_operation : &pail_s3_list_buckets_operation;
    ck_assert_int_eq(
        pail_client_get_facts(client, operation, pail_str_of(facts[_i].bucket), &got, &error),
        0);
    ck_assert_str_eq(got.url, facts[_i].url);
    ck_assert_str_eq(got.region, facts[_i].region);
    ck_assert_str_eq(got.region_source, facts[_i].region_source);
    ck_assert_str_eq(got.endpoint_source, facts[_i].endpoint_source);
    ck_assert_str_eq(got.profile, "default");
    ck_assert(!got.anonymous);
}
END_TEST

START_TEST(tells_why_they_go_nowhere)
{
    struct pail_client_facts got;
    start(NULL);
    ck_assert_int_eq(pail_client_get_facts(client, &pail_logs_get_log_events_operation,
                                           (struct pail_str){0}, &got, &error),
                     -EINVAL);
    ck_assert_int_eq(error.kind, PAIL_ERROR_NO_REGION);
    ck_assert_int_eq(pail_client_get_facts(client, &pail_s3_head_bucket_operation,
                                           PAIL_STR("b\nd"), &got, &error),
                     -EINVAL);
    ck_assert_int_eq(error.kind, PAIL_ERROR_PARAM);
    struct pail_probe probe;
    ck_assert_int_eq(pail_client_probe(client, &pail_s3_head_bucket_operation, PAIL_STR("b\nd"),
                                       1000, &probe, &error),
                     -EINVAL);
}
END_TEST

/* ---- keys ---- */

START_TEST(tells_of_keys)
{
    struct pail_credentials_facts got;
    start(&(struct pail_config){
        .access_key_id = "AKID", .secret_access_key = "hush", .session_token = "token"});
    ck_assert_int_eq(pail_client_get_credentials(client, &got, &error), 0);
    ck_assert_str_eq(got.access_key_id, "AKID");
    ck_assert_str_eq(got.source, "options");
    ck_assert(got.temporary);
    ck_assert(!got.expires.present);
    /* Not the secret, wherever one looks. */
    ck_assert_ptr_null(memmem(&got, sizeof(got), "hush", 4));
    ck_assert_ptr_null(memmem(&got, sizeof(got), "token", 5));
}
END_TEST

START_TEST(tells_of_keys_that_expire)
{
    struct pail_credentials_facts got;
    setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
    setenv("AWS_CREDENTIAL_EXPIRATION", "2090-01-02T03:04:05Z", 1);
    start(NULL);
    ck_assert_int_eq(pail_client_get_credentials(client, &got, &error), 0);
    unsetenv("AWS_CREDENTIAL_EXPIRATION");
    ck_assert_str_eq(got.source, "environment");
    ck_assert(!got.temporary);
    ck_assert_int_eq(got.expires.seconds, 3787009445);
}
END_TEST

START_TEST(tells_of_no_keys)
{
    struct pail_credentials_facts got;
    start(NULL);
    ck_assert_int_eq(pail_client_get_credentials(client, &got, &error), -EACCES);
    ck_assert_int_eq(error.kind, PAIL_ERROR_NO_CREDENTIALS);
    ck_assert_int_eq(pail_client_get_credentials(client, &got, NULL), -EACCES);
    pail_client_free(client);
    start(&(struct pail_config){.no_sign_request = true});
    ck_assert_int_eq(pail_client_get_credentials(client, &got, &error), -ENOENT);
    struct pail_client_facts where;
    ck_assert_int_eq(pail_client_get_facts(client, &pail_s3_head_bucket_operation,
                                           PAIL_STR("bkt"), &where, &error),
                     0);
    ck_assert(where.anonymous);
}
END_TEST

/* ---- the connection ---- */

START_TEST(looks_at_the_connection)
{
    struct pail_probe probe;
    struct peer *peer = peer_start();
    struct peer_tls *tls = peer_tls_start(peer_port(peer), NULL);
    start(&(struct pail_config){.endpoint_url = peer_tls_url(tls), .proxy = ""});
    ck_assert_int_eq(pail_client_probe(client, &pail_s3_list_buckets_operation,
                                       (struct pail_str){0}, 20000, &probe, &error),
                     -EACCES);
    ck_assert_int_eq(error.kind, PAIL_ERROR_CERTIFICATE);
    ck_assert_int_eq(error.sys, EACCES);
    ck_assert_int_eq(probe.reached, PAIL_PROBE_TLS);
    ck_assert_int_eq(probe.fault, PAIL_CERTIFICATE_UNTRUSTED);
    ck_assert(probe.certificate.present);
    pail_client_free(client);
    /* As the client would: with its certificates. */
    start(&(struct pail_config){
        .endpoint_url = peer_tls_url(tls), .proxy = "", .ca_bundle = peer_tls_authority(tls)});
    ck_assert_int_eq(pail_client_probe(client, &pail_s3_head_bucket_operation, PAIL_STR("bkt"),
                                       20000, &probe, &error),
                     0);
    ck_assert_int_eq(probe.reached, PAIL_PROBE_DONE);
    ck_assert_uint_eq(peer_count(peer, NULL), 0);
    peer_tls_stop(tls);
    peer_stop(peer);
}
END_TEST

/* ---- proxies ---- */

static void set_proxies(const char *name, const char *url)
{
    static const char *const names[] = {"http_proxy",  "HTTP_PROXY", "https_proxy",
                                        "HTTPS_PROXY", "all_proxy",  "ALL_PROXY",
                                        "no_proxy",    "NO_PROXY"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unsetenv(names[i]);
    if (name)
        setenv(name, url, 1);
}

/* The probe's way is that of a call. */
static void check_way(enum pail_probe_step reached, bool proxied, int sys)
{
    struct pail_probe probe;
    struct pail_s3_list_buckets_output out = {.owner = NULL};
    const struct pail_s3_list_buckets_input in = {.prefix = {0}};
    (void)pail_client_probe(client, &pail_s3_list_buckets_operation, (struct pail_str){0},
                            20000, &probe, &error);
    ck_assert_int_eq(probe.reached, reached);
    ck_assert_int_eq(probe.proxied, proxied);
    int r = pail_s3_list_buckets(client, &in, &out, NULL, &error);
    ck_assert_msg(r == -sys, "%d %s", r, error.message);
    pail_output_free(&pail_s3_list_buckets_operation, &out);
}

/* In either case of the variable; and what it says later is not looked at. */
START_TEST(goes_as_the_environment_said)
{
    static const char *const names[] = {"http_proxy", "HTTP_PROXY", "ALL_PROXY"};
    const unsigned count = sizeof(names) / sizeof(names[0]);
    struct peer *peer = peer_start();
    const struct pail_config config = {
        .endpoint_url = "http://name.invalid", .no_sign_request = true, .max_attempts = 1};
    peer_on(peer, "* *", PEER_RESPONSE(.status = 403));
    for (unsigned i = 0; i < count; i++) {
        set_proxies(names[i], peer_url(peer));
        start(&config);
        set_proxies("http_proxy", "http://proxy.invalid:1");
        setenv("no_proxy", "*", 1);
        check_way(PAIL_PROBE_DONE, true, EACCES);
        ck_assert_uint_eq(peer_count(peer, NULL), i + 1);
        pail_client_free(client);
    }
    set_proxies(NULL, NULL);
    start(&config);
    set_proxies("http_proxy", peer_url(peer));
    check_way(PAIL_PROBE_NAME, false, EHOSTUNREACH);
    ck_assert_uint_eq(peer_count(peer, NULL), count);
    set_proxies(NULL, NULL);
    peer_stop(peer);
}
END_TEST

START_TEST(proxies_that_are_none)
{
    set_proxies("HTTP_PROXY", "http://user:s3cr3t@127.0.0.1:notaport");
    ck_assert_int_eq(pail_client_new(NULL, &client, &error), -EINVAL);
    ck_assert_int_eq(error.kind, PAIL_ERROR_CONFIG);
    ck_assert_ptr_null(strstr(error.message, "s3cr3t"));
    ck_assert_ptr_nonnull(strstr(error.message, "HTTP_PROXY: \"...@127.0.0.1:notaport\""));
    set_proxies(NULL, NULL);
}
END_TEST

SUITE_MAIN("aws/diagnose", tcase_add_checked_fixture(tc, setup, teardown);
           tcase_add_loop_test(tc, tells_where_calls_go, 0,
                               (int)(sizeof(facts) / sizeof(facts[0])));
           tcase_add_test(tc, tells_why_they_go_nowhere); tcase_add_test(tc, tells_of_keys);
           tcase_add_test(tc, tells_of_keys_that_expire); tcase_add_test(tc, tells_of_no_keys);
           tcase_add_test(tc, looks_at_the_connection);
           tcase_add_test(tc, goes_as_the_environment_said);
           tcase_add_test(tc, proxies_that_are_none));
