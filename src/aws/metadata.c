#include "aws/metadata.h"

#include "aws/response.h"
#include "aws/table.h"
#include "base/date.h"

#include <errno.h>

static const struct pail_service metadata = {
    .id = "metadata",
    .endpoint_prefix = "metadata",
    .signing_name = "metadata",
    .protocol = PAIL_REST_JSON,
    .default_region = "us-east-1", /* it has none */
};

#define HEADER(field_, name_)                                                                  \
    PAIL_FIELD(struct metadata_headers, field_, name_, NULL, &pail_shape_string,               \
               PAIL_IN_HEADER, 0)
static const struct pail_member headers_members[] = {
    HEADER(authorization, "Authorization"),
    HEADER(token, "X-aws-ec2-metadata-token"),
    HEADER(token_ttl_s, "X-aws-ec2-metadata-token-ttl-seconds"),
};
static const struct pail_shape headers_shape =
    PAIL_STRUCTURE_SHAPE(struct metadata_headers, NULL, headers_members);

/* ---- keys ---- */

struct keys_output {
    struct pail_response response;
    struct pail_str id, secret, token, expiration;
};

static const struct pail_member keys_members[] = {
    BODY(struct keys_output, id, "AccessKeyId", &pail_shape_string, 0),
    BODY(struct keys_output, secret, "SecretAccessKey", &pail_shape_string, 0),
    BODY(struct keys_output, token, "Token", &pail_shape_string, 0),
    BODY(struct keys_output, expiration, "Expiration", &pail_shape_string, 0),
};
static const struct pail_shape keys_shape =
    PAIL_STRUCTURE_SHAPE(struct keys_output, NULL, keys_members);

static int understand(const struct keys_output *out, const char *source,
                      struct credentials **ret, struct pail_error *error)
{
    struct pail_time expires;
    if (out->id.len == 0 || out->secret.len == 0 || out->token.len == 0 ||
        out->expiration.len == 0)
        return -ENOENT;
    if (date_parse_iso8601(out->expiration, &expires) < 0)
        return error_set(error, PAIL_ERROR_CREDENTIALS, EACCES,
                         "%s: its Expiration is no ISO 8601 time", source);
    struct credentials *keys =
        credentials_new(out->id, out->secret, out->token, expires.seconds, source);
    if (!keys)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    *ret = keys;
    return 0;
}

int metadata_get_keys(struct ask *ask, const struct ask_how *how, const char *path,
                      const struct metadata_headers *headers, const char *source,
                      struct credentials **ret, struct pail_error *error)
{
    const struct pail_operation operation = {
        .name = "GetCredentials",
        .service = &metadata,
        .method = "GET",
        .uri = path,
        .input = &headers_shape,
        .output = &keys_shape,
        .flags = PAIL_OP_UNSIGNED | PAIL_OP_SECRET,
    };
    struct keys_output out = {.response = {.http_status = 0}};
    int r = ask_call(ask, how, NULL, &operation, headers, &out, error);
    if (r == 0)
        r = understand(&out, source, ret, error);
    pail_output_free(&operation, &out);
    return r;
}

/* ---- text ---- */

struct text_output {
    struct pail_response response;
    struct pail_str text;
};

static const struct pail_member text_members[] = {
    PAIL_FIELD(struct text_output, text, "Text", NULL, &pail_shape_string, PAIL_IN_PAYLOAD, 0),
};
static const struct pail_shape text_shape =
    PAIL_STRUCTURE_SHAPE(struct text_output, NULL, text_members);

int metadata_text(struct ask *ask, const struct ask_how *how, const char *method,
                  const char *path, const struct metadata_headers *headers, struct buf *ret,
                  struct pail_error *error)
{
    const struct pail_operation operation = {
        .name = "GetMetadata",
        .service = &metadata,
        .method = method,
        .uri = path,
        .input = &headers_shape,
        .output = &text_shape,
        .flags = PAIL_OP_UNSIGNED | PAIL_OP_SECRET,
    };
    struct text_output out = {.response = {.http_status = 0}};
    int r = ask_call(ask, how, NULL, &operation, headers, &out, error);
    if (r == 0) {
        buf_add_str(ret, out.text);
        if (buf_failed(ret))
            r = error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    }
    pail_output_free(&operation, &out);
    return r;
}
