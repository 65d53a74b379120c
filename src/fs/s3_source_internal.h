/* fs/s3_source_internal.h: what the files of the S3 source share. */
#ifndef FS_S3_SOURCE_INTERNAL_H
#define FS_S3_SOURCE_INTERNAL_H

#include "base/num.h"
#include "fs/s3_page.h"
#include "fs/s3_source.h"
#include "fs/source_call.h"

#include <pail/s3.h>

#define S3_BUCKET_MIN 3
#define S3_BUCKET_MAX 255

struct s3_source {
    struct client_source base;
    struct pail_str bucket; /* absent: all buckets */
    struct pail_str prefix; /* "" or ends in '/' */
    uint64_t lookups, lists, reads, attributes;
    char text[]; /* bucket and prefix */
};

/* Where a path of the mount is in S3. */
struct s3_place {
    struct pail_str bucket; /* of the source or the path; absent: the root of all buckets */
    size_t key_len;
    char key[S3_KEY_MAX + 1]; /* not terminated; room for the '/' of a directory */
};

static inline struct s3_source *s3_source_of(struct source *source)
{
    return CONTAINER_OF(source, struct s3_source, base.source);
}
static inline struct pail_str s3_place_key(const struct s3_place *place)
{
    return str_of(place->key, place->key_len);
}

/* 0; -ENOENT: no bucket can have that name; -ENAMETOOLONG: the key is longer than any. */
int s3_place_of(const struct s3_source *source, struct pail_str path, struct s3_place *ret);
/* The same of what must be a key; also -EISDIR. */
int s3_place_of_file(const struct s3_source *source, struct pail_str path,
                     struct s3_place *ret);
/* What their failures mean, in static words. */
const char *s3_place_words(int status);
/* Makes the key the prefix of what is below it: a '/' at the end unless it is empty. 0 or
 * -ENAMETOOLONG. */
int s3_place_below(struct s3_place *place);

/* True for the names that buckets may have today: lower case, digits, '.', '-', at most 63. */
bool s3_bucket_by_the_book(struct pail_str name);

/* An entry's etag as the If-Match of a request: absent when there is none. */
struct pail_str s3_if_match(struct pail_str etag);
/* True if a response's ETag is the wanted one, or none is wanted. */
bool s3_same_etag(struct pail_str wanted, struct pail_str got);

/* The call's status, where one version was asked for: 412 and 416 are -ESTALE, whatever the
 * library makes of them. fs thread. */
int s3_version_status(const struct source_call *call);
/* What a function of s3_page.h said becomes the call's result. Net thread. */
void s3_page_converted(struct source_call *call, int result, const char *reason);

/* The operations. */
void s3_lookup(struct source *source, struct source_lookup *lookup);
void s3_list(struct source *source, struct source_list *list);
bool s3_pages(struct source *source, struct pail_str path);
void s3_read(struct source *source, struct source_read *read);
void s3_attributes(struct source *source, struct source_attributes *attributes);

#endif
