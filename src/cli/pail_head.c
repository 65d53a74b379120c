#include "cli/pail_output.h"
#include "cli/pail_show.h"

#include <pail/s3.h>

#define TEXT_MAX (16 * 1024 * 1024)

struct head_settings {
    bool json;
    const char *version_id;
};

static const struct option rows[] = {
    PAIL_ROW(struct head_settings, "json", OPTION_FLAG, json,
             .help = "a line of JSON for each URL"),
    PAIL_ROW(struct head_settings, "version_id", OPTION_TEXT, version_id, .argument = "ID",
             .help = "of the object, where the bucket keeps several"),
};

union head_output {
    struct pail_s3_head_object_output object;
    struct pail_s3_head_bucket_output bucket;
};

static int show(struct pail_run *run, const struct pail_operation *operation,
                const void *output, struct pail_str bucket, struct pail_str key)
{
    const struct head_settings *settings = run->arguments->settings;
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, TEXT_MAX);
    int status = settings->json ? EXIT_OK : pail_print_heading(run, bucket, key);
    if (status != EXIT_OK)
        return status;
    if (settings->json)
        (void)pail_show_json(&text, operation, output);
    else
        pail_show_text(&text, operation, output);
    if (buf_failed(&text) || text.len == 0)
        return pail_fail_memory(run);
    return pail_print(run, buf_str(&text));
}

static int head_one(struct pail_run *run, struct pail_str bucket, struct pail_str key)
{
    const struct head_settings *settings = run->arguments->settings;
    const struct pail_s3_head_object_input object = {
        .bucket = bucket,
        .key = key,
        .version_id = str_c(settings->version_id),
        .checksum_mode = PAIL_STR("ENABLED"),
    };
    const struct pail_s3_head_bucket_input whole_bucket = {.bucket = bucket};
    bool is_bucket = key.len == 0;
    const struct pail_operation *operation =
        is_bucket ? &pail_s3_head_bucket_operation : &pail_s3_head_object_operation;
    const void *in = is_bucket ? (const void *)&whole_bucket : (const void *)&object;
    const struct pail_call_options limits = pail_limits(run);
    union head_output out = {0};
    struct pail_error error = {0};
    int status;
    if (pail_call(run->client, operation, in, &out, &limits, &error) < 0)
        status = pail_fail(run, bucket, key, &error);
    else
        status = show(run, operation, &out, bucket, key);
    pail_output_free(operation, &out);
    return status;
}

static int run_head(struct pail_run *run)
{
    return pail_each_url(run, head_one);
}

const struct pail_command pail_command_head = {
    .name = "head",
    .usage = "s3://BUCKET[/KEY]...",
    .summary = "tells what is known of objects and buckets",
    .about = "The response, its headers, and what they say, each a paragraph of lines.\n",
    .options = PAIL_OPTIONS(rows),
    .settings_size = sizeof(struct head_settings),
    .words_min = 1,
    .run = run_head,
};
