/* Keys of the role that an EC2 instance has, from its metadata service: by a token (version 2),
 * or without where the service has none. Last in the chain: elsewhere nobody answers, which
 * costs the timeout. */
#include "aws/credentials.h"

#include "aws/metadata.h"
#include "aws/response.h"
#include "base/num.h"
#include "base/random.h"

#include <errno.h>

#define ENDPOINT      "http://169.254.169.254"
#define ENDPOINT_IPV6 "http://[fd00:ec2::254]"
#define TOKEN_PATH    "/latest/api/token"
#define ROLES_PATH    "/latest/meta-data/iam/security-credentials/"
#define TOKEN_TTL_S   "21600"
#define TIMEOUT_S     1
#define ATTEMPTS      1
#define TEXT_MAX      4096
/* Keys that are about to expire, or have, are used this much longer: so it is to be when the
 * service cannot give new ones. */
#define EXTENSION_S      (15 * 60)
#define EXTENSION_MIN_S  (2 * 60)
#define EXTENSION_MORE_S (8 * 60)

struct imds {
    struct credentials_provider base;
    const struct settings *settings;
    struct ask ask;
    struct random random;
};

/* From the environment, else from the profile; absent: none. */
static struct pail_str get(const struct imds *p, const char *variable, const char *key)
{
    struct pail_str said = settings_env(p->settings, variable);
    return said.ptr ? said : profile_get(p->settings->files, p->settings->profile, key);
}

static uint64_t get_number(const struct imds *p, const char *variable, const char *key,
                           uint64_t otherwise)
{
    uint64_t value;
    return num_u64(get(p, variable, key), 3600, &value) == 0 && value > 0 ? value : otherwise;
}

static const char *endpoint(const struct imds *p)
{
    struct pail_str said =
        get(p, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    struct pail_str mode =
        get(p, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
    bool ipv6 = str_eq_nocase(mode, PAIL_STR("ipv6")) ||
                num_config_bool(get(p, "AWS_IMDS_USE_IPV6", "imds_use_ipv6"));
    return said.len > 0 ? said.ptr : ipv6 ? ENDPOINT_IPV6 : ENDPOINT;
}

/* A service that gives no tokens may still give keys. */
static bool has_no_tokens(const struct pail_error *error)
{
    return error->http_status == 403 || error->http_status == 404 ||
           error->http_status == 405 || error->kind == PAIL_ERROR_READ_TIMEOUT;
}

/* -ENOENT where this is no instance. */
static int get_token(struct imds *p, const struct ask_how *how, struct buf *token,
                     struct pail_error *error)
{
    const struct metadata_headers headers = {.token_ttl_s = PAIL_STR(TOKEN_TTL_S)};
    struct pail_error failure = {0};
    int r = metadata_text(&p->ask, how, "PUT", TOKEN_PATH, &headers, token, &failure);
    if (r == 0 || r == -ECANCELED || r == -ENOMEM) {
        if (error && r < 0)
            *error = failure;
        return r;
    }
    if (!has_no_tokens(&failure))
        return -ENOENT;
    if (num_config_bool(get(p, "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled")))
        return error_set(error, PAIL_ERROR_CREDENTIALS, EACCES,
                         "the instance's metadata service gives no token, and is not to be "
                         "asked without (ec2_metadata_v1_disabled)");
    return 0;
}

/* Whatever the service does not say is no keys: others may come. */
static int soften(int r, struct pail_error *failure, struct pail_error *error)
{
    if (r == 0 || r == -ENOENT)
        return r;
    if (r != -ECANCELED && r != -ENOMEM)
        return -ENOENT;
    if (error)
        *error = *failure;
    return r;
}

static int get_keys(struct imds *p, const struct ask_how *how, struct pail_str token,
                    struct credentials **ret, struct pail_error *error)
{
    const struct metadata_headers headers = {.token =
                                                 token.len > 0 ? token : (struct pail_str){0}};
    CLEANUP_DONE(buf) struct buf role, path, source;
    struct pail_error failure = {0};
    buf_init(&role, TEXT_MAX);
    buf_init(&path, TEXT_MAX * 2);
    buf_init(&source, TEXT_MAX * 2);
    int r = metadata_text(&p->ask, how, "GET", ROLES_PATH, &headers, &role, &failure);
    struct pail_str name = str_trim(buf_str(&role)), line;
    if (r < 0 || !str_next(&name, '\n', &line) || line.len == 0 ||
        str_find(line, '{', 0) < line.len)
        return soften(r < 0 ? r : -ENOENT, &failure, error);
    buf_addf(&path, ROLES_PATH "%.*s", PAIL_ARGS(line));
    buf_addf(&source, "role %.*s of the instance", PAIL_ARGS(line));
    if (buf_failed(&path) || buf_failed(&source))
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    r = metadata_get_keys(&p->ask, how, buf_c(&path), &headers, buf_c(&source), ret, &failure);
    return soften(r, &failure, error);
}

static void extend(struct imds *p, struct credentials *keys)
{
    int64_t now_s = clock_realtime_s(&clock_system);
    int64_t extension_s =
        EXTENSION_S + EXTENSION_MIN_S + (int64_t)(random_unit(&p->random) * EXTENSION_MORE_S);
    if (keys->expires_s - now_s <= extension_s)
        keys->expires_s = now_s + extension_s;
}

static int fetch(struct credentials_provider *base, struct credentials **ret,
                 struct pail_error *error)
{
    struct imds *p = CONTAINER_OF(base, struct imds, base);
    if (num_config_bool(settings_env(p->settings, "AWS_EC2_METADATA_DISABLED")))
        return -ENOENT;
    const struct ask_how how = {
        .settings = p->settings,
        .endpoint_url = endpoint(p),
        .timeout_ms = 1000 * (int64_t)get_number(p, "AWS_METADATA_SERVICE_TIMEOUT",
                                                 "metadata_service_timeout", TIMEOUT_S),
        .attempts = (unsigned)get_number(p, "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
                                         "metadata_service_num_attempts", ATTEMPTS),
    };
    CLEANUP_DONE(buf) struct buf token;
    buf_init_secret(&token, TEXT_MAX);
    int r = get_token(p, &how, &token, error);
    if (r == 0)
        r = get_keys(p, &how, str_trim(buf_str(&token)), ret, error);
    if (r == 0)
        extend(p, *ret);
    return r;
}

static void cancel(struct credentials_provider *base)
{
    ask_cancel(&CONTAINER_OF(base, struct imds, base)->ask);
}

static void release(struct credentials_provider *base)
{
    struct imds *p = CONTAINER_OF(base, struct imds, base);
    ask_done(&p->ask);
    free(p);
}

struct credentials_provider *credentials_imds_new(const struct settings *settings)
{
    struct imds *p = calloc(1, sizeof(*p));
    if (!p || ask_init(&p->ask) < 0) {
        free(p);
        return NULL;
    }
    p->base = (struct credentials_provider){
        .name = "instance metadata", .fetch = fetch, .cancel = cancel, .free = release};
    p->settings = settings;
    random_init(&p->random);
    return &p->base;
}
