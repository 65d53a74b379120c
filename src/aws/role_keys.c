#include "aws/role_keys.h"

#include "aws/response.h"
#include "aws/table.h"

#include <errno.h>
#include <inttypes.h>

/* Both operations, as far as they are needed here. */

static const struct pail_service sts = {
    .id = "STS",
    .endpoint_prefix = "sts",
    .signing_name = "sts",
    .protocol = PAIL_QUERY,
    .api_version = "2011-06-15",
    .default_region = "us-east-1",
};

struct role_input {
    struct pail_str arn, session_name, token, external_id;
    struct pail_int duration_s;
};

struct role_credentials {
    struct pail_str id, secret, token;
    struct pail_time expiration;
};

struct role_output {
    struct pail_response response;
    const struct role_credentials *credentials;
};

static const struct pail_member credentials_members[] = {
    BODY(struct role_credentials, id, "AccessKeyId", &pail_shape_string, PAIL_REQUIRED),
    BODY(struct role_credentials, secret, "SecretAccessKey", &pail_shape_string, PAIL_REQUIRED),
    BODY(struct role_credentials, token, "SessionToken", &pail_shape_string, PAIL_REQUIRED),
    BODY(struct role_credentials, expiration, "Expiration", &pail_shape_timestamp,
         PAIL_REQUIRED),
};
static const struct pail_shape credentials_shape =
    PAIL_STRUCTURE_SHAPE(struct role_credentials, NULL, credentials_members);

static const struct pail_member output_members[] = {
    BODY(struct role_output, credentials, "Credentials", &credentials_shape, PAIL_REQUIRED),
};
static const struct pail_shape output_shape =
    PAIL_STRUCTURE_SHAPE(struct role_output, NULL, output_members);

static const struct pail_member with_keys_members[] = {
    BODY(struct role_input, arn, "RoleArn", &pail_shape_string, PAIL_REQUIRED),
    BODY(struct role_input, session_name, "RoleSessionName", &pail_shape_string, PAIL_REQUIRED),
    BODY(struct role_input, duration_s, "DurationSeconds", &pail_shape_integer, 0),
    BODY(struct role_input, external_id, "ExternalId", &pail_shape_string, 0),
};
static const struct pail_shape with_keys_shape =
    PAIL_STRUCTURE_SHAPE(struct role_input, NULL, with_keys_members);

static const struct pail_operation with_keys = {
    .name = "AssumeRole",
    .service = &sts,
    .method = "POST",
    .uri = "/",
    .input = &with_keys_shape,
    .output = &output_shape,
    .result_wrapper = "AssumeRoleResult",
    .flags = PAIL_OP_SECRET,
};

static const struct pail_member with_token_members[] = {
    BODY(struct role_input, arn, "RoleArn", &pail_shape_string, PAIL_REQUIRED),
    BODY(struct role_input, session_name, "RoleSessionName", &pail_shape_string, PAIL_REQUIRED),
    BODY(struct role_input, token, "WebIdentityToken", &pail_shape_string, PAIL_REQUIRED),
};
static const struct pail_shape with_token_shape =
    PAIL_STRUCTURE_SHAPE(struct role_input, NULL, with_token_members);

static const struct pail_operation with_token = {
    .name = "AssumeRoleWithWebIdentity",
    .service = &sts,
    .method = "POST",
    .uri = "/",
    .input = &with_token_shape,
    .output = &output_shape,
    .result_wrapper = "AssumeRoleWithWebIdentityResult",
    .flags = PAIL_OP_UNSIGNED | PAIL_OP_SECRET,
};

static int understand(const struct role *role, const struct role_output *out,
                      struct credentials **ret, struct pail_error *error)
{
    const struct role_credentials *c = out->credentials;
    CLEANUP_DONE(buf) struct buf source;
    buf_init(&source, PROFILE_FILE_MAX);
    buf_addf(&source, "role %.*s of %s%s", PAIL_ARGS(role->arn),
             role->profile ? "profile " : "the environment",
             role->profile ? role->profile : "");
    struct credentials *keys = NULL;
    if (!buf_failed(&source))
        keys =
            credentials_new(c->id, c->secret, c->token, c->expiration.seconds, buf_c(&source));
    if (!keys)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    *ret = keys;
    return 0;
}

/* The service's words, and what they are about: whoever reads them has called something else.
 */
static void explain(const struct role *role, struct pail_error *error)
{
    char words[sizeof(error->message)];
    if (!error || error->kind == PAIL_ERROR_CANCELLED || error->operation[0] == '\0')
        return;
    snprintf(words, sizeof(words), "role %.*s: %.140s", PAIL_ARGS(str_sub(role->arn, 0, 100)),
             error->message);
    memcpy(error->message, words, sizeof(words));
}

int role_keys(struct ask *ask, const struct settings *settings,
              struct credentials_provider *keys, const struct role *role,
              struct credentials **ret, struct pail_error *error)
{
    const struct ask_how how = {.settings = settings};
    const struct pail_operation *operation = role->token.ptr ? &with_token : &with_keys;
    char session_name[64];
    snprintf(session_name, sizeof(session_name), "pail-session-%" PRId64,
             clock_realtime_s(&clock_system));
    const struct role_input in = {
        .arn = role->arn,
        .session_name = role->session_name.len > 0 ? role->session_name : str_c(session_name),
        .token = role->token,
        .external_id = role->external_id,
        .duration_s = role->duration_s,
    };
    struct role_output out = {.response = {.http_status = 0}};
    int r = ask_call(ask, &how, keys, operation, &in, &out, error);
    if (r == 0)
        r = understand(role, &out, ret, error);
    else
        explain(role, error);
    pail_output_free(operation, &out);
    return r;
}
