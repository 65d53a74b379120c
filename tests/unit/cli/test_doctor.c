/* pail doctor against the fake S3, with each thing wrong that it is to find. */
#include "unit/check.h"

#include "base/date.h"
#include "peer/tls.h"
#include "unit/cli/doctor_rig.h"

#include <pail/json.h>
#include <stdlib.h>
#include <time.h>

/* The answers have a date. */
static void date_answers(int64_t offset_s)
{
    char header[128];
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 64);
    buf_add_http_date(&b,
                      (struct pail_time){.seconds = time(NULL) + offset_s, .present = true});
    snprintf(header, sizeof(header), "Date: %s\nServer: AmazonS3", buf_c(&b));
    peer_on(doctor_peer, "HEAD *", PEER_RESPONSE(.over = true, .headers = header));
}

/* ---- all is well ---- */

START_TEST(all_is_well)
{
    struct peer_tls *tls = peer_tls_start(
        peer_port(doctor_peer), &(struct peer_certificate){.from_days = -1, .till_days = 90});
    date_answers(0);
    setenv("AWS_CA_BUNDLE", peer_tls_authority(tls), 1);
    setenv("AWS_REGION", "us-east-1", 1);
    int status = pail_run_line("pail doctor s3://bkt", peer_tls_url(tls));
    ck_assert_msg(status == EXIT_OK, "%d\n%s", status, pail_printed);
    ck_assert_str_eq(pail_said, "");
    for (size_t i = 0; i < DOCTOR_CHECKS; i++)
        doctor_result(doctor_checks[i], "ok");
    doctor_says("configuration",
                "https://localhost:|option endpoint|region us-east-1 (AWS_REGION)|"
                "profile default");
    doctor_says("name", "localhost|127.0.0.1:");
    doctor_says("tls", "CN = peer|peer's authority|until 20|and trusted");
    doctor_says("service", "calls itself AmazonS3");
    doctor_says("clock", "clock is");
    doctor_says("region", "in us-east-1, as configured (AWS_REGION)");
    doctor_says("credentials", "found: access key AKIA...MPLE, from environment");
    doctor_says("list", "can be listed");
    /* Not the marker, which has no bytes. */
    doctor_says("head", "dir/a, 10 bytes");
    doctor_says("get", "dir/a can be read");
    /* No secret, nor what could be one. */
    ck_assert_ptr_null(strstr(pail_printed, "wJalr"));
    ck_assert_ptr_null(strstr(pail_printed, "IOSFODNN"));
    /* A line for each check, and no other. */
    size_t lines = 0;
    for (const char *at = pail_printed; *at; at++)
        lines += *at == '\n';
    ck_assert_uint_eq(lines, DOCTOR_CHECKS);
    peer_tls_stop(tls);
}
END_TEST

START_TEST(as_json)
{
    date_answers(0);
    const struct peer_response denied = PEER_S3_ERROR(403, "AccessDenied", .reason = "No");
    peer_on(doctor_peer, "GET /bkt/dir/a", &denied);
    ck_assert_int_eq(pail_run_line("pail doctor --json s3://bkt/dir/a", peer_s3_url(doctor_s3)),
                     EXIT_DENIED);
    struct pail_str rest = str_c(pail_printed), line;
    for (size_t i = 0; i < DOCTOR_CHECKS; i++) {
        struct pail_json *json = NULL;
        ck_assert(str_next(&rest, '\n', &line));
        ck_assert_int_eq(pail_json_parse(line, &json, NULL), 0);
        ck_assert(str_eq_c(pail_json_string(pail_json_get(json, "check")), doctor_checks[i]));
        bool failed = strcmp(doctor_checks[i], "get") == 0;
        const char *wanted = failed                                 ? "failed"
                             : strcmp(doctor_checks[i], "tls") == 0 ? "warning"
                                                                    : "ok";
        ck_assert_msg(str_eq_c(pail_json_string(pail_json_get(json, "result")), wanted), "%.*s",
                      PAIL_ARGS(line));
        ck_assert_uint_gt(pail_json_string(pail_json_get(json, "says")).len, 0);
        if (failed) {
            ck_assert(str_eq_c(pail_json_string(pail_json_get(json, "errno")), "EACCES"));
            ck_assert(str_eq_c(pail_json_string(pail_json_get(json, "code")), "AccessDenied"));
            ck_assert_int_eq(pail_json_integer(pail_json_get(json, "status")).value, 403);
            ck_assert_uint_gt(pail_json_string(pail_json_get(json, "advises")).len, 0);
            ck_assert_uint_gt(pail_json_string(pail_json_get(json, "requestId")).len, 0);
        } else {
            ck_assert_ptr_null(pail_json_get(json, "errno"));
        }
        pail_json_free(json);
    }
    ck_assert_uint_eq(rest.len, 0);
}
END_TEST

/* Other ways of asking, all good. `clock` is skipped: the peer sends no date. */
static const struct {
    const char *line;
    int status;
    const char *check, *result, *says;
} ways[] = {
    {"pail doctor s3://bkt/dir/", EXIT_OK, "head", "ok", "dir/, 0 bytes"},
    {"pail doctor s3://bkt/dir/", EXIT_OK, "get", "ok", "dir/ can be read"},
    {"pail doctor s3://bkt/d", EXIT_OK, "get", "ok", "dir/a can be read"},
    {"pail doctor s3://bkt/none", EXIT_OK, "list", "warning", "nothing starts with that key"},
    {"pail doctor s3://bkt/none", EXIT_OK, "get", "skipped", "no object to try it with"},
    {"pail doctor s3://empty", EXIT_OK, "list", "ok", "it is empty"},
    {"pail doctor s3://empty", EXIT_OK, "head", "skipped", "no object to try it with"},
    {"pail doctor s3://bkt", EXIT_OK, "tls", "warning", "not encrypted|Everyone on the way"},
    {"pail doctor s3://bkt", EXIT_OK, "clock", "skipped", "have no date"},
    {"pail doctor --no-sign-request s3://bkt", EXIT_OK, "credentials", "ok",
     "none are used: anonymous access"},
    {"pail doctor --no-sign-request s3://bkt", EXIT_OK, "get", "ok", "dir/a can be read"},
    {"pail doctor s3://", EXIT_OK, "list", "ok", "the account's buckets can be listed: 2"},
    {"pail doctor --path-style s3://bkt", EXIT_OK, "get", "ok", ""},
    {"pail doctor --region eu-west-1 s3://bkt", EXIT_OK, "region", "warning",
     "the bucket is in us-east-1, but requests are signed for eu-west-1 (option region)|"
     "Say --region us-east-1"},
    {"pail doctor s3://none", EXIT_MISSING, "bucket", "FAILED",
     "there is no bucket \"none\" at http://127.0.0.1:| (status 404|Check its spelling"},
};

START_TEST(ways_of_asking)
{
    int status = pail_run_line(ways[_i].line, peer_s3_url(doctor_s3));
    ck_assert_msg(status == ways[_i].status, "%d:\n%s", status, pail_printed);
    doctor_result(ways[_i].check, ways[_i].result);
    doctor_says(ways[_i].check, ways[_i].says);
    doctor_says("configuration", peer_s3_url(doctor_s3));
    if (ways[_i].status == EXIT_MISSING)
        doctor_skipped_from("region");
}
END_TEST

/* ---- configuration ---- */

static const struct {
    const char *variable, *value, *says;
} misconfigured[] = {
    {"AWS_RETRY_MODE", "sometimes", "AWS_RETRY_MODE: \"sometimes\"|Mend what it names"},
    {"AWS_PROFILE", "nobody", "AWS_PROFILE: the profile \"nobody\"|/nonexistent/config"},
    {"AWS_REGION", "not a region", "AWS_REGION: \"not a region\" is not allowed"},
    {"AWS_CA_BUNDLE", "/nonexistent/ca.pem", "/nonexistent/ca.pem"},
};

START_TEST(configurations_that_are_none)
{
    setenv(misconfigured[_i].variable, misconfigured[_i].value, 1);
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", peer_s3_url(doctor_s3)), EXIT_USAGE);
    unsetenv(misconfigured[_i].variable);
    doctor_result("configuration", "FAILED");
    doctor_says("configuration", misconfigured[_i].says);
    for (size_t i = 1; i < DOCTOR_CHECKS; i++)
        doctor_result(doctor_checks[i], "skipped");
    ck_assert_uint_eq(peer_count(doctor_peer, NULL), 0);
}
END_TEST

START_TEST(bad_buckets_and_urls)
{
    ck_assert_int_eq(pail_run_line("pail doctor s3://b!d", NULL), EXIT_USAGE);
    doctor_says("configuration", "bucket \"b!d\"");
    ck_assert_int_eq(pail_run_line("pail doctor bkt", NULL), EXIT_USAGE);
    ck_assert_str_eq(pail_said, "pail: bkt: is not s3://BUCKET/KEY\n");
    ck_assert_int_eq(pail_run_line("pail doctor logs://", NULL), EXIT_USAGE);
    ck_assert_str_eq(pail_said,
                     "pail: logs://: doctor knows S3 only: pail doctor s3://BUCKET\n");
    ck_assert_str_eq(pail_printed, "");
}
END_TEST

/* ---- the way there ---- */

START_TEST(names_that_are_none)
{
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", "https://s3.name.invalid"),
                     EXIT_NETWORK);
    doctor_result("name", "FAILED");
    doctor_says("name", "https://s3.name.invalid is not known|Check its spelling");
    doctor_skipped_from("connection");
    doctor_result("credentials", "ok");
}
END_TEST

START_TEST(nobody_there)
{
    peer_listen(doctor_peer, false);
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", peer_s3_url(doctor_s3)),
                     EXIT_NETWORK);
    doctor_result("name", "ok");
    doctor_result("connection", "FAILED");
    doctor_says("connection",
                "nothing accepts connections at 127.0.0.1:|Is the service running|"
                "option endpoint");
    doctor_skipped_from("tls");
}
END_TEST

static const struct {
    struct peer_certificate certificate;
    bool trusted;
    const char *says;
} certificates[] = {
    {{0}, false, "nobody whom this machine trusts|CN = peer|peer's authority|--ca-bundle FILE"},
    {{.self_signed = true}, true, "nobody whom this machine trusts|self-signed|CN = peer"},
    {{.from_days = -10, .till_days = -5}, true, "expired at 20|has to renew it|it says 20"},
    {{.from_days = 5, .till_days = 10}, true, "valid only from 20|clock if it is wrong"},
    {{.names = "DNS:other.example"},
     true,
     "the certificate is for DNS:other.example|not for the host of https://localhost:|"
     "--path-style"},
};

START_TEST(certificates_that_are_no_good)
{
    struct peer_tls *tls =
        peer_tls_start(peer_port(doctor_peer), &certificates[_i].certificate);
    if (certificates[_i].trusted)
        setenv("AWS_CA_BUNDLE", peer_tls_authority(tls), 1);
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", peer_tls_url(tls)), EXIT_DENIED);
    doctor_result("connection", "ok");
    doctor_result("tls", "FAILED");
    doctor_says("tls", certificates[_i].says);
    doctor_skipped_from("service");
    /* Nothing was sent. */
    ck_assert_uint_eq(peer_count(doctor_peer, NULL), 0);
    ck_assert_int_eq(pail_run_line("pail doctor --no-verify-ssl s3://bkt", peer_tls_url(tls)),
                     EXIT_OK);
    doctor_result("tls", "warning");
    doctor_says("tls", "it is not verified|CN = peer");
    peer_tls_stop(tls);
}
END_TEST

START_TEST(certificates_that_end_soon)
{
    struct peer_tls *tls = peer_tls_start(peer_port(doctor_peer), NULL);
    setenv("AWS_CA_BUNDLE", peer_tls_authority(tls), 1);
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", peer_tls_url(tls)), EXIT_OK);
    doctor_result("tls", "warning");
    doctor_says("tls", "It ends soon");
    peer_tls_stop(tls);
}
END_TEST

START_TEST(no_tls_there)
{
    char url[64];
    snprintf(url, sizeof(url), "https://127.0.0.1:%u", peer_port(doctor_peer));
    peer_set_accept(doctor_peer, PEER_ACCEPT_CLOSE, 0);
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", url), EXIT_FAILED);
    doctor_result("tls", "FAILED");
    doctor_says("tls", "handshake|the endpoint says http://");
    peer_set_accept(doctor_peer, PEER_ACCEPT_DEAF, 0);
    ck_assert_int_eq(pail_run_line("pail doctor --connect-timeout 0.1 s3://bkt", url),
                     EXIT_NETWORK);
    doctor_says("tls", "does not answer the TLS handshake|the endpoint says http://");
}
END_TEST

/* ---- the service ---- */

START_TEST(not_a_service)
{
    peer_set_accept(doctor_peer, PEER_ACCEPT_DEAF, 0);
    ck_assert_int_eq(
        pail_run_line("pail doctor --read-timeout 0.1 s3://bkt", peer_s3_url(doctor_s3)),
        EXIT_NETWORK);
    doctor_result("service", "FAILED");
    doctor_says("service", "does not answer a request|Is it an S3 service");
    doctor_skipped_from("clock");
}
END_TEST

START_TEST(another_kind_of_server)
{
    peer_on(doctor_peer, "* *",
            PEER_RESPONSE(.status = 403, .headers = "Server: nginx\nContent-Type: text/html",
                          .body = "<html>Forbidden</html>", .framing = PEER_CLAIM,
                          .claim = 22));
    peer_set_request_ids(doctor_peer, false);
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", peer_s3_url(doctor_s3)),
                     EXIT_DENIED);
    doctor_result("service", "warning");
    doctor_says("service",
                "calls itself nginx|no x-amz-request-id|Is the endpoint an S3 service?");
}
END_TEST

static const struct {
    int64_t offset_s;
    const char *result, *says;
    int status;
} clocks[] = {
    {30, "ok", "s behind the service's", EXIT_OK},
    {-300, "warning", "s ahead of the service's|by NTP", EXIT_OK},
    {3600, "FAILED", "s behind the service's|refuses signatures|Set the clock, by NTP",
     EXIT_DENIED},
    {-3600, "FAILED", "s ahead of the service's|refuses signatures", EXIT_DENIED},
};

START_TEST(clocks_that_are_off)
{
    date_answers(clocks[_i].offset_s);
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", peer_s3_url(doctor_s3)),
                     clocks[_i].status);
    doctor_result("clock", clocks[_i].result);
    doctor_says("clock", clocks[_i].says);
    /* What can be known besides is told all the same. */
    doctor_result("get", "ok");
}
END_TEST

START_TEST(redirects_that_cannot_be_followed)
{
    peer_on(doctor_peer, "* /bkt*",
            PEER_RESPONSE(.status = 301, .headers = "x-amz-request-id: R"));
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", peer_s3_url(doctor_s3)),
                     EXIT_FAILED);
    doctor_result("bucket", "ok");
    doctor_result("region", "FAILED");
    doctor_says("region", "in another region than us-east-1|status 301|set AWS_REGION");
    doctor_result("list", "FAILED");
}
END_TEST

START_TEST(redirects_that_are_followed)
{
    peer_s3_set_region(doctor_s3, "eu-central-1");
    peer_s3_check_region(doctor_s3, true);
    ck_assert_int_eq(
        pail_run_line("pail doctor --region us-east-1 s3://bkt", peer_s3_url(doctor_s3)),
        EXIT_OK);
    doctor_result("region", "warning");
    doctor_says("region",
                "the bucket is in eu-central-1, but requests are signed for us-east-1|"
                "-o region=eu-central-1");
    doctor_result("get", "ok");
}
END_TEST

/* ---- keys and permissions ---- */

START_TEST(no_keys)
{
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", peer_s3_url(doctor_s3)),
                     EXIT_DENIED);
    doctor_result("credentials", "FAILED");
    doctor_says("credentials", "none in AWS_ACCESS_KEY_ID|/nonexistent/credentials|"
                               "Set AWS_ACCESS_KEY_ID|--no-sign-request");
    doctor_result("bucket", "ok");
    doctor_skipped_from("list");
    setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", 1);
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", peer_s3_url(doctor_s3)), EXIT_USAGE);
    doctor_says("credentials", "AWS_SECRET_ACCESS_KEY is not set");
}
END_TEST

static const struct {
    const char *code;
    int status;
    const char *says;
} refusals[] = {
    {"InvalidAccessKeyId", EXIT_DENIED,
     "the service does not know the access key: access key AKIA...MPLE, from environment|"
     "still active|InvalidAccessKeyId, status 403"},
    {"SignatureDoesNotMatch", EXIT_DENIED, "the secret key does not belong to the access key"},
    {"ExpiredToken", EXIT_DENIED, "the session token has expired|Get new temporary keys"},
    {"InvalidToken", EXIT_DENIED, "the session token is not one of this access key's"},
};

START_TEST(keys_that_are_refused)
{
    char body[256];
    snprintf(body, sizeof(body), "<Error><Code>%s</Code><Message>No</Message></Error>",
             refusals[_i].code);
    peer_on(doctor_peer, "GET *", PEER_RESPONSE(.status = 403, .body = body));
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", peer_s3_url(doctor_s3)),
                     refusals[_i].status);
    doctor_result("credentials", "FAILED");
    doctor_says("credentials", refusals[_i].says);
    doctor_skipped_from("list");
}
END_TEST

static const struct {
    const char *line, *denied; /* which request is */
    const char *list, *head, *get, *check, *says;
} permissions[] = {
    {"pail doctor s3://bkt/dir/a", "GET /bkt", "FAILED", "ok", "ok", "list",
     "these keys may not list the bucket|s3:ListBucket on arn:aws:s3:::bkt,|--requester-pays"},
    {"pail doctor s3://bkt", "GET /bkt", "FAILED", "skipped", "skipped", "head",
     "name one: pail doctor s3://BUCKET/KEY"},
    {"pail doctor s3://bkt", "HEAD /bkt/dir/a", "ok", "FAILED", "ok", "head",
     "these keys may not look at objects|s3:GetObject on arn:aws:s3:::bkt/*|kms:Decrypt"},
    {"pail doctor s3://bkt", "GET /bkt/dir/a", "ok", "ok", "FAILED", "get",
     "these keys may not read objects|s3:GetObject on arn:aws:s3:::bkt/*"},
    {"pail doctor --no-sign-request s3://bkt/dir/a", "GET /bkt", "FAILED", "ok", "ok", "list",
     "nobody may list the bucket without keys|The bucket has to allow everybody"},
};

START_TEST(permissions_that_lack)
{
    const struct peer_response denied = PEER_S3_ERROR(403, "AccessDenied");
    peer_on(doctor_peer, permissions[_i].denied, &denied);
    ck_assert_int_eq(pail_run_line(permissions[_i].line, peer_s3_url(doctor_s3)), EXIT_DENIED);
    doctor_result("credentials", "ok");
    doctor_result("list", permissions[_i].list);
    doctor_result("head", permissions[_i].head);
    doctor_result("get", permissions[_i].get);
    doctor_says(permissions[_i].check, permissions[_i].says);
}
END_TEST

START_TEST(objects_that_cannot_be_read)
{
    peer_s3_put(
        doctor_s3, "bkt",
        &(struct peer_s3_object){.key = "ice", .content = "x", .storage_class = "GLACIER"});
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt/ice", peer_s3_url(doctor_s3)),
                     EXIT_DENIED);
    doctor_result("head", "ok");
    doctor_says("get", "the object is archived|Restore it");
    /* Another is chosen where there is one. */
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", peer_s3_url(doctor_s3)), EXIT_OK);
    doctor_says("get", "dir/a can be read");
    peer_on(doctor_peer, "GET /bkt/dir/a",
            PEER_RESPONSE(.over = true, .fault = {.end = PEER_END_CUT, .in_head = true}));
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", peer_s3_url(doctor_s3)),
                     EXIT_NETWORK);
    doctor_result("get", "FAILED");
}
END_TEST

START_TEST(servers_that_are_busy)
{
    const struct peer_response busy = PEER_S3_ERROR(503, "SlowDown");
    peer_on(doctor_peer, "GET /bkt*", &busy);
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", peer_s3_url(doctor_s3)),
                     EXIT_NETWORK);
    doctor_says("list", "asks to slow down|Later it may work");
}
END_TEST

/* Something else on the way answers. */
START_TEST(others_that_answer)
{
    peer_on(doctor_peer, "GET /bkt*", PEER_RESPONSE(.body = "<html>Who are you?</html>"));
    ck_assert_int_eq(pail_run_line("pail doctor s3://bkt", peer_s3_url(doctor_s3)),
                     EXIT_FAILED);
    doctor_says("list", "malformed response|Is the endpoint an S3 service?|log in");
}
END_TEST

/* What a server says is text, and does not get to the terminal as anything else. */
START_TEST(servers_that_forge)
{
    peer_on(doctor_peer, "HEAD *",
            PEER_RESPONSE(.status = 403, .headers = "Server: \x1b[2J\x9b"
                                                    "31mevil\nx-amz-request-id: "
                                                    "\x1b]0;title\x07"));
    peer_on(doctor_peer, "GET *",
            PEER_RESPONSE(.status = 400, .body =
                                             "<Error><Code>A&#10;ok       list</Code><Message>"
                                             "&#13;&#xc2;&#x9b;2J</Message></Error>"));
    (void)pail_run_line("pail doctor s3://bkt", peer_s3_url(doctor_s3));
    size_t lines = 0;
    for (const char *at = pail_printed; *at; at++) {
        lines += *at == '\n';
        ck_assert_msg(*at == '\n' || (unsigned char)*at >= ' ', "%02x in %s", *at,
                      pail_printed);
        ck_assert(*at != 0x7f && (unsigned char)*at != 0x9b);
    }
    ck_assert_uint_eq(lines, DOCTOR_CHECKS);
    (void)pail_run_line("pail doctor --json s3://bkt", peer_s3_url(doctor_s3));
    for (const char *at = pail_printed; *at; at++)
        ck_assert_msg(*at == '\n' || (unsigned char)*at >= ' ', "%02x in %s", *at,
                      pail_printed);
}
END_TEST

SUITE_MAIN(
    "cli/doctor", tcase_add_checked_fixture(tc, doctor_setup, doctor_teardown);
    tcase_add_test(tc, all_is_well); tcase_add_test(tc, as_json);
    tcase_add_loop_test(tc, ways_of_asking, 0, (int)ARRAY_LEN(ways));
    tcase_add_loop_test(tc, configurations_that_are_none, 0, (int)ARRAY_LEN(misconfigured));
    tcase_add_test(tc, bad_buckets_and_urls); tcase_add_test(tc, names_that_are_none);
    tcase_add_test(tc, nobody_there);
    tcase_add_loop_test(tc, certificates_that_are_no_good, 0, (int)ARRAY_LEN(certificates));
    tcase_add_test(tc, certificates_that_end_soon); tcase_add_test(tc, no_tls_there);
    tcase_add_test(tc, not_a_service); tcase_add_test(tc, another_kind_of_server);
    tcase_add_loop_test(tc, clocks_that_are_off, 0, (int)ARRAY_LEN(clocks));
    tcase_add_test(tc, redirects_that_cannot_be_followed);
    tcase_add_test(tc, redirects_that_are_followed); tcase_add_test(tc, no_keys);
    tcase_add_loop_test(tc, keys_that_are_refused, 0, (int)ARRAY_LEN(refusals));
    tcase_add_loop_test(tc, permissions_that_lack, 0, (int)ARRAY_LEN(permissions));
    tcase_add_test(tc, objects_that_cannot_be_read); tcase_add_test(tc, servers_that_are_busy);
    tcase_add_test(tc, others_that_answer); tcase_add_test(tc, servers_that_forge));
