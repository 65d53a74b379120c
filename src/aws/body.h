/* aws/body.h: the body inside: posted buffers filled in order, length and checksum verified.
 * Part of its call (aws/call.h), which feeds it; the call's references keep it alive. */
#ifndef AWS_BODY_H
#define AWS_BODY_H

#include "aws/checksum.h"
#include "base/mailbox.h"

#include <pail/body.h>
#include <stdatomic.h>

struct pail_body {
    /* Fixed before the reader sees it. */
    struct pail_int length; /* absent: the response does not say */

    /* Any thread. */
    _Atomic(struct pail_buffer *) incoming; /* posted and not yet taken, newest first */
    _Atomic uint64_t told;                  /* bytes handed to the reader */
    _Atomic int64_t read_timeout_ms;
    _Atomic bool timeout_posted;
    struct message post_message, close_message, timeout_message;

    /* The reader's. */
    struct mailbox *mailbox; /* of pail_body_read; made by the first */

    /* The net thread's. */
    struct pail_buffer *first,
        *last; /* to be filled, oldest first; the first may be full and held back */
    struct pail_int expected; /* bytes in all: `length`, or what a resumed response taught */
    uint64_t received;
    struct checksum checksum;
    bool ended; /* nothing more comes; `status` and `error` say how it ended */
    int status;
    struct pail_error error;
};

/* The net thread, all of these. */

/* Appends a list of buffers. */
void body_append(struct pail_body *body, struct pail_buffer *buffers);
/* Fills buffers. Returns how many bytes were taken, fewer than `len` when no room is left;
 * -EMSGSIZE for more bytes than promised, none of which are taken. */
ssize_t body_fill(struct pail_body *body, const char *data, size_t len);
/* True if the promised length has arrived. */
bool body_is_full(const struct pail_body *body);
/* True if it has ended before the promised length. */
bool body_is_short(const struct pail_body *body);
/* False if a checksum was promised, and what arrived has another; what the reader has not seen
 * yet is then withdrawn. Once. */
bool body_matches(struct pail_body *body);
/* Ends the body: every buffer comes back, with `status` and, if that is negative, *error. */
void body_end(struct pail_body *body, int status, const struct pail_error *error);
/* Returns a list of buffers unfilled. */
void body_return_unused(struct pail_buffer *buffers, int status,
                        const struct pail_error *error);
void body_done(struct pail_body *body);

#endif
