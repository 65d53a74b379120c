/* http/proxy.h: proxies as people name them, and the hosts that are reached without one. Pure;
 * any thread. */
#ifndef HTTP_PROXY_H
#define HTTP_PROXY_H

#include "base/str.h"

#define PROXY_URL_MAX 16384 /* bytes */

/* "[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]" as a URL with its scheme, which is http if none is
 * said; *ret is owned by the caller. 0; -EINVAL: it is malformed, or no such proxy can be used,
 * and *ret_reason says how in static words, which hold nothing of it; -ENOMEM. */
int proxy_url(struct pail_str text, char **ret, const char **ret_reason);

/* True if the URL, one that proxy_url has made, has a user. */
bool proxy_has_user(const char *url);

/* Whether `no_proxy` ("example.com, 10.0.0.0/8, ::1, [::1]:9000", or "*" for all) names `host`,
 * which is in lower case and, if an IPv6 address, in brackets. A name also stands for all that
 * end in it after a dot, and what has a port for that one only, as with Go. */
bool proxy_bypassed(const char *host, unsigned port, const char *no_proxy);

#endif
