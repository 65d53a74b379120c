/* Reading events by waiting for them. */
#include "aws/event_stream.h"

#include "aws/call.h"

#include <errno.h>

static void wait_for_message(struct pail_event_stream *stream)
{
    answer_init(&stream->answer, stream->mailbox, NULL);
    event_stream_ask(stream);
    pail_body_post(&stream->call->body, &stream->buffer);
    answer_wait(&stream->answer);
}

int pail_event_stream_next(struct pail_event_stream *stream, struct pail_event *ret,
                           struct pail_error *error)
{
    int r = EVENT_TAKEN_SKIP;
    if (!stream->mailbox) {
        int made = answer_mailbox(&stream->mailbox, error);
        if (made < 0)
            return made;
        atomic_store(&stream->reader, EVENT_READER_WAITS);
    }
    while (r == EVENT_TAKEN_SKIP) {
        if (!pail_body_readable(&stream->call->body))
            return error_set(error, PAIL_ERROR_CANCELLED, ECANCELED,
                             "the stream of events was closed");
        if (!stream->ended)
            wait_for_message(stream);
        r = event_stream_take(stream, ret);
    }
    if (r < 0 && error)
        *error = stream->error;
    return r;
}
