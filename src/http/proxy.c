#include "http/proxy.h"

#include "base/buf.h"
#include "base/num.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>

/* ---- the URL ---- */

/* As curl is given it: its own guess makes "ftp.example" a server of FTP. */
static void add_with_scheme(struct buf *b, struct pail_str text)
{
    if (str_starts(text, PAIL_STR("//")))
        buf_add_c(b, "http:");
    else if (!memmem(text.ptr, text.len, "://", 3))
        buf_add_c(b, "http://");
    buf_add_str(b, text);
}

static const char *check_scheme(const char *text)
{
    /* "http:/host": a host of that name was not meant. */
    if (str_starts_nocase(str_c(text), PAIL_STR("http://http:/")) ||
        str_starts_nocase(str_c(text), PAIL_STR("http://https:/")))
        return "two slashes come after the scheme";

    static const char *const schemes[] = {"http://",    "https://",  "socks://",  "socks4://",
                                          "socks4a://", "socks5://", "socks5h://"};
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (str_starts_nocase(str_c(text), str_c(schemes[i])))
            return NULL;
    return "it must start with http://, https://, socks4://, socks4a://, socks5:// or "
           "socks5h://";
}

/* By curl's parser, which is to understand it later. */
static CURLUcode parse(const char *text)
{
    CURLU *url = curl_url();
    if (!url)
        return CURLUE_OUT_OF_MEMORY;
    CURLUcode code = curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME);
    static const CURLUPart decoded[] = {CURLUPART_USER, CURLUPART_PASSWORD};
    for (size_t i = 0; i < ARRAY_LEN(decoded) && code == CURLUE_OK; i++) {
        char *part = NULL;
        code = curl_url_get(url, decoded[i], &part, CURLU_URLDECODE);
        curl_free(part);
        if (code == CURLUE_NO_USER || code == CURLUE_NO_PASSWORD)
            code = CURLUE_OK;
    }
    char *port = NULL;
    if (code == CURLUE_OK && curl_url_get(url, CURLUPART_PORT, &port, 0) == CURLUE_OK &&
        strspn(port, "0") == strlen(port))
        code = CURLUE_BAD_PORT_NUMBER;
    curl_free(port);
    curl_url_cleanup(url);
    return code;
}

static const char *reason_of(CURLUcode code)
{
    switch (code) {
    case CURLUE_BAD_PORT_NUMBER:
        return "the port must be a number from 1 to 65535";
    case CURLUE_NO_HOST:
        return "it has no host";
    case CURLUE_BAD_HOSTNAME:
    case CURLUE_BAD_IPV6:
        return "the host name is malformed";
    case CURLUE_BAD_USER:
    case CURLUE_BAD_PASSWORD:
    case CURLUE_BAD_LOGIN:
    case CURLUE_URLDECODE:
        return "the user or the password is malformed";
    default:
        return "it must be http://[USER:PASSWORD@]HOST[:PORT]";
    }
}

int proxy_url(struct pail_str text, char **ret, const char **ret_reason)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, PROXY_URL_MAX);
    add_with_scheme(&b, text);
    if (buf_failed(&b) == -ENOMEM)
        return -ENOMEM;
    *ret_reason = buf_failed(&b) ? "it is too long" : check_scheme(buf_c(&b));
    if (*ret_reason)
        return -EINVAL;
    CURLUcode code = parse(buf_c(&b));
    if (code == CURLUE_OK) {
        *ret = buf_steal(&b);
        return *ret ? 0 : -ENOMEM;
    }
    if (code == CURLUE_OUT_OF_MEMORY)
        return -ENOMEM;
    *ret_reason = reason_of(code);
    return -EINVAL;
}

bool proxy_has_user(const char *url)
{
    const char *authority = strstr(url, "://") + 3;
    return memchr(authority, '@', strcspn(authority, "/?#")) != NULL;
}

/* ---- who goes without ---- */

struct address {
    unsigned char bytes[16];
    unsigned bits; /* 32 or 128 */
};

static bool parse_address(struct pail_str text, struct address *ret)
{
    char copy[INET6_ADDRSTRLEN];
    if (str_starts(text, PAIL_STR("[")) && str_ends(text, PAIL_STR("]")))
        text = str_sub(text, 1, text.len - 2);
    if (text.len >= sizeof(copy))
        return false;
    str_copy(copy, sizeof(copy), text);
    ret->bits = memchr(text.ptr, ':', text.len) ? 128 : 32;
    return inet_pton(ret->bits == 128 ? AF_INET6 : AF_INET, copy, ret->bytes) == 1;
}

/* "10.0.0.1", "10.0.0.0/8" */
static bool covers(struct pail_str token, const struct address *host)
{
    struct address network;
    size_t slash = str_find(token, '/', 0);
    uint64_t bits = host->bits;
    if (slash < token.len &&
        num_u64(str_sub(token, slash + 1, token.len), host->bits, &bits) < 0)
        return false;
    if (!parse_address(str_sub(token, 0, slash), &network) || network.bits != host->bits)
        return false;
    unsigned rest = (unsigned)bits % 8, whole = (unsigned)bits / 8;
    return memcmp(network.bytes, host->bytes, whole) == 0 &&
           (rest == 0 || (network.bytes[whole] ^ host->bytes[whole]) >> (8 - rest) == 0);
}

static struct pail_str without_last_dot(struct pail_str name)
{
    return str_ends(name, PAIL_STR(".")) ? str_sub(name, 0, name.len - 1) : name;
}

/* "example.com", ".example.com" */
static bool names(struct pail_str token, struct pail_str host)
{
    token = without_last_dot(token);
    if (str_starts(token, PAIL_STR(".")))
        token = str_sub(token, 1, token.len);
    if (token.len == 0 || token.len > host.len)
        return false;
    size_t before = host.len - token.len;
    return str_eq_nocase(str_sub(host, before, token.len), token) &&
           (before == 0 || host.ptr[before - 1] == '.');
}

/* Takes ":PORT" off the token, if it has one. False: that is another port. */
static bool is_of_port(struct pail_str *token, unsigned port)
{
    size_t colon = str_rfind(*token, ':');
    struct pail_str host = str_sub(*token, 0, colon), text = str_sub(*token, colon, token->len);
    uint64_t wanted;
    /* Without brackets the colons are an IPv6 address's own. */
    if (text.len == 0 || (memchr(host.ptr, ':', host.len) && !str_ends(host, PAIL_STR("]"))))
        return true;
    *token = host;
    return num_u64(str_sub(text, 1, text.len), UINT16_MAX, &wanted) == 0 && wanted == port;
}

bool proxy_bypassed(const char *host, unsigned port, const char *no_proxy)
{
    struct pail_str rest = str_c(no_proxy), name = without_last_dot(str_c(host));
    struct address address;
    bool is_address = parse_address(str_c(host), &address);
    if (str_eq_c(rest, "*"))
        return true;
    while (rest.len > 0) {
        size_t end = strcspn(rest.ptr, ", \t");
        struct pail_str token = str_sub(rest, 0, end);
        if (token.len > 0 && is_of_port(&token, port) &&
            (is_address ? covers(token, &address) : names(token, name)))
            return true;
        rest = str_sub(rest, end + 1, rest.len);
    }
    return false;
}
