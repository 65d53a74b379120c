/* Keys of a role that the profile names, asked for with the keys that it names too: those of
 * another profile, which may be a role's itself, or of the place it runs in. */
#include "aws/credentials.h"

#include "aws/response.h"
#include "aws/role_keys.h"
#include "base/num.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define CHAIN_MAX 16 /* roles, each assumed with the keys of the next */

struct assume_role {
    struct credentials_provider base;
    const struct settings *settings;
    const char *profile; /* borrowed */
    struct ask ask;
};

static struct pail_str get(const struct assume_role *p, const char *profile, const char *key)
{
    return profile_get(p->settings->files, profile, key);
}

static bool has_role(const struct assume_role *p, const char *profile)
{
    return get(p, profile, "role_arn").len > 0 &&
           get(p, profile, "web_identity_token_file").len == 0;
}

static bool has_keys(const struct assume_role *p, const char *profile)
{
    return get(p, profile, "aws_access_key_id").len > 0 ||
           get(p, profile, "aws_secret_access_key").len > 0;
}

/* "FILE:LINE: key: what": what is wrong with a key of a profile. */
__attribute__((format(printf, 5, 6))) static int refuse(const struct assume_role *p,
                                                        const char *profile, const char *key,
                                                        struct pail_error *error,
                                                        const char *format, ...)
{
    char where[96], what[160];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    profile_where(p->settings->files, profile, key, where, sizeof(where));
    return error_set(error, PAIL_ERROR_CREDENTIALS, EACCES, "%s: %s: %s", where, key, what);
}

/* ---- where the keys to ask with come from ---- */

/* One of the places that credential_source names; NULL: there is none of that name. */
static struct credentials_provider *(*place(struct pail_str name))(const struct settings *)
{
    static const struct {
        const char *name;
        struct credentials_provider *(*make)(const struct settings *settings);
    } places[] = {
        {"Environment", credentials_environment_new},
        {"EcsContainer", credentials_container_new},
        {"Ec2InstanceMetadata", credentials_imds_new},
    };
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        if (str_eq_c(name, places[i].name))
            return places[i].make;
    }
    return NULL;
}

/* Exactly one of the two must be said, and be there. */
static int check_source(const struct assume_role *p, const char *profile,
                        struct pail_error *error)
{
    struct pail_str source = get(p, profile, "source_profile");
    struct pail_str where = get(p, profile, "credential_source");
    if (source.len == 0 && where.len == 0)
        return refuse(p, profile, "role_arn", error,
                      "source_profile or credential_source must say whose keys to assume the "
                      "role with");
    if (source.len > 0 && where.len > 0)
        return refuse(p, profile, "source_profile", error,
                      "\"%.60s\", and a credential_source: only one may be said", source.ptr);
    if (where.len > 0 && !place(where))
        return refuse(p, profile, "credential_source", error,
                      "\"%.60s\" is none of Environment, EcsContainer, Ec2InstanceMetadata",
                      where.ptr);
    if (source.len > 0 && !profile_exists(p->settings->files, source.ptr))
        return refuse(p, profile, "source_profile", error, "there is no profile \"%.60s\"",
                      source.ptr);
    return 0;
}

/* The roles that must be assumed before this one come to an end. A profile may name itself, for
 * keys that stand in it. */
static int check_chain(const struct assume_role *p, struct pail_error *error)
{
    const char *visited[CHAIN_MAX], *profile = p->profile;
    for (size_t count = 0; has_role(p, profile) && (count == 0 || !has_keys(p, profile));) {
        int r = check_source(p, profile, error);
        struct pail_str source = get(p, profile, "source_profile");
        if (r < 0 || source.len == 0)
            return r;
        visited[count++] = profile;
        if (str_eq_c(source, profile) && has_keys(p, profile))
            return 0;
        for (size_t i = 0; i < count; i++) {
            if (str_eq_c(source, visited[i]) || count == CHAIN_MAX)
                return refuse(p, profile, "source_profile", error,
                              "\"%.60s\" leads back to itself", source.ptr);
        }
        profile = source.ptr;
    }
    return 0;
}

static struct credentials_provider *source_new(const struct assume_role *p)
{
    struct pail_str source = get(p, p->profile, "source_profile");
    if (source.len == 0)
        return place(get(p, p->profile, "credential_source"))(p->settings);
    if (has_role(p, source.ptr) && !has_keys(p, source.ptr))
        return credentials_assume_role_new(p->settings, source.ptr);
    return credentials_profile_chain_new(p->settings, source.ptr);
}

/* ---- the role ---- */

static int read_role(const struct assume_role *p, struct role *ret, struct pail_error *error)
{
    struct pail_str duration = get(p, p->profile, "duration_seconds");
    struct pail_str mfa = get(p, p->profile, "mfa_serial");
    uint64_t seconds = 0;
    if (mfa.len > 0)
        return refuse(
            p, p->profile, "mfa_serial", error,
            "\"%.60s\": a second factor is not asked for here; credential_process can "
            "run a program that does",
            mfa.ptr);
    if (duration.len > 0 && num_u64(duration, INT32_MAX, &seconds) < 0)
        return refuse(p, p->profile, "duration_seconds", error,
                      "\"%.60s\" is no number of seconds", duration.ptr);
    *ret = (struct role){
        .arn = get(p, p->profile, "role_arn"),
        .session_name = get(p, p->profile, "role_session_name"),
        .external_id = get(p, p->profile, "external_id"),
        .duration_s = {.value = (int64_t)seconds, .present = duration.len > 0},
        .profile = p->profile,
    };
    return 0;
}

static int fetch(struct credentials_provider *base, struct credentials **ret,
                 struct pail_error *error)
{
    struct assume_role *p = CONTAINER_OF(base, struct assume_role, base);
    struct role role;
    if (!has_role(p, p->profile))
        return -ENOENT;
    int r = check_chain(p, error);
    if (r == 0)
        r = read_role(p, &role, error);
    if (r < 0)
        return r;
    struct credentials_provider *source = source_new(p);
    if (!source)
        return error_set_want(error, -errno);
    return role_keys(&p->ask, p->settings, source, &role, ret, error);
}

static void cancel(struct credentials_provider *base)
{
    ask_cancel(&CONTAINER_OF(base, struct assume_role, base)->ask);
}

static void release(struct credentials_provider *base)
{
    struct assume_role *p = CONTAINER_OF(base, struct assume_role, base);
    ask_done(&p->ask);
    free(p);
}

struct credentials_provider *credentials_assume_role_new(const struct settings *settings,
                                                         const char *profile)
{
    struct assume_role *p = calloc(1, sizeof(*p));
    if (!p || ask_init(&p->ask) < 0) {
        free(p);
        return NULL;
    }
    p->base = (struct credentials_provider){
        .name = "assume role", .fetch = fetch, .cancel = cancel, .free = release};
    p->settings = settings;
    p->profile = profile;
    return &p->base;
}
