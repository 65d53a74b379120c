/* Parses a response that came by other ways than this library's: botocore's get_response(). */
#include "example.h"

int main(void)
{
    static const char content[] = "hello";
    const struct pail_header headers[] = {
        {PAIL_STR("Content-Length"), PAIL_STR("5")},
        {PAIL_STR("ETag"), PAIL_STR("\"e1\"")},
        {PAIL_STR("x-amz-meta-color"), PAIL_STR("blue")},
    };
    const struct pail_http_response response = {
        .status = 200, .headers = headers, .header_count = 3};
    PAIL_CLEANUP(pail_s3_get_object_output) struct pail_s3_get_object_output out = {0};
    struct pail_error error;
    char buffer[16];

    if (pail_get_response(&pail_s3_get_object_operation, &response, &out, &error) < 0)
        return failed(&error);
    /* The stream is the caller's to bring; the output takes it over. */
    if (pail_body_from_memory(content, 5, out.content_length, &out.body) < 0)
        return 1;
    ssize_t n = pail_body_read(out.body, buffer, sizeof(buffer), &error);
    if (n < 0)
        return failed(&error);
    printf("%.*s, %.*s: %.*s\n", (int)n, buffer, PAIL_ARGS(out.metadata.items[0].key),
           PAIL_ARGS(out.metadata.items[0].value));

    const struct pail_http_response refusal = {
        .status = 404, .body = PAIL_STR("<Error><Code>NoSuchKey</Code></Error>")};
    pail_output_free(&pail_s3_get_object_operation, &out);
    pail_get_response(&pail_s3_get_object_operation, &refusal, &out, &error);
    printf("%s is %s\n", error.code, pail_errno_name(error.sys));
    return 0;
}
