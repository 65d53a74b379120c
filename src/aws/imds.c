#include "aws/imds.h"

#include "aws/response.h"
#include "base/num.h"

#include <errno.h>

#define ENDPOINT      "http://169.254.169.254"
#define ENDPOINT_IPV6 "http://[fd00:ec2::254]"
#define TOKEN_PATH    "/latest/api/token"
#define TOKEN_TTL_S   "21600"
#define TIMEOUT_S     1
#define ATTEMPTS      1

/* From the environment, else from the profile; absent: none. */
static struct pail_str get(const struct settings *s, const char *variable, const char *key)
{
    struct pail_str said = settings_env(s, variable);
    return said.ptr ? said : profile_get(s->files, s->profile, key);
}

static uint64_t get_number(const struct settings *s, const char *variable, const char *key,
                           uint64_t otherwise)
{
    uint64_t value;
    return num_u64(get(s, variable, key), 3600, &value) == 0 && value > 0 ? value : otherwise;
}

static const char *endpoint(const struct settings *s)
{
    struct pail_str said =
        get(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    struct pail_str mode =
        get(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
    bool ipv6 = str_eq_nocase(mode, PAIL_STR("ipv6")) ||
                num_config_bool(get(s, "AWS_IMDS_USE_IPV6", "imds_use_ipv6"));
    return said.len > 0 ? said.ptr : ipv6 ? ENDPOINT_IPV6 : ENDPOINT;
}

bool imds_disabled(const struct settings *settings)
{
    return num_config_bool(settings_env(settings, "AWS_EC2_METADATA_DISABLED"));
}

struct ask_how imds_how(const struct settings *settings)
{
    return (struct ask_how){
        .settings = settings,
        .endpoint_url = endpoint(settings),
        .timeout_ms = 1000 * (int64_t)get_number(settings, "AWS_METADATA_SERVICE_TIMEOUT",
                                                 "metadata_service_timeout", TIMEOUT_S),
        .attempts = (unsigned)get_number(settings, "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
                                         "metadata_service_num_attempts", ATTEMPTS),
    };
}

/* A service that gives no tokens may still give the rest. */
static bool has_no_tokens(const struct pail_error *error)
{
    return error->http_status == 403 || error->http_status == 404 ||
           error->http_status == 405 || error->kind == PAIL_ERROR_READ_TIMEOUT;
}

int imds_token(struct ask *ask, const struct ask_how *how, struct buf *token,
               struct pail_error *error)
{
    const struct metadata_headers headers = {.token_ttl_s = PAIL_STR(TOKEN_TTL_S)};
    struct pail_error failure = {0};
    int r = metadata_text(ask, how, "PUT", TOKEN_PATH, &headers, token, &failure);
    if (r == 0 || r == -ECANCELED || r == -ENOMEM) {
        if (error && r < 0)
            *error = failure;
        return r;
    }
    if (!has_no_tokens(&failure))
        return -ENOENT;
    if (num_config_bool(
            get(how->settings, "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled")))
        return error_set(error, PAIL_ERROR_CREDENTIALS, EACCES,
                         "the instance's metadata service gives no token, and is not to be "
                         "asked without (ec2_metadata_v1_disabled)");
    return 0;
}
