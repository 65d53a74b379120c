#include "peer/s3_private.h"

#include <inttypes.h>

int s3_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

static void object_free(struct s3_object *object)
{
    peer_blob_unref(object->content);
    free(object->key);
    free(object->etag);
    free(object->content_type);
    free(object->headers);
    free(object->checksums);
    free(object->storage_class);
    free(object);
}

static int by_key_then_serial(const void *a, const void *b)
{
    const struct s3_object *x = *(struct s3_object *const *)a;
    const struct s3_object *y = *(struct s3_object *const *)b;
    int order = s3_compare(x->key, x->key_len, y->key, y->key_len);
    return order ? order : (x->serial > y->serial) - (x->serial < y->serial);
}

/* Sort, and of several objects with one key keep the last that was put. */
static void bucket_sort(struct s3_bucket *bucket)
{
    if (!bucket->unsorted)
        return;
    qsort(bucket->objects, bucket->count, sizeof(struct s3_object *), by_key_then_serial);
    size_t kept = 0;
    for (size_t i = 0; i < bucket->count; i++) {
        struct s3_object *object = bucket->objects[i];
        struct s3_object *last = kept ? bucket->objects[kept - 1] : NULL;
        if (last && s3_compare(last->key, last->key_len, object->key, object->key_len) == 0) {
            object_free(last);
            kept--;
        }
        bucket->objects[kept++] = object;
    }
    bucket->count = kept;
    bucket->unsorted = false;
}

size_t s3_lower_bound(struct s3_bucket *bucket, const char *key, size_t len)
{
    bucket_sort(bucket);
    size_t low = 0, high = bucket->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct s3_object *object = bucket->objects[middle];
        if (s3_compare(object->key, object->key_len, key, len) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct s3_object *s3_object_find(struct s3_bucket *bucket, const char *key, size_t len)
{
    size_t at = s3_lower_bound(bucket, key, len);
    if (at == bucket->count)
        return NULL;
    struct s3_object *object = bucket->objects[at];
    return s3_compare(object->key, object->key_len, key, len) == 0 ? object : NULL;
}

struct s3_bucket *s3_bucket_find(struct peer_s3 *s3, const char *name, size_t len)
{
    for (struct s3_bucket *bucket = s3->buckets; bucket; bucket = bucket->next)
        if (strlen(bucket->name) == len && memcmp(bucket->name, name, len) == 0)
            return bucket;
    return NULL;
}

struct peer_s3 *peer_s3_start(void)
{
    struct peer_s3 *s3 = peer_zalloc(sizeof(*s3));
    s3->page_size = S3_KEYS_MAX;
    (void)snprintf(s3->region, sizeof(s3->region), "us-east-1");
    s3->peer = peer_start();
    peer_set_request_ids(s3->peer, true);
    peer_set_handler(s3->peer, s3_handle, s3);
    return s3;
}

static void bucket_free(struct s3_bucket *bucket)
{
    for (size_t i = 0; i < bucket->count; i++)
        object_free(bucket->objects[i]);
    free(bucket->objects);
    free(bucket->name);
    free(bucket);
}

void peer_s3_stop(struct peer_s3 *s3)
{
    if (!s3)
        return;
    peer_stop(s3->peer);
    for (struct s3_bucket *bucket = s3->buckets, *next; bucket; bucket = next) {
        next = bucket->next;
        bucket_free(bucket);
    }
    free(s3);
}

struct peer *peer_s3_peer(struct peer_s3 *s3)
{
    return s3->peer;
}

const char *peer_s3_url(struct peer_s3 *s3)
{
    return peer_url(s3->peer);
}

void peer_s3_bucket(struct peer_s3 *s3, const char *name)
{
    peer_lock(s3->peer);
    if (!s3_bucket_find(s3, name, strlen(name))) {
        struct s3_bucket **link = &s3->buckets;
        while (*link && strcmp((*link)->name, name) < 0)
            link = &(*link)->next;
        struct s3_bucket *bucket = peer_zalloc(sizeof(*bucket));
        bucket->name = peer_strndup(name, strlen(name));
        bucket->next = *link;
        *link = bucket;
    }
    peer_unlock(s3->peer);
}

void peer_s3_bucket_delete(struct peer_s3 *s3, const char *name)
{
    peer_lock(s3->peer);
    for (struct s3_bucket **link = &s3->buckets; *link; link = &(*link)->next) {
        if (strcmp((*link)->name, name) != 0)
            continue;
        struct s3_bucket *gone = *link;
        *link = gone->next;
        bucket_free(gone);
        break;
    }
    peer_unlock(s3->peer);
}

static char *copy_text(const char *text)
{
    return text ? peer_strndup(text, strlen(text)) : NULL;
}

static struct s3_object *object_new(struct peer_s3 *s3, const struct peer_s3_object *from)
{
    struct s3_object *object = peer_zalloc(sizeof(*object));
    object->key_len = from->key_len ? from->key_len : strlen(from->key);
    object->key = peer_strndup(from->key, object->key_len);
    object->size = from->size;
    object->seed = from->seed;
    object->serial = ++s3->serials;
    if (from->content) {
        if (from->size == 0)
            object->size = strlen((const char *)from->content);
        object->content = peer_blob_new(from->content, (size_t)object->size);
    }
    char etag[64];
    (void)snprintf(etag, sizeof(etag), "\"%016" PRIx64 "%016" PRIx64 "\"", object->seed + 1,
                   object->serial);
    object->etag = copy_text(from->etag ? from->etag : etag);
    object->content_type =
        copy_text(from->content_type ? from->content_type : "binary/octet-stream");
    object->headers = copy_text(from->headers);
    object->checksums = copy_text(from->checksums);
    object->storage_class = copy_text(from->storage_class);
    object->mtime = from->mtime ? from->mtime : PEER_S3_MTIME;
    object->denied = from->denied;
    return object;
}

/* In its place where that is cheap, else at the end: sorted when somebody looks. */
static void bucket_insert(struct s3_bucket *bucket, struct s3_object *object)
{
    if (bucket->count == bucket->cap) {
        bucket->cap = bucket->cap ? bucket->cap * 2 : 64;
        bucket->objects =
            peer_realloc(bucket->objects, bucket->cap * sizeof(struct s3_object *));
    }
    if (!bucket->unsorted) {
        size_t at = s3_lower_bound(bucket, object->key, object->key_len);
        struct s3_object **place = &bucket->objects[at];
        if (at < bucket->count &&
            s3_compare((*place)->key, (*place)->key_len, object->key, object->key_len) == 0) {
            object_free(*place);
            *place = object;
            return;
        }
        bucket->unsorted = at < bucket->count;
    }
    bucket->objects[bucket->count++] = object;
}

void peer_s3_put(struct peer_s3 *s3, const char *bucket_name,
                 const struct peer_s3_object *object)
{
    peer_lock(s3->peer);
    struct s3_bucket *bucket = s3_bucket_find(s3, bucket_name, strlen(bucket_name));
    if (!bucket)
        peer_die("put into a bucket that does not exist");
    bucket_insert(bucket, object_new(s3, object));
    peer_unlock(s3->peer);
}

void peer_s3_put_text(struct peer_s3 *s3, const char *bucket, const char *key, const char *text)
{
    peer_s3_put(s3, bucket, &(struct peer_s3_object){.key = key, .content = text});
}

void peer_s3_put_generated(struct peer_s3 *s3, const char *bucket, const char *key,
                           uint64_t size, uint64_t seed)
{
    peer_s3_put(s3, bucket, &(struct peer_s3_object){.key = key, .size = size, .seed = seed});
}

bool peer_s3_delete(struct peer_s3 *s3, const char *bucket_name, const char *key)
{
    bool found = false;
    peer_lock(s3->peer);
    struct s3_bucket *bucket = s3_bucket_find(s3, bucket_name, strlen(bucket_name));
    struct s3_object *object = bucket ? s3_object_find(bucket, key, strlen(key)) : NULL;
    if (object) {
        size_t at = s3_lower_bound(bucket, key, strlen(key));
        bucket->count--;
        memmove(&bucket->objects[at], &bucket->objects[at + 1],
                (bucket->count - at) * sizeof(struct s3_object *));
        object_free(object);
        found = true;
    }
    peer_unlock(s3->peer);
    return found;
}

size_t peer_s3_count(struct peer_s3 *s3, const char *bucket_name)
{
    peer_lock(s3->peer);
    struct s3_bucket *bucket = s3_bucket_find(s3, bucket_name, strlen(bucket_name));
    if (bucket)
        bucket_sort(bucket);
    size_t count = bucket ? bucket->count : 0;
    peer_unlock(s3->peer);
    return count;
}

void peer_s3_etag(struct peer_s3 *s3, const char *bucket_name, const char *key,
                  char ret[static 64])
{
    peer_lock(s3->peer);
    struct s3_bucket *bucket = s3_bucket_find(s3, bucket_name, strlen(bucket_name));
    struct s3_object *object = bucket ? s3_object_find(bucket, key, strlen(key)) : NULL;
    (void)snprintf(ret, 64, "%s", object ? object->etag : "");
    peer_unlock(s3->peer);
}

void peer_s3_set_page_size(struct peer_s3 *s3, unsigned keys)
{
    peer_lock(s3->peer);
    s3->page_size = keys;
    peer_unlock(s3->peer);
}

void peer_s3_set_region(struct peer_s3 *s3, const char *region)
{
    peer_lock(s3->peer);
    (void)snprintf(s3->region, sizeof(s3->region), "%s", region);
    peer_unlock(s3->peer);
}

void peer_s3_check_region(struct peer_s3 *s3, bool on)
{
    peer_lock(s3->peer);
    s3->check_region = on;
    peer_unlock(s3->peer);
}
