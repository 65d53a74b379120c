/* Keys that the agent of a container gives (ECS, EKS), where the environment says that there is
 * one. */
#include "aws/credentials.h"

#include "aws/metadata.h"
#include "aws/response.h"
#include "base/whole_file.h"
#include "http/url.h"

#include <errno.h>

#define AGENT      "http://169.254.170.2" /* of ECS; paths are relative to it */
#define TIMEOUT_MS 2000
#define ATTEMPTS   3
#define TOKEN_MAX  16384

struct container {
    struct credentials_provider base;
    const struct settings *settings;
    struct ask ask;
};

#define FAIL(error_, ...) error_set((error_), PAIL_ERROR_CREDENTIALS, EACCES, __VA_ARGS__)

/* 127.x.x.x, and no name that begins so. */
static bool is_loopback(const char *host)
{
    return str_starts(str_c(host), PAIL_STR("127.")) &&
           host[strspn(host, "0123456789.")] == '\0';
}

/* An agent is on this host, or where those of AWS are; what is elsewhere is not told the token
 * in the clear. */
static bool is_allowed(const struct url *url)
{
    static const char *const hosts[] = {"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]",
                                        "localhost", "[::1]"};
    if (url->tls || is_loopback(url->host))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        if (str_eq_c(str_c(url->host), hosts[i]))
            return true;
    }
    return false;
}

/* Takes "http://host/path?query" apart; both parts are appended. */
static int split(struct pail_str uri, struct buf *endpoint, struct buf *path,
                 struct pail_error *error)
{
    CLEANUP_DONE(url) struct url url = {.tls = false};
    size_t authority = str_find(uri, ':', 0) + strlen("://");
    size_t slash = str_find(uri, '/', authority);
    buf_add_str(endpoint, str_sub(uri, 0, slash));
    buf_add_str(path, slash < uri.len ? str_sub(uri, slash, uri.len) : PAIL_STR("/"));
    if (buf_failed(endpoint) || buf_failed(path))
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    int r = url_parse(buf_str(endpoint), &url, NULL);
    if (r == -ENOMEM)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    if (r < 0 || strpbrk(buf_c(path), "{}#"))
        return FAIL(error, "AWS_CONTAINER_CREDENTIALS_FULL_URI: \"%.120s\" is no http URL",
                    uri.ptr);
    if (!is_allowed(&url))
        return FAIL(error,
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI: \"%.60s\" is neither https, nor on "
                    "this host, nor an agent of AWS's",
                    url.host);
    return 0;
}

static int read_token(const char *path, struct buf *ret, struct pail_error *error)
{
    int r = whole_file_read(path, ret);
    if (r == -ENOMEM)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    if (r < 0)
        return FAIL(error, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: %.120s: %s", path,
                    strerror(-r));
    return 0;
}

/* What the agent is shown; *ret stays absent where nothing is to be. */
static int get_token(const struct container *p, struct buf *token, struct pail_str *ret,
                     struct pail_error *error)
{
    struct pail_str path = settings_env(p->settings, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    struct pail_str said = settings_env(p->settings, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (!path.ptr && !said.ptr)
        return 0;
    int r = path.ptr ? read_token(path.ptr, token, error) : 0;
    if (r < 0)
        return r;
    if (!path.ptr)
        buf_add_str(token, said);
    if (buf_failed(token))
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    *ret = buf_str(token);
    if (str_find(*ret, '\r', 0) < ret->len || str_find(*ret, '\n', 0) < ret->len)
        return FAIL(error, "%s: the token has more than one line",
                    path.ptr ? "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
                             : "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    return 0;
}

static int ask_agent(struct container *p, const struct buf *endpoint, const struct buf *path,
                     struct credentials **ret, struct pail_error *error)
{
    const struct ask_how how = {.settings = p->settings,
                                .endpoint_url = buf_c(endpoint),
                                .timeout_ms = TIMEOUT_MS,
                                .attempts = ATTEMPTS};
    struct metadata_headers headers = {.token = {0}};
    CLEANUP_DONE(buf) struct buf token;
    buf_init_secret(&token, TOKEN_MAX);
    int r = get_token(p, &token, &headers.authorization, error);
    if (r == 0)
        r = metadata_get_keys(&p->ask, &how, buf_c(path), &headers, "the container's agent",
                              ret, error);
    if (r == -ENOENT)
        r = FAIL(error, "the container's agent: no keys at %.120s", buf_c(path));
    return r;
}

static int fetch(struct credentials_provider *base, struct credentials **ret,
                 struct pail_error *error)
{
    struct container *p = CONTAINER_OF(base, struct container, base);
    struct pail_str relative =
        settings_env(p->settings, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    struct pail_str full = settings_env(p->settings, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!relative.ptr && !full.ptr)
        return -ENOENT;
    CLEANUP_DONE(buf) struct buf uri, endpoint, path;
    buf_init(&uri, URL_MAX);
    buf_init(&endpoint, URL_MAX);
    buf_init(&path, URL_MAX);
    if (relative.ptr)
        buf_add_c(&uri, AGENT);
    buf_add_str(&uri, relative.ptr ? relative : full);
    if (buf_failed(&uri))
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    int r = split(buf_str(&uri), &endpoint, &path, error);
    return r < 0 ? r : ask_agent(p, &endpoint, &path, ret, error);
}

static void cancel(struct credentials_provider *base)
{
    ask_cancel(&CONTAINER_OF(base, struct container, base)->ask);
}

static void release(struct credentials_provider *base)
{
    struct container *p = CONTAINER_OF(base, struct container, base);
    ask_done(&p->ask);
    free(p);
}

struct credentials_provider *credentials_container_new(const struct settings *settings)
{
    struct container *p = calloc(1, sizeof(*p));
    if (!p || ask_init(&p->ask) < 0) {
        free(p);
        return NULL;
    }
    p->base = (struct credentials_provider){
        .name = "container", .fetch = fetch, .cancel = cancel, .free = release};
    p->settings = settings;
    return &p->base;
}
