/* unit/aws/event_watcher.h: a follower of an event stream over the scripted transport, by
 * callbacks: the test's thread is the net thread. */
#ifndef UNIT_AWS_EVENT_WATCHER_H
#define UNIT_AWS_EVENT_WATCHER_H

#include "unit/aws/call_fixture.h"
#include "unit/aws/event_messages.h"
#include "unit/aws/event_shapes.h"

/* Follows a stream and keeps what it is told. */
struct watcher {
    struct outcome outcome;
    struct watch_output out;
    struct pail_call *call;
    struct buf seen; /* a line for each event */
    unsigned events;
    unsigned ends;
    int status;
    struct pail_error error;
    bool waits;       /* do not start at once */
    bool pauses;      /* after each event */
    bool resumes;     /* before the pause has begun */
    bool closes;      /* with the first event */
    long alloc_after; /* from done to the stream's end; -1: enough */
};

UNUSED static enum pail_event_flow watcher_event(struct pail_event_stream *stream,
                                                 const struct pail_event *event, void *user)
{
    struct watcher *w = user;
    char *text = NULL;
    alloc_spare(true);
    must(w->ends == 0, "an event after the end");
    must(stream == w->out.happenings, "another stream's event");
    must(pail_event_json(event, &text) == 0, "no memory");
    buf_addf(&w->seen, "%s\n", text);
    free(text);
    alloc_spare(false);
    w->events++;
    if (w->closes)
        pail_event_stream_free(STEAL(w->out.happenings));
    if (w->resumes)
        pail_event_stream_resume(stream);
    return w->pauses ? PAIL_EVENT_PAUSE : PAIL_EVENT_GO_ON;
}

UNUSED static void watcher_end(struct pail_event_stream *stream, int status,
                               const struct pail_error *error, void *user)
{
    struct watcher *w = user;
    (void)stream;
    alloc_fail_after(-1);
    w->ends++;
    w->status = status;
    must((status < 0) == (error != NULL), "an error comes with a failure, and only then");
    if (error)
        w->error = *error;
}

UNUSED static void watcher_done(struct pail_call *call, int status,
                                const struct pail_error *error, void *user)
{
    struct watcher *w = user;
    outcome_done(call, status, error, &w->outcome);
    must((status == 0) == (w->out.happenings != NULL), "a stream comes with success");
    alloc_fail_after(w->alloc_after);
    if (status == 0 && !w->waits)
        pail_event_stream_start(w->out.happenings, watcher_event, watcher_end, w);
}

UNUSED static void watcher_init(struct watcher *w, struct fixture *f)
{
    *w = (struct watcher){.outcome.t = f->t, .alloc_after = -1};
    buf_init(&w->seen, SIZE_MAX);
}

UNUSED static void watch(struct watcher *w, struct fixture *f, const struct pail_operation *op,
                         const struct pail_call_options *options)
{
    struct pail_error error;
    ck_assert_int_eq(pail_call_start(f->client, op, NULL, &w->out, options, watcher_done, w,
                                     &w->call, &error),
                     0);
    fixture_wait(f, &w->outcome);
}

UNUSED static void watcher_done_with(struct watcher *w)
{
    pail_call_release(w->call);
    pail_output_free(&watch_xml, &w->out);
    buf_done(&w->seen);
}

#define TEXT_A  "{\"Text\":{\"Text\":\"a\"}}\n"
#define TEXT_B  "{\"Text\":{\"Text\":\"b\"}}\n"
#define NOTHING "{\"Nothing\":{}}\n"
#define DETAILS "{\"Details\":{\"Details\":{\"Count\":5}}}\n"
#define END     "{\"End\":{}}\n"

#endif
