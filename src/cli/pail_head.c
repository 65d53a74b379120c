#include "cli/failure_line.h"
#include "cli/pail_output.h"

#include <pail/s3.h>

#define HEADERS_TEXT_MAX (4 * 1024 * 1024)

union head_output {
    struct pail_response response; /* first in both */
    struct pail_s3_head_object_output object;
    struct pail_s3_head_bucket_output bucket;
};

static int print_headers(struct pail_run *run, const struct pail_response *response)
{
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, HEADERS_TEXT_MAX);
    for (size_t i = 0; i < response->header_count; i++) {
        buf_add_escaped(&b, response->headers[i].name);
        buf_add_c(&b, ": ");
        pail_add_name(&b, response->headers[i].value);
        buf_add_byte(&b, '\n');
    }
    return buf_failed(&b) ? pail_fail_memory(run) : pail_print(run, buf_str(&b));
}

static int print_json(struct pail_run *run, const struct pail_operation *operation,
                      const void *output)
{
    char *json = NULL;
    if (pail_output_json(operation, output, &json) < 0)
        return pail_fail_memory(run);
    int status = pail_print(run, str_c(json));
    free(json);
    return status == EXIT_OK ? pail_print(run, PAIL_STR("\n")) : status;
}

static int run_head(struct pail_run *run, struct pail_str bucket, struct pail_str key)
{
    const struct pail_s3_head_object_input object = {
        .bucket = bucket,
        .key = key,
        .checksum_mode = PAIL_STR("ENABLED"),
    };
    const struct pail_s3_head_bucket_input whole_bucket = {.bucket = bucket};
    bool is_bucket = key.len == 0;
    const struct pail_operation *operation =
        is_bucket ? &pail_s3_head_bucket_operation : &pail_s3_head_object_operation;
    const void *in = is_bucket ? (const void *)&whole_bucket : (const void *)&object;
    union head_output out = {0};
    struct pail_error error = {0};
    int status;
    if (pail_call(run->client, operation, in, &out, NULL, &error) < 0)
        status = pail_fail(run, bucket, key, &error);
    else if (run->arguments->json)
        status = print_json(run, operation, &out);
    else
        status = print_headers(run, &out.response);
    pail_output_free(operation, &out);
    return status;
}

const struct pail_command pail_command_head = {
    .name = "head",
    .usage = "[--json] s3://BUCKET[/KEY]...",
    .help = "prints what is known of objects or buckets: response headers, or JSON",
    .switches = TAKES_JSON,
    .run = run_head,
};
