/* aws/event_stream.h: an open event stream inside: messages read one by one through the call's
 * body. Part of its call (aws/call.h), whose references keep it alive. */
#ifndef AWS_EVENT_STREAM_H
#define AWS_EVENT_STREAM_H

#include "aws/answer.h"
#include "aws/event_frame.h"
#include "base/arena.h"

#include <pail/body.h>
#include <pail/events.h>
#include <stdatomic.h>

struct pail_call;

/* Who gets what comes. */
enum event_reader {
    EVENT_READER_NONE,
    EVENT_READER_CALL,     /* the first message: it completes the output */
    EVENT_READER_WAITS,    /* pail_event_stream_next */
    EVENT_READER_CALLBACK, /* pail_event_stream_start */
};

/* How callbacks go on. A pause is the net thread's to begin and the resumer's to end. */
enum event_flow { EVENT_FLOWS, EVENT_PAUSED, EVENT_RESUMED_EARLY };

struct pail_event_stream {
    /* Fixed before the reader sees it. */
    struct pail_call *call;
    unsigned attempts; /* requests that it took to open */

    /* Any thread. */
    _Atomic int reader; /* enum event_reader */
    _Atomic int flow;   /* enum event_flow */

    /* The net thread's while `buffer` is posted, else the reader's. */
    struct event_frame_reader in;
    struct pail_buffer buffer; /* the room for what is missing of the message */
    int arrived;               /* 1: a whole message; 0: the body's end; -errno: `error` */
    struct arena *arena;       /* of the newest event */
    bool last_seen;            /* the event that must come has */
    bool ended;                /* nothing more comes; `status` and `error` say how it ended */
    int status;
    struct pail_error error;

    /* The waiting reader's. */
    struct mailbox *mailbox;
    struct answer answer;

    /* Callbacks: fixed by pail_event_stream_start; told: the net thread's. */
    pail_on_event *on_event;
    pail_on_event_end *on_end;
    void *user;
    bool told; /* on_end has been called */
};

/* NULL on ENOMEM. */
struct pail_event_stream *event_stream_new(struct pail_call *call);
void event_stream_free(struct pail_event_stream *stream);

/* The net thread, these. */

/* Reads the stream's first message into the call's output; then the call is ready, or dropped.
 */
void event_stream_read_initial(struct pail_event_stream *stream);
/* The call is about to be forgotten by its client: whoever was not told of the end is told now.
 */
void event_stream_detach(struct pail_event_stream *stream);

/* What has arrived. EVENT: *ret; END: it ended well; SKIP: nothing that the reader is to see;
 * else -errno, stream->error. The reader's. */
enum { EVENT_TAKEN_END = 0, EVENT_TAKEN = 1, EVENT_TAKEN_SKIP = 2 };
int event_stream_take(struct pail_event_stream *stream, struct pail_event *ret);
/* Forgets the newest event and makes room for the next message; `buffer` is to be posted then.
 * The reader's. */
void event_stream_ask(struct pail_event_stream *stream);

#endif
