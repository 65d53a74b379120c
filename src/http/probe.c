/* The exchange is one of the transport's, with all that it does to a request; only its
 * connection is asked for, and curl is waited for. */
#include "http/probe.h"

#include "base/date.h"
#include "http/curl_exchange.h"

#include <arpa/inet.h>
#include <errno.h>

/* OpenSSL's verdicts on a chain, as curl hands them on: X509_V_ERR_... */
#define VERDICT_NONE          1 /* curl's own: it got no worse than that the name is another */
#define VERDICT_NOT_YET_VALID 9
#define VERDICT_EXPIRED       10

struct probing {
    struct pail_probe *probe;
    struct curl_transport transport; /* without a thread: for its policy and its sockets */
    struct http_exchange *exchange;
    unsigned port; /* of the URL */
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
    p->probe->proxied = p->probe->proxied || port != p->port;
}

static curl_socket_t on_open(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct probing *p = user;
    (void)purpose;
    note_address(p, &address->addr);
    p->exchange->opened = true;
    int fd = curl_sockets_open(&p->transport.sockets, address->family, address->socktype,
                               address->protocol);
    if (fd >= 0)
        return fd;
    errno = -fd;
    return CURL_SOCKET_BAD;
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
    CURL *easy = p->exchange->easy;
    probe->name_ms = reached_ms(easy, CURLINFO_NAMELOOKUP_TIME_T);
    probe->connection_ms = reached_ms(easy, CURLINFO_CONNECT_TIME_T);
    probe->tls_ms = reached_ms(easy, CURLINFO_APPCONNECT_TIME_T);
    /* A connection is all that was asked for: it stands for the whole response. */
    p->exchange->head_done = code == CURLE_OK;
    curl_result(p->exchange, code, ret);
    /* A proxy that refuses is one, whatever its port. */
    probe->proxied = probe->proxied || ret->kind == PAIL_ERROR_PROXY;
    probe->reached = step_of(easy, probe, ret);
    struct curl_certinfo *chain = NULL;
    curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain);
    if (chain && chain->num_of_certs > 0)
        take_certificate(chain->certinfo[0], &probe->certificate);
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        probe->fault = fault_of(easy);
}

static CURLcode set_options(struct probing *p)
{
    CURL *easy = p->exchange->easy;
    const CURLcode codes[] = {
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open),
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, p),
        curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L),
        curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L),
        /* A session that is resumed shows no certificate. */
        curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L),
    };
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (codes[i] != CURLE_OK)
            return codes[i];
    return CURLE_OK;
}

/* The transport's strings are lent by the options: nothing frees them. */
static int probe_once(const struct curl_options *options, bool insecure,
                      const struct http_request *request, struct pail_probe *ret,
                      struct http_result *ret_result)
{
    union {
        const char *lent;
        char *taken;
    } ca_bundle = {options->ca_bundle}, proxy = {options->proxy},
      no_proxy = {options->no_proxy};
    struct probing p = {
        .probe = ret,
        .transport = {.transport.clock = &clock_system,
                      .ca_bundle = ca_bundle.taken,
                      .proxy = proxy.taken,
                      .no_proxy = no_proxy.taken,
                      .insecure = insecure},
        .port = request->url.port,
    };
    *ret = (struct pail_probe){.name_ms = -1, .connection_ms = -1, .tls_ms = -1};
    p.exchange = exchange_new(&p.transport);
    if (!p.exchange)
        return -ENOMEM;
    int r = curl_request_set(p.exchange, request);
    if (r == 0 && set_options(&p) != CURLE_OK)
        r = -ENOMEM;
    if (r == 0)
        take_result(&p, curl_easy_perform(p.exchange->easy), ret_result);
    timer_cancel(&p.transport.transport.timers, &p.exchange->timer);
    exchange_free(p.exchange);
    curl_sockets_done(&p.transport.sockets);
    return r;
}

int http_probe(const struct curl_options *options, const struct http_request *request,
               struct pail_probe *ret, struct http_result *ret_result)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return -ENOMEM;
    int r = probe_once(options, options->insecure, request, ret, ret_result);
    if (r == 0 && ret->fault != PAIL_CERTIFICATE_GOOD && !ret->certificate.present) {
        struct pail_probe unverified;
        struct http_result ignored;
        if (probe_once(options, true, request, &unverified, &ignored) == 0)
            ret->certificate = unverified.certificate;
    }
    curl_global_cleanup();
    return r;
}
