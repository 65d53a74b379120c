/* Streamed payloads: opening the reader's body at the head of the response, feeding it, and
 * judging how it ended. */
#include "aws/call_steps.h"
#include "aws/event_decode.h"

#include <errno.h>
#include <inttypes.h>

int call_stream_refuse(struct pail_call *call, int kind, int sys, const char *what)
{
    const struct http_headers *headers = call->head.headers;
    struct pail_error *error = &call->error;

    call_fail(call, kind, sys, "%s", what);
    error->http_status = call->head.status;
    error->retryable = false;
    str_copy(error->request_id, sizeof(error->request_id),
             http_headers_get(headers, "x-amz-request-id"));
    str_copy(error->host_id, sizeof(error->host_id), http_headers_get(headers, "x-amz-id-2"));
    call->final = true;
    return call_drop(call);
}

/* Whether `part`, from a Content-Range, is what the input asked for. */
static bool is_part_asked_for(const struct serialized *input, const struct content_range *part)
{
    bool to_the_end = part->total_known && part->last == part->total - 1;
    if (input->range_suffix > 0) {
        uint64_t len = content_range_len(part);
        return to_the_end &&
               (len == input->range_suffix || (part->first == 0 && len < input->range_suffix));
    }
    return part->first == input->range_first &&
           (part->last == input->range_last || (part->last < input->range_last && to_the_end));
}

/* Notes what part of the object the response holds. True if it is known for certain. */
static bool note_part(struct pail_call *call)
{
    struct content_range *part = &call->part;
    const struct http_head *head = &call->head;
    struct pail_int length = head->content_length;

    call->body.length = call->body.expected = length;
    if (head->status == 206 &&
        content_range_parse(http_headers_get(head->headers, "Content-Range"), part) == 0)
        return !length.present || (uint64_t)length.value == content_range_len(part);
    *part = (struct content_range){.last = UINT64_MAX};
    if (length.present && length.value > 0) {
        part->last = (uint64_t)length.value - 1;
        part->total_known = head->status != 206;
        part->total = (uint64_t)length.value;
    }
    return head->status == 200;
}

/* -EPROTO unless that part is the very range asked for, where that matters. */
static int check_part(struct pail_call *call, bool known)
{
    const struct serialized *input = &call->input;
    if (!call->exact_range || (!input->range && input->range_suffix == 0))
        return 0;
    if (!known || call->head.status != 206 || !is_part_asked_for(input, &call->part))
        return -EPROTO;
    call->body.length = call->body.expected = PAIL_INT((int64_t)content_range_len(&call->part));
    return 0;
}

static int note_checksum(struct pail_call *call, struct pail_response *response)
{
    bool whole = call->head.status != 206 || content_range_is_whole(&call->part);
    if (!whole || !(call->operation->flags & PAIL_OP_CHECKSUM))
        return 0;
    int r = checksum_choose(&call->body.checksum, call->head.headers);
    if (r == 0 && call->body.checksum.name)
        response->checksum_algorithm = str_c(call->body.checksum.name);
    return r;
}

/* What a request for the rest would need: a strong ETag. */
static void note_etag(struct pail_call *call)
{
    struct pail_str etag = http_headers_get(call->head.headers, "ETag");
    if (etag.ptr && etag.len < sizeof(call->etag) && !str_starts(etag, PAIL_STR("W/")))
        str_copy(call->etag, sizeof(call->etag), etag);
}

/* What failures of the body will say of the response. */
static void note_response(struct pail_call *call, const struct pail_response *response)
{
    struct pail_error *frame = &call->stream_error;
    frame->http_status = response->http_status;
    str_copy(frame->request_id, sizeof(frame->request_id), response->request_id);
    str_copy(frame->host_id, sizeof(frame->host_id), response->host_id);
}

static int parse_head(struct pail_call *call)
{
    struct pail_header *headers = NULL;
    struct pail_http_response response;

    int r = call_describe_head(call, &response, &headers);
    if (r < 0)
        return call_fail(call, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    r = response_parse(call->operation, &response, call->out, &call->facts, &call->error);
    free(headers);
    return r;
}

void call_stream_ready(struct pail_call *call)
{
    void *stream = &call->body;
    if (call->events) {
        call->events->attempts = call->requests;
        stream = call->events;
    }
    call_succeeded(call);
    call_stamp_output(call);
    *response_stream_slot(call->operation, call->out) = stream;
    atomic_fetch_add(&call->refs, 1);
    call->open = true;
    call->done(call, 0, NULL, call->user);
}

int call_stream_open(struct pail_call *call)
{
    struct pail_response *response = call->out;
    if (parse_head(call) < 0)
        return call_drop(call);
    note_response(call, response);
    bool known = note_part(call);
    if (check_part(call, known) < 0)
        return call_stream_refuse(call, PAIL_ERROR_PARSE, EPROTO,
                                  "the response is not the range that was asked for");
    if (note_checksum(call, response) < 0)
        return call_stream_refuse(call, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    if (call->resume && known)
        note_etag(call);
    if (call->events && event_has_initial(call->operation))
        event_stream_read_initial(call->events);
    else
        call_stream_ready(call);
    return 0;
}

ssize_t call_stream_take(struct pail_call *call, const char *data, size_t len)
{
    struct pail_body *body = &call->body;
    ssize_t taken = body_fill(body, data, len);
    if (taken > 0 && call->timeout_restarts)
        call->deadline_ns =
            clock_after_ms(transport_now(call->client->transport), call->timeout_ms);
    if (call->failed)
        return -1;
    if (taken >= 0)
        return taken;
    call_stream_refuse(call, PAIL_ERROR_INCOMPLETE_READ, EIO,
                       "the body is longer than the response promised");
    call->error.expected_bytes = (uint64_t)body->expected.value;
    call->error.actual_bytes = body->received + len;
    return -1;
}

/* The exchange is over, and the first message of the events still awaited. It may be all there
 * is, held back for the body's end. True if it came; the call is then dealt with. */
static bool first_is_last(struct pail_call *call)
{
    struct pail_body *body = &call->body;
    if (!body->first || body->first->filled < body->first->size)
        return false;
    body_end(body, 0, NULL);
    /* Either step may end the call, and it is gone then. */
    bool failed = call->failed, opened = call->open;
    if (failed)
        call_recover(call);
    else if (opened)
        call_finish(call, 0);
    return failed || opened;
}

void call_stream_end(struct pail_call *call, const struct http_result *result)
{
    struct pail_body *body = &call->body;
    struct pail_error *error = &call->error;

    if (result->kind != PAIL_ERROR_NONE && !body_is_full(body)) {
        call_fail_http(call, result);
    } else if (body_is_short(body)) {
        call_fail(call, PAIL_ERROR_INCOMPLETE_READ, EIO,
                  "%" PRIu64 " bytes arrived of %" PRId64, body->received,
                  body->expected.value);
    } else if (!call->open) {
        if (first_is_last(call))
            return;
        call_fail(call, PAIL_ERROR_INCOMPLETE_READ, EIO,
                  "the stream of events ended before its first message");
    } else if (!body_matches(body)) {
        call_fail(call, PAIL_ERROR_CHECKSUM, EBADMSG,
                  "the body does not have the %s that the response promised",
                  body->checksum.name);
    } else {
        call_finish(call, 0);
        return;
    }
    if (error->kind == PAIL_ERROR_INCOMPLETE_READ) {
        error->expected_bytes = body->expected.present ? (uint64_t)body->expected.value : 0;
        error->actual_bytes = body->received;
    }
    call_recover(call);
}
