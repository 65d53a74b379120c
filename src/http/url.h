/* http/url.h: the parts of an http or https URL. */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "base/buf.h"

#define URL_MAX      16384 /* bytes of a whole request URL */
#define URL_HOST_MAX 253   /* bytes of a host name */

/* Where requests go: "https://host:port/base-path". Strings are owned. */
struct url {
    bool tls;
    char *host;    /* lower case; an IPv6 address with its brackets */
    unsigned port; /* always filled in: 80 or 443 if the URL names none */
    char *path;    /* percent-encoded, "" or "/..." without a trailing slash */
};

/* Parses an endpoint: http or https, a host, an optional port and path; no user, query or
 * fragment. 0, -EINVAL (the URL is malformed; *ret_reason, if not NULL, then points to static
 * words saying how), -ENOMEM. On failure *ret is untouched. */
int url_parse(struct pail_str text, struct url *ret, const char **ret_reason);
void url_done(struct url *url);
/* 0 or -ENOMEM. */
int url_copy(const struct url *from, struct url *ret);
/* "host" or "host:port" where the port is not the scheme's own: what the Host header says. */
void buf_add_authority(struct buf *b, const struct url *url);
/* True for a label of a host name: 1 to 63 of a-z, A-Z, 0-9 and '-', no '-' at the ends. */
bool host_label_valid(struct pail_str label);

DEFINE_CLEANUP_DONE(url, struct url, url_done);

#endif
