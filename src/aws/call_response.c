#include "aws/call_steps.h"

#include "aws/response_head.h"

#include <errno.h>

int call_drop(struct pail_call *call)
{
    call->failed = true;
    return -1;
}

int call_describe_head(const struct pail_call *call, struct pail_http_response *ret,
                       struct pail_header **ret_headers)
{
    const struct http_headers *fields = call->head.headers;
    struct pail_header *headers = calloc(fields->count + 1, sizeof(*headers));
    if (!headers)
        return -ENOMEM;
    for (size_t i = 0; i < fields->count; i++) {
        headers[i].name = http_headers_name(fields, i);
        headers[i].value = http_headers_value(fields, i);
    }
    *ret = (struct pail_http_response){
        .status = call->head.status,
        .reason = call->head.reason,
        .headers = headers,
        .header_count = fields->count,
        .is_head = strcmp(call->operation->method, "HEAD") == 0,
    };
    *ret_headers = headers;
    return 0;
}

void call_succeeded(struct pail_call *call)
{
    struct pail_client *client = call->client;
    const struct retry_outcome outcome = {.service = call->operation->service,
                                          .retry_after_ms = -1};
    retry_next(&client->retry, &call->retry, &outcome, transport_now(client->transport));
    /* Only failures are counted: after an interruption the body has its attempts still. */
    call->retry.attempts--;
    call_release_queued(client);
}

static int on_head(void *user, const struct http_head *head)
{
    struct pail_call *call = user;
    call->head = *head;
    buf_reset(&call->collected);
    if (head->status < 300 && response_is_streamed(call->operation)) {
        call->state = CALL_STREAM;
        return call->open ? call_resume_open(call) : call_stream_open(call);
    }
    call->state = CALL_COLLECT;
    return 0;
}

static ssize_t collect(struct pail_call *call, const char *data, size_t len)
{
    buf_add(&call->collected, data, len);
    int failed = buf_failed(&call->collected);
    if (failed == 0)
        return (ssize_t)len;
    if (failed == -ENOMEM)
        call_fail(call, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    else
        call_fail(call, PAIL_ERROR_PARSE, EPROTO, "the response is longer than %d bytes",
                  RESPONSE_BODY_MAX);
    call->error.http_status = call->head.status;
    call->final = true;
    return call_drop(call);
}

static ssize_t on_body(void *user, const char *data, size_t len)
{
    struct pail_call *call = user;
    ssize_t taken = call->state == CALL_STREAM ? call_stream_take(call, data, len)
                                               : collect(call, data, len);
    if (taken > 0)
        atomic_fetch_add(&call->client->stats.bytes_in, (uint64_t)taken);
    return taken;
}

/* What a refused request for the rest of a body means. */
static void judge_refused_rest(struct pail_call *call)
{
    if (call->head.status != 412 && call->head.status != 416)
        return;
    call->error.kind = PAIL_ERROR_CHANGED;
    call->error.sys = ESTALE;
    call->error.retryable = false;
    call->final = true;
}

/* A whole response: the output, or an error. */
static int parse(struct pail_call *call, void *out)
{
    struct pail_header *headers = NULL;
    struct pail_http_response response;
    int r = call_describe_head(call, &response, &headers);
    if (r < 0)
        return call_fail(call, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    if (!response.is_head)
        response.body = buf_str(&call->collected);
    r = response_parse(call->operation, &response, out, &call->facts, &call->error);
    free(headers);
    const struct arena *arena = ((const struct pail_response *)out)->arena;
    if (r < 0 && arena && arena_is_full(arena))
        call->final = true;
    return r;
}

static void parse_output(struct pail_call *call)
{
    if (parse(call, call->out) < 0) {
        call_recover(call);
        return;
    }
    call_succeeded(call);
    call_finish(call, 0);
}

/* The answer to a request for the rest of a body was no body. The output is no longer ours. */
static void parse_refused_rest(struct pail_call *call)
{
    void *scratch = calloc(1, call->operation->output->size);
    if (!scratch) {
        call_fail(call, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    } else if (parse(call, scratch) == 0) {
        call_fail(call, PAIL_ERROR_PARSE, EPROTO, "asked for the rest of a body, got status %d",
                  call->head.status);
        call->final = true;
    } else {
        judge_refused_rest(call);
    }
    pail_output_free(call->operation, scratch);
    free(scratch);
    call_recover(call);
}

/* The body that was to be parsed broke off: what the head said is known all the same. */
static void keep_head(struct pail_call *call)
{
    struct pail_response *kept = call->out;
    struct pail_header *headers = NULL;
    struct pail_http_response response;
    if (call_describe_head(call, &response, &headers) < 0)
        return;
    kept->arena = arena_new(RESPONSE_ARENA_MAX);
    if (kept->arena && response_head_metadata(&response, kept->arena, kept) == 0) {
        str_copy(call->error.request_id, sizeof(call->error.request_id), kept->request_id);
        str_copy(call->error.host_id, sizeof(call->error.host_id), kept->host_id);
    }
    free(headers);
}

static void on_end(void *user, const struct http_result *result)
{
    struct pail_call *call = user;
    call->exchange = NULL;
    if (call->failed) {
        call_recover(call);
    } else if (call->state == CALL_STREAM) {
        call_stream_end(call, result);
    } else if (result->kind != PAIL_ERROR_NONE) {
        call_fail_http(call, result);
        if (call->state == CALL_COLLECT && !call->open)
            keep_head(call);
        call_recover(call);
    } else if (call->open) {
        parse_refused_rest(call);
    } else {
        parse_output(call);
    }
}

const struct http_handler call_handler = {on_head, on_body, on_end};
