/* pail/sts.h: AWS Security Token Service. Members bear the names of AWS's model
 * (2011-06-15). Inputs: what is absent (all zero) is not sent. Outputs: all zero before the
 * call, released by pail_output_free with the operation. */
#ifndef PAIL_STS_H
#define PAIL_STS_H

#include <pail/call.h>

#ifdef __cplusplus
extern "C" {
#endif

extern PAIL_API const struct pail_service pail_sts_service;

/* Says whose keys the caller uses. */
struct pail_sts_get_caller_identity_output {
    struct pail_response response;
    struct pail_str user_id, account, arn;
};
extern PAIL_API const struct pail_operation pail_sts_get_caller_identity_operation;
PAIL_API int pail_sts_get_caller_identity(struct pail_client *client,
                                          struct pail_sts_get_caller_identity_output *out,
                                          const struct pail_call_options *options,
                                          struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_sts_get_caller_identity)

/* Asks for the keys of a role. */
struct pail_sts_policy_descriptor {
    struct pail_str arn;
};
struct pail_sts_policy_descriptors {
    const struct pail_sts_policy_descriptor *items;
    size_t count;
};
struct pail_sts_tag {
    struct pail_str key, value;
};
struct pail_sts_tags {
    const struct pail_sts_tag *items;
    size_t count;
};
struct pail_sts_provided_context {
    struct pail_str provider_arn, context_assertion;
};
struct pail_sts_provided_contexts {
    const struct pail_sts_provided_context *items;
    size_t count;
};
struct pail_sts_assume_role_input {
    struct pail_str role_arn, role_session_name; /* required */
    struct pail_sts_policy_descriptors policy_arns;
    struct pail_str policy;
    struct pail_int duration_seconds; /* 900 to the role's maximum; 3,600 unless set */
    struct pail_sts_tags tags;
    struct pail_str_list transitive_tag_keys;
    struct pail_str external_id;
    struct pail_str serial_number, token_code; /* of a second factor */
    struct pail_str source_identity;
    struct pail_sts_provided_contexts provided_contexts;
    struct pail_int minimum_session_token_size;
};
struct pail_sts_credentials {
    struct pail_str access_key_id, secret_access_key, session_token;
    struct pail_time expiration;
};
struct pail_sts_assumed_role_user {
    struct pail_str assumed_role_id, arn;
};
struct pail_sts_assume_role_output {
    struct pail_response response;
    const struct pail_sts_credentials *credentials;
    const struct pail_sts_assumed_role_user *assumed_role_user;
    struct pail_int packed_policy_size;
    struct pail_str source_identity;
    struct pail_int session_token_utilization, session_token_size;
};
extern PAIL_API const struct pail_operation pail_sts_assume_role_operation;
PAIL_API int pail_sts_assume_role(struct pail_client *client,
                                  const struct pail_sts_assume_role_input *in,
                                  struct pail_sts_assume_role_output *out,
                                  const struct pail_call_options *options,
                                  struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_sts_assume_role)

/* The same with the token of an identity provider in place of keys: not signed. */
struct pail_sts_assume_role_with_web_identity_input {
    struct pail_str role_arn, role_session_name, web_identity_token; /* required */
    struct pail_str provider_id;
    struct pail_sts_policy_descriptors policy_arns;
    struct pail_str policy;
    struct pail_int duration_seconds, minimum_session_token_size;
};
struct pail_sts_assume_role_with_web_identity_output {
    struct pail_response response;
    const struct pail_sts_credentials *credentials;
    struct pail_str subject_from_web_identity_token;
    const struct pail_sts_assumed_role_user *assumed_role_user;
    struct pail_int packed_policy_size;
    struct pail_str provider, audience, source_identity;
    struct pail_int session_token_utilization, session_token_size;
};
extern PAIL_API const struct pail_operation pail_sts_assume_role_with_web_identity_operation;
PAIL_API int pail_sts_assume_role_with_web_identity(
    struct pail_client *client, const struct pail_sts_assume_role_with_web_identity_input *in,
    struct pail_sts_assume_role_with_web_identity_output *out,
    const struct pail_call_options *options, struct pail_error *error);
PAIL_DEFINE_OUTPUT_CLEANUP(pail_sts_assume_role_with_web_identity)

#ifdef __cplusplus
}
#endif
#endif
