/* What is known of a response and of the object it brings, without reading its body. */
#include "example.h"

#include <time.h>

static void print_time(const char *label, struct pail_time when)
{
    char text[64] = "none";
    time_t seconds = (time_t)when.seconds;
    struct tm tm;
    if (when.present && gmtime_r(&seconds, &tm))
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S+00:00", &tm);
    printf("%s: %s\n", label, text);
}

static void print_header(const struct pail_response *response, const char *label,
                         const char *name)
{
    printf("%s: %.*s\n", label, PAIL_ARGS(pail_response_header(response, name)));
}

int main(int argc, char **argv)
{
    const struct pail_s3_get_object_input in = object_of(argc, argv);
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    PAIL_CLEANUP(pail_s3_get_object_output) struct pail_s3_get_object_output out = {0};
    struct pail_error error;

    if (pail_client_new(NULL, &client, &error) < 0 ||
        pail_s3_get_object(client, &in, &out, NULL, &error) < 0)
        return failed(&error);
    printf("HTTP Status: %d\n", out.response.http_status);
    printf("Request ID: %.*s\n", PAIL_ARGS(out.response.request_id));
    print_header(&out.response, "Content-Type", "content-type");
    print_header(&out.response, "Content-Length", "content-length");
    print_header(&out.response, "ETag", "etag");
    print_time("Last Modified", out.last_modified);
    printf("ETag: %.*s\n", PAIL_ARGS(out.etag));
    printf("Content Type: %.*s\n", PAIL_ARGS(out.content_type));
    return 0;
}
