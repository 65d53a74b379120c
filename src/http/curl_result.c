#include "http/curl_exchange.h"

#include <errno.h>

struct ending {
    int kind, sys;
};

/* By the operating system's own account, which curl keeps of the last address it tried. */
static struct ending connect_failed(struct http_exchange *x)
{
    long error = 0;
    curl_easy_getinfo(x->easy, CURLINFO_OS_ERRNO, &error);
    switch (error) {
    case ETIMEDOUT:
        return (struct ending){PAIL_ERROR_CONNECT_TIMEOUT, ETIMEDOUT};
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
        return (struct ending){PAIL_ERROR_CONNECT, EHOSTUNREACH};
    case ECONNRESET:
        return (struct ending){PAIL_ERROR_CONNECT, ECONNRESET};
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
        return (struct ending){PAIL_ERROR_MEMORY, ENOMEM};
    default:
        return (struct ending){PAIL_ERROR_CONNECT, ECONNREFUSED};
    }
}

/* curl 7.88 tells only by the words of its message whom it tried to reach: anyone but the URL's
 * host is a proxy. */
static bool proxy_refused(const struct http_exchange *x)
{
    static const struct pail_str start = {"Failed to connect to ", 21};
    struct pail_str message = str_c(x->curl_message);
    if (!str_starts(message, start))
        return false;
    struct pail_str host = str_c(x->url_host);
    if (str_starts(host, PAIL_STR("[")))
        host = str_sub(host, 1, host.len - 2);
    struct pail_str rest = str_sub(message, start.len, message.len);
    char port[24];
    snprintf(port, sizeof(port), " port %u ", x->url_port);
    return !str_starts_nocase(rest, host) ||
           !str_starts(str_sub(rest, host.len, rest.len), str_c(port));
}

static struct ending broken_off(const struct http_exchange *x)
{
    if (!x->connected)
        return (struct ending){PAIL_ERROR_PROXY,
                               EHOSTUNREACH}; /* CONNECT was not answered, or with a refusal */
    if (!x->head_done)
        return (struct ending){PAIL_ERROR_CONNECTION_CLOSED, ECONNRESET};
    return (struct ending){PAIL_ERROR_STREAMING, EIO};
}

static struct ending ending_of(struct http_exchange *x, CURLcode code)
{
    static const struct ending malformed = {PAIL_ERROR_PARSE, EPROTO};
    static const struct ending param = {PAIL_ERROR_PARAM, EINVAL};
    switch (code) {
    case CURLE_OK:
        /* A head that was cut off passes with curl for a response without body. */
        return x->head_done ? (struct ending){PAIL_ERROR_NONE, 0} : broken_off(x);
    case CURLE_COULDNT_RESOLVE_HOST:
        return (struct ending){PAIL_ERROR_RESOLVE, EHOSTUNREACH};
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
        return (struct ending){PAIL_ERROR_PROXY, EHOSTUNREACH};
    case CURLE_COULDNT_CONNECT:
        return proxy_refused(x) ? (struct ending){PAIL_ERROR_PROXY, EHOSTUNREACH}
                                : connect_failed(x);
    case CURLE_OPERATION_TIMEDOUT:
        return (struct ending){
            x->connected ? PAIL_ERROR_READ_TIMEOUT : PAIL_ERROR_CONNECT_TIMEOUT, ETIMEDOUT};
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_CIPHER:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_SHUTDOWN_FAILED:
        return (struct ending){PAIL_ERROR_TLS, EPROTO};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
        return (struct ending){PAIL_ERROR_CERTIFICATE, EACCES};
    case CURLE_PARTIAL_FILE:
        if (x->head.content_length.present)
            return (struct ending){PAIL_ERROR_INCOMPLETE_READ, EIO};
        return (struct ending){PAIL_ERROR_STREAMING, EIO};
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING: /* an unknown transfer coding */
        return malformed;
    case CURLE_UNSUPPORTED_PROTOCOL: /* also a status below 100, and bytes that are no HTTP */
        return x->connected ? malformed : param;
    case CURLE_OUT_OF_MEMORY: /* also a header of over 100 KB */
        if (x->connected && !x->head_done)
            return malformed;
        return (struct ending){PAIL_ERROR_MEMORY, ENOMEM};
    case CURLE_RECV_ERROR: /* also a head of over 300 KB */
        if (strstr(x->curl_message, "Too large response headers"))
            return malformed;
        return broken_off(x);
    case CURLE_URL_MALFORMAT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
        return param;
    default:
        return broken_off(x);
    }
}

void curl_result(struct http_exchange *x, CURLcode code, struct http_result *ret)
{
    struct ending ending = {x->failed_kind, x->failed_sys};
    const char *message = x->failed_message ? x->failed_message : "";
    if (x->failed_kind == PAIL_ERROR_NONE) {
        ending = ending_of(x, code);
        message = x->curl_message[0] ? x->curl_message : curl_easy_strerror(code);
        if (code == CURLE_OK)
            message = ending.kind == PAIL_ERROR_NONE
                          ? ""
                          : "the connection was closed inside the head";
    }
    *ret = (struct http_result){
        .kind = ending.kind, .sys = ending.sys, .body_bytes = x->received + x->taken_ahead};
    str_copy(ret->message, sizeof(ret->message), str_c(message));
    str_copy(ret->remote, sizeof(ret->remote), str_c(x->remote));
}
