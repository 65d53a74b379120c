/* Fetching an interrupted body on where it broke off. */
#include "aws/call_steps.h"

#include <errno.h>
#include <inttypes.h>

bool call_resume_may(struct pail_call *call)
{
    if (!call->etag[0] || ((call->deadline_ns == TIME_NEVER || call->timeout_restarts) &&
                           call->resumes >= CALL_RESUMES_MAX))
        return false;
    call->resumes++;
    if (call->body.received > call->resumed_at) {
        /* It gets on: only attempts in a row that bring nothing are counted. */
        call->resumed_at = call->body.received;
        call->retry = (struct retry_call){.max_attempts = call->retry.max_attempts};
    }
    return true;
}

int call_resume_ask(const struct pail_call *call, struct http_headers *headers)
{
    uint64_t first = call->part.first + call->body.received;
    char range[64];
    if (call->part.last == UINT64_MAX)
        snprintf(range, sizeof(range), "bytes=%" PRIu64 "-", first);
    else
        snprintf(range, sizeof(range), "bytes=%" PRIu64 "-%" PRIu64, first, call->part.last);
    int r = http_headers_set(headers, PAIL_STR("Range"), str_c(range));
    return r < 0 ? r : http_headers_set(headers, PAIL_STR("If-Match"), str_c(call->etag));
}

/* Is it the rest that was asked for? */
static bool is_rest(const struct pail_call *call, const struct content_range *range)
{
    const struct content_range *part = &call->part;
    struct pail_int length = call->head.content_length;

    if (call->head.status != 206 || range->first != part->first + call->body.received)
        return false;
    if (part->total_known && (!range->total_known || range->total != part->total))
        return false;
    if (part->last == UINT64_MAX ? !range->total_known || range->last != range->total - 1
                                 : range->last != part->last)
        return false;
    return !length.present || (uint64_t)length.value == content_range_len(range);
}

int call_resume_open(struct pail_call *call)
{
    const struct http_headers *headers = call->head.headers;
    struct pail_str etag = http_headers_get(headers, "ETag");
    struct content_range range = {0};

    if (etag.ptr && !str_eq_c(etag, call->etag))
        return call_stream_refuse(call, PAIL_ERROR_CHANGED, ESTALE,
                                  "the object changed while its body was read");
    if (!etag.ptr ||
        content_range_parse(http_headers_get(headers, "Content-Range"), &range) < 0 ||
        !is_rest(call, &range))
        return call_stream_refuse(call, PAIL_ERROR_PARSE, EPROTO,
                                  "asked for the rest of a body, got something else");
    if (call->part.last == UINT64_MAX) {
        call->part.last = range.last;
        call->part.total = range.total;
        call->part.total_known = true;
        call->body.expected = PAIL_INT((int64_t)(range.last - call->part.first + 1));
    }
    call_succeeded(call);
    return 0;
}
