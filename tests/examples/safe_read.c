/* Reads an object and tells every kind of failure apart. A third argument is the read timeout
 * in milliseconds. */
#include "example.h"

#include <inttypes.h>
#include <pail/iterate.h>

/* The bytes read, or -1 with *error filled. */
static int64_t process_stream(const struct pail_s3_get_object_input *in, int64_t timeout_ms,
                              struct pail_error *error)
{
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    PAIL_CLEANUP(pail_s3_get_object_output) struct pail_s3_get_object_output out = {0};
    PAIL_CLEANUP(pail_chunks) struct pail_chunks *chunks = NULL;
    struct pail_str chunk;
    int64_t processed = 0;
    int r;

    if (pail_client_new(NULL, &client, error) < 0 ||
        pail_s3_get_object(client, in, &out, NULL, error) < 0)
        return -1;
    pail_body_set_read_timeout(out.body, timeout_ms);
    if (pail_body_chunks(out.body, 8192, &chunks, error) < 0)
        return -1;
    while ((r = pail_chunks_next(chunks, &chunk, error)) > 0)
        processed += (int64_t)chunk.len;
    return r < 0 ? -1 : processed;
}

static void tell_service_error(const struct pail_error *error, const char *bucket,
                               const char *key)
{
    if (strcmp(error->code, "NoSuchBucket") == 0)
        printf("Bucket %s does not exist\n", bucket);
    else if (strcmp(error->code, "NoSuchKey") == 0)
        printf("Key %s does not exist in bucket %s\n", key, bucket);
    else if (strcmp(error->code, "AccessDenied") == 0)
        printf("Access denied to %s/%s\n", bucket, key);
    else
        printf("Client error: %s - %s\n", error->code, error->message);
}

static void tell(const struct pail_error *error, const char *bucket, const char *key)
{
    switch (error->kind) {
    case PAIL_ERROR_READ_TIMEOUT:
        printf("Read timeout error: %s\n", error->message);
        break;
    case PAIL_ERROR_STREAMING:
        printf("Streaming protocol error: %s\n", error->message);
        break;
    case PAIL_ERROR_INCOMPLETE_READ:
        printf("Incomplete read - expected %" PRIu64 ", got %" PRIu64 "\n",
               error->expected_bytes, error->actual_bytes);
        break;
    case PAIL_ERROR_CHECKSUM:
        printf("The content was damaged on its way: %s\n", error->message);
        break;
    case PAIL_ERROR_CLIENT:
        tell_service_error(error, bucket, key);
        break;
    case PAIL_ERROR_NO_CREDENTIALS:
    case PAIL_ERROR_PARTIAL_CREDENTIALS:
    case PAIL_ERROR_CREDENTIALS:
        printf("AWS credentials not found or invalid\n");
        break;
    default:
        printf("Unexpected error: %s: %s\n", pail_error_kind_name(error->kind), error->message);
    }
}

int main(int argc, char **argv)
{
    const struct pail_s3_get_object_input in = object_of(argc, argv);
    int64_t timeout_ms = argc > 3 ? strtoll(argv[3], NULL, 10) : 30000;
    struct pail_error error;

    int64_t processed = process_stream(&in, timeout_ms, &error);
    if (processed < 0) {
        tell(&error, argv[1], argv[2]);
        return 1;
    }
    printf("Successfully processed %" PRId64 " bytes\n", processed);
    return 0;
}
