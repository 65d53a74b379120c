/* The variables are those that botocore, urllib and curl know, read here once: curl, which
 * would read them for every request, is told of them. */
#include "aws/settings_steps.h"

#include "aws/response.h"
#include "aws/setting.h"
#include "http/proxy.h"

#include <errno.h>

static int no_memory(struct pail_error *error)
{
    return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
}

/* False if neither spelling is there, or what counts of them is empty: a variable in lower case
 * hides the other one even then. */
static bool in_env(const struct settings *s, const char *lower, const char *upper,
                   struct setting *ret)
{
    if (s->getenv(lower, s->getenv_user))
        return setting_in_env(s, lower, ret);
    return upper && setting_in_env(s, upper, ret);
}

/* A server of CGI makes a request's Proxy header HTTP_PROXY, and sets REQUEST_METHOD. */
static const char *upper_http_proxy(const struct settings *s)
{
    return s->getenv("REQUEST_METHOD", s->getenv_user) ? NULL : "HTTP_PROXY";
}

static int take(const struct setting *found, char **ret, struct pail_error *error)
{
    const char *reason = "";
    int r = proxy_url(found->value, ret, &reason);
    if (r == -ENOMEM)
        return no_memory(error);
    return r < 0 ? setting_refuse_url(found, error, reason) : 0;
}

static int load_proxy(const struct settings *s, const struct pail_config *config,
                      const char *lower, const char *upper, char **ret,
                      struct pail_error *error)
{
    struct setting found = {0};
    bool any = config->proxy ? setting_in_code(config->proxy, "proxy", &found)
                             : in_env(s, lower, upper, &found) ||
                                   in_env(s, "all_proxy", "ALL_PROXY", &found);
    return any ? take(&found, ret, error) : 0;
}

static int load_no_proxy(struct settings *s, const struct pail_config *config,
                         struct pail_error *error)
{
    struct setting found = {0};
    bool any = config->no_proxy ? setting_in_code(config->no_proxy, "no_proxy", &found)
                                : in_env(s, "no_proxy", "NO_PROXY", &found);
    if (any && !(s->no_proxy = str_dup(found.value)))
        return no_memory(error);
    return 0;
}

int settings_load_proxies(struct settings *s, const struct pail_config *config,
                          struct pail_error *error)
{
    int r = load_proxy(s, config, "http_proxy", upper_http_proxy(s), &s->http_proxy, error);
    if (r == 0)
        r = load_proxy(s, config, "https_proxy", "HTTPS_PROXY", &s->https_proxy, error);
    return r < 0 ? r : load_no_proxy(s, config, error);
}

int settings_take_proxies(struct settings *s, const struct settings *from)
{
    const struct {
        const char *from;
        char **to;
    } pairs[] = {{from->http_proxy, &s->http_proxy},
                 {from->https_proxy, &s->https_proxy},
                 {from->no_proxy, &s->no_proxy}};
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        free(*pairs[i].to);
        *pairs[i].to = pairs[i].from ? str_dup(str_c(pairs[i].from)) : NULL;
        if (pairs[i].from && !*pairs[i].to)
            return -ENOMEM;
    }
    return 0;
}
