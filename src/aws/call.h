/* aws/call.h: one call inside. Its states and who moves them are drawn at the top of call.c. */
#ifndef AWS_CALL_H
#define AWS_CALL_H

#include "aws/body.h"
#include "aws/client.h"
#include "aws/content_range.h"
#include "aws/event_stream.h"
#include "aws/response.h"
#include "aws/serialize.h"

#include <pail/call.h>

#define CALL_RESUMES_MAX 100 /* of one body, where no deadline bounds the whole */
#define CALL_ETAG_MAX    256 /* bytes of an ETag to resume with, its NUL included */

enum call_state {
    CALL_NEW,         /* posted to the net thread */
    CALL_LIMITED,     /* waiting for the adaptive limiter's leave */
    CALL_BACKOFF,     /* waiting before the next attempt */
    CALL_CREDENTIALS, /* waiting for keys */
    CALL_HEAD,        /* sent; the response's head is awaited */
    CALL_COLLECT,     /* a body that is parsed whole arrives: an output, or any error */
    CALL_STREAM,      /* a body flows into the reader's buffers */
    CALL_FINISHED,    /* done has come; an ended body may still be open */
};

/* What was asked from other threads (bits of `asked`). */
enum {
    CALL_CANCEL_ASKED = 1,
    CALL_CLOSE_ASKED = 2,
    CALL_POST_ASKED = 4,    /* buffers are on their way */
    CALL_TIMEOUT_ASKED = 8, /* a read timeout is */
    CALL_GONE = 16,         /* not asked: the net thread has left the call */
};

struct pail_call {
    /* Fixed by pail_call_start. */
    struct pail_client *client;
    const struct pail_operation *operation;
    void *out, *user; /* `out` is the starter's again after done */
    pail_done *done;
    struct serialized input;
    bool resume, exact_range;
    int64_t connect_timeout_ms;
    bool timeout_restarts;
    int64_t timeout_ms;

    /* Any thread. References: the net thread's until the call is gone, the starter's, the open
     * body's reader's, and one for each message of the body in flight. */
    _Atomic unsigned refs;
    /* Cancel and close each post their message once, buffers and read timeouts theirs once at a
     * time, and only while CALL_GONE is not set; the net thread, having set it, stays until
     * those that were asked before were delivered. What finds it set leaves the client, which
     * may be freed, alone. */
    _Atomic unsigned asked;
    struct message start_message, cancel_message;

    /* The net thread's from here on. */
    unsigned awaited;   /* what was asked before CALL_GONE was set */
    unsigned delivered; /* what of it has come */
    bool gone;
    enum call_state state;
    struct pail_call *prev, *next; /* the client's list */
    struct timer pause, deadline;
    int64_t deadline_ns; /* TIME_NEVER: none. The timer may lag behind it, never run ahead */
    struct credentials_request credentials;
    struct http_exchange *exchange;
    char invocation_id[37];

    /* Where to. */
    char region[REGION_NAME_MAX];         /* learned by a redirect; "": none was */
    char signing_region[REGION_NAME_MAX]; /* of the newest request */
    bool probing; /* the request is a HEAD of the bucket, to learn its region */
    bool redirected, renewed, resynced; /* each is done once a call */

    /* The attempt. */
    unsigned requests; /* sent so far, probes not counted */
    struct retry_call retry;
    bool retrying;           /* the policy granted the next request */
    struct pail_error error; /* the newest failure */
    struct response_facts facts;
    bool failed;           /* `error` says why the response that still arrives was dropped */
    bool final;            /* `error` is not to be tried again, whatever the policy says */
    struct http_head head; /* of the response; valid until the exchange's end */
    struct buf collected;

    /* The streamed body. */
    struct pail_body body;
    struct pail_event_stream *events; /* read from it; NULL: the payload is the body itself */
    bool open;                        /* done(0) has come with it */
    bool closed;                      /* its reader closed it */
    struct pail_error stream_error;   /* what its failures say of the first response */
    char etag[CALL_ETAG_MAX];         /* "": it cannot be resumed */
    struct content_range part;        /* of the object; last UINT64_MAX: to an unknown end */
    uint64_t resumed_at;              /* `received` when it was last interrupted */
    unsigned resumes;
};

/* The machine (the steps that it takes: aws/call_steps.h). All on the net thread unless it says
 * otherwise. The call may be gone when one of those marked "last" returns. */

/* Drops a reference. Any thread. Last. */
void call_unref(struct pail_call *call);
/* Sets a new call going. Last. */
void call_begin(struct pail_call *call);
/* Starts the next request as soon as the limiter and the credentials allow. Last. */
void call_attempt(struct pail_call *call);
/* Ends the call, or its open body: 0, or -errno with call->error filled. No exchange may be
 * running. Last. */
void call_finish(struct pail_call *call, int status);
/* Writes what the output says of the call itself. Before done. */
void call_stamp_output(struct pail_call *call);
/* Ends it from outside: cancels what runs, then as call_finish with that failure. Last. */
void call_abort(struct pail_call *call, int kind, int sys, const char *message);
/* Takes it from the client's list; with the last message delivered, from the client.
 * Last. */
void call_leave(struct pail_call *call);
/* After the delivery of a message that CALL_GONE may have been waiting for. Last. */
void call_settle(struct pail_call *call);
/* Sets the next timer of an attempt: `state` is CALL_LIMITED or CALL_BACKOFF. A wait that the
 * deadline would cut is not begun: the call ends with its newest failure. Last. */
void call_wait(struct pail_call *call, enum call_state state, int64_t wait_ms);
/* Fills call->error, with what the response of an open body said of itself. Returns -sys. */
int call_fail(struct pail_call *call, int kind, int sys, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same for an exchange that failed. */
void call_fail_http(struct pail_call *call, const struct http_result *result);

#endif
