#include "fs/s3_source_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define RANGE_MAX 64 /* "bytes=A-B" */

/* From the start until the call's message: the net thread's, but for what the fs thread must do
 * to cancel. */
struct read_state {
    struct source_state state;
    struct source_call call;
    struct pail_s3_get_object_output object;
    struct source_read *read;
    uint64_t wanted; /* bytes of the stretches */
    bool whole; /* they are the whole file: asked for without a range, so that its checksum is
                   verified */
    bool head_done; /* net thread: the call's done came */
    size_t left;    /* net thread: buffers the library holds */
    struct pail_buffer buffers[];
};

static void read_free(struct source_state *state)
{
    struct read_state *rs = CONTAINER_OF(state, struct read_state, state);
    free(rs);
}

static void deliver_opened(struct message *message)
{
    struct source_read *read = CONTAINER_OF(message, struct source_read, opened_message);
    read->opened(read);
}

static void deliver_filled(struct message *message)
{
    struct source_stretch *stretch = CONTAINER_OF(message, struct source_stretch, message);
    struct source_read *read = stretch->read;
    read->filled(read, (size_t)(stretch - read->stretches));
}

/* Keeps the first failure. */
static void fail(struct read_state *rs, int kind, int sys, const char *words)
{
    if (rs->call.status == 0)
        source_call_fail(&rs->call, kind, sys, words);
}

/* The end may be told once the library holds nothing of the read. */
static void post_if_over(struct read_state *rs)
{
    if (rs->head_done && rs->left == 0)
        mailbox_post(rs->state.source->mailbox, &rs->call.message);
}

/* The size of the whole object in "bytes A-B/SIZE"; `absent` if it is not said. */
static uint64_t total_of(struct pail_str content_range, uint64_t absent)
{
    size_t slash = str_rfind(content_range, '/');
    uint64_t total;
    if (slash == content_range.len ||
        num_u64(str_sub(content_range, slash + 1, content_range.len), UINT64_MAX, &total) < 0)
        return absent;
    return total;
}

/* True if the response is of the version and length that were asked for. */
static bool check_head(struct read_state *rs)
{
    const struct pail_s3_get_object_output *object = &rs->object;
    const struct source_read *read = rs->read;
    if (read->etag.len > 0 && object->etag.len == 0) {
        fail(rs, PAIL_ERROR_PARSE, EPROTO, "the response has no ETag");
        return false;
    }
    if (!s3_same_etag(read->etag, object->etag)) {
        fail(rs, PAIL_ERROR_CHANGED, ESTALE, "the object has another ETag");
        return false;
    }
    if (!object->content_length.present) {
        fail(rs, PAIL_ERROR_PARSE, EPROTO, "the response does not say its length");
        return false;
    }
    if (rs->whole && object->response.http_status != 200) {
        fail(rs, PAIL_ERROR_PARSE, EPROTO, "the response is a part that was not asked for");
        return false;
    }
    bool length = object->content_length.value >= 0 &&
                  (uint64_t)object->content_length.value == rs->wanted;
    if (!length || (!rs->whole && total_of(object->content_range, read->size) != read->size)) {
        fail(rs, PAIL_ERROR_CHANGED, ESTALE, "the object has another size");
        return false;
    }
    return true;
}

static void head_arrived(struct pail_call *call, int status, const struct pail_error *error,
                         void *user)
{
    struct read_state *rs = CONTAINER_OF(user, struct read_state, call);
    if (status < 0) {
        rs->call.status = status;
        if (error)
            rs->call.error = *error;
    } else if (check_head(rs)) {
        mailbox_post(rs->state.source->mailbox, &rs->read->opened_message);
    } else {
        pail_call_cancel(call);
    }
    rs->head_done = true;
    post_if_over(rs);
}

static void buffer_back(struct pail_buffer *buffer, int status, const struct pail_error *error)
{
    struct read_state *rs = buffer->user;
    struct source_stretch *stretch = &rs->read->stretches[buffer - rs->buffers];
    if (status < 0 && rs->call.status == 0) {
        rs->call.status = status;
        if (error)
            rs->call.error = *error;
    } else if (status == 0 && buffer->filled < buffer->size) {
        fail(rs, PAIL_ERROR_INCOMPLETE_READ, EIO, "the body is shorter than the object");
    } else if (rs->call.status == 0) {
        mailbox_post(rs->state.source->mailbox, &stretch->message);
    }
    rs->left--;
    post_if_over(rs);
}

static void ended(struct source_call *call)
{
    struct read_state *rs = CONTAINER_OF(call, struct read_state, call);
    struct source_read *read = rs->read;
    int status = s3_version_status(call);
    pail_output_free(call->operation, &rs->object);
    if (status < 0 && rs->wanted > 0) {
        read->request.first = read->offset;
        read->request.last = read->offset + rs->wanted - 1;
    }
    source_finish(&rs->state, status, &call->error);
}

/* Checks the stretches and readies their messages. False: they are not within the file. */
static bool prepare(struct source_read *read, uint64_t *ret_wanted)
{
    uint64_t end = read->offset;
    for (size_t i = 0; i < read->count; i++) {
        struct source_stretch *stretch = &read->stretches[i];
        stretch->read = read;
        stretch->message.deliver = deliver_filled;
        if (stretch->size == 0 || add_overflow_u64(end, stretch->size, &end))
            return false;
    }
    read->opened_message.deliver = deliver_opened;
    *ret_wanted = end - read->offset;
    return end <= read->size && (*ret_wanted > 0 || read->size == 0);
}

static struct read_state *read_state_new(struct source_read *read, uint64_t wanted)
{
    size_t size;
    if (mul_overflow(read->count, sizeof(struct pail_buffer), &size) ||
        add_overflow(size, sizeof(struct read_state), &size))
        return NULL;
    struct read_state *rs = calloc(1, size);
    if (!rs)
        return NULL;
    rs->read = read;
    rs->wanted = wanted;
    rs->whole = wanted == read->size;
    rs->left = read->count;
    for (size_t i = 0; i < read->count; i++) {
        rs->buffers[i] = (struct pail_buffer){
            .data = read->stretches[i].data,
            .size = read->stretches[i].size,
            .done = buffer_back,
            .user = rs,
            .next = i + 1 < read->count ? &rs->buffers[i + 1] : NULL,
        };
    }
    return rs;
}

void s3_read(struct source *source, struct source_read *read)
{
    struct s3_source *s3 = s3_source_of(source);
    s3->reads++;
    struct s3_place place;
    int r = s3_place_of_file(s3, read->path, &place);
    if (r < 0) {
        source_refuse(&s3->base, &read->request, r, s3_place_words(r));
        return;
    }
    uint64_t wanted;
    if (!prepare(read, &wanted)) {
        source_refuse(&s3->base, &read->request, -EINVAL, "the bytes are not within the file");
        return;
    }
    struct read_state *rs = read_state_new(read, wanted);
    if (!rs) {
        source_refuse(&s3->base, &read->request, -ENOMEM, "out of memory");
        return;
    }
    source_state_init(&rs->state, &s3->base, &read->request, read_free);
    source_call_init(&rs->state, &rs->call, &pail_s3_get_object_operation, &rs->object, NULL,
                     ended);

    char range[RANGE_MAX];
    int len = snprintf(range, sizeof(range), "bytes=%" PRIu64 "-%" PRIu64, read->offset,
                       read->offset + wanted - 1);
    const struct pail_s3_get_object_input in = {
        .bucket = place.bucket,
        .key = s3_place_key(&place),
        .if_match = s3_if_match(read->etag),
        .range = rs->whole ? str_of(NULL, 0) : str_of(range, (size_t)len),
    };
    const struct pail_call_options options = {
        .timeout_ms = read->timeout_ms,
        .timeout_restarts = true,
        .resume = true,
        .exact_range = !rs->whole,
        .buffers = read->count > 0 ? rs->buffers : NULL,
    };
    source_call_start(&rs->call, &in, &options, head_arrived);
}
