/* Keys from services near by: credentials_container, credentials_imds, credentials_sso. */
#include "unit/aws/provider_rig.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYS(expiration)                                                                       \
    "{\"Code\":\"Success\",\"Type\":\"AWS-HMAC\",\"AccessKeyId\":\"meta-id\","                 \
    "\"SecretAccessKey\":\"hush\",\"Token\":\"meta-token\",\"Expiration\":\"" expiration "\"}"
#define LATER  KEYS("2130-01-01T00:00:00Z")
#define EXPIRY INT64_C(5049129600)
#define ON(pattern_, ...)                                                                      \
    peer_rule_add(rig.peer, &(struct peer_rule){.match = {.pattern = pattern_},                \
                                                PEER_ANSWERS(__VA_ARGS__)})

/* ---- container ---- */

#define AGENT "the container's agent"

static char url[256];

static void use_agent(const char *path)
{
    snprintf(url, sizeof(url), "%s%s", peer_url(rig.peer), path);
    rig_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
}

START_TEST(asks_the_agent)
{
    ON("GET /v2/creds%20x", {.body = LATER});
    ON("GET /v2/creds x", {.body = LATER});
    use_agent("/v2/creds%20x?id=1%2F2");
    rig_env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc");
    /* A proxy is not asked for what is on this machine. */
    rig_env("HTTP_PROXY", "http://127.0.0.1:1");
    rig_open(NULL, "", "");
    check_keys("meta-id", "meta-token", EXPIRY, AGENT);
    ck_assert_str_eq(asked(0)->target, "/v2/creds%20x?id=1%2F2");
    check_header(0, "Authorization", "Basic abc");
    ck_assert_ptr_null(peer_request_header(asked(0), "X-Amz-Date"));
}
END_TEST

START_TEST(shows_the_token_of_a_file)
{
    struct test_file token;
    write_file(&token, "first");
    ON("GET /", {.body = LATER});
    use_agent("");
    rig_env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "not this");
    rig_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token.path);
    rig_open(NULL, "", "");
    check_keys("meta-id", "meta-token", EXPIRY, AGENT);
    check_header(0, "Authorization", "first");
    FILE *file = fopen(token.path, "we");
    fputs("second", file);
    fclose(file);
    check_keys("meta-id", "meta-token", EXPIRY, AGENT);
    check_header(1, "Authorization", "second");
    file = fopen(token.path, "we");
    fputs("two\r\nlines", file);
    fclose(file);
    check_failure(EACCES, PAIL_ERROR_CREDENTIALS, "the token has more than one line");
    drop_file(&token);
    check_failure(EACCES, PAIL_ERROR_CREDENTIALS, ": No such file or directory");
    ck_assert_uint_eq(peer_count(rig.peer, NULL), 2);
}
END_TEST

static const struct {
    const char *uri, *part; /* part NULL: it may be asked */
} places[] = {
    {"http://example.com/x", "is neither https"},
    {"http://169.254.170.20/x", "is neither https"},
    {"http://127.evil.com/x", "is neither https"},
    {"http://localhost.evil.com/x", "is neither https"},
    {"ftp://localhost/x", "is no http URL"},
    {"nonsense", "is no http URL"},
    {"http://localhost/{x}", "is no http URL"},
};

START_TEST(asks_nobody_far_away)
{
    rig_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", places[_i].uri);
    rig_open(NULL, "", "");
    check_failure(EACCES, PAIL_ERROR_CREDENTIALS, places[_i].part);
}
END_TEST

static const struct {
    struct peer_response answer;
    int sys, kind;
} failures[] = {
    {{.status = 404, .body = "{\"code\":\"x\"}"}, EACCES, PAIL_ERROR_CLIENT},
    {{.status = 500, .body = "oops"}, EIO, PAIL_ERROR_CLIENT},
    {{.body = "not JSON"}, EPROTO, PAIL_ERROR_PARSE},
    {{.body = "{}"}, EACCES, PAIL_ERROR_CREDENTIALS},
    {{.body = "{\"AccessKeyId\":null,\"SecretAccessKey\":\"s\"}"},
     EACCES,
     PAIL_ERROR_CREDENTIALS},
    {{.body = KEYS("soon")}, EACCES, PAIL_ERROR_CREDENTIALS},
    {{.body = LATER, .fault = {.end = PEER_END_CUT, .after = 50}},
     EIO,
     PAIL_ERROR_INCOMPLETE_READ},
};

START_TEST(an_agent_that_fails_ends_the_chain)
{
    peer_rule_add(rig.peer, &(struct peer_rule){.match = {.pattern = "GET /"},
                                                .responses = &failures[_i].answer,
                                                .response_count = 1});
    use_agent("/");
    rig_open(NULL, "", "");
    check_failure(failures[_i].sys, failures[_i].kind, "");
    ck_assert_ptr_null(strstr(rig.error.message, "hush"));
}
END_TEST

START_TEST(the_relative_uri_goes_first)
{
    use_agent("/");
    rig_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@127.0.0.1/x"); /* no user gets in */
    rig_open(NULL, "", "");
    check_failure(EACCES, PAIL_ERROR_CREDENTIALS, "is no http URL");
    ck_assert_uint_eq(peer_count(rig.peer, NULL), 0);
}
END_TEST

/* ---- an instance ---- */

#define TOKEN "/latest/api/token"
#define ROLES "/latest/meta-data/iam/security-credentials/"

static void use_instance(void)
{
    rig.env_count = 0;
    rig_env("AWS_EC2_METADATA_SERVICE_ENDPOINT", peer_url(rig.peer));
}

START_TEST(asks_the_instance)
{
    ON("PUT " TOKEN, {.body = "the-token"});
    ON("GET " ROLES, {.body = "my-role\n"});
    ON("GET " ROLES "my-role", {.body = LATER});
    use_instance();
    rig_open(NULL, "", "");
    check_keys("meta-id", "meta-token", EXPIRY, "role my-role of the instance");
    check_header(0, "x-aws-ec2-metadata-token-ttl-seconds", "21600");
    check_header(1, "x-aws-ec2-metadata-token", "the-token");
    check_header(2, "x-aws-ec2-metadata-token", "the-token");
    ck_assert_uint_eq(peer_count(rig.peer, NULL), 3);
}
END_TEST

/* Keys that have all but expired are used on, for a quarter of an hour at least. */
START_TEST(extends_what_expires)
{
    ON("PUT " TOKEN, {.body = "the-token"});
    ON("GET " ROLES, {.body = "my-role"});
    ON("GET " ROLES "my-role", {.body = KEYS("2020-01-01T00:00:00Z")});
    use_instance();
    rig_open(NULL, "", "");
    CLEANUP(credentials) struct credentials *keys = NULL;
    int64_t now_s = clock_realtime_s(&clock_system);
    ck_assert_int_eq(rig_fetch(&keys), 0);
    ck_assert_int_ge(keys->expires_s, now_s + 15 * 60);
    ck_assert_int_le(keys->expires_s, clock_realtime_s(&clock_system) + 25 * 60);
}
END_TEST

START_TEST(does_without_a_token)
{
    static const int statuses[] = {403, 404, 405};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        ON("PUT " TOKEN, {.status = statuses[i], .body = "<html>"});
    ON("GET " ROLES, {.body = "my-role"});
    ON("GET " ROLES "my-role", {.body = LATER});
    use_instance();
    rig_open(NULL, "", "");
    check_keys("meta-id", "meta-token", EXPIRY, "role my-role of the instance");
    ck_assert_ptr_null(peer_request_header(asked(1), "x-aws-ec2-metadata-token"));
    rig_env("AWS_EC2_METADATA_V1_DISABLED", "TRUE");
    check_failure(EACCES, PAIL_ERROR_CREDENTIALS, "gives no token");
}
END_TEST

/* What an instance without a role says, or something else that stands in its place, is no keys:
 * and no other failure either. */
static const struct {
    struct peer_response token, role, keys;
} without[] = {
    {{.status = 400, .body = ""}, {.status = 500}, {.status = 500}},
    {{.status = 500, .body = ""}, {.status = 500}, {.status = 500}},
    {{.fault = {.end = PEER_END_CUT, .in_head = true}}, {.status = 500}, {.status = 500}},
    {{.body = "t"}, {.status = 404, .body = "<html>"}, {.status = 500}},
    {{.body = "t"}, {.body = ""}, {.status = 500}},
    {{.body = "t"}, {.body = "{\"nonsense\":1}"}, {.status = 500}},
    {{.body = "t"}, {.body = "r"}, {.status = 404, .body = ""}},
    {{.body = "t"}, {.body = "r"}, {.body = "{\"Code\":\"Failed\",\"Message\":\"no\"}"}},
    {{.body = "t"}, {.body = "r"}, {.body = "not JSON"}},
    {{.body = "t"}, {.body = "r"}, {.body = LATER, .fault = {.end = PEER_END_CUT, .after = 9}}},
};

START_TEST(no_role_is_no_keys)
{
    const struct {
        const char *pattern;
        const struct peer_response *answer;
    } rules[] = {{"PUT " TOKEN, &without[_i].token},
                 {"GET " ROLES, &without[_i].role},
                 {"GET " ROLES "r", &without[_i].keys}};
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        peer_on(rig.peer, rules[i].pattern, rules[i].answer);
    use_instance();
    rig_open(NULL, "", "");
    check_failure(EACCES, PAIL_ERROR_NO_CREDENTIALS,
                  "; no container and no EC2 instance gave any");
}
END_TEST

START_TEST(is_not_asked_when_switched_off)
{
    use_instance();
    rig_env("AWS_EC2_METADATA_DISABLED", "true");
    rig_open(NULL, "", "");
    check_failure(EACCES, PAIL_ERROR_NO_CREDENTIALS,
                  "; no container gave any, and AWS_EC2_METADATA_DISABLED is set");
    ck_assert_uint_eq(peer_count(rig.peer, NULL), 0);
}
END_TEST

/* ---- IAM Identity Center ---- */

/* Of "my-sso", as sha1sum has it. */
#define SESSION_FILE "0ad374308c5a4e22f723adf10145eafad7c4031c"
#define ROLE_KEYS                                                                              \
    "{\"roleCredentials\":{\"accessKeyId\":\"sso-id\",\"secretAccessKey\":\"hush\","           \
    "\"sessionToken\":\"sso-token\",\"expiration\":5049129600123}}"
#define SESSION                                                                                \
    "[default]\nsso_session = my-sso\nsso_account_id = 12\nsso_role_name = reader\n"           \
    "[sso-session my-sso]\nsso_start_url = https://start\nsso_region = eu-north-1\n"

static char home[64];

/* A file of the cache, in a home directory that is made for it. */
static void write_token(const char *name, const char *text)
{
    char path[256];
    static const char *const dirs[] = {"", "/.aws", "/.aws/sso", "/.aws/sso/cache"};
    snprintf(home, sizeof(home), "/tmp/test_sso.%ld", (long)getpid());
    for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
        snprintf(path, sizeof(path), "%s%s", home, dirs[i]);
        (void)mkdir(path, 0700);
    }
    snprintf(path, sizeof(path), "%s/.aws/sso/cache/%s.json", home, name);
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void drop_tokens(void)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", home);
    ck_assert_int_eq(system(command), 0);
}

#define VALID "{\"accessToken\":\"bearer\",\"expiresAt\":\"2130-01-01T00:00:00Z\"}"

START_TEST(takes_the_token_of_a_login)
{
    ON("GET /federation/credentials", {.body = ROLE_KEYS});
    write_token(SESSION_FILE, VALID);
    rig_env("HOME", home);
    rig_open(NULL, SESSION, "");
    check_keys("sso-id", "sso-token", EXPIRY, "SSO role reader of profile default");
    ck_assert_str_eq(peer_request_param(asked(0), "role_name"), "reader");
    ck_assert_str_eq(peer_request_param(asked(0), "account_id"), "12");
    check_header(0, "x-amz-sso_bearer_token", "bearer");
    ck_assert_ptr_null(peer_request_header(asked(0), "Authorization"));
    drop_tokens();
}
END_TEST

/* Asked through the proxy that was there when the settings were made, whatever comes later. */
START_TEST(goes_through_the_proxy_of_the_settings)
{
    ON("* *", {.body = ROLE_KEYS});
    write_token(SESSION_FILE, VALID);
    rig_env("HOME", home);
    rig_env("AWS_ENDPOINT_URL_SSO", "http://sso.invalid");
    rig_env("AWS_MAX_ATTEMPTS", "1");
    size_t at = rig.env_count;
    rig_env("http_proxy", peer_url(rig.peer));
    rig_open(NULL, SESSION, "");
    rig.env[at + 1] = "http://proxy.invalid:1";
    check_keys("sso-id", "sso-token", EXPIRY, "SSO role reader of profile default");
    ck_assert_ptr_nonnull(strstr(asked(0)->target, "http://sso.invalid/federation"));
    drop_tokens();
}
END_TEST

/* The users' database, as a test has it. */
int getpwuid_r(uid_t uid, struct passwd *entry, char *space, size_t size, struct passwd **ret)
{
    (void)uid;
    (void)space;
    (void)size;
    *entry = (struct passwd){.pw_dir = home};
    *ret = home[0] ? entry : NULL;
    return 0;
}

/* A mount from fstab has no HOME. */
START_TEST(finds_the_token_without_HOME)
{
    ON("GET /federation/credentials", {.body = ROLE_KEYS});
    write_token(SESSION_FILE, VALID);
    rig_open(NULL, SESSION, "");
    credentials_provider_free(rig.provider);
    settings_free(rig.settings);
    char **before = environ, *none[] = {NULL};
    environ = none;
    for (size_t i = 0; i < rig.env_count; i += 2)
        setenv(rig.env[i], rig.env[i + 1], 1);
    ck_assert_int_eq(settings_load(NULL, NULL, NULL, &rig.settings, &rig.error), 0);
    rig.provider = credentials_chain_new(rig.settings);
    check_keys("sso-id", "sso-token", EXPIRY, "SSO role reader of profile default");
    drop_tokens();
    home[0] = '\0';
    check_failure(EACCES, PAIL_ERROR_CREDENTIALS, "no home directory is known");
    clearenv();
    environ = before;
}
END_TEST

static const struct {
    const char *token; /* NULL: there is none */
    struct peer_response answer;
    int sys;
    const char *part;
} logins[] = {
    {NULL,
     {.body = ROLE_KEYS},
     EACCES,
     "there is no SSO token: \"aws sso login --profile default\""},
    {"not JSON", {.body = ROLE_KEYS}, EACCES, "the SSO token's file is malformed: "},
    {"{\"accessToken\":\"t\"}",
     {.body = ROLE_KEYS},
     EACCES,
     "the SSO token's file is malformed: "},
    {"{\"accessToken\":\"t\",\"expiresAt\":\"2020-01-01T00:00:00UTC\"}",
     {.body = ROLE_KEYS},
     EACCES,
     "the SSO token has expired: \"aws sso login"},
    {VALID,
     {.status = 401,
      .body = "{\"message\":\"Session token not found or invalid\"}",
      .headers = "x-amzn-ErrorType: UnauthorizedException"},
     EACCES,
     "the SSO token is no longer valid: "},
    {VALID,
     {.status = 403,
      .body = "{\"message\":\"no access\"}",
      .headers = "x-amzn-ErrorType: Forbidden"},
     EACCES,
     "no access"},
    {VALID, {.body = "{\"roleCredentials\":null}"}, EPROTO, "roleCredentials"},
    {VALID, {.body = "{}"}, EPROTO, "roleCredentials"},
};

START_TEST(says_what_is_wrong_with_a_login)
{
    write_token("some", "other");
    if (logins[_i].token)
        write_token(SESSION_FILE, logins[_i].token);
    peer_on(rig.peer, "GET /federation/credentials", &logins[_i].answer);
    rig_env("HOME", home);
    rig_open(NULL, SESSION,
             "[default]\naws_access_key_id = other\naws_secret_access_key = s\n");
    struct credentials *keys;
    ck_assert_int_eq(rig_fetch(&keys), -logins[_i].sys);
    ck_assert_msg(strstr(rig.error.message, logins[_i].part), "%s", rig.error.message);
    drop_tokens();
}
END_TEST

static const struct {
    const char *config, *part;
} incomplete[] = {
    {"[default]\nsso_account_id = 12\n", "says no sso_role_name"},
    {"[default]\nsso_role_name = r\n", "says no sso_account_id"},
    {"[default]\nsso_role_name = r\nsso_account_id = 1\nsso_start_url = u\n",
     "says no sso_region"},
    {"[default]\nsso_role_name = r\nsso_account_id = 1\nsso_region = u\n",
     "says no sso_start_url"},
    {"[default]\nsso_role_name = r\nsso_account_id = 1\nsso_session = none\n",
     "there is no [sso-session none]"},
};

START_TEST(says_what_a_login_lacks)
{
    rig_open(NULL, incomplete[_i].config, "");
    check_failure(EACCES, PAIL_ERROR_CREDENTIALS, incomplete[_i].part);
}
END_TEST

SUITE_MAIN("aws/credentials_metadata", tcase_add_checked_fixture(tc, rig_start, rig_stop);
           tcase_add_test(tc, asks_the_agent); tcase_add_test(tc, shows_the_token_of_a_file);
           tcase_add_loop_test(tc, asks_nobody_far_away, 0, (int)ARRAY_LEN(places));
           tcase_add_loop_test(tc, an_agent_that_fails_ends_the_chain, 0,
                               (int)ARRAY_LEN(failures));
           tcase_add_test(tc, the_relative_uri_goes_first);
           tcase_add_test(tc, asks_the_instance); tcase_add_test(tc, extends_what_expires);
           tcase_add_test(tc, does_without_a_token);
           tcase_add_loop_test(tc, no_role_is_no_keys, 0, (int)ARRAY_LEN(without));
           tcase_add_test(tc, is_not_asked_when_switched_off);
           tcase_add_test(tc, takes_the_token_of_a_login);
           tcase_add_test(tc, goes_through_the_proxy_of_the_settings);
           tcase_add_test(tc, finds_the_token_without_HOME);
           tcase_add_loop_test(tc, says_what_is_wrong_with_a_login, 0, (int)ARRAY_LEN(logins));
           tcase_add_loop_test(tc, says_what_a_login_lacks, 0, (int)ARRAY_LEN(incomplete)));
