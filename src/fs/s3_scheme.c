/* fs/s3_scheme.c: "s3://..." as a mount's source. */
#include "fs/s3_source.h"

#include "base/str.h"

#include <errno.h>

static int parse(struct pail_str url, const char **ret_reason)
{
    struct pail_str bucket, prefix;
    return s3_url_parse(url, &bucket, &prefix, ret_reason);
}

/* `prefix` is what the options point to. 0, -EINVAL, -ENOMEM. */
static int options_of(const struct source_config *config, struct buf *prefix,
                      struct s3_source_options *ret)
{
    struct pail_str bucket, path;
    const char *reason;
    int r = s3_url_parse(config->url, &bucket, &path, &reason);
    if (r < 0)
        return r;
    buf_init(prefix, config->url.len + 1);
    buf_add_str(prefix, path);
    if (path.len > 0)
        buf_add_byte(prefix, '/');
    if (buf_failed(prefix))
        return -ENOMEM;
    *ret = (struct s3_source_options){
        .client = config->client,
        .mailbox = config->mailbox,
        .bucket = bucket,
        .prefix = buf_str(prefix),
        .metadata_timeout_ms = config->metadata_timeout_ms,
        .check_attempts = config->check_attempts,
        .warning = config->warning,
    };
    return 0;
}

static int check(const struct source_config *config, int64_t timeout_ms,
                 struct pail_error *error)
{
    CLEANUP_DONE(buf) struct buf prefix = {0};
    struct s3_source_options options;
    int r = options_of(config, &prefix, &options);
    if (r < 0) {
        *error = (struct pail_error){.sys = -r, .kind = PAIL_ERROR_PARAM};
        return r;
    }
    return s3_source_check(&options, timeout_ms, error);
}

static int make(const struct source_config *config, struct source **ret)
{
    CLEANUP_DONE(buf) struct buf prefix = {0};
    struct s3_source_options options;
    int r = options_of(config, &prefix, &options);
    return r < 0 ? r : s3_source_new(&options, ret);
}

const struct source_scheme s3_scheme = {
    .prefix = "s3://", .parse = parse, .check = check, .make = make};
