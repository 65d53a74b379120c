#include "http/curl_result.h"

#include "base/str.h"

#include <errno.h>

struct ending {
    int kind, sys;
};

static const struct ending malformed = {PAIL_ERROR_PARSE, EPROTO};

/* ---- what the code alone does not decide ---- */

static struct ending broken_off(const struct curl_facts *facts)
{
    if (!facts->connected && facts->proxied) /* CONNECT was not answered, or with a refusal */
        return (struct ending){PAIL_ERROR_PROXY, EHOSTUNREACH};
    if (!facts->head_done)
        return (struct ending){PAIL_ERROR_CONNECTION_CLOSED, ECONNRESET};
    return (struct ending){PAIL_ERROR_STREAMING, EIO};
}

/* A head that was cut off passes with curl for a response without body. */
static struct ending finished(const struct curl_facts *facts)
{
    return facts->head_done ? (struct ending){PAIL_ERROR_NONE, 0} : broken_off(facts);
}

/* By the operating system's own account, which curl keeps of the last address it tried. */
static struct ending connect_failed(const struct curl_facts *facts)
{
    switch (facts->os_error) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
        return (struct ending){PAIL_ERROR_MEMORY, ENOMEM};
    default:
        break;
    }
    if (facts->proxied)
        return (struct ending){PAIL_ERROR_PROXY, EHOSTUNREACH};
    switch (facts->os_error) {
    case ETIMEDOUT:
        return (struct ending){PAIL_ERROR_CONNECT_TIMEOUT, ETIMEDOUT};
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
        return (struct ending){PAIL_ERROR_CONNECT, EHOSTUNREACH};
    case ECONNRESET:
        return (struct ending){PAIL_ERROR_CONNECT, ECONNRESET};
    default:
        return (struct ending){PAIL_ERROR_CONNECT, ECONNREFUSED};
    }
}

static struct ending timed_out(const struct curl_facts *facts)
{
    return (struct ending){
        facts->connected ? PAIL_ERROR_READ_TIMEOUT : PAIL_ERROR_CONNECT_TIMEOUT, ETIMEDOUT};
}

static struct ending body_is_short(const struct curl_facts *facts)
{
    return (struct ending){
        facts->length_known ? PAIL_ERROR_INCOMPLETE_READ : PAIL_ERROR_STREAMING, EIO};
}

/* Also said of a status below 100, and of bytes that are no HTTP. */
static struct ending no_such_protocol(const struct curl_facts *facts)
{
    return facts->connected ? malformed : (struct ending){PAIL_ERROR_PARAM, EINVAL};
}

/* Also said of a header of over 100 KB. */
static struct ending no_memory(const struct curl_facts *facts)
{
    bool in_head = facts->connected && !facts->head_done;
    return in_head ? malformed : (struct ending){PAIL_ERROR_MEMORY, ENOMEM};
}

/* ---- codes ---- */

/* Those that are not here have broken the exchange off. */
static const struct {
    CURLcode code;
    struct ending ending;
    struct ending (*decide)(const struct curl_facts *facts); /* in place of `ending` */
} endings[] = {
    {CURLE_OK, .decide = finished},
    {CURLE_COULDNT_RESOLVE_HOST, {PAIL_ERROR_RESOLVE, EHOSTUNREACH}, NULL},
    {CURLE_COULDNT_RESOLVE_PROXY, {PAIL_ERROR_PROXY, EHOSTUNREACH}, NULL},
    {CURLE_PROXY, {PAIL_ERROR_PROXY, EHOSTUNREACH}, NULL},
    {CURLE_COULDNT_CONNECT, .decide = connect_failed},
    {CURLE_OPERATION_TIMEDOUT, .decide = timed_out},
    {CURLE_SSL_CONNECT_ERROR, {PAIL_ERROR_TLS, EPROTO}, NULL},
    {CURLE_SSL_ENGINE_NOTFOUND, {PAIL_ERROR_TLS, EPROTO}, NULL},
    {CURLE_SSL_ENGINE_SETFAILED, {PAIL_ERROR_TLS, EPROTO}, NULL},
    {CURLE_SSL_ENGINE_INITFAILED, {PAIL_ERROR_TLS, EPROTO}, NULL},
    {CURLE_SSL_CIPHER, {PAIL_ERROR_TLS, EPROTO}, NULL},
    {CURLE_USE_SSL_FAILED, {PAIL_ERROR_TLS, EPROTO}, NULL},
    {CURLE_SSL_SHUTDOWN_FAILED, {PAIL_ERROR_TLS, EPROTO}, NULL},
    {CURLE_PEER_FAILED_VERIFICATION, {PAIL_ERROR_CERTIFICATE, EACCES}, NULL},
    {CURLE_SSL_CERTPROBLEM, {PAIL_ERROR_CERTIFICATE, EACCES}, NULL},
    {CURLE_SSL_CACERT_BADFILE, {PAIL_ERROR_CERTIFICATE, EACCES}, NULL},
    {CURLE_SSL_CRL_BADFILE, {PAIL_ERROR_CERTIFICATE, EACCES}, NULL},
    {CURLE_SSL_ISSUER_ERROR, {PAIL_ERROR_CERTIFICATE, EACCES}, NULL},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, {PAIL_ERROR_CERTIFICATE, EACCES}, NULL},
    {CURLE_SSL_INVALIDCERTSTATUS, {PAIL_ERROR_CERTIFICATE, EACCES}, NULL},
    {CURLE_SSL_CLIENTCERT, {PAIL_ERROR_CERTIFICATE, EACCES}, NULL},
    {CURLE_PARTIAL_FILE, .decide = body_is_short},
    {CURLE_WEIRD_SERVER_REPLY, {PAIL_ERROR_PARSE, EPROTO}, NULL},
    {CURLE_BAD_CONTENT_ENCODING, {PAIL_ERROR_PARSE, EPROTO}, NULL}, /* of transfer */
    {CURLE_UNSUPPORTED_PROTOCOL, .decide = no_such_protocol},
    {CURLE_OUT_OF_MEMORY, .decide = no_memory},
    {CURLE_URL_MALFORMAT, {PAIL_ERROR_PARAM, EINVAL}, NULL},
    {CURLE_BAD_FUNCTION_ARGUMENT, {PAIL_ERROR_PARAM, EINVAL}, NULL},
};

static struct ending ending_of(CURLcode code, const struct curl_facts *facts)
{
    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (endings[i].code == code)
            return endings[i].decide ? endings[i].decide(facts) : endings[i].ending;
    return broken_off(facts);
}

/* ---- words ---- */

/* Where a URL's user may start: behind "://" or the first quote. */
static size_t find_url(struct pail_str text)
{
    const char *scheme = memmem(text.ptr, text.len, "://", 3);
    size_t colon = scheme ? (size_t)(scheme - text.ptr) + 3 : text.len;
    size_t quote = str_find(text, '\'', 0) + 1;
    return quote < colon ? quote : colon;
}

/* All of `text` but what may be the user of a URL, up to the last '@': a password is not always
 * encoded, and may hold anything. */
static void copy_without_user(struct pail_str text, char *ret, size_t size)
{
    size_t at = str_rfind(text, '@'), url = find_url(text);
    if (at == text.len)
        str_copy(ret, size, text);
    else
        snprintf(ret, size, "%.*s...%.*s", PAIL_ARGS(str_sub(text, 0, url < at ? url : 0)),
                 PAIL_ARGS(str_sub(text, at, text.len)));
}

void curl_result(CURLcode code, const struct curl_facts *facts, struct http_result *ret)
{
    struct ending ending = ending_of(code, facts);
    const char *message = facts->message[0] ? facts->message : curl_easy_strerror(code);
    if (code == CURLE_OK)
        message =
            ending.kind == PAIL_ERROR_NONE ? "" : "the connection was closed inside the head";
    *ret = (struct http_result){.kind = ending.kind, .sys = ending.sys};
    copy_without_user(str_c(message), ret->message, sizeof(ret->message));
}
