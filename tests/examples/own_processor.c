/* A processor of one's own: adds up a member of every line, and keeps only new records. */
#include "example.h"

#include <inttypes.h>
#include <pail/stream.h>

static int add_up(void *user, struct pail_item *item, struct pail_error *error)
{
    int64_t *sum = user;
    struct pail_int bytes = pail_json_integer(pail_json_get(item->json, "bytes"));
    (void)error;
    *sum += bytes.value;
    return bytes.value > *sum / 2 ? PAIL_ITEM_KEEP : PAIL_ITEM_DROP;
}

int main(int argc, char **argv)
{
    const struct pail_s3_get_object_input in = object_of(argc, argv);
    int64_t sum = 0;
    const struct pail_processor processors[] = {
        pail_json_processor(PAIL_INVALID_FAIL),
        {.process = add_up, .user = &sum},
    };
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    PAIL_CLEANUP(pail_stream) struct pail_stream *stream = NULL;
    struct pail_pipeline *pipeline;
    struct pail_item *item;
    struct pail_error error;
    int r;

    if (pail_client_new(NULL, &client, &error) < 0 ||
        pail_stream_open(client, &pail_s3_get_object_operation, &in, NULL, &stream, &error) <
            0 ||
        pail_stream_pipeline(stream, NULL, processors, 2, &pipeline, &error) < 0)
        return failed(&error);
    while ((r = pail_pipeline_next(pipeline, &item, &error)) > 0)
        printf("Line %" PRIu64 " is more than half of all so far\n", item->line);
    if (r < 0)
        return failed(&error);
    printf("%" PRId64 " bytes\n", sum);
    return 0;
}
