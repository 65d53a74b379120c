/* aws/credentials.h: keys, where they come from, and keeping them fresh. */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include "aws/settings.h"
#include "base/mailbox.h"

struct credentials {
    char *access_key_id;
    char *secret_access_key;
    char *session_token;  /* NULL: none */
    int64_t expires_s;    /* seconds since 1970; INT64_MAX: never */
    char *source;         /* in words: "environment" */
};

struct credentials *credentials_new(struct pail_str id, struct pail_str secret, struct pail_str token,
                                    int64_t expires_s, const char *source);
struct credentials *credentials_copy(const struct credentials *c);
/* Wipes the secrets. */
void credentials_free(struct credentials *c);
DEFINE_CLEANUP(credentials, struct credentials *, credentials_free);

/* A seam: one way to get keys. */
struct credentials_provider {
    const char *name;
    /* 0 with *ret; -ENOENT: this one does not apply, ask the next; other -errno with *error: the chain stops. May block; runs
     * on the credentials helper's thread. */
    int (*fetch)(struct credentials_provider *provider, struct credentials **ret, struct pail_error *error);
    void (*free)(struct credentials_provider *provider);
};

/* The providers, in order: said in code, environment, profile files (one file per provider: credentials_static.c,
 * credentials_environment.c, credentials_profile.c). `settings` must outlive the provider. NULL on ENOMEM. */
struct credentials_provider *credentials_chain_new(const struct settings *settings);

/* Keeps the newest credentials of a provider. Fetches on a thread of its own, started when first needed; never blocks the asker. */
struct credentials_cache;

struct credentials_request {
    struct message message; /* the cache's */
    /* On the asker's thread (see cache_new): *credentials borrowed until it returns; status 0, or -errno with *error. */
    void (*ready)(struct credentials_request *request, int status, const struct credentials *credentials,
                  const struct pail_error *error);
    struct credentials_request *next; /* the cache's */
    bool waiting;                     /* the cache's */
};

/* `post` hands a message to the asker's thread (transport_post). `provider` is taken over. */
struct credentials_cache *credentials_cache_new(struct credentials_provider *provider, const struct clock *clock,
                                                void (*post)(void *user, struct message *message), void *user);
/* Ends the helper's thread. No request may be waiting. */
void credentials_cache_free(struct credentials_cache *cache);
/* The asker's thread. Fresh credentials are handed over at once, from inside this call; in the last 15 minutes before they expire they still are, while a
 * refresh is under way; in the last 10 the request waits for it. */
void credentials_get(struct credentials_cache *cache, struct credentials_request *request);
/* The asker's thread: `request` is forgotten; ready does not come. */
void credentials_cancel(struct credentials_cache *cache, struct credentials_request *request);
/* The asker's thread: the service refused these (ExpiredToken): the next get fetches anew. */
void credentials_invalidate(struct credentials_cache *cache);
/* Where the newest came from; "none" before the first. Any thread; static or kept for the cache's life. */
const char *credentials_source(struct credentials_cache *cache);

#endif
