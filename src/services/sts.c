#include <pail/sts.h>

#include "aws/table.h"

const struct pail_service pail_sts_service = {
    .id = "STS",
    .endpoint_prefix = "sts",
    .signing_name = "sts",
    .protocol = PAIL_QUERY,
    .api_version = "2011-06-15",
    .default_region = "us-east-1", /* of the one host of all regions */
};

/* GetCallerIdentity */

static const struct pail_member get_caller_identity_output_members[] = {
    BODY(struct pail_sts_get_caller_identity_output, user_id, "UserId", &pail_shape_string, 0),
    BODY(struct pail_sts_get_caller_identity_output, account, "Account", &pail_shape_string, 0),
    BODY(struct pail_sts_get_caller_identity_output, arn, "Arn", &pail_shape_string, 0),
};
static const struct pail_shape get_caller_identity_output = PAIL_STRUCTURE_SHAPE(
    struct pail_sts_get_caller_identity_output, NULL, get_caller_identity_output_members);

const struct pail_operation pail_sts_get_caller_identity_operation = {
    .name = "GetCallerIdentity",
    .service = &pail_sts_service,
    .method = "POST",
    .uri = "/",
    .output = &get_caller_identity_output,
    .result_wrapper = "GetCallerIdentityResult",
};
TABLE_CALL_WITHOUT_INPUT(pail_sts_get_caller_identity)

/* AssumeRole */

static const struct pail_member policy_descriptor_members[] = {
    BODY(struct pail_sts_policy_descriptor, arn, "arn", &pail_shape_string, 0),
};
static const struct pail_shape policy_descriptor =
    PAIL_STRUCTURE_SHAPE(struct pail_sts_policy_descriptor, NULL, policy_descriptor_members);

static const struct pail_shape policy_descriptors = PAIL_LIST_SHAPE(&policy_descriptor, NULL);

static const struct pail_member tag_members[] = {
    BODY(struct pail_sts_tag, key, "Key", &pail_shape_string, PAIL_REQUIRED),
    BODY(struct pail_sts_tag, value, "Value", &pail_shape_string, PAIL_REQUIRED),
};
static const struct pail_shape tag =
    PAIL_STRUCTURE_SHAPE(struct pail_sts_tag, NULL, tag_members);

static const struct pail_shape tags = PAIL_LIST_SHAPE(&tag, NULL);

static const struct pail_member provided_context_members[] = {
    BODY(struct pail_sts_provided_context, provider_arn, "ProviderArn", &pail_shape_string, 0),
    BODY(struct pail_sts_provided_context, context_assertion, "ContextAssertion",
         &pail_shape_string, 0),
};
static const struct pail_shape provided_context =
    PAIL_STRUCTURE_SHAPE(struct pail_sts_provided_context, NULL, provided_context_members);

static const struct pail_shape provided_contexts = PAIL_LIST_SHAPE(&provided_context, NULL);

static const struct pail_member assume_role_input_members[] = {
    BODY(struct pail_sts_assume_role_input, role_arn, "RoleArn", &pail_shape_string,
         PAIL_REQUIRED),
    BODY(struct pail_sts_assume_role_input, role_session_name, "RoleSessionName",
         &pail_shape_string, PAIL_REQUIRED),
    BODY(struct pail_sts_assume_role_input, policy_arns, "PolicyArns", &policy_descriptors, 0),
    BODY(struct pail_sts_assume_role_input, policy, "Policy", &pail_shape_string, 0),
    BODY(struct pail_sts_assume_role_input, duration_seconds, "DurationSeconds",
         &pail_shape_integer, 0),
    BODY(struct pail_sts_assume_role_input, tags, "Tags", &tags, 0),
    BODY(struct pail_sts_assume_role_input, transitive_tag_keys, "TransitiveTagKeys",
         &pail_shape_string_list, 0),
    BODY(struct pail_sts_assume_role_input, external_id, "ExternalId", &pail_shape_string, 0),
    BODY(struct pail_sts_assume_role_input, serial_number, "SerialNumber", &pail_shape_string,
         0),
    BODY(struct pail_sts_assume_role_input, token_code, "TokenCode", &pail_shape_string, 0),
    BODY(struct pail_sts_assume_role_input, source_identity, "SourceIdentity",
         &pail_shape_string, 0),
    BODY(struct pail_sts_assume_role_input, provided_contexts, "ProvidedContexts",
         &provided_contexts, 0),
    BODY(struct pail_sts_assume_role_input, minimum_session_token_size,
         "MinimumSessionTokenSize", &pail_shape_integer, 0),
};
static const struct pail_shape assume_role_input =
    PAIL_STRUCTURE_SHAPE(struct pail_sts_assume_role_input, NULL, assume_role_input_members);

static const struct pail_member credentials_members[] = {
    BODY(struct pail_sts_credentials, access_key_id, "AccessKeyId", &pail_shape_string,
         PAIL_REQUIRED),
    BODY(struct pail_sts_credentials, secret_access_key, "SecretAccessKey", &pail_shape_string,
         PAIL_REQUIRED),
    BODY(struct pail_sts_credentials, session_token, "SessionToken", &pail_shape_string,
         PAIL_REQUIRED),
    BODY(struct pail_sts_credentials, expiration, "Expiration", &pail_shape_timestamp,
         PAIL_REQUIRED),
};
static const struct pail_shape credentials =
    PAIL_STRUCTURE_SHAPE(struct pail_sts_credentials, NULL, credentials_members);

static const struct pail_member assumed_role_user_members[] = {
    BODY(struct pail_sts_assumed_role_user, assumed_role_id, "AssumedRoleId",
         &pail_shape_string, 0),
    BODY(struct pail_sts_assumed_role_user, arn, "Arn", &pail_shape_string, 0),
};
static const struct pail_shape assumed_role_user =
    PAIL_STRUCTURE_SHAPE(struct pail_sts_assumed_role_user, NULL, assumed_role_user_members);

static const struct pail_member assume_role_output_members[] = {
    BODY(struct pail_sts_assume_role_output, credentials, "Credentials", &credentials,
         PAIL_REQUIRED),
    BODY(struct pail_sts_assume_role_output, assumed_role_user, "AssumedRoleUser",
         &assumed_role_user, 0),
    BODY(struct pail_sts_assume_role_output, packed_policy_size, "PackedPolicySize",
         &pail_shape_integer, 0),
    BODY(struct pail_sts_assume_role_output, source_identity, "SourceIdentity",
         &pail_shape_string, 0),
    BODY(struct pail_sts_assume_role_output, session_token_utilization,
         "SessionTokenUtilization", &pail_shape_integer, 0),
    BODY(struct pail_sts_assume_role_output, session_token_size, "SessionTokenSize",
         &pail_shape_integer, 0),
};
static const struct pail_shape assume_role_output =
    PAIL_STRUCTURE_SHAPE(struct pail_sts_assume_role_output, NULL, assume_role_output_members);

const struct pail_operation pail_sts_assume_role_operation = {
    .name = "AssumeRole",
    .service = &pail_sts_service,
    .method = "POST",
    .uri = "/",
    .input = &assume_role_input,
    .output = &assume_role_output,
    .result_wrapper = "AssumeRoleResult",
    .flags = PAIL_OP_SECRET,
};
TABLE_CALL(pail_sts_assume_role)

/* AssumeRoleWithWebIdentity */

static const struct pail_member assume_role_with_web_identity_input_members[] = {
    BODY(struct pail_sts_assume_role_with_web_identity_input, role_arn, "RoleArn",
         &pail_shape_string, PAIL_REQUIRED),
    BODY(struct pail_sts_assume_role_with_web_identity_input, role_session_name,
         "RoleSessionName", &pail_shape_string, PAIL_REQUIRED),
    BODY(struct pail_sts_assume_role_with_web_identity_input, web_identity_token,
         "WebIdentityToken", &pail_shape_string, PAIL_REQUIRED),
    BODY(struct pail_sts_assume_role_with_web_identity_input, provider_id, "ProviderId",
         &pail_shape_string, 0),
    BODY(struct pail_sts_assume_role_with_web_identity_input, policy_arns, "PolicyArns",
         &policy_descriptors, 0),
    BODY(struct pail_sts_assume_role_with_web_identity_input, policy, "Policy",
         &pail_shape_string, 0),
    BODY(struct pail_sts_assume_role_with_web_identity_input, duration_seconds,
         "DurationSeconds", &pail_shape_integer, 0),
    BODY(struct pail_sts_assume_role_with_web_identity_input, minimum_session_token_size,
         "MinimumSessionTokenSize", &pail_shape_integer, 0),
};
static const struct pail_shape assume_role_with_web_identity_input =
    PAIL_STRUCTURE_SHAPE(struct pail_sts_assume_role_with_web_identity_input, NULL,
                         assume_role_with_web_identity_input_members);

static const struct pail_member assume_role_with_web_identity_output_members[] = {
    BODY(struct pail_sts_assume_role_with_web_identity_output, credentials, "Credentials",
         &credentials, PAIL_REQUIRED),
    BODY(struct pail_sts_assume_role_with_web_identity_output, subject_from_web_identity_token,
         "SubjectFromWebIdentityToken", &pail_shape_string, 0),
    BODY(struct pail_sts_assume_role_with_web_identity_output, assumed_role_user,
         "AssumedRoleUser", &assumed_role_user, 0),
    BODY(struct pail_sts_assume_role_with_web_identity_output, packed_policy_size,
         "PackedPolicySize", &pail_shape_integer, 0),
    BODY(struct pail_sts_assume_role_with_web_identity_output, provider, "Provider",
         &pail_shape_string, 0),
    BODY(struct pail_sts_assume_role_with_web_identity_output, audience, "Audience",
         &pail_shape_string, 0),
    BODY(struct pail_sts_assume_role_with_web_identity_output, source_identity,
         "SourceIdentity", &pail_shape_string, 0),
    BODY(struct pail_sts_assume_role_with_web_identity_output, session_token_utilization,
         "SessionTokenUtilization", &pail_shape_integer, 0),
    BODY(struct pail_sts_assume_role_with_web_identity_output, session_token_size,
         "SessionTokenSize", &pail_shape_integer, 0),
};
static const struct pail_shape assume_role_with_web_identity_output =
    PAIL_STRUCTURE_SHAPE(struct pail_sts_assume_role_with_web_identity_output, NULL,
                         assume_role_with_web_identity_output_members);

const struct pail_operation pail_sts_assume_role_with_web_identity_operation = {
    .name = "AssumeRoleWithWebIdentity",
    .service = &pail_sts_service,
    .method = "POST",
    .uri = "/",
    .input = &assume_role_with_web_identity_input,
    .output = &assume_role_with_web_identity_output,
    .result_wrapper = "AssumeRoleWithWebIdentityResult",
    .flags = PAIL_OP_UNSIGNED | PAIL_OP_SECRET,
};
TABLE_CALL(pail_sts_assume_role_with_web_identity)
