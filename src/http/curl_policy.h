/* http/curl_policy.h: what is the same for every connection of a client, as curl's options.
 * Private to http/. */
#ifndef HTTP_CURL_POLICY_H
#define HTTP_CURL_POLICY_H

#include "http/curl.h"

#include <curl/curl.h>

/* Strings are owned, NULL where there is none. Immutable once made. */
struct curl_policy {
    char *ca_bundle, *http_proxy, *https_proxy, *no_proxy, *user_agent;
    bool insecure, tcp_keepalive;
};

/* Copies. 0 or -ENOMEM: then *ret is to be released too. */
int curl_policy_init(struct curl_policy *ret, const struct curl_options *options);
void curl_policy_done(struct curl_policy *policy);
/* The proxy that connections to `url` go through, NULL: none. Borrowed. */
const char *curl_policy_proxy(const struct curl_policy *policy, const struct url *url);
/* Sets the handle up for the connection of a request, so that curl reads no environment. */
CURLcode curl_policy_apply(const struct curl_policy *policy, const struct http_request *request,
                           CURL *easy);

DEFINE_CLEANUP_DONE(curl_policy, struct curl_policy, curl_policy_done);

#endif
