/* The messages of a stream come one at a time: `buffer` is posted to the body for a message's
 * prelude, then for all the rest, and whoever reads the stream has it posted again when done
 * with what came. */
#include "aws/event_stream.h"

#include "aws/call_steps.h"
#include "aws/event_decode.h"

#include <errno.h>
#include <stdarg.h>

/* What every failure says of the response and the call. */
static void stamp(struct pail_event_stream *stream)
{
    const struct pail_error *frame = &stream->call->stream_error;
    struct pail_error *error = &stream->error;
    error->http_status = frame->http_status;
    error->attempts = stream->attempts;
    str_copy(error->operation, sizeof(error->operation), str_c(stream->call->operation->name));
    str_copy(error->request_id, sizeof(error->request_id), str_c(frame->request_id));
    str_copy(error->host_id, sizeof(error->host_id), str_c(frame->host_id));
}

/* Fills stream->error, with what is known of the response. Returns -sys. */
__attribute__((format(printf, 4, 5))) static int
fail(struct pail_event_stream *stream, int kind, int sys, const char *format, ...)
{
    char message[sizeof(stream->error.message)];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    error_set(&stream->error, kind, sys, "%s", message);
    stamp(stream);
    return -sys;
}

/* All of it is wanted, and at once: an event does not wait for what follows it. */
static void make_room(struct pail_event_stream *stream)
{
    stream->buffer.data = event_frame_room(&stream->in, &stream->buffer.size);
    stream->buffer.least = stream->buffer.size;
}

void event_stream_ask(struct pail_event_stream *stream)
{
    arena_free(STEAL(stream->arena));
    event_frame_next(&stream->in);
    make_room(stream);
}

/* Posts the buffer from the net thread. */
static void post(struct pail_event_stream *stream)
{
    body_append(&stream->call->body, &stream->buffer);
}

/* The body has ended after `stream->in.len` bytes of a message. */
static int judge_end(struct pail_event_stream *stream)
{
    const struct event_frame_reader *in = &stream->in;
    if (in->len == 0)
        return 0;
    fail(stream, PAIL_ERROR_INCOMPLETE_READ, EIO,
         "the stream of events ended inside a message");
    stream->error.expected_bytes = in->total ? in->total : EVENT_PRELUDE_LEN;
    stream->error.actual_bytes = in->len;
    return -EIO;
}

static int judge_message(struct pail_event_stream *stream, int r)
{
    if (r == -EBADMSG)
        return fail(stream, PAIL_ERROR_CHECKSUM, EBADMSG,
                    "a message of the event stream does not have its checksum");
    if (r == -EPROTO)
        return fail(stream, PAIL_ERROR_PARSE, EPROTO,
                    "a message of the event stream has impossible lengths");
    if (r < 0)
        return fail(stream, PAIL_ERROR_MEMORY, -r, "out of memory for an event");
    return r;
}

static const struct pail_member *last_event(const struct pail_event_stream *stream)
{
    const struct pail_shape *shape = event_stream_shape(stream->call->operation);
    for (size_t i = 0; i < shape->member_count; i++)
        if (shape->members[i].flags & PAIL_LAST_EVENT)
            return &shape->members[i];
    return NULL;
}

static int take_end(struct pail_event_stream *stream)
{
    const struct pail_member *last = last_event(stream);
    if (!last || stream->last_seen)
        return EVENT_TAKEN_END;
    return fail(stream, PAIL_ERROR_INCOMPLETE_READ, EIO,
                "the stream of events ended without its %s event", last->name);
}

static int take_message(struct pail_event_stream *stream, struct pail_event *ret)
{
    stream->arena = arena_new(EVENT_ARENA_MAX);
    if (!stream->arena)
        return fail(stream, PAIL_ERROR_MEMORY, ENOMEM, "out of memory for an event");
    int r = event_decode(stream->call->operation, event_frame_message(&stream->in),
                         stream->arena, ret, &stream->error);
    if (r < 0)
        stamp(stream);
    if (r > 0 && ret->member->flags & PAIL_LAST_EVENT)
        stream->last_seen = true;
    return r == 0 ? EVENT_TAKEN_SKIP : r;
}

int event_stream_take(struct pail_event_stream *stream, struct pail_event *ret)
{
    if (stream->ended)
        return stream->status;
    int r = stream->arrived;
    if (r == 0)
        r = take_end(stream);
    else if (r > 0)
        r = take_message(stream, ret);
    if (r <= 0) {
        stream->ended = true;
        stream->status = r;
    }
    return r;
}

static void tell_end(struct pail_event_stream *stream, int status,
                     const struct pail_error *error)
{
    stream->told = true;
    stream->on_end(stream, status, status < 0 ? error : NULL, stream->user);
}

/* True if on_event wants no more for now, and the stream is no longer ours. */
static bool is_paused(struct pail_event_stream *stream, const struct pail_event *event)
{
    if (!pail_body_readable(&stream->call->body) ||
        stream->on_event(stream, event, stream->user) == PAIL_EVENT_GO_ON)
        return false;
    int flow = EVENT_FLOWS;
    if (atomic_compare_exchange_strong(&stream->flow, &flow, EVENT_PAUSED))
        return true;
    atomic_store(&stream->flow, EVENT_FLOWS);
    return false;
}

static void call_back(struct pail_event_stream *stream)
{
    struct pail_event event;
    if (stream->told)
        return;
    int r = event_stream_take(stream, &event);
    if (r == EVENT_TAKEN_END || r < 0) {
        tell_end(stream, r, &stream->error);
    } else if (r == EVENT_TAKEN_SKIP || !is_paused(stream, &event)) {
        event_stream_ask(stream);
        post(stream);
    }
}

/* The first message has come, or cannot come: `arrived`. */
static void complete_output(struct pail_event_stream *stream)
{
    struct pail_call *call = stream->call;
    int r = stream->arrived;
    atomic_store(&stream->reader, EVENT_READER_NONE);
    if (r > 0)
        r = event_decode_initial(call->operation, event_frame_message(&stream->in), call->out,
                                 &stream->error);
    if (r == 0) {
        call_stream_ready(call);
        return;
    }
    stamp(stream);
    call->error = stream->error;
    call->final = true;
    call_drop(call);
}

static void on_filled(struct pail_buffer *buffer, int status, const struct pail_error *error)
{
    struct pail_event_stream *stream = buffer->user;
    bool body_ended = status < 0 || buffer->filled < buffer->size;
    int reader = atomic_load(&stream->reader);

    if (reader == EVENT_READER_CALL && body_ended)
        return; /* the call deals with it */
    if (status < 0) {
        stream->arrived = status;
        stream->error = *error;
    } else if (body_ended) {
        stream->in.len += buffer->filled;
        stream->arrived = judge_end(stream);
    } else {
        stream->arrived =
            judge_message(stream, event_frame_filled(&stream->in, buffer->filled));
        if (stream->arrived == 0) {
            make_room(stream);
            post(stream);
            return;
        }
    }
    if (reader == EVENT_READER_CALL)
        complete_output(stream);
    else if (reader == EVENT_READER_CALLBACK)
        call_back(stream);
    else
        answer_post(&stream->answer, 0, NULL); /* `arrived` says more */
}

void event_stream_read_initial(struct pail_event_stream *stream)
{
    struct pail_body *body = &stream->call->body;
    /* Of an attempt that broke off before this one. */
    body->first = body->last = NULL;
    body->received = 0;
    body->ended = false;
    atomic_store(&stream->reader, EVENT_READER_CALL);
    event_stream_ask(stream);
    post(stream);
}

void event_stream_detach(struct pail_event_stream *stream)
{
    if (atomic_load(&stream->reader) != EVENT_READER_CALLBACK || stream->told)
        return;
    struct pail_error error;
    error_set(&error, PAIL_ERROR_CANCELLED, ECANCELED, "the stream was closed");
    str_copy(error.operation, sizeof(error.operation), str_c(stream->call->operation->name));
    tell_end(stream, -ECANCELED, &error);
}

void pail_event_stream_start(struct pail_event_stream *stream, pail_on_event *on_event,
                             pail_on_event_end *on_end, void *user)
{
    stream->on_event = on_event;
    stream->on_end = on_end;
    stream->user = user;
    struct pail_call *call = stream->call;
    atomic_fetch_add(&call->refs, 1); /* on_end may free the stream */
    atomic_store(&stream->reader, EVENT_READER_CALLBACK);
    event_stream_ask(stream);
    pail_body_post(&call->body, &stream->buffer);
    call_unref(call);
}

void pail_event_stream_resume(struct pail_event_stream *stream)
{
    int was = atomic_load(&stream->flow);
    if (!pail_body_readable(&stream->call->body))
        return;
    while (!atomic_compare_exchange_weak(
        &stream->flow, &was, was == EVENT_PAUSED ? EVENT_FLOWS : EVENT_RESUMED_EARLY))
        continue;
    if (was != EVENT_PAUSED)
        return;
    struct pail_call *call = stream->call;
    atomic_fetch_add(&call->refs, 1); /* as above */
    event_stream_ask(stream);
    pail_body_post(&call->body, &stream->buffer);
    call_unref(call);
}

void pail_event_stream_set_read_timeout(struct pail_event_stream *stream, int64_t timeout_ms)
{
    pail_body_set_read_timeout(&stream->call->body, timeout_ms);
}

void pail_event_stream_close(struct pail_event_stream *stream)
{
    if (stream)
        pail_body_close(&stream->call->body);
}

void pail_event_stream_free(struct pail_event_stream *stream)
{
    if (stream)
        pail_body_free(&stream->call->body);
}

struct pail_event_stream *event_stream_new(struct pail_call *call)
{
    struct pail_event_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return NULL;
    stream->call = call;
    stream->buffer.done = on_filled;
    stream->buffer.user = stream;
    return stream;
}

void event_stream_free(struct pail_event_stream *stream)
{
    if (!stream)
        return;
    event_frame_reader_done(&stream->in);
    arena_free(stream->arena);
    mailbox_free(stream->mailbox);
    free(stream);
}
