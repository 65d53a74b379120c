/* aws/response.h: a response as an operation's output or an error, by its protocol. Pure; any
 * thread. */
#ifndef AWS_RESPONSE_H
#define AWS_RESPONSE_H

#include "http/transport.h"

#include <pail/call.h>

#define RESPONSE_BODY_MAX  (16 * 1024 * 1024) /* of a body that is parsed whole */
#define RESPONSE_ARENA_MAX (64 * 1024 * 1024) /* of what it is parsed into */

/* What the call needs besides the error itself. */
struct response_facts {
    char region[80];        /* of the bucket, where the response names one (x-amz-bucket-region,
                               Error.Region), valid or not; "" otherwise. Room enough that what
                               is too long for a region still is when it is cut */
    int64_t retry_after_ms; /* -1: none */
    int64_t date_s;         /* the Date header; INT64_MIN: none */
};

/* pail_get_response, and the facts (*ret_facts may be NULL; filled in either case). A failure
 * has been classified: what the headers say (a delete marker is ENOENT) counts for more than
 * the tables. */
int response_parse(const struct pail_operation *op, const struct pail_http_response *response,
                   void *out, struct response_facts *ret_facts, struct pail_error *error);

/* True if the operation's output has a payload member of type stream or event stream. */
bool response_is_streamed(const struct pail_operation *op);
/* True if it is a stream: the output has a body to read. */
bool response_has_body(const struct pail_operation *op);
/* Where the output keeps its streamed payload, or NULL. */
void **response_stream_slot(const struct pail_operation *op, void *out);

/* Fills error->sys and retryable from code, status and kind, by the one table of the project
 * (aws/errors.c) and retry_is_retryable. */
void error_classify(struct pail_error *error);
/* Fills the whole of *error for a failed exchange: kind, sys, message, bytes. */
void error_from_http(struct pail_error *error, const struct http_result *result);
/* Fills the whole of *error: kind, sys, and a message by printf. Returns -sys. NULL-safe. */
int error_set(struct pail_error *error, int kind, int sys, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Fills the whole of *error for the want of what the system gives: `r` is -ENOMEM, -EMFILE or
 * -ENFILE. Returns `r`. NULL-safe. */
int error_set_want(struct pail_error *error, int r);
/* The reason phrase HTTP gives a status; "" if it gives none. Static. */
const char *error_status_phrase(int status);

#endif
