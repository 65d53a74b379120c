/* http/curl_result.h: curl's codes as kinds of failure and errnos. Private to http/. */
#ifndef HTTP_CURL_RESULT_H
#define HTTP_CURL_RESULT_H

#include "http/transport.h"

#include <curl/curl.h>

/* What was seen of an exchange that curl is done with. */
struct curl_facts {
    const char *message; /* curl's own, "" if it has left none */
    long os_error;       /* errno of the last connection that was tried, 0: none */
    bool proxied;        /* connections go to a proxy */
    bool connected;      /* the request was being sent */
    bool head_done;      /* the head of a response is complete, or none was asked for */
    bool length_known;   /* of the body, by that head */
};

/* The kind, errno and message of *ret; the rest of it is zero. No user of a URL, who may have a
 * password, is in the message. Pure; any thread. */
void curl_result(CURLcode code, const struct curl_facts *facts, struct http_result *ret);

#endif
