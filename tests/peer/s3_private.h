/* s3_private.h: what the files of the fake S3 share. Everything is guarded by the peer's lock.
 */
#ifndef PEER_S3_PRIVATE_H
#define PEER_S3_PRIVATE_H

#include "peer/peer_private.h"
#include "peer/s3.h"

#define S3_KEYS_MAX 1000

struct s3_object {
    char *key;
    size_t key_len;
    struct peer_blob *content; /* NULL: generated */
    uint64_t size, seed, serial;
    char *etag, *content_type, *headers, *checksums, *storage_class;
    int64_t mtime;
    bool denied;
};

struct s3_bucket {
    char *name;
    struct s3_object **objects; /* sorted by key, bytewise, unless `unsorted` */
    size_t count, cap;
    bool unsorted;
    struct s3_bucket *next;
};

struct peer_s3 {
    struct peer *peer;
    struct s3_bucket *buckets; /* sorted by name */
    uint64_t serials;
    unsigned page_size;
    char region[64];
    bool check_region;
};

struct s3_bucket *s3_bucket_find(struct peer_s3 *s3, const char *name, size_t len);
struct s3_object *s3_object_find(struct s3_bucket *bucket, const char *key, size_t len);
/* The index of the first object whose key is `key` or comes after it. */
size_t s3_lower_bound(struct s3_bucket *bucket, const char *key, size_t len);
int s3_compare(const char *a, size_t a_len, const char *b, size_t b_len);

void s3_handle(void *s3, const struct peer_request *request, struct peer_response *response);
void s3_list_objects(struct peer_s3 *s3, struct s3_bucket *bucket,
                     const struct peer_request *request, struct peer_response *response);
void s3_list_buckets(struct peer_s3 *s3, struct peer_response *response);
void s3_error(const struct peer_request *request, struct peer_response *response, int status,
              const char *code, const char *message);
/* `len` bytes as XML text; or, with `url`, as encoding-type=url has them. */
void s3_add_text(struct peer_text *out, const char *text, size_t len, bool url);
void s3_format_time(int64_t seconds, bool http, char ret[static 64]);

#endif
