/* fs/s3_page.h: a page of a listing as entries of a directory. Pure; any thread. */
#ifndef FS_S3_PAGE_H
#define FS_S3_PAGE_H

#include "fs/source_entry.h"

#include <pail/s3.h>

#define S3_KEY_MAX       1024 /* bytes of a key: what S3 allows. No path names a longer one */
#define S3_COMPONENT_MAX 1024 /* bytes of one name: what the kernel takes */
#define S3_ETAG_MAX      1024 /* bytes of an ETag, quotes included */

/* What was asked. */
struct s3_page_query {
    struct pail_str prefix;      /* of the directory: "" or ends in '/' */
    struct pail_str start_after; /* whole key; absent: none. Keys up to it are left out,
                                    whatever the service does */
    struct pail_str cursor;      /* the token sent; absent: none */
    bool flat;
    bool uncut; /* one level, of a listing that the service was not asked to cut at the '/' */
};

/* Strings point into the output it was made of. */
struct s3_page {
    struct source_entry *entries; /* owned; in strictly increasing order of the keys */
    size_t count;
    struct pail_str next;
    size_t unreachable;
    struct pail_str unreachable_example;
};

/* Merges Contents and CommonPrefixes. The directory's own marker is skipped. Of a flat listing,
 * keys that end in '/' are directories, and so is what is above the first bad component of an
 * unreachable key, unless the entry before is below it. 0; -ENOMEM; -EPROTO, with *ret_reason
 * in static words: a key outside the prefix or not cut at the delimiter, keys out of order or
 * twice, a file without a size or with
 * an ETag beyond any, or no page (services/list_pages.h). */
int s3_page_of_objects(const struct pail_s3_list_objects_v2_output *out,
                       const struct s3_page_query *query, struct s3_page *ret,
                       const char **ret_reason);
/* Buckets as directories, sorted; prefix and flat are not looked at. The same results. */
int s3_page_of_buckets(const struct pail_s3_list_buckets_output *out,
                       const struct s3_page_query *query, struct s3_page *ret,
                       const char **ret_reason);
void s3_page_done(struct s3_page *page);

#endif
