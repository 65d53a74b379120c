#include "peer/s3_private.h"

#include <inttypes.h>

#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define XMLNS    "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

void s3_list_buckets(struct peer_s3 *s3, struct peer_response *response)
{
    struct peer_text out = {0};
    char when[64];
    s3_format_time(PEER_S3_MTIME, false, when);
    peer_text_addf(&out, XML_HEAD "<ListAllMyBucketsResult " XMLNS "><Owner><ID>owner</ID>"
                                  "<DisplayName>owner</DisplayName></Owner><Buckets>");
    for (struct s3_bucket *bucket = s3->buckets; bucket; bucket = bucket->next)
        peer_text_addf(&out, "<Bucket><Name>%s</Name><CreationDate>%s</CreationDate></Bucket>",
                       bucket->name, when);
    peer_text_addf(&out, "</Buckets></ListAllMyBucketsResult>");
    peer_response_headers(response, "Content-Type: application/xml");
    peer_response_body(response, out.data, out.len);
    free(out.data);
}

/* One page of a listing. */
struct page {
    const char *prefix, *delimiter, *start_after, *token;
    size_t prefix_len, delimiter_len;
    uint64_t max_keys;
    bool url;
    struct peer_text contents, prefixes;
    uint64_t count;
    bool truncated;
    struct peer_text next; /* the next page begins after it, as tokens say it: 'K' key or 'P'
                              common prefix */
};

static const char *param_or(const struct peer_request *request, const char *name,
                            const char *otherwise)
{
    const char *value = peer_request_param(request, name);
    return value ? value : otherwise;
}

/* The index of the first object after everything that begins with the prefix. */
static size_t after_prefix(struct s3_bucket *bucket, const char *prefix, size_t len)
{
    char *next = peer_strndup(prefix, len);
    while (len > 0 && (unsigned char)next[len - 1] == 0xff)
        len--;
    if (len > 0)
        next[len - 1] = (char)((unsigned char)next[len - 1] + 1);
    size_t at = len > 0 ? s3_lower_bound(bucket, next, len) : bucket->count;
    free(next);
    return at;
}

static size_t after_key(struct s3_bucket *bucket, const char *key, size_t len)
{
    size_t at = s3_lower_bound(bucket, key, len);
    bool same = at < bucket->count && s3_compare(bucket->objects[at]->key,
                                                 bucket->objects[at]->key_len, key, len) == 0;
    return same ? at + 1 : at;
}

static int nibble(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Where the page begins; false if the token is none of ours. */
static bool page_start(struct s3_bucket *bucket, const struct page *page, size_t *ret)
{
    size_t start = s3_lower_bound(bucket, page->prefix, page->prefix_len);
    size_t from = 0;
    if (page->token) {
        size_t len = strlen(page->token);
        struct peer_text place = {0};
        for (size_t i = 0; i + 1 < len; i += 2) {
            int high = nibble(page->token[i]), low = nibble(page->token[i + 1]);
            char c = (char)(high * 16 + low);
            if (high < 0 || low < 0)
                break;
            peer_text_add(&place, &c, 1);
        }
        bool good =
            len > 1 && place.len * 2 == len && (*place.data == 'K' || *place.data == 'P');
        if (good && *place.data == 'K')
            from = after_key(bucket, place.data + 1, place.len - 1);
        else if (good)
            from = after_prefix(bucket, place.data + 1, place.len - 1);
        free(place.data);
        if (!good)
            return false;
    } else if (page->start_after) {
        from = after_key(bucket, page->start_after, strlen(page->start_after));
    }
    *ret = from > start ? from : start;
    return true;
}

static void add_object(struct page *page, const struct s3_object *object)
{
    struct peer_text *out = &page->contents;
    char when[64];
    s3_format_time(object->mtime, false, when);
    peer_text_addf(out, "<Contents><Key>");
    s3_add_text(out, object->key, object->key_len, page->url);
    peer_text_addf(out, "</Key><LastModified>%s</LastModified><ETag>", when);
    s3_add_text(out, object->etag, strlen(object->etag), false);
    peer_text_addf(out,
                   "</ETag><Size>%" PRIu64 "</Size><StorageClass>%s</StorageClass></Contents>",
                   object->size, object->storage_class ? object->storage_class : "STANDARD");
}

/* The length of the common prefix that hides this key, 0 if none does. */
static size_t common_prefix(const struct page *page, const struct s3_object *object)
{
    if (page->delimiter_len == 0)
        return 0;
    const char *rest = object->key + page->prefix_len;
    const char *found =
        memmem(rest, object->key_len - page->prefix_len, page->delimiter, page->delimiter_len);
    return found ? (size_t)(found - object->key) + page->delimiter_len : 0;
}

static void page_fill(struct s3_bucket *bucket, struct page *page, size_t at)
{
    /* A start inside a common prefix shows that prefix (again) if it holds keys after the
     * start. */
    while (at < bucket->count) {
        const struct s3_object *object = bucket->objects[at];
        if (object->key_len < page->prefix_len ||
            memcmp(object->key, page->prefix, page->prefix_len) != 0)
            return;
        size_t common = common_prefix(page, object);
        if (page->count == page->max_keys) {
            page->truncated = page->max_keys > 0;
            return;
        }
        page->count++;
        page->next.len = 0;
        peer_text_addf(&page->next, "%c", common ? 'P' : 'K');
        peer_text_add(&page->next, object->key, common ? common : object->key_len);
        if (common) {
            peer_text_addf(&page->prefixes, "<CommonPrefixes><Prefix>");
            s3_add_text(&page->prefixes, object->key, common, page->url);
            peer_text_addf(&page->prefixes, "</Prefix></CommonPrefixes>");
            at = after_prefix(bucket, object->key, common);
        } else {
            add_object(page, object);
            at++;
        }
    }
}

static void add_field(struct peer_text *out, const char *name, const char *value, bool url)
{
    peer_text_addf(out, "<%s>", name);
    s3_add_text(out, value, strlen(value), url);
    peer_text_addf(out, "</%s>", name);
}

static void page_render(const struct s3_bucket *bucket, const struct page *page,
                        struct peer_text *out)
{
    peer_text_addf(out, XML_HEAD "<ListBucketResult " XMLNS ">");
    add_field(out, "Name", bucket->name, false);
    add_field(out, "Prefix", page->prefix, page->url);
    if (page->start_after)
        add_field(out, "StartAfter", page->start_after, page->url);
    if (page->token)
        add_field(out, "ContinuationToken", page->token, false);
    if (page->truncated) {
        peer_text_addf(out, "<NextContinuationToken>");
        for (size_t i = 0; i < page->next.len; i++)
            peer_text_addf(out, "%02x", (unsigned char)page->next.data[i]);
        peer_text_addf(out, "</NextContinuationToken>");
    }
    peer_text_addf(out, "<KeyCount>%" PRIu64 "</KeyCount><MaxKeys>%" PRIu64 "</MaxKeys>",
                   page->count, page->max_keys);
    if (page->delimiter_len > 0)
        add_field(out, "Delimiter", page->delimiter, page->url);
    if (page->url)
        add_field(out, "EncodingType", "url", false);
    add_field(out, "IsTruncated", page->truncated ? "true" : "false", false);
    peer_text_add(out, page->contents.data, page->contents.len);
    peer_text_add(out, page->prefixes.data, page->prefixes.len);
    peer_text_addf(out, "</ListBucketResult>");
}

static uint64_t max_keys(const struct peer_s3 *s3, const struct peer_request *request)
{
    const char *text = param_or(request, "max-keys", "1000");
    uint64_t n = 0;
    for (; *text >= '0' && *text <= '9' && n <= S3_KEYS_MAX; text++)
        n = n * 10 + (uint64_t)(*text - '0');
    return n < s3->page_size ? n : s3->page_size;
}

void s3_list_objects(struct peer_s3 *s3, struct s3_bucket *bucket,
                     const struct peer_request *request, struct peer_response *response)
{
    struct page page = {
        .prefix = param_or(request, "prefix", ""),
        .delimiter = param_or(request, "delimiter", ""),
        .start_after = peer_request_param(request, "start-after"),
        .token = peer_request_param(request, "continuation-token"),
        .max_keys = max_keys(s3, request),
        .url = strcmp(param_or(request, "encoding-type", ""), "url") == 0,
    };
    page.prefix_len = strlen(page.prefix);
    page.delimiter_len = strlen(page.delimiter);
    size_t at;
    if (!page_start(bucket, &page, &at)) {
        s3_error(request, response, 400, "InvalidArgument",
                 "The continuation token provided is incorrect");
        return;
    }
    page_fill(bucket, &page, at);
    struct peer_text out = {0};
    page_render(bucket, &page, &out);
    peer_response_headers(response, "Content-Type: application/xml");
    peer_response_body(response, out.data, out.len);
    free(out.data);
    free(page.contents.data);
    free(page.prefixes.data);
    free(page.next.data);
}
