#include "fs/s3_source_internal.h"

#include <errno.h>

#define BOOK_BUCKET_MAX 63

/* Lenient: what some service may have as a bucket. */
static bool bucket_possible(struct pail_str name)
{
    if (name.len < S3_BUCKET_MIN || name.len > S3_BUCKET_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
        if (!good)
            return false;
    }
    return true;
}

bool s3_bucket_by_the_book(struct pail_str name)
{
    if (name.len < S3_BUCKET_MIN || name.len > BOOK_BUCKET_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool alnum = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        bool inside = i > 0 && i + 1 < name.len && (c == '.' || c == '-');
        if (!alnum && !inside)
            return false;
    }
    return true;
}

int s3_url_parse(struct pail_str url, struct pail_str *ret_bucket, struct pail_str *ret_prefix,
                 const char **ret_reason)
{
    struct pail_str scheme = PAIL_STR("s3://");
    if (!str_starts(url, scheme)) {
        *ret_reason = "does not start with s3://";
        return -EINVAL;
    }
    struct pail_str rest = str_sub(url, scheme.len, url.len);
    if (rest.len == 0) {
        *ret_bucket = (struct pail_str){0};
        *ret_prefix = PAIL_STR("");
        return 0;
    }
    size_t slash = str_find(rest, '/', 0);
    struct pail_str bucket = str_sub(rest, 0, slash);
    struct pail_str prefix = str_sub(rest, slash + (slash < rest.len), rest.len);
    if (!bucket_possible(bucket)) {
        *ret_reason = "a bucket's name has 3 to 255 letters, digits, '.', '-' and '_'";
        return -EINVAL;
    }
    if (prefix.len > S3_KEY_MAX) {
        *ret_reason = "the prefix is longer than any key";
        return -EINVAL;
    }
    struct pail_str names = prefix, name;
    while (prefix.len > 0 && str_next(&names, '/', &name)) {
        bool last = name.ptr + name.len == prefix.ptr + prefix.len;
        if (name.len == 0 && !last) {
            *ret_reason = "the prefix has an empty name in it";
            return -EINVAL;
        }
    }
    if (str_ends(prefix, PAIL_STR("/")))
        prefix.len--;
    *ret_bucket = bucket;
    *ret_prefix = prefix;
    return 0;
}

int s3_place_of(const struct s3_source *source, struct pail_str path, struct s3_place *ret)
{
    struct pail_str key = path;
    ret->key_len = 0;
    ret->bucket = source->bucket;
    if (!source->bucket.ptr) {
        size_t slash = str_find(path, '/', 0);
        if (path.len > 0)
            ret->bucket = str_sub(path, 0, slash);
        key = str_sub(path, slash + (slash < path.len), path.len);
        if (path.len > 0 && !bucket_possible(ret->bucket))
            return -ENOENT;
    }
    size_t len;
    if (add_overflow(source->prefix.len, key.len, &len) || len > S3_KEY_MAX)
        return -ENAMETOOLONG;
    memcpy(ret->key, source->prefix.ptr, source->prefix.len);
    if (key.len > 0)
        memcpy(ret->key + source->prefix.len, key.ptr, key.len);
    ret->key_len = len;
    return 0;
}

int s3_place_of_file(const struct s3_source *source, struct pail_str path, struct s3_place *ret)
{
    int r = s3_place_of(source, path, ret);
    return r == 0 && ret->key_len == 0 ? -EISDIR : r;
}

const char *s3_place_words(int status)
{
    switch (status) {
    case -ENOENT:
        return "no bucket can have that name";
    case -EISDIR:
        return "not an object";
    default:
        return "longer than any key";
    }
}

int s3_place_below(struct s3_place *place)
{
    if (place->key_len == 0 || place->key[place->key_len - 1] == '/')
        return 0;
    if (place->key_len >= S3_KEY_MAX)
        return -ENAMETOOLONG;
    place->key[place->key_len++] = '/';
    return 0;
}

struct pail_str s3_if_match(struct pail_str etag)
{
    return etag.len > 0 ? etag : str_of(NULL, 0);
}

bool s3_same_etag(struct pail_str wanted, struct pail_str got)
{
    return wanted.len == 0 || str_eq(wanted, got);
}
