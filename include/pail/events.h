/* pail/events.h: a response's payload as events that arrive one by one
 * (application/vnd.amazon.eventstream): S3 Select, CloudWatch Logs' Live Tail, streamed Lambda
 * answers. What botocore's EventStream does, with its end always checked.
 *
 * A stream is read in one of two ways: by waiting (pail_event_stream_next), or by callbacks
 * (pail_event_stream_start). In either the next message is taken from the network when the
 * reader is done with the one before: one at a time is in memory. */
#ifndef PAIL_EVENTS_H
#define PAIL_EVENTS_H

#include <pail/error.h>
#include <pail/model.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pail_event_stream;

/* One event. Everything in it is borrowed: until the next call on the stream, or for the
 * callback. */
struct pail_event {
    struct pail_str type;             /* "Records" */
    const struct pail_member *member; /* of the stream's shape: which kind of event it is */
    const struct pail_shape *shape;   /* the stream's */
    const void *data; /* the shape's C struct, of which only that member is present */
};

/* Waits for the next event. 1 with *ret filled; 0: the stream has ended well; -errno with
 * *error filled if not NULL, and the same again from then on:
 * - EVENT_STREAM: the service ended the stream with the error `code`;
 * - CHECKSUM, -EBADMSG: a message is damaged; PARSE, -EPROTO: it is not what its protocol says;
 * - INCOMPLETE_READ, -EIO: the stream broke off inside a message, or before the event that must
 * be its last;
 * - what ended the transfer: READ_TIMEOUT, STREAMING, DEADLINE, CANCELLED...
 * MEMORY (-ENOMEM, -EMFILE, -ENFILE) for want of what waiting takes is not final. Events of
 * kinds that the operation's descriptor does not name are passed over. One thread at a time a
 * stream, not the net thread; also when the client is gone. */
PAIL_API int pail_event_stream_next(struct pail_event_stream *stream, struct pail_event *ret,
                                    struct pail_error *error);

/* What is to come after an event. */
enum pail_event_flow {
    PAIL_EVENT_GO_ON,
    PAIL_EVENT_PAUSE, /* nothing more until pail_event_stream_resume */
};
/* An event has come. On the client's net thread; must not block. */
typedef enum pail_event_flow pail_on_event(struct pail_event_stream *stream,
                                           const struct pail_event *event, void *user);
/* The stream has ended, as pail_event_stream_next says it: `status` 0, or -errno explained by
 * *error (borrowed for the call). On the client's net thread, exactly once, after the last
 * event: also when it is closed or freed before its end, or its client freed (-ECANCELED). When
 * the client is gone before pail_event_stream_start: on the thread that calls that, before it
 * returns. What `user` points to must stay until then. */
typedef void pail_on_event_end(struct pail_event_stream *stream, int status,
                               const struct pail_error *error, void *user);

/* Has events come by callbacks from now on. Once a stream. Any thread, also from the call's
 * done, and when the client is gone. */
PAIL_API void pail_event_stream_start(struct pail_event_stream *stream, pail_on_event *on_event,
                                      pail_on_event_end *on_end, void *user);
/* Ends a pause: once for each PAIL_EVENT_PAUSE; it may come before on_event has returned that.
 * Any thread, also when the client is gone. While paused, however long, the read timeout does
 * not run; a failure shows after resuming. */
PAIL_API void pail_event_stream_resume(struct pail_event_stream *stream);

/* Replaces the read timeout (milliseconds without a byte; negative: none) from now on. Nothing
 * happens when it is closed or the client gone. Any thread. */
PAIL_API void pail_event_stream_set_read_timeout(struct pail_event_stream *stream,
                                                 int64_t timeout_ms);

/* Takes a stream of events out of an output, which then no longer releases it. */
static inline struct pail_event_stream *pail_event_stream_take(struct pail_event_stream **slot)
{
    struct pail_event_stream *stream = *slot;
    *slot = NULL;
    return stream;
}

/* Ends the transfer if it still runs: a reader that waits returns (-ECANCELED), on_event does
 * not come again (but may be running), on_end does. NULL-safe, repeatable. Any thread, also
 * when the client is gone; never waits. */
PAIL_API void pail_event_stream_close(struct pail_event_stream *stream);
/* Closes and releases it and its newest event, when nobody waits for its events any more.
 * NULL-safe. Any thread, also from callbacks and when the client is gone; never waits. */
PAIL_API void pail_event_stream_free(struct pail_event_stream *stream);
PAIL_DEFINE_CLEANUP(pail_event_stream, pail_event_stream_free)

/* The event as JSON text, {"Stats":{"Details":{"BytesScanned":5}}}; as pail_output_json does
 * it. 0 with a heap string the caller frees, or -ENOMEM. Any thread that may read the event. */
PAIL_API int pail_event_json(const struct pail_event *event, char **ret);

#ifdef __cplusplus
}
#endif
#endif
