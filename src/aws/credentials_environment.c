#include "aws/credentials.h"

#include "aws/response.h"
#include "base/date.h"

#include <errno.h>

struct environment_provider {
    struct credentials_provider base;
    const struct settings *settings;
};

static int read_expiry(const struct settings *s, int64_t *ret, struct pail_error *error)
{
    static const char name[] = "AWS_CREDENTIAL_EXPIRATION";
    struct pail_str text = settings_env(s, name);
    struct pail_time expiry = {.seconds = INT64_MAX};
    if (text.ptr && date_parse_iso8601(text, &expiry) < 0)
        return error_set(error, PAIL_ERROR_CREDENTIALS, EACCES,
                         "%s: \"%.60s\" is not a time: it must look like 2030-01-31T12:00:00Z",
                         name, text.ptr);
    *ret = expiry.seconds;
    return 0;
}

static int fetch(struct credentials_provider *base, struct credentials **ret,
                 struct pail_error *error)
{
    const struct settings *s = CONTAINER_OF(base, struct environment_provider, base)->settings;
    struct pail_str id = settings_env(s, "AWS_ACCESS_KEY_ID");
    struct pail_str secret = settings_env(s, "AWS_SECRET_ACCESS_KEY");
    struct pail_str token = settings_env(s, "AWS_SECURITY_TOKEN");
    if (!token.ptr)
        token = settings_env(s, "AWS_SESSION_TOKEN");
    if (!id.ptr && !secret.ptr)
        return -ENOENT;
    if (!id.ptr || !secret.ptr)
        return error_set(error, PAIL_ERROR_PARTIAL_CREDENTIALS, EACCES,
                         "half a credential pair in the environment: %s is not set",
                         id.ptr ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
    int64_t expires_s = INT64_MAX;
    int r = read_expiry(s, &expires_s, error);
    if (r < 0)
        return r;
    *ret = credentials_new(id, secret, token, expires_s, "environment");
    return *ret ? 0 : error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
}

static void release(struct credentials_provider *base)
{
    free(CONTAINER_OF(base, struct environment_provider, base));
}

struct credentials_provider *credentials_environment_new(const struct settings *settings)
{
    struct environment_provider *p = malloc(sizeof(*p));
    if (!p)
        return NULL;
    *p = (struct environment_provider){
        .base = {.name = "environment", .fetch = fetch, .free = release},
        .settings = settings,
    };
    return &p->base;
}
