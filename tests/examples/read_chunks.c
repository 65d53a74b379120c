/* Reads an object by chunks of 8 KiB: memory stays small, however large it is. */
#include "example.h"

#include <pail/iterate.h>

int main(int argc, char **argv)
{
    const struct pail_s3_get_object_input in = object_of(argc, argv);
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    PAIL_CLEANUP(pail_s3_get_object_output) struct pail_s3_get_object_output out = {0};
    PAIL_CLEANUP(pail_chunks) struct pail_chunks *chunks = NULL;
    struct pail_error error;
    struct pail_str chunk;
    size_t total = 0;
    int r;

    if (pail_client_new(NULL, &client, &error) < 0 ||
        pail_s3_get_object(client, &in, &out, NULL, &error) < 0 ||
        pail_body_chunks(out.body, 8192, &chunks, &error) < 0)
        return failed(&error);
    while ((r = pail_chunks_next(chunks, &chunk, &error)) > 0) {
        total += chunk.len;
        printf("Processed chunk of %zu bytes\n", chunk.len);
    }
    if (r < 0)
        return failed(&error);
    printf("Total size: %zu bytes\n", total);
    return 0;
}
