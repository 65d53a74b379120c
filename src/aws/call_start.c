/* Where the threads that start and cancel calls meet the net thread. */
#include "aws/call_steps.h"
#include "aws/event_decode.h"

#include <errno.h>

static void deliver_start(struct message *message)
{
    call_begin(CONTAINER_OF(message, struct pail_call, start_message));
}

static void deliver_cancel(struct message *message)
{
    struct pail_call *call = CONTAINER_OF(message, struct pail_call, cancel_message);
    call->delivered |= CALL_CANCEL_ASKED;
    if (call->gone)
        call_settle(call);
    else
        call_abort(call, PAIL_ERROR_CANCELLED, ECANCELED, "cancelled");
}

void pail_call_cancel(struct pail_call *call)
{
    if (atomic_fetch_or(&call->asked, CALL_CANCEL_ASKED) & (CALL_CANCEL_ASKED | CALL_GONE))
        return;
    transport_post(call->client->transport, &call->cancel_message);
}

void pail_call_release(struct pail_call *call)
{
    if (call)
        call_unref(call);
}

static void set_options(struct pail_call *call, const struct pail_call_options *options)
{
    const struct settings *settings = call->client->settings;
    int64_t read_timeout_ms = options->read_timeout_ms;

    call->resume = options->resume && !call->events;
    call->exact_range = options->exact_range;
    call->retry.max_attempts =
        options->max_attempts ? options->max_attempts : settings->max_attempts;
    call->connect_timeout_ms = options->connect_timeout_ms
                                   ? options->connect_timeout_ms
                                   : atomic_load(&call->client->connect_timeout_ms);
    atomic_store(&call->body.read_timeout_ms,
                 read_timeout_ms ? read_timeout_ms : settings->read_timeout_ms);
    call->timeout_ms = options->timeout_ms;
    call->timeout_restarts = options->timeout_restarts && options->timeout_ms > 0;
    call->deadline_ns = clock_after_ms(transport_now(call->client->transport),
                                       options->timeout_ms > 0 ? options->timeout_ms : -1);
}

static int add_events(struct pail_call *call)
{
    if (!event_stream_shape(call->operation))
        return 0;
    call->events = event_stream_new(call);
    return call->events ? 0 : -ENOMEM;
}

/* Makes a call that is not yet started. 0 or -errno with *error filled. */
static int call_new(struct pail_client *client, const struct pail_operation *operation,
                    const void *in, const struct pail_call_options *options,
                    struct pail_call **ret, struct pail_error *error)
{
    struct pail_call *call = calloc(1, sizeof(*call));
    if (!call)
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    int r = serialize_request(operation, in, &call->input, error);
    if (r < 0) {
        free(call);
        return r;
    }
    call->client = client;
    call->operation = operation;
    call->start_message.deliver = deliver_start;
    call->cancel_message.deliver = deliver_cancel;
    if (operation->flags & PAIL_OP_SECRET)
        buf_init_secret(&call->collected, RESPONSE_BODY_MAX);
    else
        buf_init(&call->collected, RESPONSE_BODY_MAX);
    call_body_init(call);
    if (add_events(call) < 0) {
        serialized_done(&call->input);
        free(call);
        return error_set(error, PAIL_ERROR_MEMORY, ENOMEM, "out of memory");
    }
    set_options(call, options);
    *ret = call;
    return 0;
}

/* As pail_call_start, with nothing left out and `call` not yet posted. */
static int prepare(struct pail_client *client, const struct pail_operation *operation,
                   const void *in, const struct pail_call_options *options,
                   struct pail_call **ret, struct pail_error *error)
{
    if (atomic_load(&client->closing))
        return error_set(error, PAIL_ERROR_CANCELLED, ECANCELED, "the client is being closed");
    if (options->buffers && (!response_is_streamed(operation) || event_stream_shape(operation)))
        return error_set(error, PAIL_ERROR_PARAM, EINVAL,
                         "buffers were given, but the operation has no body to be streamed");
    return call_new(client, operation, in, options, ret, error);
}

int pail_call_start(struct pail_client *client, const struct pail_operation *operation,
                    const void *in, void *out, const struct pail_call_options *options,
                    pail_done *done, void *user, struct pail_call **ret_call,
                    struct pail_error *error)
{
    static const struct pail_call_options defaults;
    struct pail_error local;
    struct pail_call *call;

    if (!options)
        options = &defaults;
    if (!error)
        error = &local;
    int r = prepare(client, operation, in, options, &call, error);
    if (r < 0) {
        str_copy(error->operation, sizeof(error->operation), str_c(operation->name));
        return r;
    }
    call->out = out;
    call->done = done;
    call->user = user;
    body_append(&call->body, options->buffers);
    atomic_store(&call->refs, ret_call ? 2 : 1);
    if (ret_call)
        *ret_call = call;
    atomic_fetch_add(&client->pins, 1);
    transport_post(client->transport, &call->start_message);
    return 0;
}
