#include "unit/check.h"

#include "aws/credentials.h"
#include "unit/aws/environment.h"

#include <errno.h>

struct opened {
    struct test_file config;
    const char *env[5];
    struct settings *settings;
    struct credentials_provider *provider;
};

/* A profile whose line of that key is `line`, and what else it has. */
static void open_provider(const char *text, struct opened *o)
{
    *o = (struct opened){0};
    write_file(&o->config, text);
    o->env[0] = "AWS_CONFIG_FILE";
    o->env[1] = o->config.path;
    o->env[2] = "AWS_SHARED_CREDENTIALS_FILE";
    o->env[3] = "/nonexistent";
    ck_assert_int_eq(settings_load(NULL, test_getenv, o->env, &o->settings, NULL), 0);
    o->provider = credentials_process_new(o->settings, o->settings->profile);
    ck_assert_ptr_nonnull(o->provider);
}

static void close_provider(struct opened *o)
{
    credentials_provider_free(o->provider);
    settings_free(o->settings);
    drop_file(&o->config);
}

#define KEYS        "\"AccessKeyId\": \"id\", \"SecretAccessKey\": \"hush\""
#define PRINT(json) "[default]\ncredential_process = printf %s '{" json "}'\n"

static const struct {
    const char *text, *token;
    int64_t expires_s;
} good[] = {
    {PRINT("\"Version\": 1, " KEYS), NULL, INT64_MAX},
    {PRINT("\"Version\": 1, \"SessionToken\": \"t\", \"Expiration\": "
           "\"1970-01-02T00:00:00Z\", " KEYS),
     "t", 86400},
    {PRINT("\"Version\": 1, \"Expiration\": \"1970-01-01T01:00:00.5+01:00\", \"Other\": "
           "[1], " KEYS),
     NULL, 0},
    {PRINT("\"Version\": 1, \"SessionToken\": null, \"Expiration\": null, " KEYS), NULL,
     INT64_MAX},
};

START_TEST(understands)
{
    struct opened o;
    open_provider(good[_i].text, &o);
    CLEANUP(credentials) struct credentials *creds = NULL;
    struct pail_error error = {0};
    int r = o.provider->fetch(o.provider, &creds, &error);
    ck_assert_msg(r == 0, "%s", error.message);
    ck_assert_str_eq(creds->access_key_id, "id");
    ck_assert_str_eq(creds->secret_access_key, "hush");
    ck_assert_pstr_eq(creds->session_token, good[_i].token);
    ck_assert_int_eq(creds->expires_s, good[_i].expires_s);
    ck_assert_str_eq(creds->source, "credential_process of profile default");
    close_provider(&o);
}
END_TEST

static const struct {
    const char *text, *message;
} bad[] = {
    {PRINT(KEYS), "printed no \"Version\": 1"},
    {PRINT("\"Version\": 2, " KEYS), "printed no \"Version\": 1"},
    {PRINT("\"Version\": 1, \"SecretAccessKey\": \"hush\""), "printed no AccessKeyId"},
    {PRINT("\"Version\": 1, \"AccessKeyId\": \"hush\""), "printed no SecretAccessKey"},
    {PRINT("\"Version\": 1, \"Expiration\": \"hush\", " KEYS), "no ISO 8601 time"},
    {PRINT("\"Version\": 1, \"AccessKeyId\": [\"hush\"]"), "JSON"},
    {"[default]\ncredential_process = printf hush\n", "did not print the JSON object"},
    {"[default]\ncredential_process = true\n", "did not print the JSON object"},
    {"[default]\ncredential_process = sh -c 'echo no luck >&2; exit 5'\n",
     "ended with status 5: no luck"},
    {"[default]\ncredential_process = false\n", "ended with status 1"},
    {"[default]\ncredential_process = sh -c 'kill -9 $$'\n", "was killed by signal 9"},
    {"[default]\ncredential_process = /nonexistent/program --x\n",
     "cannot run \"/nonexistent/program\": No such file"},
    {"[default]\ncredential_process = sh -c 'echo\n", "is no command"},
    {"[default]\ncredential_process = yes hush\n", "printed more than 65536 bytes"},
};

START_TEST(says_what_failed)
{
    struct opened o;
    open_provider(bad[_i].text, &o);
    struct credentials *creds = NULL;
    struct pail_error error = {0};
    ck_assert_int_eq(o.provider->fetch(o.provider, &creds, &error), -EACCES);
    ck_assert_ptr_null(creds);
    ck_assert_int_eq(error.kind, PAIL_ERROR_CREDENTIALS);
    ck_assert_int_eq(error.sys, EACCES);
    ck_assert_msg(strstr(error.message, bad[_i].message), "row %d: %s", _i, error.message);
    ck_assert_ptr_nonnull(strstr(error.message, "/file:2: credential_process"));
    ck_assert_ptr_null(strstr(error.message, "hush"));
    close_provider(&o);
}
END_TEST

START_TEST(does_not_apply)
{
    struct opened o;
    open_provider("[profile x]\ncredential_process = false\n", &o);
    struct credentials *creds = NULL;
    ck_assert_int_eq(o.provider->fetch(o.provider, &creds, NULL), -ENOENT);
    close_provider(&o);
}
END_TEST

START_TEST(cancelled)
{
    struct opened o;
    open_provider("[default]\ncredential_process = sleep 600\n", &o);
    o.provider->cancel(o.provider);
    struct credentials *creds = NULL;
    struct pail_error error = {0};
    ck_assert_int_eq(o.provider->fetch(o.provider, &creds, &error), -ECANCELED);
    ck_assert_int_eq(error.kind, PAIL_ERROR_CANCELLED);
    close_provider(&o);
}
END_TEST

static int fetch_once(void *user)
{
    struct credentials_provider *provider = user;
    CLEANUP(credentials) struct credentials *creds = NULL;
    struct pail_error error = {0};
    int r = provider->fetch(provider, &creds, &error);
    return r < 0 && error.sys != -r ? -EIO : r;
}

START_TEST(survives_every_failure_of_memory)
{
    struct opened o;
    open_provider(good[1].text, &o);
    ck_assert_int_gt(alloc_fail_each(fetch_once, o.provider, 0), 3);
    close_provider(&o);
}
END_TEST

/* In the chain: after the credentials file's keys, before the config file's. */
START_TEST(place_in_the_chain)
{
    struct opened o;
    open_provider(
        PRINT(
            "\"Version\": 1, " KEYS) "aws_access_key_id = file-id\naws_secret_access_key = s\n",
        &o);
    struct credentials_provider *chain = credentials_chain_new(o.settings);
    CLEANUP(credentials) struct credentials *creds = NULL;
    ck_assert_int_eq(chain->fetch(chain, &creds, NULL), 0);
    ck_assert_str_eq(creds->access_key_id, "id");
    chain->cancel(chain);
    credentials_provider_free(chain);
    close_provider(&o);
}
END_TEST

SUITE_MAIN("aws/credentials_process",
           tcase_add_loop_test(tc, understands, 0, (int)ARRAY_LEN(good));
           tcase_add_loop_test(tc, says_what_failed, 0, (int)ARRAY_LEN(bad));
           tcase_add_test(tc, survives_every_failure_of_memory);
           tcase_add_test(tc, does_not_apply); tcase_add_test(tc, cancelled);
           tcase_add_test(tc, place_in_the_chain));
