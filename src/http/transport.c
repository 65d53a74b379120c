#include "http/transport.h"

#define TIMEOUT_MS 60000 /* botocore's, for connecting and for reading */

void http_request_init(struct http_request *request)
{
    *request = (struct http_request){
        .method = "GET", .connect_timeout_ms = TIMEOUT_MS, .read_timeout_ms = TIMEOUT_MS};
    buf_init(&request->query, URL_MAX);
    buf_init(&request->body, SIZE_MAX);
    http_headers_init(&request->headers);
}

void http_request_done(struct http_request *request)
{
    url_done(&request->url);
    buf_done(&request->query);
    http_headers_done(&request->headers);
    buf_done(&request->body);
}
