#include "http/probe.h"

#include "base/date.h"
#include "http/curl_policy.h"
#include "http/curl_result.h"
#include "http/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

/* OpenSSL's verdicts on a chain, as curl hands them on: X509_V_ERR_... */
#define VERDICT_NONE          1 /* curl's own: it got no worse than that the name is another */
#define VERDICT_NOT_YET_VALID 9
#define VERDICT_EXPIRED       10

struct probing {
    struct pail_probe *probe;
    CURL *easy;
    bool proxied;
    char message[CURL_ERROR_SIZE];
};

/* ---- addresses ---- */

static void note_address(struct probing *p, const struct sockaddr *address)
{
    union {
        const struct sockaddr *any;
        const struct sockaddr_in *v4;
        const struct sockaddr_in6 *v6;
    } as = {address};
    bool v6 = address->sa_family == AF_INET6;
    unsigned port = ntohs(v6 ? as.v6->sin6_port : as.v4->sin_port);
    char text[INET6_ADDRSTRLEN] = "";
    inet_ntop(address->sa_family,
              v6 ? (const void *)&as.v6->sin6_addr : (const void *)&as.v4->sin_addr, text,
              sizeof(text));
    snprintf(p->probe->address, sizeof(p->probe->address), "%s%s%s:%u", v6 ? "[" : "", text,
             v6 ? "]" : "", port);
    p->probe->addresses++;
}

static curl_socket_t on_open(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    note_address(user, &address->addr);
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* ---- the certificate ---- */

/* "Nov 26 18:40:00 2026 GMT": asctime's form but for the day of the week. */
static void take_date(struct pail_str text, struct pail_time *ret)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, 64);
    if (str_ends(text, PAIL_STR(" GMT")))
        text = str_sub(text, 0, text.len - 4);
    buf_add_c(&b, "Mon ");
    buf_add_str(&b, text);
    *ret = (struct pail_time){0};
    if (buf_failed(&b) || date_parse_http(buf_str(&b), ret) < 0)
        *ret = (struct pail_time){0};
}

static void take_certificate(const struct curl_slist *lines, struct pail_certificate *ret)
{
    for (; lines; lines = lines->next) {
        struct pail_str line = str_c(lines->data), value;
        size_t colon = str_find(line, ':', 0);
        struct pail_str name = str_sub(line, 0, colon);
        value = str_trim(str_sub(line, colon + 1, line.len));
        if (str_eq_c(name, "Subject"))
            str_copy(ret->subject, sizeof(ret->subject), value);
        else if (str_eq_c(name, "Issuer"))
            str_copy(ret->issuer, sizeof(ret->issuer), value);
        else if (str_eq_c(name, "X509v3 Subject Alternative Name"))
            str_copy(ret->names, sizeof(ret->names), value);
        else if (str_eq_c(name, "Start date"))
            take_date(value, &ret->not_before);
        else if (str_eq_c(name, "Expire date"))
            take_date(value, &ret->not_after);
    }
    ret->present = true;
}

static enum pail_certificate_fault fault_of(CURL *easy)
{
    long verdict = 0;
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verdict);
    switch (verdict) {
    case 0:
    case VERDICT_NONE:
        return PAIL_CERTIFICATE_OTHER_HOST;
    case VERDICT_NOT_YET_VALID:
        return PAIL_CERTIFICATE_NOT_YET_VALID;
    case VERDICT_EXPIRED:
        return PAIL_CERTIFICATE_EXPIRED;
    default:
        return PAIL_CERTIFICATE_UNTRUSTED;
    }
}

/* ---- the connection ---- */

static int64_t reached_ms(CURL *easy, CURLINFO info)
{
    curl_off_t us = 0;
    curl_easy_getinfo(easy, info, &us);
    return us > 0 ? us / 1000 : -1;
}

/* curl tells when a connection stood only if everything on it went well, but whose it was. */
static bool was_accepted(CURL *easy)
{
    const char *address = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address);
    return address && address[0];
}

static enum pail_probe_step step_of(CURL *easy, const struct pail_probe *probe,
                                    const struct http_result *result)
{
    if (result->kind == PAIL_ERROR_NONE)
        return PAIL_PROBE_DONE;
    if (probe->addresses == 0)
        return PAIL_PROBE_NAME;
    return result->kind != PAIL_ERROR_PROXY && was_accepted(easy) ? PAIL_PROBE_TLS
                                                                  : PAIL_PROBE_CONNECTION;
}

static void take_result(struct probing *p, CURLcode code, struct http_result *ret)
{
    struct pail_probe *probe = p->probe;
    /* A connection is all that was asked for, and no head. */
    struct curl_facts facts = {.message = p->message, .proxied = p->proxied, .head_done = true};
    curl_easy_getinfo(p->easy, CURLINFO_OS_ERRNO, &facts.os_error);
    curl_result(code, &facts, ret);
    probe->name_ms = reached_ms(p->easy, CURLINFO_NAMELOOKUP_TIME_T);
    probe->connection_ms = reached_ms(p->easy, CURLINFO_CONNECT_TIME_T);
    probe->tls_ms = reached_ms(p->easy, CURLINFO_APPCONNECT_TIME_T);
    long proxy_status = 0;
    curl_easy_getinfo(p->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    probe->proxy_status = proxy_status / 100 == 2 ? 0 : (int)proxy_status;
    probe->reached = step_of(p->easy, probe, ret);
    struct curl_certinfo *chain = NULL;
    curl_easy_getinfo(p->easy, CURLINFO_CERTINFO, &chain);
    if (chain && chain->num_of_certs > 0)
        take_certificate(chain->certinfo[0], &probe->certificate);
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        probe->fault = fault_of(p->easy);
}

static CURLcode set_options(struct probing *p, const struct http_request *request)
{
    CLEANUP_DONE(buf) struct buf url;
    buf_init(&url, URL_MAX);
    buf_addf(&url, "http%s://", request->url.tls ? "s" : "");
    buf_add_authority(&url, &request->url);
    if (buf_failed(&url))
        return CURLE_OUT_OF_MEMORY;
    const CURLcode codes[] = {
        curl_easy_setopt(p->easy, CURLOPT_URL, buf_c(&url)),
        curl_easy_setopt(p->easy, CURLOPT_ERRORBUFFER, p->message),
        curl_easy_setopt(p->easy, CURLOPT_OPENSOCKETFUNCTION, on_open),
        curl_easy_setopt(p->easy, CURLOPT_OPENSOCKETDATA, p),
        curl_easy_setopt(p->easy, CURLOPT_CERTINFO, 1L),
        curl_easy_setopt(p->easy, CURLOPT_CONNECT_ONLY, 1L),
        /* A session that is resumed shows no certificate. */
        curl_easy_setopt(p->easy, CURLOPT_SSL_SESSIONID_CACHE, 0L),
    };
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (codes[i] != CURLE_OK)
            return codes[i];
    return CURLE_OK;
}

static int probe_once(const struct curl_policy *policy, const struct http_request *request,
                      struct pail_probe *ret, struct http_result *ret_result)
{
    struct probing p = {.probe = ret, .easy = curl_easy_init()};
    const char *proxy = curl_policy_proxy(policy, &request->url);
    p.proxied = proxy != NULL;
    *ret = (struct pail_probe){.proxied = p.proxied,
                               .proxy_user = proxy && proxy_has_user(proxy),
                               .name_ms = -1,
                               .connection_ms = -1,
                               .tls_ms = -1};
    if (!p.easy)
        return -ENOMEM;
    CURLcode failed = curl_policy_apply(policy, request, p.easy);
    if (failed == CURLE_OK)
        failed = set_options(&p, request);
    if (failed == CURLE_OK)
        take_result(&p, curl_easy_perform(p.easy), ret_result);
    curl_easy_cleanup(p.easy);
    if (failed == CURLE_OK)
        return 0;
    return failed == CURLE_OUT_OF_MEMORY ? -ENOMEM : -EINVAL;
}

/* The certificate that was refused, by a connection that refuses none. */
static void look_at_certificate(struct curl_policy *policy, const struct http_request *request,
                                struct pail_probe *probe)
{
    struct pail_probe unverified;
    struct http_result ignored;
    policy->insecure = true;
    if (probe_once(policy, request, &unverified, &ignored) == 0)
        probe->certificate = unverified.certificate;
}

int http_probe(const struct curl_options *options, const struct http_request *request,
               struct pail_probe *ret, struct http_result *ret_result)
{
    CLEANUP_DONE(curl_policy) struct curl_policy policy = {.insecure = false};
    if (curl_policy_init(&policy, options) < 0 ||
        curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return -ENOMEM;
    int r = probe_once(&policy, request, ret, ret_result);
    if (r == 0 && ret->fault != PAIL_CERTIFICATE_GOOD && !ret->certificate.present)
        look_at_certificate(&policy, request, ret);
    curl_global_cleanup();
    return r;
}
