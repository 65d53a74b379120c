/* Keys of the role that an EC2 instance has, from its metadata service: by a token (version 2),
 * or without where the service has none. Last in the chain: elsewhere nobody answers, which
 * costs the timeout. */
#include "aws/credentials.h"

#include "aws/imds.h"
#include "aws/response.h"
#include "base/random.h"

#include <errno.h>

#define ROLES_PATH "/latest/meta-data/iam/security-credentials/"
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
    buf_init(&role, IMDS_TEXT_MAX);
    buf_init(&path, IMDS_TEXT_MAX * 2);
    buf_init(&source, IMDS_TEXT_MAX * 2);
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
    if (imds_disabled(p->settings))
        return -ENOENT;
    const struct ask_how how = imds_how(p->settings);
    CLEANUP_DONE(buf) struct buf token;
    buf_init_secret(&token, IMDS_TEXT_MAX);
    int r = imds_token(&p->ask, &how, &token, error);
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
