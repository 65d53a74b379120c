/* The life of a request's state, on the fs thread:
 *
 *   source_state_init, source_call_start: its calls run, each until its message is delivered
 *                                         to its `ended`.
 *   source_finish, from an `ended`:       done(). Calls that still run are cancelled.
 *   source_answer, where none runs:       done() when the message comes.
 *   source_cancel:                        its calls are cancelled, and their `ended` finishes
 * it; where none runs, stop() answers it. source_release:                       the caller
 * needs it no more; a failure was released with its done().
 *
 * It is freed when it is released, no call of it runs and none is being delivered: state_put.
 */
#include "fs/source_call.h"

#include "fs/source_pace.h"
#include "fs/source_reader.h"

#include <errno.h>
#include <inttypes.h>

int source_call_error(struct pail_error *error, const struct pail_operation *operation,
                      const struct pail_response *response, int kind, int sys,
                      const char *words)
{
    *error = (struct pail_error){.sys = sys, .kind = kind};
    if (operation)
        str_copy(error->operation, sizeof(error->operation), str_c(operation->name));
    str_copy(error->message, sizeof(error->message), str_c(words));
    if (response && response->http_status != 0) {
        error->http_status = response->http_status;
        error->attempts = response->retry_attempts + 1;
        str_copy(error->request_id, sizeof(error->request_id), response->request_id);
        str_copy(error->host_id, sizeof(error->host_id), response->host_id);
    }
    return -sys;
}

static void request_reset(struct source_request *request)
{
    request->status = 0;
    request->error = (struct pail_error){0};
    request->as_of_ns = 0;
    request->first = 1;
    request->last = 0;
    request->state = NULL;
}

static void deliver_refusal(struct message *message)
{
    struct source_request *request = CONTAINER_OF(message, struct source_request, message);
    request->done(request);
}

void source_refuse(struct client_source *source, struct source_request *request, int status,
                   const char *words)
{
    request_reset(request);
    request->status = source_call_error(
        &request->error, NULL, NULL, status == -ENOMEM ? PAIL_ERROR_MEMORY : PAIL_ERROR_PARAM,
        -status, words);
    request->message.deliver = deliver_refusal;
    mailbox_post(source->mailbox, &request->message);
}

void source_state_init(struct source_state *state, struct client_source *source,
                       struct source_request *request,
                       void (*release)(struct source_state *state))
{
    request_reset(request);
    request->state = state;
    *state = (struct source_state){.source = source, .request = request, .free = release};
}

static bool state_running(const struct source_state *state)
{
    for (size_t i = 0; i < ARRAY_LEN(state->calls); i++) {
        if (state->calls[i] && state->calls[i]->running)
            return true;
    }
    return false;
}

static void state_put(struct source_state *state)
{
    if (state->released && !state->delivering && !state_running(state))
        state->free(state);
}

static void call_cancelled(struct source_call *call)
{
    call->status = source_call_error(&call->error, call->operation, NULL, PAIL_ERROR_CANCELLED,
                                     ECANCELED, "cancelled");
    mailbox_post(call->state->source->mailbox, &call->message);
}

static void cancel_running(struct source_state *state)
{
    for (size_t i = 0; i < ARRAY_LEN(state->calls); i++) {
        struct source_call *call = state->calls[i];
        if (call && call->turn.pace) {
            source_pace_leave(&call->turn);
            call_cancelled(call);
        } else if (call && call->call) {
            pail_call_cancel(call->call);
        }
    }
}

static void deliver_call(struct message *message)
{
    struct source_call *call = CONTAINER_OF(message, struct source_call, message);
    struct source_state *state = call->state;
    pail_call_release(call->call);
    call->call = NULL;
    call->over = true;
    call->running = false;
    state->source->running--;
    state->delivering = true;
    if (state->request)
        call->ended(call);
    state->delivering = false;
    state_put(state);
}

/* One that is described anew has its place. */
static void add_call(struct source_state *state, struct source_call *call)
{
    if (!state->calls[0] || state->calls[0] == call)
        state->calls[0] = call;
    else
        state->calls[1] = call;
}

void source_call_init(struct source_state *state, struct source_call *call,
                      const struct pail_operation *operation, void *out,
                      void (*convert)(struct source_call *call),
                      void (*ended)(struct source_call *call))
{
    *call = (struct source_call){
        .message.deliver = deliver_call,
        .state = state,
        .operation = operation,
        .out = out,
        .convert = convert,
        .ended = ended,
    };
    add_call(state, call);
}

void source_call_start(struct source_call *call, const void *in,
                       const struct pail_call_options *options, pail_done *done)
{
    struct client_source *source = call->state->source;
    call->running = true;
    source->running++;
    if (call->state->cancelled) {
        call_cancelled(call);
        return;
    }
    struct pail_error error = {0};
    int r = pail_call_start(source->client, call->operation, in, call->out, options, done, call,
                            &call->call, &error);
    if (r < 0) {
        call->status = r;
        call->error = error;
        mailbox_post(source->mailbox, &call->message);
    }
}

void source_call_done(struct pail_call *pail_call, int status, const struct pail_error *error,
                      void *user)
{
    (void)pail_call;
    struct source_call *call = user;
    call->status = status;
    if (status < 0 && error)
        call->error = *error;
    if (status == 0 && call->convert)
        call->convert(call);
    mailbox_post(call->state->source->mailbox, &call->message);
}

int source_call_listed(struct pail_error *error, const struct list_form *form, const void *out)
{
    return form->read(out).listed ? 0
                                  : source_call_error(error, form->operation, out,
                                                      PAIL_ERROR_PARSE, EPROTO, form->refusal);
}

void source_call_fail(struct source_call *call, int kind, int sys, const char *words)
{
    call->status =
        source_call_error(&call->error, call->operation, call->out, kind, sys, words);
}

int source_call_status(int status, struct pail_error *error)
{
    if (status != -ENODATA || error->http_status != 304)
        return status;
    error->sys = EPROTO;
    return -EPROTO;
}

void source_finish(struct source_state *state, int status, const struct pail_error *error)
{
    struct source_request *request = STEAL(state->request);
    cancel_running(state);
    request->status = status;
    if (status < 0) {
        if (error)
            request->error = *error;
        request->status = source_call_status(status, &request->error);
        request->error.sys = -request->status;
        request->state = NULL;
        state->released = true;
    }
    request->done(request);
}

static void deliver_answer(struct message *message)
{
    struct source_request *request = CONTAINER_OF(message, struct source_request, message);
    struct source_state *state = request->state;
    state->delivering = true;
    source_finish(state, request->status, &request->error);
    state->delivering = false;
    state_put(state);
}

void source_answer(struct source_state *state, int status, const struct pail_error *error)
{
    struct source_request *request = state->request;
    state->answered = true;
    request->status = status;
    if (status < 0 && error)
        request->error = *error;
    request->message.deliver = deliver_answer;
    mailbox_post(state->source->mailbox, &request->message);
}

void source_answer_finished(struct source_state *state, struct source_more *more)
{
    more->data = str_of(NULL, 0);
    more->end = more->finished = true;
    more->mtime_s = 0;
    source_answer(state, 0, NULL);
}

void source_cancel(struct source *source, struct source_request *request)
{
    (void)source;
    struct source_state *state = request->state;
    if (!state || !state->request || state->answered || state->cancelled)
        return;
    state->cancelled = true;
    if (state_running(state))
        cancel_running(state);
    else if (state->stop)
        state->stop(state);
}

void source_release(struct source *source, struct source_request *request)
{
    (void)source;
    struct source_state *state = request->state;
    if (!state)
        return;
    request->state = NULL;
    state->released = true;
    state_put(state);
}

void client_source_drain(struct client_source *source)
{
    while (source->running > 0)
        mailbox_wait(source->mailbox, -1);
}

void client_source_stats(const struct client_source *source, const char *name, struct buf *b)
{
    struct pail_client_stats stats;
    pail_client_get_stats(source->client, &stats);
    const struct {
        const char *name;
        uint64_t value;
    } counters[] = {
        {"requests", stats.requests},       {"retries", stats.retries},
        {"throttled", stats.throttled},     {"bytes_in", stats.bytes_in},
        {"connections", stats.connections},
    };
    for (size_t i = 0; i < ARRAY_LEN(counters); i++)
        buf_addf(b, "%s.%s %" PRIu64 "\n", name, counters[i].name, counters[i].value);
}
