/* aws/call_steps.h: the steps that the machine of a call takes, a file each. On the net thread.
 * The call may be gone when one of those marked "last" returns. */
#ifndef AWS_CALL_STEPS_H
#define AWS_CALL_STEPS_H

#include "aws/call.h"

/* call_request.c: makes the request that the call's state asks for, signed with `keys` (NULL:
 * not signed). 0, or -errno with call->error filled. */
int call_compose(struct pail_call *call, const struct credentials *keys,
                 struct http_request *ret);

/* call_response.c: what the transport reports to. */
extern const struct http_handler call_handler;
/* Tells the retry policy that the attempt succeeded. */
void call_succeeded(struct pail_call *call);
/* The head as pail_get_response wants it, without a body; its fields are *ret_headers, which
 * the caller frees. 0 or -ENOMEM. */
int call_describe_head(const struct pail_call *call, struct pail_http_response *ret,
                       struct pail_header **ret_headers);
/* The response is dropped because of call->error: what head and body return then. */
int call_drop(struct pail_call *call);

/* call_recover.c: the newest attempt failed as call->error and call->facts say: try again, or
 * finish. Last. */
void call_recover(struct pail_call *call);
/* Sets the calls going that wait for the retry quota, as far as it reaches, and the client's
 * timer for the rest. */
void call_release_queued(struct pail_client *client);

/* call_redirect.c: the response may say that the bucket is in another region. True: it is being
 * dealt with (once a call). Last, if true. */
bool call_redirect(struct pail_call *call);
extern const struct http_handler call_probe_handler;

/* call_stream.c: the head of a streamed response has come (call->head). 0, or call_drop. */
int call_stream_open(struct pail_call *call);
/* The streamed payload can be handed over: done(0). */
void call_stream_ready(struct pail_call *call);
/* Body bytes; as http_handler.body. */
ssize_t call_stream_take(struct pail_call *call, const char *data, size_t len);
/* The exchange that carried the body ended. Last. */
void call_stream_end(struct pail_call *call, const struct http_result *result);
/* Drops the response whose head is at hand with a failure that is final. As call_drop. */
int call_stream_refuse(struct pail_call *call, int kind, int sys, const char *what);

/* call_resume.c: the open body's transfer failed as call->error says: may it be resumed? Counts
 * it. */
bool call_resume_may(struct pail_call *call);
/* Adds Range and If-Match of the rest. 0 or -ENOMEM. */
int call_resume_ask(const struct pail_call *call, struct http_headers *headers);
/* The head of a streamed response to that has come. 0, or call_drop. */
int call_resume_open(struct pail_call *call);
/* call_body.c: sets the messages of the call's body up. */
void call_body_init(struct pail_call *call);

#endif
