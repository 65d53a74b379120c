#include "fs/s3_source_internal.h"

#include <errno.h>

/* Keys below a name that its lookup asks for: whoever looks a directory up wants some of its
 * names next, and so many keys cost no more than one. They are not cut at the '/', which is
 * dear in a directory of many others. */
#define KEYS_ASKED 128

/* A lookup of a key: as an object and as what other keys are below. */
struct key_lookup {
    struct source_state state;
    struct source_call head, list;
    struct pail_s3_head_object_output object;
    struct pail_s3_list_objects_v2_output below_output;
    struct s3_page names; /* of what is below */
    bool directory;       /* the listing found a key below */
    bool odd;             /* not UTF-8: services may refuse to look for it */
    struct source_lookup *lookup;
    struct s3_place below;
    size_t name_len;
    char name[];
};

/* A lookup of a bucket among all. */
struct bucket_lookup {
    struct source_state state;
    struct source_call head;
    struct pail_s3_head_bucket_output bucket;
    struct source_lookup *lookup;
    size_t name_len;
    char name[S3_BUCKET_MAX];
};

static void key_lookup_free(struct source_state *state)
{
    struct key_lookup *kl = CONTAINER_OF(state, struct key_lookup, state);
    s3_page_done(&kl->names);
    pail_output_free(kl->head.operation, &kl->object);
    pail_output_free(&pail_s3_list_objects_v2_operation, &kl->below_output);
    free(kl);
}

static void bucket_lookup_free(struct source_state *state)
{
    struct bucket_lookup *bl = CONTAINER_OF(state, struct bucket_lookup, state);
    pail_output_free(bl->head.operation, &bl->bucket);
    free(bl);
}

static void found_directory(struct source_state *state, struct source_lookup *lookup,
                            struct pail_str name)
{
    lookup->entry = (struct source_entry){.name = name, .type = ENTRY_DIRECTORY};
    source_finish(state, 0, NULL);
}

static void found_file(struct key_lookup *kl)
{
    kl->lookup->entry = (struct source_entry){
        .name = str_of(kl->name, kl->name_len),
        .type = ENTRY_FILE,
        .size = (uint64_t)kl->object.content_length.value,
        .mtime_s = kl->object.last_modified.seconds,
        .etag = kl->object.etag,
    };
    source_finish(&kl->state, 0, NULL);
}

static void convert_head(struct source_call *call)
{
    const struct pail_s3_head_object_output *object = call->out;
    if (!object->content_length.present || object->content_length.value < 0)
        source_call_fail(call, PAIL_ERROR_PARSE, EPROTO, "the object's size is not said");
    else if (object->etag.len == 0 && !object->last_modified.present)
        source_call_fail(call, PAIL_ERROR_PARSE, EPROTO, "the answer is not of an object");
    else if (object->etag.len > S3_ETAG_MAX)
        source_call_fail(call, PAIL_ERROR_PARSE, EPROTO, "the object's ETag is too long");
}

static void convert_list(struct source_call *call)
{
    struct key_lookup *kl = CONTAINER_OF(call, struct key_lookup, list);
    const struct s3_page_query query = {.prefix = s3_place_key(&kl->below), .uncut = true};
    const char *reason = NULL;
    int r = s3_page_of_objects(&kl->below_output, &query, &kl->names, &reason);
    s3_page_converted(call, r, reason);
    kl->directory = kl->below_output.contents.count > 0;
}

/* A service that refuses the name has no such key, and its listing may be no XML with it. */
static bool name_refused(const struct key_lookup *kl, const struct source_call *call)
{
    return kl->odd && call->status < 0 && call->error.http_status == 400;
}

/* Answers as soon as the answer is certain: a directory wins over a file. */
static void key_call_ended(struct source_call *call)
{
    struct key_lookup *kl = CONTAINER_OF(call->state, struct key_lookup, state);
    struct source_call *head = &kl->head, *list = &kl->list;
    if (kl->state.cancelled && call->status == -ECANCELED) {
        source_finish(&kl->state, call->status, &call->error);
        return;
    }
    if (name_refused(kl, call)) {
        source_finish(&kl->state, -ENOENT, &call->error);
        return;
    }
    if (list->over && list->status == 0 && kl->directory) {
        kl->lookup->names = (struct source_names){
            .seen = true,
            .entries = kl->names.entries,
            .count = kl->names.count,
            .complete = !kl->names.next.ptr,
            .unreachable = kl->names.unreachable,
            .unreachable_example = kl->names.unreachable_example,
        };
        found_directory(&kl->state, kl->lookup, str_of(kl->name, kl->name_len));
        return;
    }
    if (!head->over || !list->over)
        return;
    /* Without the right to list, what HEAD finds is all there is to know; any other failure
     * leaves open whether the name is a directory. */
    bool denied = list->status < 0 && list->error.http_status == 403;
    if (list->status < 0 && !(denied && head->status == 0))
        source_finish(&kl->state, list->status, &list->error);
    else if (head->status == 0)
        found_file(kl);
    else
        source_finish(&kl->state, head->status, &head->error);
}

static void key_lookup_start(struct s3_source *source, struct source_lookup *lookup,
                             const struct s3_place *place)
{
    struct pail_str name = lookup->path;
    size_t slash = str_rfind(name, '/');
    if (slash < name.len)
        name = str_sub(name, slash + 1, name.len);
    struct key_lookup *kl = calloc(1, sizeof(*kl) + name.len);
    if (!kl) {
        source_refuse(&source->base, &lookup->request, -ENOMEM, "out of memory");
        return;
    }
    source_state_init(&kl->state, &source->base, &lookup->request, key_lookup_free);
    source_call_init(&kl->state, &kl->head, &pail_s3_head_object_operation, &kl->object,
                     convert_head, key_call_ended);
    source_call_init(&kl->state, &kl->list, &pail_s3_list_objects_v2_operation,
                     &kl->below_output, convert_list, key_call_ended);
    kl->lookup = lookup;
    kl->odd = !str_is_utf8(s3_place_key(place));
    kl->name_len = name.len;
    memcpy(kl->name, name.ptr, name.len);

    const struct pail_call_options options = {.timeout_ms = source->base.metadata_timeout_ms};
    const struct pail_s3_head_object_input head = {.bucket = place->bucket,
                                                   .key = s3_place_key(place)};
    kl->below = *place;
    if (s3_place_below(&kl->below) == 0) {
        const struct pail_s3_list_objects_v2_input list = {
            .bucket = place->bucket,
            .prefix = s3_place_key(&kl->below),
            .max_keys = PAIL_INT(KEYS_ASKED),
        };
        source_call_start(&kl->list, &list, &options, source_call_done);
    } else {
        kl->list.over = true; /* no key is long enough to be below */
    }
    source_call_start(&kl->head, &head, &options, source_call_done);
}

static void bucket_call_ended(struct source_call *call)
{
    struct bucket_lookup *bl = CONTAINER_OF(call, struct bucket_lookup, head);
    struct pail_str name = str_of(bl->name, bl->name_len);
    if (call->status == 0 || call->error.http_status == 403)
        found_directory(&bl->state, bl->lookup, name); /* 403: it is there, for others */
    else if (call->error.http_status == 400 && !s3_bucket_by_the_book(name))
        source_finish(&bl->state, -ENOENT, &call->error);
    else
        source_finish(&bl->state, call->status, &call->error);
}

static void bucket_lookup_start(struct s3_source *source, struct source_lookup *lookup)
{
    struct bucket_lookup *bl = calloc(1, sizeof(*bl));
    if (!bl) {
        source_refuse(&source->base, &lookup->request, -ENOMEM, "out of memory");
        return;
    }
    source_state_init(&bl->state, &source->base, &lookup->request, bucket_lookup_free);
    source_call_init(&bl->state, &bl->head, &pail_s3_head_bucket_operation, &bl->bucket, NULL,
                     bucket_call_ended);
    bl->lookup = lookup;
    bl->name_len = lookup->path.len;
    memcpy(bl->name, lookup->path.ptr, lookup->path.len);
    const struct pail_call_options options = {.timeout_ms = source->base.metadata_timeout_ms};
    const struct pail_s3_head_bucket_input in = {.bucket = lookup->path};
    source_call_start(&bl->head, &in, &options, source_call_done);
}

void s3_lookup(struct source *source, struct source_lookup *lookup)
{
    struct s3_source *s3 = s3_source_of(source);
    s3->lookups++;
    struct s3_place place;
    int r = s3_place_of(s3, lookup->path, &place);
    if (r < 0)
        source_refuse(&s3->base, &lookup->request, r, s3_place_words(r));
    else if (place.key_len == 0)
        bucket_lookup_start(s3, lookup);
    else
        key_lookup_start(s3, lookup, &place);
}
