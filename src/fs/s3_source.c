#include "fs/s3_source.h"

#include "base/encode.h"
#include "fs/s3_source_internal.h"

#include <errno.h>
#include <inttypes.h>

#define HINT_TIMEOUT_MS 5000 /* the most a better warning is worth */

static void source_uri(struct source *source, struct pail_str path, struct buf *b)
{
    struct s3_source *s3 = s3_source_of(source);
    buf_add_c(b, "s3://");
    if (s3->bucket.ptr) {
        buf_add_str(b, s3->bucket);
        buf_add_byte(b, '/');
        buf_add_str(b, s3->prefix);
    }
    buf_add_str(b, path);
}

static void source_stats(struct source *source, struct buf *b)
{
    struct s3_source *s3 = s3_source_of(source);
    const struct {
        const char *name;
        uint64_t value;
    } counters[] = {
        {"s3.lookups", s3->lookups},
        {"s3.lists", s3->lists},
        {"s3.reads", s3->reads},
        {"s3.attributes", s3->attributes},
    };
    client_source_stats(&s3->base, "s3", b);
    for (size_t i = 0; i < ARRAY_LEN(counters); i++)
        buf_addf(b, "%s %" PRIu64 "\n", counters[i].name, counters[i].value);
}

static void source_free(struct source *source)
{
    struct s3_source *s3 = s3_source_of(source);
    /* A lookup may have been answered while one of its calls, cancelled since, still ends. */
    client_source_drain(&s3->base);
    free(s3);
}

static const struct source_ops s3_source_ops = {
    .lookup = s3_lookup,
    .list = s3_list,
    .pages = s3_pages,
    .read = s3_read,
    .attributes = s3_attributes,
    .cancel = source_cancel,
    .release = source_release,
    .uri = source_uri,
    .stats = source_stats,
    .free = source_free,
};

int s3_version_status(const struct source_call *call)
{
    int http = call->error.http_status;
    return call->status < 0 && (http == 412 || http == 416) ? -ESTALE : call->status;
}

int s3_source_new(const struct s3_source_options *options, struct source **ret)
{
    struct pail_str bucket = options->bucket;
    struct pail_str prefix = bucket.ptr ? options->prefix : str_of(NULL, 0);
    bool slash = prefix.len > 0 && !str_ends(prefix, PAIL_STR("/"));
    size_t size;
    if (add_overflow(bucket.len, prefix.len, &size) || add_overflow(size, 1, &size) ||
        add_overflow(size, sizeof(struct s3_source), &size))
        return -ENOMEM;
    struct s3_source *s3 = calloc(1, size);
    if (!s3)
        return -ENOMEM;
    if (bucket.ptr) {
        memcpy(s3->text, bucket.ptr, bucket.len);
        s3->bucket = str_of(s3->text, bucket.len);
    }
    char *at = s3->text + bucket.len;
    if (prefix.len > 0)
        memcpy(at, prefix.ptr, prefix.len);
    if (slash)
        at[prefix.len] = '/';
    s3->prefix = str_of(at, prefix.len + slash);
    s3->base.source.ops = &s3_source_ops;
    s3->base.client = options->client;
    s3->base.mailbox = options->mailbox;
    s3->base.metadata_timeout_ms = options->metadata_timeout_ms;
    *ret = &s3->base.source;
    return 0;
}

static int check_all(const struct s3_source_options *options,
                     const struct pail_call_options *call, struct pail_error *error)
{
    struct pail_s3_list_buckets_input in = {.max_buckets = PAIL_INT(1)};
    struct pail_s3_list_buckets_output out = {0};
    int r = pail_call(options->client, &pail_s3_list_buckets_operation, &in, &out, call, error);
    if (r == 0)
        r = source_call_listed(error, &list_of_buckets, &out);
    pail_output_free(&pail_s3_list_buckets_operation, &out);
    return r;
}

/* Whether the key names an object; false also if nobody says so. */
static bool is_object(const struct s3_source_options *options, struct pail_str key,
                      int64_t timeout_ms)
{
    const struct pail_call_options call = {
        .timeout_ms = timeout_ms < HINT_TIMEOUT_MS ? timeout_ms : HINT_TIMEOUT_MS,
        .max_attempts = 1,
    };
    const struct pail_operation *operation = &pail_s3_head_object_operation;
    struct pail_s3_head_object_input in = {.bucket = options->bucket, .key = key};
    struct pail_s3_head_object_output out = {0};
    struct pail_error error = {0};
    int r = pail_call(options->client, operation, &in, &out, &call, &error);
    pail_output_free(operation, &out);
    return r == 0;
}

/* Buckets have no directories that could be missing; a misspelt prefix is told all the same,
 * and one that is no prefix. */
static void warn_of_nothing(const struct s3_source_options *options, int64_t timeout_ms)
{
    struct buf *warning = options->warning;
    struct pail_str key = options->prefix;
    key.len -= str_ends(key, PAIL_STR("/"));
    if (is_object(options, key, timeout_ms)) {
        buf_add_escaped(warning, key);
        buf_add_c(warning, " is an object, not a directory: ");
    }
    buf_add_c(warning, "no key begins with the prefix ");
    buf_add_escaped(warning, options->prefix);
    buf_add_c(warning, ": the mount is empty until one does");
}

int s3_source_check(const struct s3_source_options *options, int64_t timeout_ms,
                    struct pail_error *error)
{
    const struct pail_call_options call = {
        .timeout_ms = timeout_ms,
        .max_attempts = options->check_attempts,
    };
    if (!options->bucket.ptr)
        return check_all(options, &call, error);
    struct pail_s3_list_objects_v2_input in = {
        .bucket = options->bucket,
        .prefix = options->prefix,
        .max_keys = PAIL_INT(1),
    };
    const struct pail_operation *operation = &pail_s3_list_objects_v2_operation;
    struct pail_s3_list_objects_v2_output out = {0};
    int r = pail_call(options->client, operation, &in, &out, &call, error);
    if (r == 0)
        r = source_call_listed(error, &list_of_objects, &out);
    if (r == 0 && options->prefix.len > 0 && out.contents.count == 0 && options->warning)
        warn_of_nothing(options, timeout_ms);
    pail_output_free(operation, &out);
    return source_call_status(r, error);
}
