#include "fs/s3_source_internal.h"

#include <errno.h>

#define BUCKETS_PAGE_MAX 10000 /* what the service gives at most */

struct list_state {
    struct source_state state;
    struct source_call call;
    union {
        struct pail_s3_list_objects_v2_output objects;
        struct pail_s3_list_buckets_output buckets;
    } out;
    struct s3_page_query query;
    struct s3_page page;
    struct source_list *list;
    char text[]; /* the query's prefix, start_after */
};

static void list_free(struct source_state *state)
{
    struct list_state *ls = CONTAINER_OF(state, struct list_state, state);
    s3_page_done(&ls->page);
    pail_output_free(ls->call.operation, &ls->out);
    free(ls);
}

void s3_page_converted(struct source_call *call, int result, const char *reason)
{
    if (result == -ENOMEM)
        source_call_fail(call, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    else if (result < 0)
        source_call_fail(call, PAIL_ERROR_PARSE, -result, reason);
}

static void convert_objects(struct source_call *call)
{
    struct list_state *ls = CONTAINER_OF(call, struct list_state, call);
    const char *reason = NULL;
    int r = s3_page_of_objects(&ls->out.objects, &ls->query, &ls->page, &reason);
    s3_page_converted(call, r, reason);
}

static void convert_buckets(struct source_call *call)
{
    struct list_state *ls = CONTAINER_OF(call, struct list_state, call);
    const char *reason = NULL;
    int r = s3_page_of_buckets(&ls->out.buckets, &ls->query, &ls->page, &reason);
    s3_page_converted(call, r, reason);
}

static void list_ended(struct source_call *call)
{
    struct list_state *ls = CONTAINER_OF(call, struct list_state, call);
    if (call->status == 0) {
        ls->list->entries = ls->page.entries;
        ls->list->count = ls->page.count;
        ls->list->next = ls->page.next;
        ls->list->unreachable = ls->page.unreachable;
        ls->list->unreachable_example = ls->page.unreachable_example;
    }
    source_finish(&ls->state, call->status, &call->error);
}

static struct list_state *list_state_new(struct source_list *list, struct pail_str prefix)
{
    bool first = !list->cursor.ptr;
    size_t after = first ? list->start_after.len : 0, size;
    if (add_overflow(sizeof(struct list_state) + 2 * prefix.len, after, &size))
        return NULL;
    struct list_state *ls = calloc(1, size);
    if (!ls)
        return NULL;
    ls->list = list;
    ls->query.flat = list->flat;
    ls->query.cursor = list->cursor;
    memcpy(ls->text, prefix.ptr, prefix.len);
    ls->query.prefix = str_of(ls->text, prefix.len);
    if (after > 0) {
        char *start = ls->text + prefix.len;
        memcpy(start, prefix.ptr, prefix.len);
        memcpy(start + prefix.len, list->start_after.ptr, after);
        ls->query.start_after = str_of(start, prefix.len + after);
    }
    return ls;
}

static void start_objects(struct list_state *ls, struct pail_str bucket,
                          const struct pail_call_options *options)
{
    const struct pail_s3_list_objects_v2_input in = {
        .bucket = bucket,
        .prefix = ls->query.prefix.len > 0 ? ls->query.prefix : str_of(NULL, 0),
        .delimiter = ls->query.flat ? str_of(NULL, 0) : PAIL_STR("/"),
        .continuation_token = ls->query.cursor,
        .start_after = ls->query.start_after,
    };
    source_call_init(&ls->state, &ls->call, &pail_s3_list_objects_v2_operation, &ls->out,
                     convert_objects, list_ended);
    source_call_start(&ls->call, &in, options, source_call_done);
}

static void start_buckets(struct list_state *ls, const struct pail_call_options *options)
{
    const struct pail_s3_list_buckets_input in = {
        .max_buckets = PAIL_INT(BUCKETS_PAGE_MAX),
        .continuation_token = ls->query.cursor,
    };
    source_call_init(&ls->state, &ls->call, &pail_s3_list_buckets_operation, &ls->out,
                     convert_buckets, list_ended);
    source_call_start(&ls->call, &in, options, source_call_done);
}

void s3_list(struct source *source, struct source_list *list)
{
    struct s3_source *s3 = s3_source_of(source);
    s3->lists++;
    struct s3_place place;
    int r = s3_place_of(s3, list->path, &place);
    if (r == 0)
        r = s3_place_below(&place);
    if (r < 0) {
        source_refuse(&s3->base, &list->request, r, s3_place_words(r));
        return;
    }
    if (!place.bucket.ptr && list->flat) {
        source_refuse(&s3->base, &list->request, -ENOTSUP,
                      "buckets cannot be listed all at once");
        return;
    }
    struct list_state *ls = list_state_new(list, s3_place_key(&place));
    if (!ls) {
        source_refuse(&s3->base, &list->request, -ENOMEM, "out of memory");
        return;
    }
    source_state_init(&ls->state, &s3->base, &list->request, list_free);
    const struct pail_call_options options = {.timeout_ms = s3->base.metadata_timeout_ms};
    if (place.bucket.ptr)
        start_objects(ls, place.bucket, &options);
    else
        start_buckets(ls, &options);
}

bool s3_pages(struct source *source, struct pail_str path)
{
    struct s3_place place;
    return s3_place_of(s3_source_of(source), path, &place) == 0 && place.bucket.ptr;
}
