#include "http/url.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <errno.h>

static bool alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool hex_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool host_label_valid(struct pail_str label)
{
    if (label.len < 1 || label.len > 63)
        return false;
    for (size_t i = 0; i < label.len; i++)
        if (!alphanumeric(label.ptr[i]) && label.ptr[i] != '-')
            return false;
    return label.ptr[0] != '-' && label.ptr[label.len - 1] != '-';
}

/* Names of machines, not only of the DNS: '_' is allowed, which services in containers have. */
static bool host_name_valid(struct pail_str host)
{
    if (host.len < 1 || host.len > URL_HOST_MAX)
        return false;
    if (host.ptr[host.len - 1] == '.')
        host.len--;
    struct pail_str label;
    while (str_next(&host, '.', &label)) {
        if (label.len < 1 || label.len > 63)
            return false;
        for (size_t i = 0; i < label.len; i++)
            if (!alphanumeric(label.ptr[i]) && label.ptr[i] != '-' && label.ptr[i] != '_')
                return false;
    }
    return true;
}

static bool ipv6_valid(struct pail_str address)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr parsed;
    return str_copy(text, sizeof(text), address) && strlen(text) == address.len &&
           inet_pton(AF_INET6, text, &parsed) == 1;
}

/* Takes the host off `authority`; what is left is "" or ":port". NULL, or what is wrong. */
static const char *take_host(struct pail_str *authority, struct pail_str *ret_host)
{
    size_t end;
    if (str_starts(*authority, PAIL_STR("["))) {
        end = str_find(*authority, ']', 0);
        if (end == authority->len || !ipv6_valid(str_sub(*authority, 1, end - 1)))
            return "the IPv6 address is malformed";
        end++;
    } else {
        end = str_find(*authority, ':', 0);
        if (end == 0)
            return "it has no host";
        if (!host_name_valid(str_sub(*authority, 0, end)))
            return "the host name is malformed";
    }
    *ret_host = str_sub(*authority, 0, end);
    *authority = str_sub(*authority, end, authority->len);
    return NULL;
}

static const char *check_path(struct pail_str path)
{
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        if (c == '?' || c == '#')
            return "a query or a fragment has no place in it";
        if (c <= ' ' || c >= 0x7f)
            return "its path has bytes that must be percent-encoded";
        if (c == '%' &&
            (path.len - i < 3 || !hex_digit(path.ptr[i + 1]) || !hex_digit(path.ptr[i + 2])))
            return "its path has a % without two hexadecimal digits";
    }
    return NULL;
}

struct parts {
    bool tls;
    struct pail_str host, path;
    unsigned port;
};

static const char *split(struct pail_str text, struct parts *ret)
{
    if (text.len > URL_MAX)
        return "it is too long";
    ret->tls = str_starts_nocase(text, PAIL_STR("https://"));
    if (!ret->tls && !str_starts_nocase(text, PAIL_STR("http://")))
        return "it must start with http:// or https://";
    text = str_sub(text, ret->tls ? 8 : 7, text.len);
    size_t end = 0;
    while (end < text.len && text.ptr[end] != '/' && text.ptr[end] != '?' &&
           text.ptr[end] != '#')
        end++;
    struct pail_str authority = str_sub(text, 0, end);
    ret->path = str_sub(text, end, text.len);
    if (str_find(authority, '@', 0) < authority.len)
        return "a user has no place in it";
    const char *reason = take_host(&authority, &ret->host);
    if (reason)
        return reason;
    ret->port = ret->tls ? 443 : 80;
    uint64_t port;
    if (authority.len > 0) {
        if (authority.ptr[0] != ':' ||
            num_u64(str_sub(authority, 1, authority.len), 65535, &port) < 0 || port == 0)
            return "the port must be a number from 1 to 65535";
        ret->port = (unsigned)port;
    }
    while (ret->path.len > 0 && ret->path.ptr[ret->path.len - 1] == '/')
        ret->path.len--;
    return check_path(ret->path);
}

int url_parse(struct pail_str text, struct url *ret, const char **ret_reason)
{
    struct parts parts;
    const char *reason = split(text, &parts);
    if (reason) {
        if (ret_reason)
            *ret_reason = reason;
        return -EINVAL;
    }
    CLEANUP_DONE(url) struct url url = {.tls = parts.tls, .port = parts.port};
    url.host = str_dup(parts.host);
    url.path = str_dup(parts.path);
    if (!url.host || !url.path)
        return -ENOMEM;
    for (char *c = url.host; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    *ret = url;
    url = (struct url){0};
    return 0;
}

void url_done(struct url *url)
{
    free(url->host);
    free(url->path);
    *url = (struct url){0};
}

int url_copy(const struct url *from, struct url *ret)
{
    CLEANUP_DONE(url) struct url url = {.tls = from->tls, .port = from->port};
    url.host = str_dup(str_c(from->host));
    url.path = str_dup(str_c(from->path));
    if (!url.host || !url.path)
        return -ENOMEM;
    *ret = url;
    url = (struct url){0};
    return 0;
}

void buf_add_authority(struct buf *b, const struct url *url)
{
    buf_add_c(b, url->host);
    if (url->port != (url->tls ? 443U : 80U))
        buf_addf(b, ":%u", url->port);
}
