/* http/probe.h: how far a connection gets, looked at step by step. */
#ifndef HTTP_PROBE_H
#define HTTP_PROBE_H

#include "http/curl.h"

#include <pail/diagnose.h>

/* Connects to the request's URL as an exchange of a transport with these options would, within
 * the request's connect timeout, and closes the connection without a request. *ret and
 * *ret_result, which says how it ended (kind NONE: it stands), are filled. 0, or -errno if it
 * could not be tried (-ENOMEM, -EINVAL). Blocks. Any thread. */
int http_probe(const struct curl_options *options, const struct http_request *request,
               struct pail_probe *ret, struct http_result *ret_result);

#endif
