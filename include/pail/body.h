/* pail/body.h: reading a response's payload as it arrives. What botocore's StreamingBody does, with its length always checked. */
#ifndef PAIL_BODY_H
#define PAIL_BODY_H

#include <pail/error.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pail_body;

/* A stretch of memory to be filled: the one primitive under everything that reads. Lent by the caller from pail_body_post (or
 * pail_call_options.buffers) until `done`. */
struct pail_buffer {
    void *data;
    size_t size;   /* bytes to fill, > 0 */
    size_t filled; /* bytes filled so far; set before done */
    /* On the client's net thread, once, in the order posted; must not block. `status` 0: full, or the body ended well after
     * `filled` bytes (maybe 0). Negative: -errno of a failure after `filled` good bytes, explained by `error` (borrowed for
     * the call). The buffer that takes the body's last byte comes back only when the end was verified (length, checksum), so a
     * body that fits one buffer is verified whole before its reader sees it; with a wrong checksum its `filled` is 0. */
    void (*done)(struct pail_buffer *buffer, int status, const struct pail_error *error);
    void *user;
    struct pail_buffer *next; /* the library's while posted; before pail_call_start: the next buffer of the list */
};

/* Posts a list of buffers after those already posted; after the body's end or failure they come back with it. Any thread. The body
 * must not be closed yet, nor its client freed. */
PAIL_API void pail_body_post(struct pail_body *body, struct pail_buffer *buffers);

/* Reads exactly `size` bytes, fewer only at the end of the body; waits. Returns the count (0: the body has ended), or -errno with
 * *error filled if not NULL: -ETIMEDOUT (read timeout), -EIO (short, reset, broken framing), -EBADMSG (checksum)... The bytes that
 * arrived before a failure are returned first, the failure by the next call. One thread at a time a body, not the net thread. */
PAIL_API ssize_t pail_body_read(struct pail_body *body, void *data, size_t size, struct pail_error *error);

/* Reads the rest into a heap block of *ret_size bytes and a NUL the caller frees. -EFBIG if it is longer than `max`. */
PAIL_API int pail_body_read_all(struct pail_body *body, size_t max, char **ret, size_t *ret_size,
                                struct pail_error *error);

/* The promised length; absent when the response says none. Any thread. */
PAIL_API struct pail_int pail_body_length(const struct pail_body *body);
/* Bytes handed to the reader so far. The reader's thread. */
PAIL_API uint64_t pail_body_tell(const struct pail_body *body);
/* Replaces the read timeout (milliseconds without a byte; negative: none) from now on. Any thread. */
PAIL_API void pail_body_set_read_timeout(struct pail_body *body, int64_t timeout_ms);

/* Ends the transfer if it still runs; buffers still posted come back through done with -ECANCELED, on the net thread, soon. The body
 * is gone. NULL-safe. Any thread, also when the client is gone; never waits. */
PAIL_API void pail_body_close(struct pail_body *body);

#ifdef __cplusplus
}
#endif
#endif
