/* The life of a call, on the client's net thread:
 *
 *    call_begin
 *        |
 *        v
 *    call_attempt --LIMITED--> get_keys --CREDENTIALS--> send_request
 *        ^                                                    |
 *        |                                                   HEAD
 *     BACKOFF                               any error,        |        2xx with a
 *        |                                  or an output      |        streamed payload
 *        |                                      +-------------+-------------+
 *        |                                      v                           v
 *        |                                   COLLECT                done(0), STREAM
 *        |                                      |                           |
 *        |                                    parse                      verify
 *        |        failed, here or before        |                           |
 *    call_recover <-----------------------------+---------------------------+
 *        |                                      | good                      | good
 *        | given up                             v                           v
 *        +--------------------------------> call_finish -----------> FINISHED
 *
 * call_recover first tries what mends a cause (another region, fresh keys, the server's clock;
 * each once a call, at once), then asks the retry policy. After done(0) a failure leads to a
 * request for the rest of the body, if the caller wants that. call_finish ends the call, or its
 * open body, exactly once; the call stays in the client's list until its body is closed. */
#include "aws/call_steps.h"

#include <errno.h>
#include <stdarg.h>
#include <utlist.h>

/* call->error was just filled, without facts of a response of its own. */
static void frame_error(struct pail_call *call)
{
    struct pail_error *error = &call->error;
    const struct pail_error *stream = &call->stream_error;

    call->facts = (struct response_facts){.retry_after_ms = -1, .date_s = INT64_MIN};
    if (!call->open)
        return;
    error->http_status = stream->http_status;
    str_copy(error->request_id, sizeof(error->request_id), str_c(stream->request_id));
    str_copy(error->host_id, sizeof(error->host_id), str_c(stream->host_id));
}

int call_fail(struct pail_call *call, int kind, int sys, const char *format, ...)
{
    char message[sizeof(call->error.message)];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    error_set(&call->error, kind, sys, "%s", message);
    frame_error(call);
    return -sys;
}

void call_fail_http(struct pail_call *call, const struct http_result *result)
{
    error_from_http(&call->error, result);
    frame_error(call);
    if (call->state == CALL_COLLECT || (call->state == CALL_STREAM && !call->open))
        call->error.http_status = call->head.status;
    if (call->error.kind == PAIL_ERROR_INCOMPLETE_READ && call->head.content_length.present) {
        call->error.expected_bytes = (uint64_t)call->head.content_length.value;
        call->error.actual_bytes = result->body_bytes;
    }
}

void call_unref(struct pail_call *call)
{
    if (atomic_fetch_sub(&call->refs, 1) > 1)
        return;
    event_stream_free(call->events);
    body_done(&call->body);
    serialized_done(&call->input);
    buf_done(&call->collected);
    free(call);
}

void call_settle(struct pail_call *call)
{
    if (!call->gone || call->awaited != call->delivered)
        return;
    client_unpin(call->client);
    call_unref(call);
}

void call_leave(struct pail_call *call)
{
    DL_DELETE(call->client->calls, call);
    if (call->events)
        event_stream_detach(call->events);
    call->gone = true;
    call->awaited = atomic_fetch_or(&call->asked, CALL_GONE);
    call_settle(call);
}

/* What every failure, and the output's metadata, say of the call itself. */
static void stamp(struct pail_call *call)
{
    call->error.attempts = call->requests;
    call->error.quota_exhausted = call->retry.quota_reached;
    str_copy(call->error.operation, sizeof(call->error.operation),
             str_c(call->operation->name));
}

void call_stamp_output(struct pail_call *call)
{
    struct pail_response *response = call->out;
    response->retry_attempts = call->requests > 0 ? call->requests - 1 : 0;
    response->max_attempts_reached = call->retry.max_reached;
    response->retry_quota_reached = call->retry.quota_reached;
}

void call_finish(struct pail_call *call, int status)
{
    timer_cancel(&call->client->transport->timers, &call->pause);
    timer_cancel(&call->client->transport->timers, &call->deadline);
    retry_leave(&call->client->retry, &call->retry);
    call->state = CALL_FINISHED;
    if (status < 0)
        stamp(call);
    if (call->open) {
        body_end(&call->body, status, &call->error);
        if (call->closed)
            call_leave(call);
        return;
    }
    call_stamp_output(call);
    if (status < 0)
        body_end(&call->body, status, &call->error);
    call->done(call, status, status < 0 ? &call->error : NULL, call->user);
    call_leave(call);
}

void call_abort(struct pail_call *call, int kind, int sys, const char *message)
{
    if (call->state == CALL_FINISHED)
        return;
    if (call->exchange)
        http_cancel(call->client->transport, STEAL(call->exchange));
    if (call->state == CALL_CREDENTIALS)
        credentials_cancel(call->client->credentials, &call->credentials);
    if (call->state == CALL_LIMITED)
        retry_withdraw(&call->client->retry, &call->retry);
    call_finish(call, call_fail(call, kind, sys, "%s", message));
}

/* Sends what the call's state asks for. */
static void send_request(struct pail_call *call, const struct credentials *keys)
{
    struct pail_client *client = call->client;
    struct http_request request;
    /* The output tells of the newest response; a probe is none of its own. */
    if (!call->open && !call->probing)
        pail_output_free(call->operation, call->out);
    int r = call_compose(call, keys, &request);
    if (r == 0) {
        r = http_start(client->transport, &request,
                       call->probing ? &call_probe_handler : &call_handler, call,
                       &call->exchange);
        if (r < 0)
            call_fail(call, r == -ENOMEM ? PAIL_ERROR_MEMORY : PAIL_ERROR_PARAM, -r,
                      "the request cannot be sent: %s", pail_errno_name(-r));
    }
    request.body = (struct buf){0}; /* lent by the call */
    http_request_done(&request);
    if (r < 0) {
        call_finish(call, r);
        return;
    }
    atomic_fetch_add(&client->stats.requests, 1);
    if (call->retrying)
        atomic_fetch_add(&client->stats.retries, 1);
    call->retrying = false;
    if (!call->probing)
        call->requests++;
    call->state = CALL_HEAD;
    call->failed = false;
}

static void keys_ready(struct credentials_request *request, int status,
                       const struct credentials *keys, const struct pail_error *error)
{
    struct pail_call *call = CONTAINER_OF(request, struct pail_call, credentials);
    if (status < 0) {
        call->error = *error;
        call_finish(call, status);
        return;
    }
    send_request(call, keys);
}

static void get_keys(struct pail_call *call)
{
    struct pail_client *client = call->client;
    if (!client->credentials || (call->operation->flags & PAIL_OP_UNSIGNED)) {
        send_request(call, NULL);
        return;
    }
    call->state = CALL_CREDENTIALS;
    call->credentials.ready = keys_ready;
    credentials_get(client->credentials, &call->credentials);
}

void call_attempt(struct pail_call *call)
{
    struct pail_client *client = call->client;
    int64_t wait_ms =
        retry_admit(&client->retry, &call->retry, transport_now(client->transport));
    if (wait_ms > 0)
        call_wait(call, CALL_LIMITED, wait_ms);
    else
        get_keys(call);
}

static void pause_over(struct timer *timer)
{
    struct pail_call *call = CONTAINER_OF(timer, struct pail_call, pause);
    if (call->state == CALL_BACKOFF)
        call_attempt(call);
    else
        get_keys(call);
}

static void deadline_over(struct timer *timer)
{
    struct pail_call *call = CONTAINER_OF(timer, struct pail_call, deadline);
    struct transport *transport = call->client->transport;
    const char *before = call->error.sys ? call->error.message : "";
    char message[sizeof(call->error.message)];
    if (transport_now(transport) < call->deadline_ns) {
        timer_set(&transport->timers, timer, call->deadline_ns);
        return;
    }
    /* What it was tried again for, cut if it is long. */
    snprintf(message, sizeof(message), "the time given, %lld ms, is used up%s%.150s",
             (long long)call->timeout_ms, *before ? "; last: " : "", before);
    call_abort(call, PAIL_ERROR_DEADLINE, ETIMEDOUT, message);
}

void call_wait(struct pail_call *call, enum call_state state, int64_t wait_ms)
{
    struct transport *transport = call->client->transport;
    int64_t at_ns = clock_after_ms(transport_now(transport), wait_ms);
    if (at_ns >= call->deadline_ns) {
        if (call->error.sys == 0)
            call_fail(call, PAIL_ERROR_DEADLINE, ETIMEDOUT,
                      "the time given, %lld ms, ends before a request may be sent",
                      (long long)call->timeout_ms);
        if (state == CALL_LIMITED)
            retry_withdraw(&call->client->retry, &call->retry);
        call_finish(call, -call->error.sys);
        return;
    }
    call->state = state;
    timer_set(&transport->timers, &call->pause, at_ns);
}

void call_begin(struct pail_call *call)
{
    struct pail_client *client = call->client;
    DL_APPEND(client->calls, call);
    if (client->stopped) {
        call_abort(call, PAIL_ERROR_CANCELLED, ECANCELED, "the client is being closed");
        return;
    }
    random_uuid4(&client->random, call->invocation_id);
    call->pause.fire = pause_over;
    call->deadline.fire = deadline_over;
    timer_set(&client->transport->timers, &call->deadline, call->deadline_ns);
    call_attempt(call);
}
