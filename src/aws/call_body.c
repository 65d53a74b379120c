/* Where the reader's thread and the net thread meet over a body. */
#include "aws/call_steps.h"

#include <errno.h>

static struct pail_call *call_of(struct pail_body *body)
{
    return CONTAINER_OF(body, struct pail_call, body);
}

/* The same list, last first. */
static struct pail_buffer *reversed(struct pail_buffer *list)
{
    struct pail_buffer *result = NULL;
    while (list) {
        struct pail_buffer *next = list->next;
        list->next = result;
        result = list;
        list = next;
    }
    return result;
}

/* Sends a message of the body, which holds a reference while it is in flight, unless the net
 * thread has set CALL_GONE: false, and nothing of the client may be touched. The net thread
 * that has not set it yet stays until the message has come. */
static bool post(struct pail_call *call, unsigned what, struct message *message)
{
    unsigned asked = atomic_fetch_or(&call->asked, what);
    if (asked & CALL_GONE)
        return false;
    if (!(asked & what)) {
        atomic_fetch_add(&call->refs, 1);
        transport_post(call->client->transport, message);
    }
    return true;
}

/* One that may be sent many times has come: whoever asks next sends it again. */
static void note_came(struct pail_call *call, unsigned what)
{
    if (call->gone)
        call->delivered |= what;
    else
        atomic_fetch_and(&call->asked, ~what);
}

/* The message is dealt with. */
static void let_go(struct pail_call *call, bool gone)
{
    if (gone)
        call_settle(call);
    call_unref(call);
}

static void deliver_post(struct message *message)
{
    struct pail_call *call = CONTAINER_OF(message, struct pail_call, body.post_message);
    bool gone = call->gone;
    note_came(call, CALL_POST_ASKED);
    /* Emptied, it has the next poster send the message again, which is ours no longer. */
    struct pail_buffer *buffers = atomic_exchange(&call->body.incoming, NULL);
    body_append(&call->body, reversed(buffers));
    if (call->exchange && call->state == CALL_STREAM)
        http_resume(call->client->transport, call->exchange);
    let_go(call, gone);
}

/* The net thread has left the body, which ended before: no buffer is filled any more. */
static void give_back_incoming(struct pail_call *call)
{
    struct pail_body *body = &call->body;
    atomic_fetch_add(&call->refs, 1); /* whom they come back to may free the body */
    struct pail_buffer *buffers = reversed(atomic_exchange(&body->incoming, NULL));
    while (buffers) {
        struct pail_buffer *buffer = buffers;
        buffers = buffer->next;
        buffer->next = NULL;
        buffer->filled = 0;
        buffer->done(buffer, body->status, body->status < 0 ? &body->error : NULL);
    }
    call_unref(call);
}

static void post_buffers(struct pail_body *body, struct pail_buffer *buffers)
{
    struct pail_call *call = call_of(body);
    struct pail_buffer *oldest = buffers, *newest = reversed(buffers);
    struct pail_buffer *before = atomic_load(&body->incoming);
    do
        oldest->next = before;
    while (!atomic_compare_exchange_weak(&body->incoming, &before, newest));
    if (!before && !post(call, CALL_POST_ASKED, &body->post_message))
        give_back_incoming(call);
}

static void deliver_timeout(struct message *message)
{
    struct pail_call *call = CONTAINER_OF(message, struct pail_call, body.timeout_message);
    bool gone = call->gone;
    note_came(call, CALL_TIMEOUT_ASKED);
    int64_t timeout_ms = atomic_load(&call->body.read_timeout_ms);
    if (call->exchange && call->state == CALL_STREAM)
        http_set_read_timeout(call->client->transport, call->exchange, timeout_ms);
    let_go(call, gone);
}

static void set_read_timeout(struct pail_body *body, int64_t timeout_ms)
{
    atomic_store(&body->read_timeout_ms, timeout_ms);
    post(call_of(body), CALL_TIMEOUT_ASKED, &body->timeout_message);
}

static void deliver_close(struct message *message)
{
    struct pail_call *call = CONTAINER_OF(message, struct pail_call, body.close_message);
    bool gone = call->gone;
    call->delivered |= CALL_CLOSE_ASKED;
    call->closed = true;
    if (!gone && call->state == CALL_FINISHED)
        call_leave(call);
    else if (!gone)
        call_abort(call, PAIL_ERROR_CANCELLED, ECANCELED, "the body was closed");
    let_go(call, gone);
}

static void close_body(struct pail_body *body)
{
    post(call_of(body), CALL_CLOSE_ASKED, &body->close_message);
}

static void free_body(struct pail_body *body)
{
    call_unref(call_of(body));
}

static const struct body_source call_source = {
    .post = post_buffers,
    .set_read_timeout = set_read_timeout,
    .close = close_body,
    .free = free_body,
};

void call_body_init(struct pail_call *call)
{
    call->body.source = &call_source;
    call->body.post_message.deliver = deliver_post;
    call->body.close_message.deliver = deliver_close;
    call->body.timeout_message.deliver = deliver_timeout;
}
