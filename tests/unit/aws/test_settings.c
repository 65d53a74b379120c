#include "unit/check.h"

#include "unit/aws/settings_rig.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>

START_TEST(defaults)
{
    struct loaded l;
    load(&(struct given){0}, &l);
    ck_assert_int_eq(l.result, 0);
    const struct settings *s = l.settings;
    ck_assert_str_eq(s->profile, "default");
    ck_assert(!s->profile_in_code && !s->dualstack && !s->fips && !s->no_sign_request);
    ck_assert_ptr_null(s->region);
    ck_assert_ptr_null(s->endpoint_url);
    ck_assert_ptr_null(s->ca_bundle);
    ck_assert_ptr_null(s->http_proxy);
    ck_assert_ptr_null(s->https_proxy);
    ck_assert_ptr_null(s->no_proxy);
    ck_assert_ptr_null(s->access_key_id);
    ck_assert_int_eq(s->addressing, PAIL_ADDRESSING_AUTO);
    ck_assert_int_eq(s->retry_mode, PAIL_RETRY_STANDARD);
    ck_assert_uint_eq(s->max_attempts, 3);
    ck_assert_int_eq(s->connect_timeout_ms, 60000);
    ck_assert_int_eq(s->read_timeout_ms, 60000);
    ck_assert_uint_eq(s->max_connections, 10);
    ck_assert_str_eq(s->user_agent, "pail/" PAIL_VERSION " os/linux lang/c");
    unload(&l);
}
END_TEST

/* Where a string setting comes from. */
enum field { REGION, PROFILE, CA_BUNDLE, USER_AGENT };

static const struct {
    struct given given;
    enum field field;
    const char *value;
} strings[] = {
    {{{.region = "a"},
      {"AWS_REGION", "b", "AWS_DEFAULT_REGION", "c"},
      "[default]\nregion = d\n"},
     REGION,
     "a"},
    {{{0}, {"AWS_REGION", "b", "AWS_DEFAULT_REGION", "c"}, "[default]\nregion = d\n"},
     REGION,
     "b"},
    {{{0}, {"AWS_REGION", "", "AWS_DEFAULT_REGION", "c"}, "[default]\nregion = d\n"},
     REGION,
     "c"},
    {{{0}, {0}, "[default]\nregion = d\n"}, REGION, "d"},
    {{{.region = ""}, {0}, "[default]\nregion =\n"}, REGION, NULL},
    {{{0}, {0}, "[profile x]\nregion = d\n"}, REGION, NULL},
    {{{.profile = "x"}, {0}, "[default]\nregion = d\n[profile x]\nregion = e\n"}, REGION, "e"},
    {{{0}, {"AWS_PROFILE", "x"}, "[default]\nregion = d\n[profile x]\nregion = e\n"},
     REGION,
     "e"},
    {{{0}, {"AWS_PROFILE", "y", "AWS_DEFAULT_PROFILE", "x"}, "[profile x]\n"}, PROFILE, "x"},
    {{{.profile = "x"}, {"AWS_PROFILE", "y"}, "[profile x]\n"}, PROFILE, "x"},
    {{{0}, {"AWS_PROFILE", ""}, ""}, PROFILE, "default"},
    {{{0}, {"AWS_CA_BUNDLE", "/dev/null"}, "[default]\nca_bundle = /none\n"},
     CA_BUNDLE,
     "/dev/null"},
    {{{0}, {"REQUESTS_CA_BUNDLE", "/none"}, "[default]\nca_bundle = /dev/null\n"},
     CA_BUNDLE,
     "/dev/null"},
    {{{0}, {"REQUESTS_CA_BUNDLE", "/dev/null"}, ""}, CA_BUNDLE, "/dev/null"},
    {{{.ca_bundle = "/dev/null"}, {"AWS_CA_BUNDLE", ""}, ""}, CA_BUNDLE, "/dev/null"},
    {{{0}, {"AWS_SDK_UA_APP_ID", "my app/1"}, ""},
     USER_AGENT,
     "pail/" PAIL_VERSION " os/linux lang/c app/my-app-1"},
    {{{.user_agent_extra = "pailfs/1 (x)"}, {0}, "[default]\nsdk_ua_app_id = a\n"},
     USER_AGENT,
     "pail/" PAIL_VERSION " os/linux lang/c app/a pailfs/1 (x)"},
};

START_TEST(precedence)
{
    struct loaded l;
    load(&strings[_i].given, &l);
    ck_assert_msg(l.result == 0, "row %d: %s", _i, l.error.message);
    const char *values[] = {[REGION] = l.settings->region,
                            [PROFILE] = l.settings->profile,
                            [CA_BUNDLE] = l.settings->ca_bundle,
                            [USER_AGENT] = l.settings->user_agent};
    ck_assert_pstr_eq(values[strings[_i].field], strings[_i].value);
    unload(&l);
}
END_TEST

static const struct {
    struct given given;
    unsigned attempts;
    enum pail_retry_mode mode;
    enum pail_addressing addressing;
    bool dualstack, fips;
} numbers[] = {
    {{{.max_attempts = 7}, {"AWS_MAX_ATTEMPTS", "8"}, ""},
     7,
     PAIL_RETRY_STANDARD,
     PAIL_ADDRESSING_AUTO,
     false,
     false},
    {{{.retries = PAIL_INT(0)}, {"AWS_MAX_ATTEMPTS", "8"}, ""},
     1,
     PAIL_RETRY_STANDARD,
     PAIL_ADDRESSING_AUTO,
     false,
     false},
    {{{.retries = PAIL_INT(3), .retry_mode = PAIL_RETRY_LEGACY}, {0}, ""},
     4,
     PAIL_RETRY_LEGACY,
     PAIL_ADDRESSING_AUTO,
     false,
     false},
    {{{.retries = PAIL_INT(3), .max_attempts = 2}, {0}, ""},
     2,
     PAIL_RETRY_STANDARD,
     PAIL_ADDRESSING_AUTO,
     false,
     false},
    {{{0}, {"AWS_MAX_ATTEMPTS", "8"}, "[default]\nmax_attempts = 9\n"},
     8,
     PAIL_RETRY_STANDARD,
     PAIL_ADDRESSING_AUTO,
     false,
     false},
    {{{0}, {0}, "[default]\nmax_attempts = 9\nretry_mode = adaptive\n"},
     9,
     PAIL_RETRY_ADAPTIVE,
     PAIL_ADDRESSING_AUTO,
     false,
     false},
    {{{0}, {"AWS_RETRY_MODE", "legacy"}, ""},
     5,
     PAIL_RETRY_LEGACY,
     PAIL_ADDRESSING_AUTO,
     false,
     false},
    {{{.retry_mode = PAIL_RETRY_ADAPTIVE}, {"AWS_RETRY_MODE", "legacy"}, ""},
     3,
     PAIL_RETRY_ADAPTIVE,
     PAIL_ADDRESSING_AUTO,
     false,
     false},
    {{{0}, {0}, "[default]\ns3 =\n  addressing_style = path\n"},
     3,
     PAIL_RETRY_STANDARD,
     PAIL_ADDRESSING_PATH,
     false,
     false},
    {{{.addressing = PAIL_ADDRESSING_VIRTUAL},
      {0},
      "[default]\ns3 =\n  addressing_style = path\n"},
     3,
     PAIL_RETRY_STANDARD,
     PAIL_ADDRESSING_VIRTUAL,
     false,
     false},
    {{{0}, {"AWS_USE_DUALSTACK_ENDPOINT", "True"}, "[default]\nuse_fips_endpoint = TRUE\n"},
     3,
     PAIL_RETRY_STANDARD,
     PAIL_ADDRESSING_AUTO,
     true,
     true},
    {{{0}, {"AWS_USE_DUALSTACK_ENDPOINT", "1"}, "[default]\nuse_dualstack_endpoint = true\n"},
     3,
     PAIL_RETRY_STANDARD,
     PAIL_ADDRESSING_AUTO,
     false,
     false},
};

START_TEST(numbers_and_modes)
{
    struct loaded l;
    load(&numbers[_i].given, &l);
    ck_assert_msg(l.result == 0, "row %d: %s", _i, l.error.message);
    ck_assert_uint_eq(l.settings->max_attempts, numbers[_i].attempts);
    ck_assert_int_eq(l.settings->retry_mode, numbers[_i].mode);
    ck_assert_int_eq(l.settings->addressing, numbers[_i].addressing);
    ck_assert_int_eq(l.settings->dualstack, numbers[_i].dualstack);
    ck_assert_int_eq(l.settings->fips, numbers[_i].fips);
    unload(&l);
}
END_TEST

/* A failure's message names its source, the value, and what is allowed. FILE stands for the
 * file's path. */
static const struct {
    struct given given;
    int result, kind;
    const char *parts[3];
} faults[] = {
    {{{.profile = "x"}, {0}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"option profile", "\"x\"", "FILE"}},
    {{{0}, {"AWS_PROFILE", "x"}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"AWS_PROFILE", "\"x\"", "/nonexistent"}},
    {{{0}, {0}, "[default]\nregion\n"}, -EINVAL, PAIL_ERROR_CONFIG, {"FILE:2: expected"}},
    {{{.region = "bad_region"}, {0}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"option region", "\"bad_region\"", "hyphens"}},
    {{{0}, {"AWS_REGION", "a.b"}, ""}, -EINVAL, PAIL_ERROR_CONFIG, {"AWS_REGION", "\"a.b\""}},
    {{{0}, {0}, "[default]\n\nregion = us-east-1 # here\n"},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"FILE:3: region", "\"us-east-1 # here\""}},
    {{{.endpoint_url = "localhost:9000"}, {0}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"option endpoint", "\"localhost:9000\"", "http://"}},
    {{{.endpoint_url = "http://me:hu@hush@host:9"}, {0}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"option endpoint", "\"...@host:9\"", "a user has no place"}},
    {{{0}, {"AWS_ENDPOINT_URL", "http://"}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"AWS_ENDPOINT_URL", "\"http://\"", "host"}},
    {{{0}, {0}, "[default]\nendpoint_url = ftp://x\n"},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"FILE:2: endpoint_url", "\"ftp://x\""}},
    {{{0}, {0}, "[default]\ns3 =\n  addressing_style = host\n"},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"FILE:2: addressing_style", "\"host\"", "auto, path or virtual"}},
    {{{0}, {"AWS_RETRY_MODE", "Standard"}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"AWS_RETRY_MODE", "\"Standard\"", "legacy, standard or adaptive"}},
    {{{0}, {"AWS_MAX_ATTEMPTS", "0"}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"AWS_MAX_ATTEMPTS", "\"0\"", "1 to 1000"}},
    {{{0}, {"AWS_MAX_ATTEMPTS", "1001"}, ""}, -EINVAL, PAIL_ERROR_CONFIG, {"\"1001\""}},
    {{{0}, {0}, "[default]\nmax_attempts = 3x\n"},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"FILE:2: max_attempts", "\"3x\""}},
    {{{.max_attempts = 5000}, {0}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"option max_attempts", "5000", "1 to 1000"}},
    {{{.retries = PAIL_INT(1000)}, {0}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"option retries", "1000", "0 to 999"}},
    {{{.retries = PAIL_INT(-1)}, {0}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"option retries", "-1"}},
    {{{0}, {"AWS_CA_BUNDLE", "/none/x"}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"AWS_CA_BUNDLE", "\"/none/x\"", "No such file"}},
    {{{0}, {"AWS_CA_BUNDLE", "/"}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"AWS_CA_BUNDLE", "directory"}},
    {{{0}, {"AWS_CA_BUNDLE", ""}, ""}, -EINVAL, PAIL_ERROR_CONFIG, {"AWS_CA_BUNDLE is empty"}},
    {{{0}, {0}, "[default]\nca_bundle =\n"},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"ca_bundle is empty"}},
    {{{0}, {"HTTP_PROXY", "http://me:hush@127.0.0.1:notaport"}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"HTTP_PROXY: \"...@127.0.0.1:notaport\" is not allowed", "the port"}},
    {{{0}, {"https_proxy", "bogus://me:hush@host", "HTTPS_PROXY", "http://host"}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"https_proxy: \"...@host\"", "it must start with http://"}},
    {{{0}, {"HTTP_PROXY", "//me:hush"}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"HTTP_PROXY: \"//me:...\" is not allowed", "the port"}},
    {{{0}, {"HTTP_PROXY", "me:hush"}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"HTTP_PROXY: \"me:...\" is not allowed", "the port"}},
    {{{0}, {"ALL_PROXY", "me:hush@"}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"ALL_PROXY: \"...@\"", "it has no host"}},
    {{{.proxy = "me:hu@hush@host:x"}, {0}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"option proxy: \"...@host:x\"", "the port"}},
    {{{.user_agent_extra = "a\r\nb: c"}, {0}, ""},
     -EINVAL,
     PAIL_ERROR_CONFIG,
     {"option user_agent_extra", "printable"}},
    {{{.access_key_id = "ID"}, {0}, ""},
     -EACCES,
     PAIL_ERROR_PARTIAL_CREDENTIALS,
     {"secret access key is missing"}},
    {{{.secret_access_key = "hush"}, {0}, ""},
     -EACCES,
     PAIL_ERROR_PARTIAL_CREDENTIALS,
     {"access key id is missing"}},
    {{{.session_token = "hush"}, {0}, ""},
     -EACCES,
     PAIL_ERROR_PARTIAL_CREDENTIALS,
     {"access key id is missing"}},
};

START_TEST(names_faults)
{
    struct loaded l;
    load(&faults[_i].given, &l);
    ck_assert_int_eq(l.result, faults[_i].result);
    ck_assert_int_eq(l.error.kind, faults[_i].kind);
    ck_assert_int_eq(l.error.sys, -faults[_i].result);
    for (size_t i = 0; i < ARRAY_LEN(faults[_i].parts) && faults[_i].parts[i]; i++) {
        CLEANUP_DONE(buf) struct buf part;
        buf_init(&part, 1000);
        struct pail_str text = str_c(faults[_i].parts[i]);
        if (str_starts(text, PAIL_STR("FILE"))) {
            buf_add_c(&part, l.file.path);
            text = str_sub(text, 4, text.len);
        }
        buf_add_str(&part, text);
        ck_assert_msg(strstr(l.error.message, buf_c(&part)), "row %d: %s", _i, l.error.message);
    }
    ck_assert_ptr_null(strstr(l.error.message, "hush"));
    unload(&l);
}
END_TEST

static const struct pail_service s3 = {.id = "S3"}, logs = {.id = "CloudWatch Logs"};

/* `host` NULL: none is configured; "!": refused. */
static const struct {
    struct given given;
    const struct pail_service *service;
    const char *host;
} endpoints[] = {
    {{{0}, {0}, ""}, &s3, NULL},
    {{{.endpoint_url = "http://a"}, {"AWS_ENDPOINT_URL_S3", "http://b"}, ""}, &s3, "a"},
    {{{0}, {"AWS_ENDPOINT_URL_S3", "http://b", "AWS_ENDPOINT_URL", "http://c"}, ""}, &s3, "b"},
    {{{0}, {"AWS_ENDPOINT_URL_S3", "http://b", "AWS_ENDPOINT_URL", "http://c"}, ""},
     &logs,
     "c"},
    {{{0}, {"AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://b"}, ""}, &logs, "b"},
    {{{0},
      {"AWS_ENDPOINT_URL", "http://c"},
      "[default]\nservices = x\n[services x]\ns3 =\n  endpoint_url = http://d\n"},
     &s3,
     "c"},
    {{{0},
      {0},
      "[default]\nservices = x\nendpoint_url = http://e\n[services x]\ns3 =\n  endpoint_url = "
      "http://d\n"},
     &s3,
     "d"},
    {{{0},
      {0},
      "[default]\nservices = x\nendpoint_url = http://e\n[services x]\ncloudwatch_logs =\n  "
      "endpoint_url = http://d\n"},
     &logs,
     "d"},
    {{{0}, {0}, "[default]\nservices = x\nendpoint_url = http://e\n[services x]\n"}, &s3, "e"},
    {{{0}, {0}, "[default]\nservices = x\nendpoint_url = http://e\n"}, &s3, "!"},
    {{{0}, {0}, "[profile y]\nendpoint_url = http://e\n"}, &s3, NULL},
    {{{0},
      {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", "AWS_ENDPOINT_URL_S3", "http://b"},
      "[default]\nendpoint_url = http://e\n"},
     &s3,
     NULL},
    {{{.endpoint_url = "http://a"}, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}, ""},
     &s3,
     "a"},
    {{{0}, {0}, "[default]\nignore_configured_endpoint_urls = true\nendpoint_url = nonsense\n"},
     &s3,
     NULL},
    {{{0}, {"AWS_ENDPOINT_URL_S3", "nonsense"}, ""}, &s3, "!"},
    {{{0}, {"AWS_ENDPOINT_URL_S3", "nonsense"}, ""}, &logs, NULL},
};

START_TEST(endpoint_of_a_service)
{
    struct loaded l;
    load(&endpoints[_i].given, &l);
    ck_assert_msg(l.result == 0, "row %d: %s", _i, l.error.message);
    CLEANUP_DONE(url) struct url url = {0};
    struct pail_error error = {0};
    int r = settings_endpoint(l.settings, endpoints[_i].service, &url, &error);
    const char *host = endpoints[_i].host;
    bool refused = host && strcmp(host, "!") == 0;
    ck_assert_msg(r == (refused ? -EINVAL : host != NULL), "row %d: %d", _i, r);
    ck_assert_pstr_eq(url.host, refused ? NULL : host);
    if (refused)
        ck_assert_int_eq(error.kind, PAIL_ERROR_CONFIG);
    unload(&l);
}
END_TEST

START_TEST(home)
{
    struct test_file file;
    write_file(&file, "[default]\nregion = at-home\n");
    const char *env[] = {"HOME", file.dir, "AWS_CONFIG_FILE", "~/file", NULL};
    struct settings *s = NULL;
    ck_assert_int_eq(settings_load(NULL, test_getenv, env, &s, NULL), 0);
    ck_assert_str_eq(s->config_path, file.path);
    ck_assert_str_eq(s->region, "at-home");
    ck_assert_str_eq(s->credentials_path + strlen(file.dir), "/.aws/credentials");
    settings_free(s);
    drop_file(&file);
    /* No home: no files. */
    s = NULL;
    ck_assert_int_eq(settings_load(NULL, test_getenv, NULL, &s, NULL), 0);
    ck_assert_ptr_null(s->config_path);
    ck_assert_ptr_null(s->credentials_path);
    settings_free(s);
}
END_TEST

/* The users' database, as a test has it. */
static struct passwd user;

int getpwuid_r(uid_t uid, struct passwd *entry, char *space, size_t size, struct passwd **ret)
{
    (void)uid;
    (void)space;
    (void)size;
    *entry = user;
    *ret = user.pw_dir ? entry : NULL;
    return 0;
}

/* The process's own environment, as of a mount from fstab. */
START_TEST(home_without_HOME)
{
    struct settings *s = NULL;
    static char dir[] = "/nonexistent/home";
    unsetenv("HOME");
    unsetenv("AWS_CONFIG_FILE");
    unsetenv("AWS_PROFILE");
    for (int known = 0; known < 2; known++) {
        user.pw_dir = known ? dir : NULL;
        ck_assert_int_eq(settings_load(NULL, NULL, NULL, &s, NULL), 0);
        CLEANUP(heap) char *found = settings_home(s);
        ck_assert_pstr_eq(found, user.pw_dir);
        ck_assert_pstr_eq(s->config_path, known ? "/nonexistent/home/.aws/config" : NULL);
        settings_free(s);
    }
}
END_TEST

START_TEST(keepalive)
{
    static const struct {
        struct given given;
        bool keepalive;
    } rows[] = {
        {{{0}, {0}, ""}, false},
        {{{.tcp_keepalive = true}, {"BOTOCORE_TCP_KEEPALIVE", "false"}, ""}, true},
        {{{0}, {"BOTOCORE_TCP_KEEPALIVE", "TRUE"}, "[default]\ntcp_keepalive = false\n"}, true},
        {{{0}, {"BOTOCORE_TCP_KEEPALIVE", "no"}, "[default]\ntcp_keepalive = true\n"}, false},
        {{{0}, {0}, "[default]\ntcp_keepalive = true\n"}, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct loaded l;
        load(&rows[i].given, &l);
        ck_assert_int_eq(l.result, 0);
        ck_assert_int_eq(l.settings->tcp_keepalive, rows[i].keepalive);
        unload(&l);
    }
}
END_TEST

START_TEST(said_in_code)
{
    struct loaded l;
    load(&(struct given){.code = {.profile = "x",
                                  .access_key_id = "ID",
                                  .secret_access_key = "secret",
                                  .session_token = "",
                                  .no_sign_request = true,
                                  .requester_pays = true,
                                  .connect_timeout_ms = -1,
                                  .read_timeout_ms = 5,
                                  .max_connections = 64,
                                  .retry_quota_waits = true,
                                  .proxy = "",
                                  .no_proxy = "localhost",
                                  .insecure = true,
                                  .tcp_keepalive = true},
                         .file = "[profile x]\n"},
         &l);
    ck_assert_int_eq(l.result, 0);
    const struct settings *s = l.settings;
    ck_assert(s->profile_in_code && s->no_sign_request && s->requester_pays && s->insecure &&
              s->tcp_keepalive && s->retry_quota_waits);
    ck_assert_str_eq(s->access_key_id, "ID");
    ck_assert_str_eq(s->secret_access_key, "secret");
    ck_assert_ptr_null(s->session_token);
    ck_assert_int_eq(s->connect_timeout_ms, -1);
    ck_assert_int_eq(s->read_timeout_ms, 5);
    ck_assert_uint_eq(s->max_connections, 64);
    ck_assert_ptr_null(s->http_proxy);
    ck_assert_ptr_null(s->https_proxy);
    ck_assert_str_eq(s->no_proxy, "localhost");
    check_str(settings_env(s, "AWS_SHARED_CREDENTIALS_FILE"), "/nonexistent");
    check_absent(settings_env(s, "AWS_NONE"));
    unload(&l);
}
END_TEST

START_TEST(out_of_memory)
{
    static const char *env[] = {
        "HOME", "/nonexistent", "AWS_ENDPOINT_URL", "http://e", "NO_PROXY", "f", NULL};
    static const struct pail_config config = {.region = "a",
                                              .access_key_id = "b",
                                              .secret_access_key = "c",
                                              .session_token = "d",
                                              .proxy = "e",
                                              .ca_bundle = "/dev/null"};
    int r = -ENOMEM;
    for (long n = 0; r != 0; n++) {
        struct settings *s = NULL;
        struct pail_error error = {0};
        alloc_fail_after(n);
        r = settings_load(&config, test_getenv, env, &s, &error);
        alloc_fail_after(-1);
        ck_assert_msg(r == 0 || (r == -ENOMEM && error.kind == PAIL_ERROR_MEMORY), "%ld: %d %s",
                      n, r, error.message);
        settings_free(s);
    }
}
END_TEST

SUITE_MAIN("aws/settings", tcase_add_test(tc, defaults);
           tcase_add_loop_test(tc, precedence, 0, (int)ARRAY_LEN(strings));
           tcase_add_loop_test(tc, numbers_and_modes, 0, (int)ARRAY_LEN(numbers));
           tcase_add_loop_test(tc, names_faults, 0, (int)ARRAY_LEN(faults));
           tcase_add_loop_test(tc, endpoint_of_a_service, 0, (int)ARRAY_LEN(endpoints));
           tcase_add_test(tc, home); tcase_add_test(tc, home_without_HOME);
           tcase_add_test(tc, said_in_code); tcase_add_test(tc, keepalive);
           tcase_add_test(tc, out_of_memory));
