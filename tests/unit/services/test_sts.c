#include <pail/sts.h>

#include "peer/memory.h"
#include "unit/services/service_check.h"

#include <unistd.h>

#define HEAD "POST /\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\n\n"
#define NS   " xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\""

START_TEST(asks)
{
    check_request(&pail_sts_get_caller_identity_operation, NULL,
                  HEAD "Action=GetCallerIdentity&Version=2011-06-15");
    const struct pail_sts_policy_descriptor arns[] = {{PAIL_STR("arn:1")}, {PAIL_STR("arn:2")}};
    const struct pail_sts_tag tags[] = {{PAIL_STR("k"), PAIL_STR("v w")}};
    const struct pail_str keys[] = {PAIL_STR("k")};
    const struct pail_sts_provided_context contexts[] = {{PAIL_STR("p"), PAIL_STR("c")}};
    struct pail_sts_assume_role_input in = {
        .role_arn = PAIL_STR("arn:aws:iam::1:role/r"),
        .role_session_name = PAIL_STR("me@x"),
        .policy_arns = {arns, 2},
        .policy = PAIL_STR("{}"),
        .duration_seconds = PAIL_INT(900),
        .tags = {tags, 1},
        .transitive_tag_keys = {keys, 1},
        .external_id = PAIL_STR("e"),
        .serial_number = PAIL_STR("n"),
        .token_code = PAIL_STR("123456"),
        .source_identity = PAIL_STR("s"),
        .provided_contexts = {contexts, 1},
        .minimum_session_token_size = PAIL_INT(5),
    };
    check_request(&pail_sts_assume_role_operation, &in,
                  HEAD "Action=AssumeRole&Version=2011-06-15"
                       "&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&RoleSessionName=me%40x"
                       "&PolicyArns.member.1.arn=arn%3A1&PolicyArns.member.2.arn=arn%3A2"
                       "&Policy=%7B%7D&DurationSeconds=900&Tags.member.1.Key=k"
                       "&Tags.member.1.Value=v%20w&TransitiveTagKeys.member.1=k&ExternalId=e"
                       "&SerialNumber=n&TokenCode=123456&SourceIdentity=s"
                       "&ProvidedContexts.member.1.ProviderArn=p"
                       "&ProvidedContexts.member.1.ContextAssertion=c"
                       "&MinimumSessionTokenSize=5");
    in.role_session_name = (struct pail_str){0};
    check_required(&pail_sts_assume_role_operation, &in, "RoleSessionName");
}
END_TEST

START_TEST(asks_with_a_token)
{
    struct pail_sts_assume_role_with_web_identity_input in = {
        .role_arn = PAIL_STR("arn"),
        .role_session_name = PAIL_STR("s"),
        .web_identity_token = PAIL_STR("a.b.c"),
        .provider_id = PAIL_STR("p"),
        .policy = PAIL_STR("{}"),
        .duration_seconds = PAIL_INT(900),
        .minimum_session_token_size = PAIL_INT(5),
    };
    check_request(&pail_sts_assume_role_with_web_identity_operation, &in,
                  HEAD "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn"
                       "&RoleSessionName=s&WebIdentityToken=a.b.c&ProviderId=p&Policy=%7B%7D"
                       "&DurationSeconds=900&MinimumSessionTokenSize=5");
    ck_assert(pail_sts_assume_role_with_web_identity_operation.flags & PAIL_OP_UNSIGNED);
    ck_assert(!(pail_sts_assume_role_operation.flags & PAIL_OP_UNSIGNED));
    in.web_identity_token = (struct pail_str){0};
    check_required(&pail_sts_assume_role_with_web_identity_operation, &in, "WebIdentityToken");
}
END_TEST

#define KEYS_XML                                                                               \
    "<Credentials><AccessKeyId>AK</AccessKeyId><SecretAccessKey>SK</SecretAccessKey>"          \
    "<SessionToken>T</SessionToken><Expiration>2026-11-22T13:54:29Z</Expiration></"            \
    "Credentials>"
#define KEYS                                                                                   \
    "\"Credentials\":{\"AccessKeyId\":\"AK\",\"SecretAccessKey\":\"SK\",\"SessionToken\":"     \
    "\"T\","                                                                                   \
    "\"Expiration\":\"2026-11-22T13:54:29Z\"}"
#define USER_XML                                                                               \
    "<AssumedRoleUser><AssumedRoleId>i</AssumedRoleId><Arn>a</Arn></AssumedRoleUser>"
#define USER "\"AssumedRoleUser\":{\"AssumedRoleId\":\"i\",\"Arn\":\"a\"}"
#define SIZES_XML                                                                              \
    "<PackedPolicySize>6</PackedPolicySize><SourceIdentity>s</SourceIdentity>"                 \
    "<SessionTokenUtilization>7</SessionTokenUtilization><SessionTokenSize>8</"                \
    "SessionTokenSize>"
#define METADATA "<ResponseMetadata><RequestId>r1</RequestId></ResponseMetadata>"

START_TEST(takes_outputs)
{
    struct pail_sts_get_caller_identity_output identity = {.arn = {0}};
    check_output(
        &pail_sts_get_caller_identity_operation,
        "<GetCallerIdentityResponse" NS "><GetCallerIdentityResult><Arn>a</Arn>"
        "<UserId>u</UserId><Account>123456789012</Account></GetCallerIdentityResult>" METADATA
        "</GetCallerIdentityResponse>",
        &identity, "{\"UserId\":\"u\",\"Account\":\"123456789012\",\"Arn\":\"a\"}");
    check_str(identity.response.request_id, "r1");
    pail_output_free(&pail_sts_get_caller_identity_operation, &identity);
    struct pail_sts_assume_role_output role = {.credentials = NULL};
    check_output(&pail_sts_assume_role_operation,
                 "<AssumeRoleResponse" NS "><AssumeRoleResult>" USER_XML KEYS_XML SIZES_XML
                 "</AssumeRoleResult>" METADATA "</AssumeRoleResponse>",
                 &role,
                 "{" KEYS "," USER ",\"PackedPolicySize\":6,\"SourceIdentity\":\"s\","
                 "\"SessionTokenUtilization\":7,\"SessionTokenSize\":8}");
    pail_output_free(&pail_sts_assume_role_operation, &role);
    struct pail_sts_assume_role_with_web_identity_output web = {.credentials = NULL};
    check_output(
        &pail_sts_assume_role_with_web_identity_operation,
        "<AssumeRoleWithWebIdentityResponse" NS "><AssumeRoleWithWebIdentityResult>"
        "<SubjectFromWebIdentityToken>sub</SubjectFromWebIdentityToken>"
        "<Audience>aud</Audience><Provider>p</Provider>" USER_XML KEYS_XML SIZES_XML
        "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
        &web,
        "{" KEYS ",\"SubjectFromWebIdentityToken\":\"sub\"," USER
        ",\"PackedPolicySize\":6,\"Provider\":\"p\",\"Audience\":\"aud\","
        "\"SourceIdentity\":\"s\",\"SessionTokenUtilization\":7,\"SessionTokenSize\":8}");
    pail_output_free(&pail_sts_assume_role_with_web_identity_operation, &web);
}
END_TEST

/* A 200 without keys gives none. */
START_TEST(refuses_outputs_without_keys)
{
#define RESPONSE(inside) "<AssumeRoleResponse>" inside "</AssumeRoleResponse>"
    static const char *const bad[] = {
        "<html><body>It works!</body></html>",
        "<AssumeRoleResponse/>",
        RESPONSE(METADATA),
        RESPONSE("<AssumeRoleResult/>"),
        RESPONSE("<AssumeRoleResult>" USER_XML "</AssumeRoleResult>"),
        RESPONSE("<AssumeRoleResult><Credentials><AccessKeyId>AK</AccessKeyId></Credentials></"
                 "AssumeRoleResult>"),
        "{}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct pail_sts_assume_role_output out = {.credentials = NULL};
        check_refused(&pail_sts_assume_role_operation, bad[i], &out);
    }
}
END_TEST

/* Keys that a response brings are in no core dump; what whoami says may be. */
START_TEST(keeps_keys_out_of_dumps)
{
    const struct pail_http_response keys = {
        .status = 200,
        .body = PAIL_STR(
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>id</AccessKeyId>"
            "<SecretAccessKey>hush</SecretAccessKey><SessionToken>t</SessionToken>"
            "<Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>"
            "</AssumeRoleResponse>")};
    const struct pail_http_response who = {
        .status = 200,
        .body =
            PAIL_STR("<R><GetCallerIdentityResult><Arn>a</Arn></GetCallerIdentityResult></R>")};
    PAIL_CLEANUP(pail_sts_assume_role_output) struct pail_sts_assume_role_output role = {0};
    PAIL_CLEANUP(pail_sts_get_caller_identity_output)
    struct pail_sts_get_caller_identity_output out = {0};
    ck_assert_int_eq(pail_get_response(&pail_sts_assume_role_operation, &keys, &role, NULL), 0);
    check_str(role.credentials->secret_access_key, "hush");
    ck_assert(memory_undumped(getpid(), role.credentials->secret_access_key.ptr));
    ck_assert_int_eq(
        pail_get_response(&pail_sts_get_caller_identity_operation, &who, &out, NULL), 0);
    ck_assert(!memory_undumped(getpid(), out.arn.ptr));
}
END_TEST

SUITE_MAIN("services/sts", tcase_add_test(tc, keeps_keys_out_of_dumps);
           tcase_add_test(tc, asks), tcase_add_test(tc, asks_with_a_token),
           tcase_add_test(tc, takes_outputs), tcase_add_test(tc, refuses_outputs_without_keys));
