/* Lines of JSON through a chain of processors: those that are no JSON, or not active, drop out.
 */
#include "example.h"

#include <inttypes.h>
#include <pail/pipeline.h>

int main(int argc, char **argv)
{
    const struct pail_s3_get_object_input in = object_of(argc, argv);
    const struct pail_lines_options options = {.chunk_size = 16384};
    const struct pail_filter active = {.key = "status", .equals = PAIL_STR("active")};
    const struct pail_processor processors[] = {
        pail_decode_processor(PAIL_INVALID_DROP),
        pail_json_processor(PAIL_INVALID_DROP),
        pail_filter_processor(&active),
    };
    PAIL_CLEANUP(pail_client) struct pail_client *client = NULL;
    PAIL_CLEANUP(pail_s3_get_object_output) struct pail_s3_get_object_output out = {0};
    PAIL_CLEANUP(pail_pipeline) struct pail_pipeline *pipeline = NULL;
    struct pail_pipeline_stats stats;
    struct pail_item *item;
    struct pail_error error;
    int r;

    if (pail_client_new(NULL, &client, &error) < 0 ||
        pail_s3_get_object(client, &in, &out, NULL, &error) < 0 ||
        pail_pipeline_new(out.body, &options, processors, 3, &pipeline, &error) < 0)
        return failed(&error);
    while ((r = pail_pipeline_next(pipeline, &item, &error)) > 0) {
        char *text;
        if (pail_json_text(item->json, &text) < 0)
            return 1;
        printf("Processed item: %s\n", text);
        free(text);
    }
    if (r < 0)
        return failed(&error);
    pail_pipeline_get_stats(pipeline, &stats);
    printf("%" PRIu64 " of %" PRIu64 " lines dropped\n", stats.dropped, stats.lines);
    return 0;
}
