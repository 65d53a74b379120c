#include "aws/credentials.h"

#include "aws/imds.h"
#include "aws/response.h"

#include <errno.h>

#define PROVIDERS_MAX 6

struct chain {
    struct credentials_provider base;
    const struct settings *settings;
    const char *profile; /* borrowed */
    struct credentials_provider *providers[PROVIDERS_MAX];
    size_t count;
};

/* A way of getting keys that is not there: where it is configured, whatever comes after it in
 * the chain would be somebody else's keys. */
static int fetch_unsupported(struct credentials_provider *base, struct credentials **ret,
                             struct pail_error *error)
{
    static const char key[] = "login_session";
    const struct chain *p = CONTAINER_OF(base, struct chain, base);
    char where[96];
    (void)ret;
    if (profile_get(p->settings->files, p->profile, key).len == 0)
        return -ENOENT;
    profile_where(p->settings->files, p->profile, key, where, sizeof(where));
    return error_set(error, PAIL_ERROR_CREDENTIALS, EACCES,
                     "%s: %s is not supported; credential_process can run a program that "
                     "gives the keys, as \"aws configure export-credentials\" does",
                     where, key);
}

static void release_unsupported(struct credentials_provider *base)
{
    free(CONTAINER_OF(base, struct chain, base));
}

static struct credentials_provider *unsupported_new(const struct settings *settings,
                                                    const char *profile)
{
    struct chain *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->base = (struct credentials_provider){
        .name = "unsupported", .fetch = fetch_unsupported, .free = release_unsupported};
    p->settings = settings;
    p->profile = profile;
    return &p->base;
}

/* ---- one after another ---- */

static int fetch_first(struct credentials_provider *base, struct credentials **ret,
                       struct pail_error *error)
{
    struct chain *chain = CONTAINER_OF(base, struct chain, base);
    int r = -ENOENT;
    for (size_t i = 0; i < chain->count && r == -ENOENT; i++)
        r = chain->providers[i]->fetch(chain->providers[i], ret, error);
    return r;
}

static int fetch_of_profile(struct credentials_provider *base, struct credentials **ret,
                            struct pail_error *error)
{
    int r = fetch_first(base, ret, error);
    if (r != -ENOENT)
        return r;
    return error_set(error, PAIL_ERROR_NO_CREDENTIALS, EACCES,
                     "profile \"%.60s\", whose keys are to be used, has none",
                     CONTAINER_OF(base, struct chain, base)->profile);
}

static int fetch_of_all(struct credentials_provider *base, struct credentials **ret,
                        struct pail_error *error)
{
    const struct settings *s = CONTAINER_OF(base, struct chain, base)->settings;
    int r = fetch_first(base, ret, error);
    if (r != -ENOENT)
        return r;
    /* At its longest it is as long as a message can be. */
    return error_set(error, PAIL_ERROR_NO_CREDENTIALS, EACCES,
                     "none in %sprofile \"%.40s\" of %.50s or %.50s; no container %s",
                     s->profile_in_code ? "" : "AWS_ACCESS_KEY_ID, nor in ", s->profile,
                     s->credentials_path ? s->credentials_path : "~/.aws/credentials",
                     s->config_path ? s->config_path : "~/.aws/config",
                     imds_disabled(s) ? "gave any, and AWS_EC2_METADATA_DISABLED is set"
                                      : "and no EC2 instance gave any");
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

/* Takes the providers over; NULL also if one of them could not be made. */
static struct credentials_provider *
chain_new(const struct settings *settings, const char *profile,
          int (*fetch)(struct credentials_provider *base, struct credentials **ret,
                       struct pail_error *error),
          struct credentials_provider *const *providers, size_t count)
{
    struct chain *chain = calloc(1, sizeof(*chain));
    bool failed = !chain;
    for (size_t i = 0; i < count; i++) {
        failed = failed || !providers[i];
        if (chain && providers[i])
            chain->providers[chain->count++] = providers[i];
        else
            credentials_provider_free(providers[i]);
    }
    if (!chain)
        return NULL;
    chain->base = (struct credentials_provider){
        .name = "chain", .fetch = fetch, .cancel = cancel, .free = release};
    chain->settings = settings;
    chain->profile = profile;
    if (failed) {
        int saved = errno;
        release(&chain->base);
        errno = saved;
        return NULL;
    }
    return &chain->base;
}

static struct credentials_provider *
profile_chain(const struct settings *settings, const char *profile, bool environment,
              int (*fetch)(struct credentials_provider *base, struct credentials **ret,
                           struct pail_error *error))
{
    struct credentials_provider *const providers[] = {
        credentials_web_identity_new(settings, profile, environment),
        credentials_sso_new(settings, profile),
        credentials_profile_new(settings, profile, PROFILE_CREDENTIALS_FILE),
        unsupported_new(settings, profile),
        credentials_process_new(settings, profile),
        credentials_profile_new(settings, profile, PROFILE_CONFIG_FILE),
    };
    return chain_new(settings, profile, fetch, providers, ARRAY_LEN(providers));
}

struct credentials_provider *credentials_profile_chain_new(const struct settings *settings,
                                                           const char *profile)
{
    return profile_chain(settings, profile, false, fetch_of_profile);
}

struct credentials_provider *credentials_chain_new(const struct settings *settings)
{
    const char *profile = settings->profile;
    struct credentials_provider *providers[PROVIDERS_MAX];
    size_t count = 0;
    if (settings->access_key_id) {
        providers[count++] = credentials_static_new(settings);
    } else {
        if (!settings->profile_in_code)
            providers[count++] = credentials_environment_new(settings);
        providers[count++] = credentials_assume_role_new(settings, profile);
        providers[count++] =
            profile_chain(settings, profile, !settings->profile_in_code, fetch_first);
        providers[count++] = credentials_container_new(settings);
        providers[count++] = credentials_imds_new(settings);
    }
    return chain_new(settings, profile, fetch_of_all, providers, count);
}
