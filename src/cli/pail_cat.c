#include "cli/pail_output.h"

#include "base/num.h"

#include <errno.h>
#include <pail/s3.h>

#define CHUNK_BYTES ((size_t)1024 * 1024)

struct cat_settings {
    const char *range; /* "0-99", "100-", "-100"; NULL: all */
    const char *version_id;
};

static const struct option rows[] = {
    PAIL_ROW(struct cat_settings, "range", OPTION_TEXT, range, .argument = "RANGE",
             .help = "FIRST-LAST (from 0, both included), FIRST- or -COUNT"),
    PAIL_ROW(struct cat_settings, "version_id", OPTION_TEXT, version_id, .argument = "ID",
             .help = "of the object, where the bucket keeps several"),
};

/* "a-b", "a-" or "-n", as in a Range. */
static bool is_range(struct pail_str text)
{
    size_t dash = str_find(text, '-', 0);
    struct pail_str from = str_sub(text, 0, dash), to = str_sub(text, dash + 1, text.len);
    uint64_t first = 0, last = UINT64_MAX;
    if (dash == text.len || from.len + to.len == 0)
        return false;
    if (from.len > 0 && num_u64(from, INT64_MAX, &first) < 0)
        return false;
    if (to.len > 0 && num_u64(to, INT64_MAX, &last) < 0)
        return false;
    return from.len == 0 || first <= last;
}

static int settle(void *settings, struct buf *reason)
{
    const struct cat_settings *cat = settings;
    if (!cat->range || is_range(str_c(cat->range)))
        return 0;
    buf_add_c(reason, "option --range: \"");
    buf_add_escaped(reason, str_c(cat->range));
    buf_add_c(reason, "\" is not allowed; it takes FIRST-LAST, FIRST- or -COUNT");
    return -EINVAL;
}

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
static int cat_one(struct pail_run *run, struct pail_str bucket, struct pail_str key)
{
    if (key.len == 0)
        return pail_fail_keyless(run, bucket);
    const struct cat_settings *settings = run->arguments->settings;
    const struct pail_operation *operation = &pail_s3_get_object_operation;
    struct pail_str wanted = str_c(settings->range);
    CLEANUP_DONE(buf) struct buf range;
    buf_init(&range, wanted.len + 8);
    buf_add_c(&range, "bytes=");
    buf_add_str(&range, wanted);
    struct pail_s3_get_object_input in = {
        .bucket = bucket, .key = key, .version_id = str_c(settings->version_id)};
    struct pail_call_options options = pail_limits_of_stream(run);
    if (wanted.ptr) {
        in.range = buf_str(&range);
        options.exact_range = true; /* a server that knows no ranges sends everything */
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

static int run_cat(struct pail_run *run)
{
    return pail_each_url(run, cat_one);
}

const struct pail_command pail_command_cat = {
    .name = "cat",
    .usage = "s3://BUCKET/KEY...",
    .summary = "prints objects, or parts of them",
    .options = PAIL_OPTIONS(rows),
    .settings_size = sizeof(struct cat_settings),
    .words_min = 1,
    .settle = settle,
    .run = run_cat,
};
