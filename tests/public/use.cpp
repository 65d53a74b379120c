// The library from C++.
#include <pail/events.h>
#include <pail/s3.h>
#include <pail/stream.h>

#include <cstdio>

int main()
{
    pail_header headers[2] = {};
    headers[0] = {pail_str_of("Content-Length"), pail_str_of("5")};
    headers[1] = {pail_str_of("x-amz-meta-color"), pail_str_of("blue")};
    pail_http_response response = {};
    response.status = 200;
    response.headers = headers;
    response.header_count = 2;

    PAIL_CLEANUP(pail_s3_get_object_output) pail_s3_get_object_output out = {};
    pail_error error = {};
    char text[8];
    if (pail_get_response(&pail_s3_get_object_operation, &response, &out, &error) < 0 ||
        pail_body_from_memory("hello", 5, out.content_length, &out.body) < 0)
        return 1;
    ssize_t n = pail_body_read(out.body, text, sizeof(text), &error);
    if (n < 0)
        return 1;
    std::printf("%.*s, %.*s: %.*s\n", (int)n, text, PAIL_ARGS(out.metadata.items[0].key),
                PAIL_ARGS(out.metadata.items[0].value));

    response = {};
    response.status = 404;
    response.body = PAIL_STR("<Error><Code>NoSuchKey</Code></Error>");
    pail_output_free(&pail_s3_get_object_operation, &out);
    pail_get_response(&pail_s3_get_object_operation, &response, &out, &error);
    std::printf("%s is %s\n", error.code, pail_errno_name(error.sys));
    return 0;
}
