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

/* For messages of the body, which hold a reference while they are in flight. */
static void post(struct pail_call *call, struct message *message)
{
    atomic_fetch_add(&call->refs, 1);
    transport_post(call->client->transport, message);
}

static void deliver_post(struct message *message)
{
    struct pail_call *call = CONTAINER_OF(message, struct pail_call, body.post_message);
    /* Emptied, it has the next poster send the message again, which is ours no longer. */
    struct pail_buffer *buffers = atomic_exchange(&call->body.incoming, NULL);
    body_append(&call->body, reversed(buffers));
    if (call->exchange && call->state == CALL_STREAM)
        http_resume(call->client->transport, call->exchange);
    call_unref(call);
}

static void post_buffers(struct pail_body *body, struct pail_buffer *buffers)
{
    struct pail_buffer *oldest = buffers, *newest = reversed(buffers);
    struct pail_buffer *before = atomic_load(&body->incoming);
    do
        oldest->next = before;
    while (!atomic_compare_exchange_weak(&body->incoming, &before, newest));
    if (!before)
        post(call_of(body), &body->post_message);
}

static void deliver_timeout(struct message *message)
{
    struct pail_call *call = CONTAINER_OF(message, struct pail_call, body.timeout_message);
    atomic_store(&call->body.timeout_posted, false);
    int64_t timeout_ms = atomic_load(&call->body.read_timeout_ms);
    if (call->exchange && call->state == CALL_STREAM)
        http_set_read_timeout(call->client->transport, call->exchange, timeout_ms);
    call_unref(call);
}

static void set_read_timeout(struct pail_body *body, int64_t timeout_ms)
{
    atomic_store(&body->read_timeout_ms, timeout_ms);
    if (!atomic_exchange(&body->timeout_posted, true))
        post(call_of(body), &body->timeout_message);
}

static void deliver_close(struct message *message)
{
    struct pail_call *call = CONTAINER_OF(message, struct pail_call, body.close_message);
    call->delivered |= CALL_CLOSE_ASKED;
    call->closed = true;
    if (call->gone)
        call_settle(call);
    else if (call->state == CALL_FINISHED)
        call_leave(call);
    else
        call_abort(call, PAIL_ERROR_CANCELLED, ECANCELED, "the body was closed");
    call_unref(call);
}

/* The net thread that has not yet set CALL_GONE stays until the message has come. */
static void close_body(struct pail_body *body)
{
    struct pail_call *call = call_of(body);
    if (!(atomic_fetch_or(&call->asked, CALL_CLOSE_ASKED) & CALL_GONE))
        post(call, &body->close_message);
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
