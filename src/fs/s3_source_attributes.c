#include "base/arena.h"
#include "base/date.h"
#include "fs/s3_source_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/limits.h>

#define PREFIX      "user.s3."
#define META_PREFIX PREFIX "meta."
#define TEXT_MAX                                                                               \
    (256 * 1024) /* of the names made here: the service allows 2 KiB of metadata               \
                  */

struct attributes_state {
    struct source_state state;
    struct source_call call;
    struct pail_s3_head_object_output object;
    struct source_attributes *attributes;
    struct source_attribute *items;
    size_t count;
    struct arena *text; /* what is not in the output */
};

/* The members shown as they are. */
static const struct {
    const char *name;
    size_t offset;
} strings[] = {
#define SHOWN(name_, field_)                                                                   \
    {                                                                                          \
        PREFIX name_, offsetof(struct pail_s3_head_object_output, field_)                      \
    }
    SHOWN("etag", etag),
    SHOWN("content-type", content_type),
    SHOWN("content-encoding", content_encoding),
    SHOWN("content-language", content_language),
    SHOWN("content-disposition", content_disposition),
    SHOWN("cache-control", cache_control),
    SHOWN("expires", expires_string),
    SHOWN("storage-class", storage_class),
    SHOWN("version-id", version_id),
    SHOWN("server-side-encryption", server_side_encryption),
    SHOWN("restore", restore),
    SHOWN("checksum-crc32", checksum_crc32),
    SHOWN("checksum-crc32c", checksum_crc32c),
    SHOWN("checksum-crc64nvme", checksum_crc64nvme),
    SHOWN("checksum-sha1", checksum_sha1),
    SHOWN("checksum-sha256", checksum_sha256),
    SHOWN("checksum-sha512", checksum_sha512),
    SHOWN("checksum-md5", checksum_md5),
    SHOWN("checksum-xxhash64", checksum_xxhash64),
    SHOWN("checksum-xxhash3", checksum_xxhash3),
    SHOWN("checksum-xxhash128", checksum_xxhash128),
    SHOWN("checksum-type", checksum_type),
#undef SHOWN
};
#define NUMBER_MAX 64
#define OTHERS     2 /* content-length, last-modified */

static void attributes_free(struct source_state *state)
{
    struct attributes_state *as = CONTAINER_OF(state, struct attributes_state, state);
    free(as->items);
    arena_free(as->text);
    pail_output_free(as->call.operation, &as->object);
    free(as);
}

static void add(struct attributes_state *as, struct pail_str name, struct pail_str value)
{
    as->items[as->count++] = (struct source_attribute){.name = name, .value = value};
}

static bool add_numbers(struct attributes_state *as)
{
    const struct pail_s3_head_object_output *object = &as->object;
    CLEANUP_DONE(buf) struct buf b;
    buf_init(&b, NUMBER_MAX);
    if (object->content_length.present) {
        buf_addf(&b, "%" PRId64, object->content_length.value);
        struct pail_str text = arena_str(as->text, buf_str(&b));
        if (buf_failed(&b) || !text.ptr)
            return false;
        add(as, PAIL_STR(PREFIX "content-length"), text);
    }
    if (object->last_modified.present) {
        buf_reset(&b);
        buf_add_iso8601(&b, object->last_modified);
        struct pail_str text = arena_str(as->text, buf_str(&b));
        if (buf_failed(&b) || !text.ptr)
            return false;
        add(as, PAIL_STR(PREFIX "last-modified"), text);
    }
    return true;
}

/* Names in lower case: of HTTP headers no other is reliable. */
static bool add_metadata(struct attributes_state *as, const struct pail_str_entry *meta)
{
    struct pail_str prefix = PAIL_STR(META_PREFIX);
    size_t len;
    if (add_overflow(prefix.len, meta->key.len, &len) || len > XATTR_NAME_MAX ||
        meta->key.len == 0)
        return true; /* no attribute can have that name */
    char *name = arena_alloc(as->text, len);
    if (!name)
        return false;
    memcpy(name, prefix.ptr, prefix.len);
    for (size_t i = 0; i < meta->key.len; i++) {
        char c = meta->key.ptr[i];
        name[prefix.len + i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    add(as, str_of(name, len), meta->value);
    return true;
}

static bool add_all(struct attributes_state *as)
{
    const struct pail_s3_head_object_output *object = &as->object;
    size_t max;
    if (add_overflow(object->metadata.count, ARRAY_LEN(strings) + OTHERS, &max))
        return false;
    as->items = calloc(max, sizeof(*as->items));
    as->text = arena_new(TEXT_MAX);
    if (!as->items || !as->text || !add_numbers(as))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(strings); i++) {
        const char *member = (const char *)object + strings[i].offset;
        struct pail_str value = *(const struct pail_str *)(const void *)member;
        if (value.ptr)
            add(as, str_c(strings[i].name), value);
    }
    for (size_t i = 0; i < object->metadata.count; i++) {
        if (!add_metadata(as, &object->metadata.items[i]))
            return false;
    }
    return true;
}

static void convert(struct source_call *call)
{
    struct attributes_state *as = CONTAINER_OF(call, struct attributes_state, call);
    if (as->attributes->etag.len > 0 && as->object.etag.len == 0)
        source_call_fail(call, PAIL_ERROR_PARSE, EPROTO, "the response has no ETag");
    else if (!s3_same_etag(as->attributes->etag, as->object.etag))
        source_call_fail(call, PAIL_ERROR_CHANGED, ESTALE, "the object has another ETag");
    else if (!add_all(as))
        source_call_fail(call, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
}

static void ended(struct source_call *call)
{
    struct attributes_state *as = CONTAINER_OF(call, struct attributes_state, call);
    if (call->status == 0) {
        as->attributes->items = as->items;
        as->attributes->count = as->count;
    }
    source_finish(&as->state, s3_version_status(call), &call->error);
}

void s3_attributes(struct source *source, struct source_attributes *attributes)
{
    struct s3_source *s3 = s3_source_of(source);
    s3->attributes++;
    struct s3_place place;
    int r = s3_place_of_file(s3, attributes->path, &place);
    if (r < 0) {
        source_refuse(&s3->base, &attributes->request, r, s3_place_words(r));
        return;
    }
    struct attributes_state *as = calloc(1, sizeof(*as));
    if (!as) {
        source_refuse(&s3->base, &attributes->request, -ENOMEM, "out of memory");
        return;
    }
    source_state_init(&as->state, &s3->base, &attributes->request, attributes_free);
    source_call_init(&as->state, &as->call, &pail_s3_head_object_operation, &as->object,
                     convert, ended);
    as->attributes = attributes;
    const struct pail_call_options options = {.timeout_ms = s3->base.metadata_timeout_ms};
    const struct pail_s3_head_object_input in = {
        .bucket = place.bucket,
        .key = s3_place_key(&place),
        .if_match = s3_if_match(attributes->etag),
        .checksum_mode = PAIL_STR("ENABLED"),
    };
    source_call_start(&as->call, &in, &options, source_call_done);
}
