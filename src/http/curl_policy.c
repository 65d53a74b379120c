#include "http/curl_policy.h"

#include "http/proxy.h"

#include <errno.h>
#include <limits.h>

#define DNS_CACHE_S 60L

int curl_policy_init(struct curl_policy *ret, const struct curl_options *options)
{
    *ret = (struct curl_policy){.insecure = options->insecure,
                                .tcp_keepalive = options->tcp_keepalive};
    const struct {
        const char *from;
        char **to;
    } texts[] = {{options->ca_bundle, &ret->ca_bundle},
                 {options->http_proxy, &ret->http_proxy},
                 {options->https_proxy, &ret->https_proxy},
                 {options->no_proxy, &ret->no_proxy},
                 {options->user_agent, &ret->user_agent}};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i].from && !(*texts[i].to = str_dup(str_c(texts[i].from))))
            return -ENOMEM;
    return 0;
}

void curl_policy_done(struct curl_policy *policy)
{
    free(policy->ca_bundle);
    free(policy->http_proxy);
    free(policy->https_proxy);
    free(policy->no_proxy);
    free(policy->user_agent);
    *policy = (struct curl_policy){0};
}

const char *curl_policy_proxy(const struct curl_policy *policy, const struct url *url)
{
    const char *proxy = url->tls ? policy->https_proxy : policy->http_proxy;
    bool direct = policy->no_proxy && proxy_bypassed(url->host, url->port, policy->no_proxy);
    return proxy && *proxy && !direct ? proxy : NULL;
}

/* The first that fails decides. */
#define SET(option, value)                                                                     \
    do {                                                                                       \
        CURLcode code_ = curl_easy_setopt(easy, option, value);                                \
        if (code_ != CURLE_OK && failed == CURLE_OK)                                           \
            failed = code_;                                                                    \
    } while (0)

static long timeout_long(int64_t ms)
{
    /* curl takes 0 for its default. */
    if (ms < 0 || ms > INT_MAX)
        return INT_MAX;
    return ms == 0 ? 1 : (long)ms;
}

CURLcode curl_policy_apply(const struct curl_policy *policy, const struct http_request *request,
                           CURL *easy)
{
    const char *proxy = curl_policy_proxy(policy, &request->url);
    CURLcode failed = CURLE_OK;
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_NOSIGNAL, 1L);
    /* Else the end of a handle waits for a slow resolver. */
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_NOPROGRESS, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, timeout_long(request->connect_timeout_ms));
    SET(CURLOPT_DNS_CACHE_TIMEOUT, DNS_CACHE_S);
    SET(CURLOPT_TCP_NODELAY, 1L);
    SET(CURLOPT_TCP_KEEPALIVE, policy->tcp_keepalive ? 1L : 0L);
    SET(CURLOPT_SSL_VERIFYPEER, policy->insecure ? 0L : 1L);
    SET(CURLOPT_SSL_VERIFYHOST, policy->insecure ? 0L : 2L);
    if (policy->ca_bundle)
        SET(CURLOPT_CAINFO, policy->ca_bundle);
    /* Nothing said would be the environment's; "" is none. */
    SET(CURLOPT_PROXY, proxy ? proxy : "");
    SET(CURLOPT_NOPROXY, "");
    return failed;
}
