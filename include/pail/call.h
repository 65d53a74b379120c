/* pail/call.h: calling an operation of a service: credentials, endpoint, serialize, sign,
 * transfer, parse, retry. */
#ifndef PAIL_CALL_H
#define PAIL_CALL_H

#include <pail/body.h>
#include <pail/client.h>
#include <pail/model.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pail_call;

/* All zero is the default. */
struct pail_call_options {
    /* Deadline of the whole call, retries and waiting included; its streamed body too, also
     * while its reader is slow. 0: none. Past it the call fails with DEADLINE, -ETIMEDOUT. A
     * wait before a retry that would last beyond it is not begun: the call fails at once with
     * the failure that was to be retried (-EBUSY for throttling...). */
    int64_t timeout_ms;
    unsigned max_attempts; /* 0: the client's */
    bool timeout_restarts; /* timeout_ms begins anew with every byte of the streamed body that
                            * is taken: it bounds the waiting, not the length of the transfer */
    int64_t connect_timeout_ms, read_timeout_ms; /* 0: the client's; negative: none */
    /* An interrupted streamed body is fetched on from the next byte (Range, If-Match with the
     * first response's ETag; it needs a strong one, and of a 206 a Content-Range that can be
     * understood: else the interruption is the body's failure). Attempts are counted anew
     * whenever a byte has come since the last interruption; without a deadline it is done a
     * hundred times at most. CHANGED, -ESTALE: the object is no longer the same; PARSE,
     * -EPROTO: the answer is not exactly the rest, or has no ETag. */
    bool resume;
    /* An input's Range "bytes=FIRST-LAST", "bytes=FIRST-" or "bytes=-COUNT" must be answered by
     * exactly that range: anything else (200, another Content-Range, a longer or shorter
     * Content-Length) is a PARSE failure, -EPROTO, before a byte is delivered, and not tried
     * again; a body without a Content-Length is held to the range's. A range that reaches past
     * the object's end, or for -COUNT its beginning, is answered exactly when it is clipped
     * there. */
    bool exact_range;
    /* Posted to the streamed body before it exists. If the call fails they come back through
     * their done, with the call's failure, before the call's own done. Operations without a
     * body to be streamed, those with events too: -EINVAL. */
    struct pail_buffer *buffers;
};

/* `status` 0, or -errno explained by *error (borrowed for the call of done). For an operation
 * with a streamed payload, done comes when the head has arrived and the output's body or stream
 * of events is open; else when the output is complete. To the head of a stream of events
 * belongs its first message, the initial-response, for the protocol that has it (PAIL_JSON).
 * `out` belongs to whoever started the call again. On the client's net thread, exactly once;
 * must not block; may start other calls. */
typedef void pail_done(struct pail_call *call, int status, const struct pail_error *error,
                       void *user);

/* Starts `operation` with `in` (borrowed until this returns; NULL: no input) into `out` (the
 * operation's output struct, all zero; lent until done). *ret_call, if not NULL, is a reference
 * the caller releases with pail_call_release, before or after done. 0, or -errno with *error
 * filled if not NULL (-EINVAL: a required member is missing or cannot be sent; -ENOMEM;
 * -ECANCELED: the client is being freed): then done does not come and buffers were not taken.
 * Any thread. */
PAIL_API int pail_call_start(struct pail_client *client, const struct pail_operation *operation,
                             const void *in, void *out, const struct pail_call_options *options,
                             pail_done *done, void *user, struct pail_call **ret_call,
                             struct pail_error *error);

/* Asks the call to end: before done, done comes soon with -ECANCELED (unless it was already on
 * its way); after it, a streamed body that still runs ends likewise, its buffers coming back
 * with -ECANCELED. Any thread that holds a reference, also when the client is gone. */
PAIL_API void pail_call_cancel(struct pail_call *call);
/* Gives the reference back; the call itself goes on. NULL-safe. Any thread. */
PAIL_API void pail_call_release(struct pail_call *call);

/* The same, waiting, which takes a descriptor (else -EMFILE, -ENFILE). 0 or -errno; *error
 * filled if not NULL. `out` must be freed with pail_output_free in either case. Any thread but
 * the net thread. */
PAIL_API int pail_call(struct pail_client *client, const struct pail_operation *operation,
                       const void *in, void *out, const struct pail_call_options *options,
                       struct pail_error *error);

/* A whole HTTP response to parse. */
struct pail_http_response {
    int status;
    struct pail_str reason;
    const struct pail_header *headers;
    size_t header_count;
    struct pail_str body; /* absent: none (HEAD, streams) */
    bool is_head;         /* the answer to a HEAD: no body is looked for */
};

/* Turns a response into the operation's output (all zero before) or a parsed error; the
 * response metadata is filled in either case. Pure: no request, no client. A streamed payload
 * member stays NULL. 0, or -errno with *error filled if not NULL: the service's error, or
 * -EPROTO for a response that is not what the protocol says. `out` must be freed with
 * pail_output_free in either case. Any thread. Behaviour: botocore's response.get_response and
 * parsers. */
PAIL_API int pail_get_response(const struct pail_operation *operation,
                               const struct pail_http_response *response, void *out,
                               struct pail_error *error);

#ifdef __cplusplus
}
#endif
#endif
