/* Keys of roles: credentials_assume_role, credentials_web_identity and role_keys. */
#include "unit/aws/provider_rig.h"

#include <errno.h>
#include <pthread.h>

#define STATIC(name) "[" name "]\naws_access_key_id = " name "-id\naws_secret_access_key = s\n"
#define KEYS(operation, id, expiration)                                                        \
    "<" operation "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" operation   \
    "Result><Credentials><AccessKeyId>" id "</AccessKeyId><SecretAccessKey>hush"               \
    "</SecretAccessKey><SessionToken>token-of-" id "</SessionToken><Expiration>" expiration    \
    "</Expiration></Credentials></" operation "Result></" operation "Response>"
#define ROLE(id) KEYS("AssumeRole", id, "2030-01-01T00:00:00Z")
#define EXPIRY   1893456000
#define ON(...)                                                                                \
    peer_rule_add(rig.peer,                                                                    \
                  &(struct peer_rule){.match = {.method = "POST"}, PEER_ANSWERS(__VA_ARGS__)})
#define check_body(index, part)                                                                \
    ck_assert_msg(strstr(asked(index)->body, part), "%s", (const char *)asked(index)->body)

START_TEST(assumes_a_role)
{
    ON({.body = ROLE("role-id")});
    rig_open(NULL,
             "[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\n"
             "external_id = x=1\nduration_seconds = 900\nrole_session_name = me\n",
             STATIC("base"));
    check_keys("role-id", "token-of-role-id", EXPIRY,
               "role arn:aws:iam::1:role/r of profile default");
    ck_assert_str_eq(asked(0)->body,
                     "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1"
                     "%3Arole%2Fr&RoleSessionName=me&DurationSeconds=900&ExternalId=x%3D1");
    check_header(0, "Authorization", "Credential=base-id/");
    check_header(0, "Authorization", "/eu-west-1/sts/aws4_request");
    /* Asked again, as when they have expired, it asks again. */
    check_keys("role-id", "token-of-role-id", EXPIRY,
               "role arn:aws:iam::1:role/r of profile default");
    ck_assert_uint_eq(peer_count(rig.peer, NULL), 2);
}
END_TEST

START_TEST(names_its_session)
{
    ON({.body = ROLE("role-id")});
    rig_open(NULL, "[default]\nrole_arn = r\nsource_profile = base\n", STATIC("base"));
    check_keys("role-id", "token-of-role-id", EXPIRY, "role r of profile default");
    check_body(0, "RoleSessionName=pail-session-");
    ck_assert_ptr_null(strstr(asked(0)->body, "DurationSeconds"));
    ck_assert_ptr_null(strstr(asked(0)->body, "ExternalId"));
}
END_TEST

/* What a role's keys are asked for with may be another role's. */
START_TEST(goes_through_roles)
{
    ON({.body = ROLE("inner-id")}, {.body = ROLE("middle-id")}, {.body = ROLE("outer-id")});
    rig_open("outer",
             "[profile outer]\nrole_arn = outer\nsource_profile = middle\n"
             "[profile middle]\nrole_arn = middle\nsource_profile = inner\n"
             "[profile inner]\nrole_arn = inner\nsource_profile = base\n",
             STATIC("base"));
    check_keys("outer-id", "token-of-outer-id", EXPIRY, "role outer of profile outer");
    ck_assert_uint_eq(peer_count(rig.peer, NULL), 3);
    check_body(0, "RoleArn=inner&");
    check_header(0, "Authorization", "Credential=base-id/");
    check_body(1, "RoleArn=middle&");
    check_header(1, "Authorization", "Credential=inner-id/");
    check_header(1, "X-Amz-Security-Token", "token-of-inner-id");
    check_body(2, "RoleArn=outer&");
    check_header(2, "Authorization", "Credential=middle-id/");
}
END_TEST

static const struct {
    const char *config, *credentials, *id;
} sources[] = {
    /* Keys that stand in the profile that names itself. */
    {"[profile x]\nrole_arn = r\nsource_profile = x\n", STATIC("x"), "x-id"},
    /* Keys of the source go before a role of its own. */
    {"[profile x]\nrole_arn = r\nsource_profile = y\n"
     "[profile y]\nrole_arn = other\nsource_profile = z\n",
     STATIC("y"), "y-id"},
    {"[profile x]\nrole_arn = r\nsource_profile = y\n"
     "[profile y]\naws_access_key_id = y-config\naws_secret_access_key = s\n",
     "", "y-config"},
    {"[profile x]\nrole_arn = r\ncredential_source = Environment\n", STATIC("x"), "env-id"},
    {"[profile x]\nrole_arn = r\nsource_profile = y\n"
     "[profile y]\ncredential_process = printf '{\"Version\":1,\"AccessKeyId\":\"%s\","
     "\"SecretAccessKey\":\"s\"}' process-id\n",
     "", "process-id"},
};

START_TEST(takes_the_keys_it_is_told)
{
    ON({.body = ROLE("role-id")});
    rig_env("AWS_ACCESS_KEY_ID", "env-id");
    rig_env("AWS_SECRET_ACCESS_KEY", "s");
    rig_open("x", sources[_i].config, sources[_i].credentials);
    check_keys("role-id", "token-of-role-id", EXPIRY, "role r of profile x");
    char part[64];
    snprintf(part, sizeof(part), "Credential=%s/", sources[_i].id);
    check_header(0, "Authorization", part);
    ck_assert_uint_eq(peer_count(rig.peer, NULL), 1);
}
END_TEST

static const struct {
    const char *config, *part;
    int kind;
} refused[] = {
    {"role_arn = r\n", ":2: role_arn: source_profile or credential_source must say",
     PAIL_ERROR_CREDENTIALS},
    {"role_arn = r\nsource_profile = y\ncredential_source = Environment\n",
     ":3: source_profile: \"y\", and a credential_source", PAIL_ERROR_CREDENTIALS},
    {"role_arn = r\ncredential_source = environment\n",
     ":3: credential_source: \"environment\" is none of", PAIL_ERROR_CREDENTIALS},
    {"role_arn = r\nsource_profile = z\n", ":3: source_profile: there is no profile \"z\"",
     PAIL_ERROR_CREDENTIALS},
    {"role_arn = r\nsource_profile = x\n", ":3: source_profile: \"x\" leads back to itself",
     PAIL_ERROR_CREDENTIALS},
    {"role_arn = r\nsource_profile = y\n[profile y]\nrole_arn = s\nsource_profile = x\n",
     ":6: source_profile: \"x\" leads back to itself", PAIL_ERROR_CREDENTIALS},
    {"role_arn = r\nsource_profile = y\n[profile y]\nrole_arn = s\nsource_profile = y\n",
     ":6: source_profile: \"y\" leads back to itself", PAIL_ERROR_CREDENTIALS},
    {"role_arn = r\nsource_profile = y\n[profile y]\nrole_arn = s\n",
     ":5: role_arn: source_profile or credential_source must say", PAIL_ERROR_CREDENTIALS},
    {"role_arn = r\nsource_profile = y\nmfa_serial = m\n[profile y]\nregion = r\n",
     ":4: mfa_serial: \"m\": a second factor is not asked for here", PAIL_ERROR_CREDENTIALS},
    {"role_arn = r\nsource_profile = y\nduration_seconds = 1h\n[profile y]\nregion = r\n",
     ":4: duration_seconds: \"1h\" is no number of seconds", PAIL_ERROR_CREDENTIALS},
    {"role_arn = r\nsource_profile = y\n[profile y]\nregion = r\n",
     "profile \"y\", whose keys are to be used, has none", PAIL_ERROR_NO_CREDENTIALS},
    {"role_arn = r\ncredential_source = Environment\n", "no credentials from: environment",
     PAIL_ERROR_NO_CREDENTIALS},
};

START_TEST(says_what_is_wrong)
{
    char config[512];
    snprintf(config, sizeof(config), "[profile x]\n%s", refused[_i].config);
    rig_open("x", config, "");
    check_failure(EACCES, refused[_i].kind, refused[_i].part);
    ck_assert_uint_eq(peer_count(rig.peer, NULL), 0);
}
END_TEST

#define STS_ERROR(code)                                                                        \
    "<ErrorResponse><Error><Type>Sender</Type><Code>" code                                     \
    "</Code><Message>no way</Message></Error><RequestId>req</RequestId></ErrorResponse>"

static const struct {
    struct peer_response answer;
    int sys, kind;
    const char *code, *part;
} failures[] = {
    {{.status = 403, .body = STS_ERROR("AccessDenied")},
     EACCES,
     PAIL_ERROR_CLIENT,
     "AccessDenied",
     "no way"},
    /* What is not found is a failure: no other provider's keys are taken instead. */
    {{.status = 404, .body = STS_ERROR("NoSuchEntity")},
     EACCES,
     PAIL_ERROR_CLIENT,
     "NoSuchEntity",
     "no way"},
    {{.status = 400, .body = STS_ERROR("MalformedPolicyDocument")},
     EINVAL,
     PAIL_ERROR_CLIENT,
     "MalformedPolicyDocument",
     "no way"},
    {{.status = 400, .body = STS_ERROR("Throttling")},
     EBUSY,
     PAIL_ERROR_CLIENT,
     "Throttling",
     "no way"},
    {{.status = 503, .body = ""}, EBUSY, PAIL_ERROR_CLIENT, "503", ""},
    {{.body = ""}, EPROTO, PAIL_ERROR_PARSE, "", ""},
    {{.body = "<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>"},
     EPROTO,
     PAIL_ERROR_PARSE,
     "",
     "Credentials"},
    {{.body = KEYS("AssumeRole", "id", "soon")}, EPROTO, PAIL_ERROR_PARSE, "", "soon"},
    {{.body = ROLE("id"), .fault = {.end = PEER_END_CUT, .after = 100}},
     EIO,
     PAIL_ERROR_INCOMPLETE_READ,
     "",
     ""},
    {{.fault = {.end = PEER_END_CUT, .in_head = true}},
     ECONNRESET,
     PAIL_ERROR_CONNECTION_CLOSED,
     "",
     ""},
};

/* The service's own words come through; nothing of the answer with keys in it does. */
START_TEST(says_what_failed)
{
    peer_rule_add(rig.peer, &(struct peer_rule){.match = {.method = "POST"},
                                                .responses = &failures[_i].answer,
                                                .response_count = 1});
    rig_env("AWS_MAX_ATTEMPTS", "1");
    rig_open(NULL, "[default]\nrole_arn = r\nsource_profile = base\n", STATIC("base"));
    check_failure(failures[_i].sys, failures[_i].kind, failures[_i].part);
    ck_assert_str_eq(rig.error.code, failures[_i].code);
    ck_assert_ptr_null(strstr(rig.error.message, "hush"));
    ck_assert_str_eq(rig.error.operation, "AssumeRole");
}
END_TEST

START_TEST(tries_again)
{
    ON({.status = 500, .body = ""}, {.status = 400, .body = STS_ERROR("IDPCommunicationError")},
       {.body = ROLE("role-id")});
    rig_open(NULL, "[default]\nrole_arn = r\nsource_profile = base\n", STATIC("base"));
    check_keys("role-id", "token-of-role-id", EXPIRY, "role r of profile default");
    ck_assert_uint_eq(peer_count(rig.peer, NULL), 3);
}
END_TEST

static void *cancel_when_asked(void *arg)
{
    (void)arg;
    ck_assert(peer_wait_stalled(rig.peer, 1, 30000));
    rig.provider->cancel(rig.provider);
    rig.provider->cancel(rig.provider);
    return NULL;
}

START_TEST(is_cancelled)
{
    pthread_t thread;
    ON({.fault = {.end = PEER_END_STALL, .in_head = true}});
    rig_open("x",
             "[profile x]\nrole_arn = r\nsource_profile = y\n"
             "[profile y]\nrole_arn = s\nsource_profile = base\n",
             STATIC("base"));
    ck_assert_int_eq(pthread_create(&thread, NULL, cancel_when_asked, NULL), 0);
    check_failure(ECANCELED, PAIL_ERROR_CANCELLED, "");
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    check_failure(ECANCELED, PAIL_ERROR_CANCELLED, "being closed");
    ck_assert_uint_eq(peer_count(rig.peer, NULL), 1);
}
END_TEST

/* ---- web identity ---- */

#define WEB(id) KEYS("AssumeRoleWithWebIdentity", id, "2030-01-01T00:00:00.123456789Z")

START_TEST(takes_a_web_identity)
{
    struct test_file token;
    char config[256];
    ON({.body = WEB("web-id")});
    write_file(&token, "the+token\n");
    snprintf(config, sizeof(config),
             "[default]\nrole_arn = r\nweb_identity_token_file = %s\nrole_session_name = me\n",
             token.path);
    rig_open(NULL, config, STATIC("default"));
    check_keys("web-id", "token-of-web-id", EXPIRY, "role r of profile default");
    ck_assert_str_eq(asked(0)->body,
                     "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r"
                     "&RoleSessionName=me&WebIdentityToken=the%2Btoken");
    ck_assert_ptr_null(peer_request_header(asked(0), "Authorization"));
    /* The file is read anew. */
    FILE *file = fopen(token.path, "we");
    fputs("another", file);
    fclose(file);
    check_keys("web-id", "token-of-web-id", EXPIRY, "role r of profile default");
    check_body(1, "WebIdentityToken=another");
    drop_file(&token);
    check_failure(EACCES, PAIL_ERROR_CREDENTIALS, ": No such file or directory");
}
END_TEST

START_TEST(takes_a_web_identity_of_the_environment)
{
    struct test_file token;
    ON({.body = WEB("web-id")});
    write_file(&token, "t");
    rig_env("AWS_WEB_IDENTITY_TOKEN_FILE", token.path);
    rig_env("AWS_ROLE_ARN", "env-role");
    rig_env("AWS_ROLE_SESSION_NAME", "env-session");
    rig_open(NULL, "[default]\nrole_session_name = me\n", "");
    check_keys("web-id", "token-of-web-id", EXPIRY, "role env-role of the environment");
    check_body(0, "RoleArn=env-role&RoleSessionName=env-session&");
    drop_file(&token);
}
END_TEST

/* A profile said in code does not take what the environment says. */
START_TEST(leaves_the_environment_out)
{
    rig_env("AWS_WEB_IDENTITY_TOKEN_FILE", "/t");
    rig_env("AWS_ROLE_ARN", "env-role");
    rig_open("x", "[profile x]\nregion = r\n", STATIC("x"));
    CLEANUP(credentials) struct credentials *keys = NULL;
    ck_assert_int_eq(rig_fetch(&keys), 0);
    ck_assert_str_eq(keys->access_key_id, "x-id");
}
END_TEST

START_TEST(refuses_an_empty_token)
{
    struct test_file token;
    write_file(&token, " \n");
    rig_env("AWS_WEB_IDENTITY_TOKEN_FILE", token.path);
    rig_env("AWS_ROLE_ARN", "r");
    rig_open(NULL, "", "");
    check_failure(EACCES, PAIL_ERROR_CREDENTIALS, ": the file is empty");
    drop_file(&token);
}
END_TEST

/* A role that is assumed with the keys of a web identity. */
START_TEST(mixes_both)
{
    struct test_file token;
    char config[256];
    ON({.body = WEB("web-id")}, {.body = ROLE("role-id")});
    write_file(&token, "t");
    snprintf(config, sizeof(config),
             "[default]\nrole_arn = r\nsource_profile = web\n"
             "[profile web]\nrole_arn = w\nweb_identity_token_file = %s\n",
             token.path);
    rig_open(NULL, config, "");
    check_keys("role-id", "token-of-role-id", EXPIRY, "role r of profile default");
    check_header(1, "Authorization", "Credential=web-id/");
    drop_file(&token);
}
END_TEST

SUITE_MAIN("aws/credentials_role", tcase_add_checked_fixture(tc, rig_start, rig_stop);
           tcase_add_test(tc, assumes_a_role); tcase_add_test(tc, names_its_session);
           tcase_add_test(tc, goes_through_roles);
           tcase_add_loop_test(tc, takes_the_keys_it_is_told, 0, (int)ARRAY_LEN(sources));
           tcase_add_loop_test(tc, says_what_is_wrong, 0, (int)ARRAY_LEN(refused));
           tcase_add_loop_test(tc, says_what_failed, 0, (int)ARRAY_LEN(failures));
           tcase_add_test(tc, tries_again); tcase_add_test(tc, is_cancelled);
           tcase_add_test(tc, takes_a_web_identity);
           tcase_add_test(tc, takes_a_web_identity_of_the_environment);
           tcase_add_test(tc, leaves_the_environment_out);
           tcase_add_test(tc, refuses_an_empty_token); tcase_add_test(tc, mixes_both));
