/* aws/body.h: the body inside: posted buffers filled in order, length and checksum verified;
 * under its reader, what was read ahead. Its bytes come from a source: the call that it is part
 * of (aws/call_body.c), or memory or a user's reader (aws/body_local.c). */
#ifndef AWS_BODY_H
#define AWS_BODY_H

#include "aws/checksum.h"
#include "base/buf.h"
#include "base/mailbox.h"

#include <pail/iterate.h>
#include <stdatomic.h>

/* Where a body's bytes come from: a seam. */
struct body_source {
    /* Each as the function of pail/body.h. */
    void (*post)(struct pail_body *body, struct pail_buffer *buffers);
    void (*set_read_timeout)(struct pail_body *body, int64_t timeout_ms);
    void (*close)(struct pail_body *body); /* once */
    void (*free)(struct pail_body *body);  /* the reader's reference; closed before */
    bool immediate; /* post gives buffers back before it returns, on the caller's thread */
};

struct pail_body {
    /* Fixed before the reader sees it. */
    const struct body_source *source;
    struct pail_int length; /* absent: the response does not say */

    /* Any thread. */
    _Atomic bool closed;
    _Atomic(struct pail_buffer *) incoming; /* posted and not yet taken, newest first */
    _Atomic uint64_t told;                  /* bytes given back in buffers */
    _Atomic int64_t read_timeout_ms;
    struct message post_message, close_message, timeout_message;

    /* The reader's (aws/body_sync.c). */
    struct mailbox *mailbox;       /* made by the first wait */
    char *ahead;                   /* PAIL_BODY_AHEAD bytes, made by the first small read */
    size_t ahead_first, ahead_len; /* those of them not yet handed over */
    pail_progress *progress;
    void *progress_user;
    struct pail_lines *readline; /* made by the first pail_body_readline */

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
void body_done(struct pail_body *body);

/* The reader's thread. */

/* What was read ahead and not handed over yet; if nothing is, reads up to `most` (> 0) bytes
 * ahead, waiting for the first. *ret is borrowed until the next read. 1; 0: the body has ended;
 * or -errno. */
int body_peek(struct pail_body *body, size_t most, struct pail_str *ret,
              struct pail_error *error);
/* Hands over the first `n` bytes of that. */
void body_consume(struct pail_body *body, size_t n);
/* -EFBIG, for what is longer than `max`. */
int body_too_long(const char *what, size_t max, struct pail_error *error);

#endif
