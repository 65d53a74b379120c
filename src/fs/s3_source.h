/* fs/s3_source.h: buckets of S3 as a source: one bucket, a prefix of one, or all of them. */
#ifndef FS_S3_SOURCE_H
#define FS_S3_SOURCE_H

#include "fs/sources.h"

extern const struct source_scheme s3_scheme;

struct s3_source_options {
    struct pail_client *client;  /* must outlive the source */
    struct mailbox *mailbox;     /* of the fs thread; must outlive the source */
    struct pail_str bucket;      /* copied; absent: all buckets, each a directory of the root */
    struct pail_str prefix;      /* copied; "" or "a/b/": keys shown are those below it */
    int64_t metadata_timeout_ms; /* deadline of lookups, listings and attributes */
    unsigned check_attempts;     /* requests of s3_source_check at most; 0: as the client */
    struct buf *warning; /* what s3_source_check has to say though it succeeds; or NULL */
};

/* 0 or -ENOMEM. */
int s3_source_new(const struct s3_source_options *options, struct source **ret);

/* Splits "s3://", "s3://bucket", "s3://bucket/some/prefix" (with or without the last '/'). The
 * parts point into `url`; the prefix has no '/' at its end. 0, or -EINVAL with static words in
 * *ret_reason. */
int s3_url_parse(struct pail_str url, struct pail_str *ret_bucket, struct pail_str *ret_prefix,
                 const char **ret_reason);

/* Asks the service whether the bucket can be listed under the prefix (all buckets: whether they
 * can be listed), waiting at most `timeout_ms`: what a mount does before it says it is mounted.
 * 0 or -errno with *error. Blocks: before the fs thread runs. */
int s3_source_check(const struct s3_source_options *options, int64_t timeout_ms,
                    struct pail_error *error);

#endif
