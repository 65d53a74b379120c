/* Timeouts, and retries that adapt to a service that throttles. */
#include "example.h"

#define MOST (64U * 1024 * 1024)

int main(int argc, char **argv)
{
    const struct pail_s3_get_object_input in = object_of(argc, argv);
    const struct pail_config config = {
        .connect_timeout_ms = 30000,
        .read_timeout_ms = 60000,
        .max_attempts = 4, /* requests in all: three retries */
        .retry_mode = PAIL_RETRY_ADAPTIVE,
    };
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    PAIL_CLEANUP(pail_s3_get_object_output) struct pail_s3_get_object_output out = {0};
    struct pail_error error;
    char *content;
    size_t size;

    if (pail_client_new(&config, &client, &error) < 0 ||
        pail_s3_get_object(client, &in, &out, NULL, &error) < 0)
        return failed(&error);
    /* From here on it counts from byte to byte. */
    pail_body_set_read_timeout(out.body, 45000);
    if (pail_body_read_all(out.body, MOST, &content, &size, &error) < 0)
        return failed(&error);
    printf("Read %zu bytes after %u retries\n", size, out.response.retry_attempts);
    free(content);
    return 0;
}
