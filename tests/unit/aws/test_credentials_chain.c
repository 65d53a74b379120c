/* The chain and its providers: credentials_static, _environment, _profile. */
#include "unit/check.h"

#include "aws/credentials.h"
#include "unit/aws/environment.h"

#include <errno.h>

#define PAIRS_MAX 12

struct given {
    struct pail_config code;
    const char *env[PAIRS_MAX];
    const char *config, *credentials;
};

struct chain {
    struct test_file config, credentials;
    const char *env[PAIRS_MAX + 7];
    struct settings *settings;
    struct credentials_provider *provider;
};

static void open_chain(const struct given *given, struct chain *c)
{
    *c = (struct chain){0};
    write_file(&c->config, given->config ? given->config : "");
    write_file(&c->credentials, given->credentials ? given->credentials : "");
    size_t n = 0;
    c->env[n++] = "AWS_CONFIG_FILE";
    c->env[n++] = c->config.path;
    c->env[n++] = "AWS_SHARED_CREDENTIALS_FILE";
    c->env[n++] = c->credentials.path;
    c->env[n++] = "AWS_EC2_METADATA_DISABLED"; /* nobody else is asked */
    c->env[n++] = "true";
    memcpy(&c->env[n], given->env, sizeof(given->env));
    struct pail_error error;
    ck_assert_msg(settings_load(&given->code, test_getenv, c->env, &c->settings, &error) == 0,
                  "%s", error.message);
    c->provider = credentials_chain_new(c->settings);
    ck_assert_ptr_nonnull(c->provider);
}

static void close_chain(struct chain *c)
{
    credentials_provider_free(c->provider);
    settings_free(c->settings);
    drop_file(&c->config);
    drop_file(&c->credentials);
}

#define ENV   "AWS_ACCESS_KEY_ID", "env-id", "AWS_SECRET_ACCESS_KEY", "env-secret"
#define PAIR  "aws_access_key_id = file-id\naws_secret_access_key = hush\n"
#define OTHER "aws_access_key_id = conf-id\naws_secret_access_key = hush\n"

static const struct {
    struct given given;
    const char *id, *token, *source; /* source: how it begins */
} found[] = {
    {{.code = {.access_key_id = "code-id", .secret_access_key = "s", .session_token = "t"},
      .env = {ENV}},
     "code-id",
     "t",
     "options"},
    {{.env = {ENV}, .credentials = "[default]\n" PAIR}, "env-id", NULL, "environment"},
    {{.env = {ENV, "AWS_SESSION_TOKEN", "b"}}, "env-id", "b", "environment"},
    {{.env = {ENV, "AWS_SESSION_TOKEN", "b", "AWS_SECURITY_TOKEN", "a"}},
     "env-id",
     "a",
     "environment"},
    {{.env = {ENV, "AWS_PROFILE", "x"}, .credentials = "[x]\n" PAIR},
     "env-id",
     NULL,
     "environment"},
    /* A profile said in code goes before the environment's keys. */
    {{.code = {.profile = "x"}, .env = {ENV}, .credentials = "[x]\n" PAIR},
     "file-id",
     NULL,
     "profile x in "},
    {{.credentials = "[default]\n" PAIR, .config = "[default]\n" OTHER},
     "file-id",
     NULL,
     "profile default in "},
    {{.config = "[default]\n" OTHER}, "conf-id", NULL, "profile default in "},
    {{.credentials = "[default]\naws_session_token = a\n", .config = "[default]\n" OTHER},
     "conf-id",
     NULL,
     "profile default in "},
    {{.credentials = "[default]\n" PAIR "aws_session_token = b\n"}, "file-id", "b", "profile"},
    {{.credentials = "[default]\n" PAIR "aws_session_token = b\naws_security_token = a\n"},
     "file-id",
     "a",
     "profile"},
    {{.env = {"AWS_ACCESS_KEY_ID", "", "AWS_SECRET_ACCESS_KEY", ""},
      .credentials = "[default]\n" PAIR},
     "file-id",
     NULL,
     "profile"},
    {{.env = {ENV}, .config = "[default]\nrole_arn = r\n"}, "env-id", NULL, "environment"},
    {{.config = "[default]\nregion = r\n[profile x]\nrole_arn = r\n",
      .credentials = "[default]\n" PAIR},
     "file-id",
     NULL,
     "profile"},
};

START_TEST(finds)
{
    struct chain c;
    open_chain(&found[_i].given, &c);
    CLEANUP(credentials) struct credentials *creds = NULL;
    struct pail_error error = {0};
    int r = c.provider->fetch(c.provider, &creds, &error);
    ck_assert_msg(r == 0, "row %d: %s", _i, error.message);
    ck_assert_str_eq(creds->access_key_id, found[_i].id);
    ck_assert_pstr_eq(creds->session_token, found[_i].token);
    ck_assert_msg(str_starts(str_c(creds->source), str_c(found[_i].source)), "row %d: %s", _i,
                  creds->source);
    ck_assert_int_eq(creds->expires_s, INT64_MAX);
    if (c.provider->cancel)
        c.provider->cancel(c.provider);
    close_chain(&c);
}
END_TEST

static const struct {
    struct given given;
    int kind;
    const char *parts[3];
} missing[] = {
    {{.env = {NULL}},
     PAIL_ERROR_NO_CREDENTIALS,
     {"none in AWS_ACCESS_KEY_ID, nor in profile \"default\" of ", " or ",
      "; no container gave any, and AWS_EC2_METADATA_DISABLED is set"}},
    {{.code = {.profile = "x"}, .env = {ENV}, .config = "[profile x]\n"},
     PAIL_ERROR_NO_CREDENTIALS,
     {"profile \"x\""}},
    {{.env = {"AWS_ACCESS_KEY_ID", "a"}},
     PAIL_ERROR_PARTIAL_CREDENTIALS,
     {"AWS_SECRET_ACCESS_KEY is not set"}},
    {{.env = {"AWS_SECRET_ACCESS_KEY", "hush"}},
     PAIL_ERROR_PARTIAL_CREDENTIALS,
     {"AWS_ACCESS_KEY_ID is not set"}},
    {{.credentials = "[default]\naws_access_key_id = a\n", .config = "[default]\n" OTHER},
     PAIL_ERROR_PARTIAL_CREDENTIALS,
     {"profile \"default\"", "aws_secret_access_key is missing"}},
    {{.config = "[default]\naws_secret_access_key = hush\n"},
     PAIL_ERROR_PARTIAL_CREDENTIALS,
     {"profile \"default\"", "aws_access_key_id is missing"}},
    {{.env = {ENV, "AWS_CREDENTIAL_EXPIRATION", "soon"}},
     PAIL_ERROR_CREDENTIALS,
     {"AWS_CREDENTIAL_EXPIRATION", "\"soon\""}},
    /* A way that is configured and fails is not made up for by another. */
    {{.config = "[default]\n\nrole_arn = r\nsource_profile = x\n",
      .credentials = "[default]\n" PAIR},
     PAIL_ERROR_CREDENTIALS,
     {":4: source_profile: there is no profile \"x\""}},
    {{.config = "[default]\nsso_role_name = r\n" OTHER},
     PAIL_ERROR_CREDENTIALS,
     {"profile \"default\" logs in by SSO, but says no sso_account_id"}},
    {{.env = {"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}, .credentials = "[default]\n" PAIR},
     PAIL_ERROR_CREDENTIALS,
     {"a web identity without a role", "AWS_ROLE_ARN"}},
    {{.config = "[default]\nlogin_session = s\n" OTHER},
     PAIL_ERROR_CREDENTIALS,
     {":2: login_session is not supported", "credential_process"}},
    {{.env = {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/"}},
     PAIL_ERROR_CREDENTIALS,
     {"AWS_CONTAINER_CREDENTIALS_FULL_URI: \"example.com\" is neither https"}},
};

START_TEST(says_what_is_missing)
{
    struct chain c;
    open_chain(&missing[_i].given, &c);
    struct credentials *creds = NULL;
    struct pail_error error = {0};
    ck_assert_int_eq(c.provider->fetch(c.provider, &creds, &error), -EACCES);
    ck_assert_ptr_null(creds);
    ck_assert_msg(error.kind == missing[_i].kind, "row %d: %s", _i, error.message);
    ck_assert_int_eq(error.sys, EACCES);
    for (size_t i = 0; i < ARRAY_LEN(missing[_i].parts) && missing[_i].parts[i]; i++)
        ck_assert_msg(strstr(error.message, missing[_i].parts[i]), "row %d: %s", _i,
                      error.message);
    ck_assert_ptr_null(strstr(error.message, "hush"));
    close_chain(&c);
}
END_TEST

START_TEST(expiry)
{
    struct chain c;
    open_chain(
        &(struct given){.env = {ENV, "AWS_CREDENTIAL_EXPIRATION", "1970-01-02T00:00:00Z"}}, &c);
    CLEANUP(credentials) struct credentials *creds = NULL;
    ck_assert_int_eq(c.provider->fetch(c.provider, &creds, NULL), 0);
    ck_assert_int_eq(creds->expires_s, 86400);
    close_chain(&c);
}
END_TEST

/* Keys of a file are asked for again when they were refused: somebody may have put new ones
 * there. */
START_TEST(reads_files_again)
{
    struct chain c;
    open_chain(&(struct given){.credentials = "[default]\n" PAIR}, &c);
    struct credentials *creds = NULL;
    ck_assert_int_eq(c.provider->fetch(c.provider, &creds, NULL), 0);
    ck_assert_str_eq(creds->access_key_id, "file-id");
    credentials_free(creds);
    FILE *f = fopen(c.credentials.path, "we");
    fputs("[default]\naws_access_key_id = new-id\naws_secret_access_key = s\n", f);
    fclose(f);
    ck_assert_int_eq(c.provider->fetch(c.provider, &creds, NULL), 0);
    ck_assert_str_eq(creds->access_key_id, "new-id");
    credentials_free(creds);
    creds = NULL;
    f = fopen(c.credentials.path, "we");
    fputs("nonsense\n", f);
    fclose(f);
    struct pail_error error = {0};
    ck_assert_int_eq(c.provider->fetch(c.provider, &creds, &error), -EACCES);
    ck_assert_int_eq(error.kind, PAIL_ERROR_CREDENTIALS);
    ck_assert_ptr_nonnull(strstr(error.message, "/file:1: expected"));
    ck_assert_ptr_null(creds);
    close_chain(&c);
}
END_TEST

START_TEST(out_of_memory)
{
    struct chain c;
    open_chain(&(struct given){.config = "[default]\n" OTHER}, &c);
    credentials_provider_free(c.provider);
    c.provider = NULL;
    for (long n = 0; !c.provider; n++) {
        alloc_fail_after(n);
        c.provider = credentials_chain_new(c.settings);
        alloc_fail_after(-1);
    }
    int r = -ENOMEM;
    for (long n = 0; r != 0; n++) {
        struct credentials *creds = NULL;
        alloc_fail_after(n);
        r = c.provider->fetch(c.provider, &creds, NULL);
        alloc_fail_after(-1);
        ck_assert(r == 0 || r == -ENOMEM);
        ck_assert_int_eq(!creds, r != 0);
        credentials_free(creds);
    }
    close_chain(&c);
}
END_TEST

SUITE_MAIN("aws/credentials_chain", tcase_add_loop_test(tc, finds, 0, (int)ARRAY_LEN(found));
           tcase_add_loop_test(tc, says_what_is_missing, 0, (int)ARRAY_LEN(missing));
           tcase_add_test(tc, expiry); tcase_add_test(tc, reads_files_again);
           tcase_add_test(tc, out_of_memory));
