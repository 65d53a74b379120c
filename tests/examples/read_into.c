/* Reads into memory of one's own, again and again: botocore's readinto(). */
#include "example.h"

int main(int argc, char **argv)
{
    const struct pail_s3_get_object_input in = object_of(argc, argv);
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    PAIL_CLEANUP(pail_s3_get_object_output) struct pail_s3_get_object_output out = {0};
    struct pail_error error;
    char buffer[8192];
    size_t total = 0;
    ssize_t n;

    if (pail_client_new(NULL, &client, &error) < 0 ||
        pail_s3_get_object(client, &in, &out, NULL, &error) < 0)
        return failed(&error);
    while ((n = pail_body_read(out.body, buffer, sizeof(buffer), &error)) > 0) {
        /* The data is in the first n bytes of the buffer. */
        total += (size_t)n;
        printf("Read %zd bytes, total: %zu\n", n, total);
    }
    return n < 0 ? failed(&error) : 0;
}
