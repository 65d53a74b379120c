/* aws/settings.h: a client's configuration, resolved: what was said in code, then the
 * environment, then the profile files, then defaults. Immutable once made; any thread may read
 * it. An empty variable, key or string is the same as none, except that an empty AWS_CA_BUNDLE
 * or ca_bundle is an error and an empty proxy means none, whatever comes after it. */
#ifndef AWS_SETTINGS_H
#define AWS_SETTINGS_H

#include "aws/profile.h"
#include "http/url.h"

#include <pail/config.h>
#include <pail/error.h>
#include <pail/model.h>

#define SETTINGS_ATTEMPTS_MAX 1000U

/* Looks an environment variable up; tests hand in their own. */
typedef const char *settings_getenv(const char *name, void *user);

struct settings {
    char *profile; /* never NULL: "default" if nothing names one */
    bool
        profile_in_code; /* pail_config.profile names it: the environment's keys are not used */
    char *config_path,
        *credentials_path;       /* of the profile files; NULL: no home directory is known */
    char *region;                /* NULL: none configured */
    char *region_source;         /* what named it, in words; NULL: nothing did */
    char *endpoint_url;          /* said in code, for every service; NULL: none */
    bool ignore_endpoint_urls;   /* those that were not said in code */
    struct profile_files *files; /* owned; for endpoints by service and for credentials */
    settings_getenv *getenv;     /* never NULL */
    void *getenv_user;
    bool no_sign_request;
    bool requester_pays;
    bool dualstack, fips;
    /* Never DEFAULT; AUTO where only the instance can tell which it is, until when STANDARD's
     * values hold. */
    enum pail_defaults_mode defaults_mode;
    bool s3_regional;                /* us-east-1 has a host of its own, not the global one */
    bool sts_global;                 /* old regions use STS's one host for all */
    enum pail_addressing addressing; /* never DEFAULT */
    enum pail_retry_mode retry_mode; /* never DEFAULT */
    unsigned max_attempts;           /* >= 1 */
    bool retry_quota_waits;
    int64_t connect_timeout_ms, read_timeout_ms; /* < 0: none */
    size_t max_connections;
    char *ca_bundle;                /* a file that could be read; NULL: the system's */
    char *http_proxy, *https_proxy; /* of http: and https: endpoints, as http/proxy.h has them;
                                       NULL: none */
    char *no_proxy;                 /* hosts that go direct all the same; NULL: none */
    bool insecure;
    bool tcp_keepalive;
    char *user_agent; /* the whole header */
    char *access_key_id, *secret_access_key,
        *session_token; /* said in code; NULL: provider chain. The secrets are in memory of
                           base/secret.h */
};

/* Reads the environment and the profile files. 0; -EINVAL with *error filled (kind CONFIG: an
 * unknown profile that something names, a malformed file with its line, a bad number, mode,
 * endpoint, proxy or region, each named with its source and what is allowed; of a URL never its
 * user), -EACCES
 * (PARTIAL_CREDENTIALS: half a pair said in code), -ENOMEM. `lookup` NULL: the process's
 * environment; it must stay valid as long as the settings. Blocks (files). */
int settings_load(const struct pail_config *config, settings_getenv *lookup, void *user,
                  struct settings **ret, struct pail_error *error);
/* NULL-safe. */
void settings_free(struct settings *settings);

/* A variable of the environment, absent also when it is empty. Borrowed. */
struct pail_str settings_env(const struct settings *settings, const char *name);

/* The user's home directory, owned by the caller; NULL if none is known, or on ENOMEM. A mount
 * from fstab has no HOME: then it is what the users' database says. Blocks. */
char *settings_home(const struct settings *settings);

/* The proxies of `from` in place of those of `settings`. 0 or -ENOMEM. */
int settings_take_proxies(struct settings *settings, const struct settings *from);

/* The configured endpoint of a service into *ret; returns 1, 0 if none is configured (AWS's own
 * is meant), -EINVAL with *error, -ENOMEM. */
int settings_endpoint(const struct settings *settings, const struct pail_service *service,
                      struct url *ret, struct pail_error *error);
/* What configured it, in words, into `text` (cut to size): "AWS_ENDPOINT_URL_S3"; "" if nothing
 * did. */
void settings_endpoint_source(const struct settings *settings,
                              const struct pail_service *service, char *text, size_t size);

DEFINE_CLEANUP(settings, struct settings *, settings_free);

#endif
