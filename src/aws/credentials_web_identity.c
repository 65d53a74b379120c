/* Keys of a role, asked for with the token of an identity provider that stands in a file: as
 * Kubernetes and others have it. The file is read anew for every request: tokens are
 * short-lived. */
#include "aws/credentials.h"

#include "aws/response.h"
#include "aws/role_keys.h"
#include "base/whole_file.h"

#include <errno.h>

#define TOKEN_MAX 65536

struct web_identity {
    struct credentials_provider base;
    const struct settings *settings;
    const char *profile; /* borrowed */
    bool environment;    /* what it says counts for more than the profile */
    struct ask ask;
};

/* Said by the environment or the profile. */
static struct pail_str get(const struct web_identity *p, const char *variable, const char *key)
{
    struct pail_str said = {0};
    if (p->environment)
        said = settings_env(p->settings, variable);
    return said.ptr ? said : profile_get(p->settings->files, p->profile, key);
}

static int read_token(const char *path, struct buf *token, struct pail_error *error)
{
    int r = whole_file_read(path, token);
    if (r == -ENOMEM)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    bool empty = r == 0 && str_trim(buf_str(token)).len == 0;
    if (r == 0 && !empty)
        return 0;
    return error_set(error, PAIL_ERROR_CREDENTIALS, EACCES,
                     "the token of a web identity, %.120s: %s", path,
                     empty ? "the file is empty" : strerror(-r));
}

static int fetch(struct credentials_provider *base, struct credentials **ret,
                 struct pail_error *error)
{
    struct web_identity *p = CONTAINER_OF(base, struct web_identity, base);
    struct pail_str path = get(p, "AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    struct role role = {
        .arn = get(p, "AWS_ROLE_ARN", "role_arn"),
        .session_name = get(p, "AWS_ROLE_SESSION_NAME", "role_session_name"),
    };
    if (path.len == 0)
        return -ENOENT;
    if (role.arn.len == 0)
        return error_set(error, PAIL_ERROR_CREDENTIALS, EACCES,
                         "a web identity without a role: neither AWS_ROLE_ARN nor role_arn of "
                         "profile \"%.60s\" says which",
                         p->profile);
    CLEANUP_DONE(buf) struct buf token;
    buf_init_secret(&token, TOKEN_MAX);
    int r = read_token(path.ptr, &token, error);
    if (r == 0) {
        role.token = str_trim(buf_str(&token));
        bool from_profile =
            path.ptr ==
            profile_get(p->settings->files, p->profile, "web_identity_token_file").ptr;
        role.profile = from_profile ? p->profile : NULL;
        r = role_keys(&p->ask, p->settings, NULL, &role, ret, error);
    }
    return r;
}

static void cancel(struct credentials_provider *base)
{
    ask_cancel(&CONTAINER_OF(base, struct web_identity, base)->ask);
}

static void release(struct credentials_provider *base)
{
    struct web_identity *p = CONTAINER_OF(base, struct web_identity, base);
    ask_done(&p->ask);
    free(p);
}

struct credentials_provider *credentials_web_identity_new(const struct settings *settings,
                                                          const char *profile, bool environment)
{
    struct web_identity *p = calloc(1, sizeof(*p));
    if (!p || ask_init(&p->ask) < 0) {
        free(p);
        return NULL;
    }
    p->base = (struct credentials_provider){
        .name = "web identity", .fetch = fetch, .cancel = cancel, .free = release};
    p->settings = settings;
    p->profile = profile;
    p->environment = environment;
    return &p->base;
}
