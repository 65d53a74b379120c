/* Reads a large object with chunks that fit its size, and tells how far it is. */
#include "example.h"

#include <inttypes.h>
#include <pail/iterate.h>

/* Tells every quarter. */
static void tell_progress(void *user, uint64_t bytes, struct pail_int total)
{
    unsigned *told = user;
    if (!total.present)
        return;
    unsigned quarters = total.value > 0 ? (unsigned)(bytes * 4 / (uint64_t)total.value) : 4;
    if (quarters > *told)
        printf("%u%%\n", quarters * 25);
    *told = quarters;
}

int main(int argc, char **argv)
{
    const struct pail_s3_get_object_input in = object_of(argc, argv);
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    PAIL_CLEANUP(pail_s3_get_object_output) struct pail_s3_get_object_output out = {0};
    PAIL_CLEANUP(pail_chunks) struct pail_chunks *chunks = NULL;
    struct pail_error error;
    struct pail_str chunk;
    unsigned told = 0;
    size_t count = 0;
    int r;

    if (pail_client_new(NULL, &client, &error) < 0 ||
        pail_s3_get_object(client, &in, &out, NULL, &error) < 0 ||
        pail_body_chunks(out.body, PAIL_CHUNK_AUTO, &chunks, &error) < 0)
        return failed(&error);
    printf("Chunks of %zu bytes\n", pail_chunk_size(out.content_length));
    pail_body_set_progress(out.body, tell_progress, &told);
    while ((r = pail_chunks_next(chunks, &chunk, &error)) > 0) {
        if (++count % 100 == 0)
            printf("Processed %zu chunks\n", count);
    }
    if (r < 0)
        return failed(&error);
    printf("Processed %zu chunks, %" PRIu64 " bytes\n", count, pail_body_tell(out.body));
    return 0;
}
