/* http/curl.h: the transport over libcurl: one net thread, one multi handle. With http/probe
 * the only maker of sockets. */
#ifndef HTTP_CURL_H
#define HTTP_CURL_H

#include "http/transport.h"

struct curl_options {
    size_t max_connections; /* open at a time, to all hosts; 0: 256. Exchanges beyond it wait
                               their turn; a GET or HEAD that then has had no byte for 5 s ends
                               with READ_TIMEOUT, so that those that stall starve nobody */
    const char *ca_bundle;  /* file of trusted certificates; NULL: the system's */
    bool insecure;          /* do not verify TLS */
    const char *http_proxy, *https_proxy; /* of http: and https: URLs, as proxy_url has them;
                                             NULL or "": none. The environment's do not count */
    const char *no_proxy;   /* hosts that go direct, as http/proxy.h has them; NULL: none */
    const char *user_agent; /* NULL: none is sent unless the request has one */
    bool tcp_keepalive;
    const struct clock *clock; /* NULL: the system's */
};

/* Starts a net thread; the strings are copied. 0 or -errno. */
int curl_transport_new(const struct curl_options *options, struct transport **ret);

#endif
