/* aws/credentials.h: keys, where they come from, and keeping them fresh. */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include "aws/settings.h"
#include "base/clock.h"
#include "base/mailbox.h"

/* Immutable once made. The secrets are in memory of base/secret.h. */
struct credentials {
    char *access_key_id;
    char *secret_access_key; /* within `signing_secret` */
    char *signing_secret; /* "AWS4" and the secret: what the key of a signature begins with */
    char *session_token;  /* NULL: none */
    int64_t expires_s;    /* seconds since 1970; INT64_MAX: never */
    char *source;         /* in words: "environment" */
};

/* Copies everything; an absent or empty `token` is none. NULL on ENOMEM. */
struct credentials *credentials_new(struct pail_str id, struct pail_str secret,
                                    struct pail_str token, int64_t expires_s,
                                    const char *source);
/* NULL on ENOMEM. */
struct credentials *credentials_copy(const struct credentials *c);
/* Wipes the secrets. NULL-safe. */
void credentials_free(struct credentials *c);

DEFINE_CLEANUP(credentials, struct credentials *, credentials_free);

/* A seam: one way to get keys. */
struct credentials_provider {
    const char *name;
    /* 0 with *ret; -ENOENT: this one does not apply, ask the next; other -errno with *error
     * filled: the chain stops. May block; runs on the credentials helper's thread. */
    int (*fetch)(struct credentials_provider *provider, struct credentials **ret,
                 struct pail_error *error);
    /* Makes a running fetch, and any later one, return soon. NULL: none of them waits. Any
     * thread. */
    void (*cancel)(struct credentials_provider *provider);
    void (*free)(struct credentials_provider *provider);
};

static inline void credentials_provider_free(struct credentials_provider *provider)
{
    if (provider)
        provider->free(provider);
}

DEFINE_CLEANUP(credentials_provider, struct credentials_provider *, credentials_provider_free);

/* The providers in the order of botocore's chain: said in code (then nothing else is asked),
 * environment (not if a profile was said in code), the profile's role, those of
 * credentials_profile_chain_new, the container's agent, the instance's metadata service. If
 * none has any the fetch fails with -EACCES, NO_CREDENTIALS. Where one is configured and fails,
 * so does the fetch: what comes after it would be somebody else's keys. `settings` must outlive
 * the provider. NULL with errno set: ENOMEM, EMFILE, ENFILE. */
struct credentials_provider *credentials_chain_new(const struct settings *settings);
/* What may stand in a profile (borrowed): web identity, SSO, keys in the credentials file, a
 * way that is not there (which fails, naming it), credential_process, keys in the config file.
 * Likewise. */
struct credentials_provider *credentials_profile_chain_new(const struct settings *settings,
                                                           const char *profile);

/* Each provider on its own (credentials_NAME.c), on the same terms; profiles are borrowed. */
struct credentials_provider *credentials_static_new(const struct settings *settings);
struct credentials_provider *credentials_environment_new(const struct settings *settings);
struct credentials_provider *credentials_assume_role_new(const struct settings *settings,
                                                         const char *profile);
/* `environment`: what that says counts for more than the profile. */
struct credentials_provider *credentials_web_identity_new(const struct settings *settings,
                                                          const char *profile,
                                                          bool environment);
struct credentials_provider *credentials_sso_new(const struct settings *settings,
                                                 const char *profile);
/* The keys of the profile in one of the files. */
struct credentials_provider *credentials_profile_new(const struct settings *settings,
                                                     const char *profile,
                                                     enum profile_file file);
struct credentials_provider *credentials_process_new(const struct settings *settings,
                                                     const char *profile);
struct credentials_provider *credentials_container_new(const struct settings *settings);
struct credentials_provider *credentials_imds_new(const struct settings *settings);

/* Keeps the newest credentials of a provider (credentials_cache.c). Fetches on a thread of its
 * own; never blocks the asker. */
struct credentials_cache;

struct credentials_request {
    /* On the asker's thread: status 0 and *credentials, borrowed until it returns, or -errno
     * with *error. May ask again. */
    void (*ready)(struct credentials_request *request, int status,
                  const struct credentials *credentials, const struct pail_error *error);
    struct credentials_request *next; /* the cache's */
    bool waiting;                     /* the cache's */
};

/* Starts the helper's thread. `post` hands a message to the asker's thread (transport_post);
 * `provider` is taken over, and released also where this fails: NULL with errno set. */
struct credentials_cache *
credentials_cache_new(struct credentials_provider *provider, const struct clock *clock,
                      void (*post)(void *user, struct message *message), void *user);
/* Ends the helper's thread; a running fetch is cancelled. When it returns nothing will be
 * posted any more, but a message may still wait for delivery, so: stop, then end the asker's
 * thread, then free. Requests made later fail with -ECANCELED. Any thread but the helper's;
 * repeatable. */
void credentials_cache_stop(struct credentials_cache *cache);
/* Releases all, stopping first if that was not done. No request may be waiting, no message of
 * the cache be undelivered (unless its mailbox is gone). NULL-safe. */
void credentials_cache_free(struct credentials_cache *cache);
/* The asker's thread. Fresh credentials are handed over at once, from inside this call; in the
 * last 15 minutes before they expire they still are, while a refresh is under way; in the last
 * 10 the request waits for it. If it then fails, credentials that have not expired yet are
 * used. A failed refresh that nobody waited for is tried again a minute later. */
void credentials_get(struct credentials_cache *cache, struct credentials_request *request);
/* The asker's thread: `request` is forgotten; ready does not come. */
void credentials_cancel(struct credentials_cache *cache, struct credentials_request *request);
/* The asker's thread: the service refused these (ExpiredToken): the next get fetches anew. */
void credentials_invalidate(struct credentials_cache *cache);
/* Where the newest came from; "none" before the first. Any thread; kept for the cache's life.
 */
const char *credentials_source(struct credentials_cache *cache);

DEFINE_CLEANUP(credentials_cache, struct credentials_cache *, credentials_cache_free);

#endif
