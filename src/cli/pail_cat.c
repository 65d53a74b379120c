#include "cli/failure_line.h"
#include "cli/pail_output.h"

#include <pail/s3.h>

#define CHUNK_BYTES ((size_t)1024 * 1024)

static int copy_body(struct pail_run *run, struct pail_body *body, struct pail_error *error)
{
    CLEANUP(heap) char *chunk = malloc(CHUNK_BYTES);
    if (!chunk)
        return pail_fail_memory(run);
    for (;;) {
        ssize_t n = pail_body_read(body, chunk, CHUNK_BYTES, error);
        if (n <= 0)
            return EXIT_OK;
        int status = pail_print(run, str_of(chunk, (size_t)n));
        if (status != EXIT_OK)
            return status;
    }
}

/* An interrupted body is fetched on from the next byte, so what is printed is one version,
 * whole, or the exit status says it is not. */
static int run_cat(struct pail_run *run, struct pail_str bucket, struct pail_str key)
{
    const struct pail_operation *operation = &pail_s3_get_object_operation;
    struct pail_str wanted = run->arguments->range;
    CLEANUP_DONE(buf) struct buf range;
    buf_init(&range, 64);
    buf_add_c(&range, "bytes=");
    buf_add_str(&range, wanted);
    struct pail_s3_get_object_input in = {.bucket = bucket, .key = key};
    struct pail_call_options options = {.resume = true};
    if (wanted.ptr) {
        in.range = buf_str(&range);
        size_t dash = str_find(wanted, '-', 0);
        options.exact_range = dash > 0 && dash + 1 < wanted.len;
    }
    struct pail_s3_get_object_output out = {0};
    struct pail_error error = {0};
    int status = EXIT_OK;
    if (pail_s3_get_object(run->client, &in, &out, &options, &error) == 0)
        status = copy_body(run, out.body, &error);
    if (status == EXIT_OK && error.sys != 0)
        status = pail_fail(run, bucket, key, &error);
    pail_output_free(operation, &out);
    return status;
}

const struct pail_command pail_command_cat = {
    .name = "cat",
    .usage = "[--range FIRST-LAST] s3://BUCKET/KEY...",
    .help = "prints objects, or of each the bytes FIRST to LAST, FIRST- or -COUNT",
    .switches = TAKES_RANGE,
    .run = run_cat,
};
