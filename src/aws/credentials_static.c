#include "aws/credentials.h"

#include "aws/response.h"

#include <errno.h>

struct static_provider {
    struct credentials_provider base;
    const struct settings *settings;
};

static int fetch(struct credentials_provider *base, struct credentials **ret,
                 struct pail_error *error)
{
    const struct settings *s = CONTAINER_OF(base, struct static_provider, base)->settings;
    if (!s->access_key_id)
        return -ENOENT;
    *ret = credentials_new(str_c(s->access_key_id), str_c(s->secret_access_key),
                           str_c(s->session_token), INT64_MAX, "options");
    return *ret ? 0 : error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
}

static void release(struct credentials_provider *base)
{
    free(CONTAINER_OF(base, struct static_provider, base));
}

struct credentials_provider *credentials_static_new(const struct settings *settings)
{
    struct static_provider *p = malloc(sizeof(*p));
    if (!p)
        return NULL;
    *p = (struct static_provider){
        .base = {.name = "options", .fetch = fetch, .free = release},
        .settings = settings,
    };
    return &p->base;
}
