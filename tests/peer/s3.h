/* s3.h: a fake S3 on the scripted peer, path-style and virtual-host style (BUCKET.localhost),
 * that answers as AWS does: GET and HEAD with Range and conditions, PUT and DELETE of objects,
 * ListObjectsV2, ListBuckets, HeadBucket, GetBucketLocation, XML errors, a request id for every
 * request. Signatures are not checked.
 *
 * Its answers are what no rule of its peer took, so any fault can be laid over any of them:
 *
 *     struct peer_s3 *s3 = peer_s3_start();
 *     peer_s3_bucket(s3, "b");
 *     peer_s3_put_text(s3, "b", "dir/key", "content");
 *     peer_on(peer_s3_peer(s3), "GET /b/dir/key",
 *             PEER_RESPONSE(.over = true, .fault = {.end = PEER_END_CUT, .after = 3}));
 *     peer_rule_add(peer_s3_peer(s3), &(struct peer_rule){.match = PEER_S3_LISTING("b"), .skip
 * = 1, .times = 1, PEER_ANSWERS(PEER_S3_ERROR(503, "SlowDown"))});   // the second page
 *
 * Any thread; test code, as peer.h. */
#ifndef PEER_S3_H
#define PEER_S3_H

#include "peer/peer.h"

struct peer_s3;

struct peer_s3 *peer_s3_start(void);
void peer_s3_stop(struct peer_s3 *s3); /* NULL is ignored; stops its peer too */
struct peer *peer_s3_peer(struct peer_s3 *s3);
const char *peer_s3_url(struct peer_s3 *s3); /* the endpoint */

/* Create the bucket, or do nothing if it is there. Deleting one takes its objects along. */
void peer_s3_bucket(struct peer_s3 *s3, const char *bucket);
void peer_s3_bucket_delete(struct peer_s3 *s3, const char *bucket);

struct peer_s3_object {
    const char *key;
    size_t key_len; /* 0: strlen(key) */
    const void
        *content;  /* copied; NULL: generated, peer_byte(seed, offset), and takes no memory */
    uint64_t size; /* 0 with content: its strlen */
    uint64_t seed;
    const char *etag;         /* with its quotes; NULL: a new one for every put */
    const char *content_type; /* NULL: binary/octet-stream */
    const char *headers; /* further lines for GET and HEAD, as in peer_response: x-amz-meta-...,
                            Cache-Control... */
    const char *checksums;     /* lines sent when x-amz-checksum-mode is ENABLED and the whole
                                  object is answered */
    int64_t mtime;             /* seconds since 1970; 0: 2026-01-02 03:04:05 UTC */
    const char *storage_class; /* NULL: STANDARD; GLACIER and DEEP_ARCHIVE: GET is 403
                                  InvalidObjectState */
    bool denied;               /* GET and HEAD are 403; it is listed all the same */
};

#define PEER_S3_MTIME INT64_C(1767323045)

/* Put, or replace. The bucket must exist. */
void peer_s3_put(struct peer_s3 *s3, const char *bucket, const struct peer_s3_object *object);
void peer_s3_put_text(struct peer_s3 *s3, const char *bucket, const char *key,
                      const char *text);
void peer_s3_put_generated(struct peer_s3 *s3, const char *bucket, const char *key,
                           uint64_t size, uint64_t seed);
bool peer_s3_delete(struct peer_s3 *s3, const char *bucket,
                    const char *key); /* false: no such */
size_t peer_s3_count(struct peer_s3 *s3, const char *bucket);
/* The ETag of a key, with its quotes; "" if there is none. */
void peer_s3_etag(struct peer_s3 *s3, const char *bucket, const char *key, char ret[static 64]);

void peer_s3_set_page_size(struct peer_s3 *s3,
                           unsigned keys); /* of listings, at most; 1000 at first */
void peer_s3_set_region(struct peer_s3 *s3, const char *region); /* us-east-1 at first */
/* Requests for a bucket with an Authorization for another region get 301 PermanentRedirect or
 * 400. Off at first. */
void peer_s3_check_region(struct peer_s3 *s3, bool on);

/* For rules: an S3 error with its XML; the listing of a bucket (path-style), any page. */
#define PEER_S3_ERROR(http_status, error_code, ...)                                            \
    {                                                                                          \
        .status = (http_status), .headers = "Content-Type: application/xml",                   \
        .body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" error_code         \
                "</Code><Message>As the test says.</Message></Error>",                         \
        __VA_ARGS__                                                                            \
    }
#define PEER_S3_LISTING(bucket_name)                                                           \
    {                                                                                          \
        .method = "GET", .path_prefix = "/" bucket_name, .param = "list-type"                  \
    }

#endif
