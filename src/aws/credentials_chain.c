#include "aws/credentials.h"

#include "aws/response.h"

#include <errno.h>

#define PROVIDERS_MAX 5

struct chain {
    struct credentials_provider base;
    const struct settings *settings;
    struct credentials_provider *providers[PROVIDERS_MAX];
    size_t count;
};

/* Ways of getting keys that are not there. Where one is configured, whatever comes after it in
 * the chain would be somebody else's keys. */
static int fetch_unsupported(struct credentials_provider *base, struct credentials **ret,
                             struct pail_error *error)
{
    static const char *const keys[] = {
        "role_arn",      "source_profile", "credential_source", "web_identity_token_file",
        "sso_session",   "sso_start_url",  "sso_account_id",    "sso_role_name",
        "login_session",
    };
    const struct settings *s = CONTAINER_OF(base, struct chain, base)->settings;
    (void)ret;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (profile_get(s->files, s->profile, keys[i]).len == 0)
            continue;
        char where[96];
        profile_where(s->files, s->profile, keys[i], where, sizeof(where));
        return error_set(error, PAIL_ERROR_CREDENTIALS, EACCES,
                         "%s: %s is not supported; credential_process can run a program that "
                         "gives the keys, as \"aws configure export-credentials\" does",
                         where, keys[i]);
    }
    if (!settings_env(s, "AWS_WEB_IDENTITY_TOKEN_FILE").ptr)
        return -ENOENT;
    return error_set(error, PAIL_ERROR_CREDENTIALS, EACCES,
                     "AWS_WEB_IDENTITY_TOKEN_FILE: web identities are not supported");
}

static void release_unsupported(struct credentials_provider *base)
{
    free(CONTAINER_OF(base, struct chain, base));
}

static struct credentials_provider *unsupported_new(const struct settings *settings)
{
    struct chain *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->base = (struct credentials_provider){
        .name = "unsupported", .fetch = fetch_unsupported, .free = release_unsupported};
    p->settings = settings;
    return &p->base;
}

static int nothing_found(const struct settings *s, struct pail_error *error)
{
    return error_set(
        error, PAIL_ERROR_NO_CREDENTIALS, EACCES,
        "none in the options%s, nor in profile \"%.40s\" of %.50s or "
        "%.50s",
        s->profile_in_code ? "" : ", none in AWS_ACCESS_KEY_ID", s->profile,
        s->credentials_path ? s->credentials_path : "~/.aws/credentials",
        s->config_path ? s->config_path : "~/.aws/config");
}

static int fetch(struct credentials_provider *base, struct credentials **ret,
                 struct pail_error *error)
{
    struct chain *chain = CONTAINER_OF(base, struct chain, base);
    for (size_t i = 0; i < chain->count; i++) {
        int r = chain->providers[i]->fetch(chain->providers[i], ret, error);
        if (r != -ENOENT)
            return r;
    }
    return nothing_found(chain->settings, error);
}

static void cancel(struct credentials_provider *base)
{
    struct chain *chain = CONTAINER_OF(base, struct chain, base);
    for (size_t i = 0; i < chain->count; i++)
        if (chain->providers[i]->cancel)
            chain->providers[i]->cancel(chain->providers[i]);
}

static void release(struct credentials_provider *base)
{
    struct chain *chain = CONTAINER_OF(base, struct chain, base);
    for (size_t i = 0; i < chain->count; i++)
        chain->providers[i]->free(chain->providers[i]);
    free(chain);
}

struct credentials_provider *credentials_chain_new(const struct settings *settings)
{
    struct chain *chain = calloc(1, sizeof(*chain));
    if (!chain)
        return NULL;
    chain->base = (struct credentials_provider){
        .name = "chain", .fetch = fetch, .cancel = cancel, .free = release};
    chain->settings = settings;
    CLEANUP(credentials_provider) struct credentials_provider *whole = &chain->base;

    struct credentials_provider *next[PROVIDERS_MAX];
    size_t count = 0;
    if (settings->access_key_id) {
        next[count++] = credentials_static_new(settings);
    } else {
        if (!settings->profile_in_code)
            next[count++] = credentials_environment_new(settings);
        next[count++] = unsupported_new(settings);
        next[count++] = credentials_profile_new(settings, PROFILE_CREDENTIALS_FILE);
        next[count++] = credentials_process_new(settings);
        next[count++] = credentials_profile_new(settings, PROFILE_CONFIG_FILE);
    }
    bool failed = false;
    for (size_t i = 0; i < count; i++) {
        failed = failed || !next[i];
        if (next[i])
            chain->providers[chain->count++] = next[i];
    }
    return failed ? NULL : STEAL(whole);
}
